// SPDX-License-Identifier: GPL-2.0-only

//! Calls of a video node as applications make them, for tests.
//!
//! C header: [`include/media/videobuf2-v4l2.h`](srctree/include/media/videobuf2-v4l2.h)

use crate::kernel_ext::{
    bindings,
    media::v4l2::video_device::{
        Capture,
        VideoDevice, //
    }, //
};
use kernel::{
    error::to_result,
    ffi::c_int,
    prelude::*, //
};

const CAPTURE: u32 = bindings::v4l2_buf_type_V4L2_BUF_TYPE_VIDEO_CAPTURE;
const MMAP: u32 = bindings::v4l2_memory_V4L2_MEMORY_MMAP;

impl<T: Capture> VideoDevice<T> {
    /// Calls a function of videobuf2 with the lock that the ioctls of the node take.
    fn with_queue(&self, f: impl FnOnce(*mut bindings::vb2_queue) -> c_int) -> Result {
        let queue = self.queue();

        // SAFETY: The queue is initialised, with a lock that lives as long.
        unsafe { bindings::mutex_lock((*queue).lock) };
        let ret = f(queue);
        // SAFETY: Taken above.
        unsafe { bindings::mutex_unlock((*queue).lock) };
        to_result(ret)
    }

    /// Allocates `count` buffers, or frees all with 0 (`VIDIOC_REQBUFS`).
    pub fn user_allocate(&self, count: u32) -> Result {
        let mut request = bindings::v4l2_requestbuffers {
            count,
            type_: CAPTURE,
            memory: MMAP,
            ..Default::default()
        };

        // SAFETY: The queue is valid and locked, and `request` is valid.
        self.with_queue(|queue| unsafe { bindings::vb2_reqbufs(queue, &mut request) })
    }

    /// Queues the buffer `index` (`VIDIOC_QBUF`).
    pub fn user_queue(&self, index: u32) -> Result {
        let mut buffer = bindings::v4l2_buffer {
            index,
            type_: CAPTURE,
            memory: MMAP,
            ..Default::default()
        };

        // SAFETY: The queue is valid and locked, and `buffer` is valid. A media device is needed
        // for requests only.
        self.with_queue(|queue| unsafe {
            bindings::vb2_qbuf(queue, core::ptr::null_mut(), &mut buffer)
        })
    }

    /// Dequeues the next filled buffer without waiting (`VIDIOC_DQBUF`). Returns its index, and
    /// whether it has a complete frame.
    pub fn user_dequeue(&self) -> Result<(u32, bool)> {
        let mut buffer = bindings::v4l2_buffer {
            type_: CAPTURE,
            memory: MMAP,
            ..Default::default()
        };

        // SAFETY: The queue is valid and locked, and `buffer` is valid.
        self.with_queue(|queue| unsafe { bindings::vb2_dqbuf(queue, &mut buffer, true) })?;
        Ok((
            buffer.index,
            buffer.flags & bindings::V4L2_BUF_FLAG_ERROR == 0,
        ))
    }

    /// Starts the stream (`VIDIOC_STREAMON`).
    pub fn user_stream_on(&self) -> Result {
        // SAFETY: The queue is valid and locked.
        self.with_queue(|queue| unsafe { bindings::vb2_streamon(queue, CAPTURE) })
    }

    /// Stops the stream (`VIDIOC_STREAMOFF`).
    pub fn user_stream_off(&self) -> Result {
        // SAFETY: The queue is valid and locked.
        self.with_queue(|queue| unsafe { bindings::vb2_streamoff(queue, CAPTURE) })
    }
}
