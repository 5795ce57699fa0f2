// SPDX-License-Identifier: GPL-2.0-only

//! Queues of video buffers in virtually contiguous memory.
//!
//! C header: [`include/media/videobuf2-v4l2.h`](srctree/include/media/videobuf2-v4l2.h)

use super::v4l2::video_device::{
    Capture,
    VideoDevice, //
};
use crate::kernel_ext::bindings;
use core::{
    mem::ManuallyDrop,
    ptr::NonNull, //
};
use kernel::{
    container_of,
    error::from_result,
    ffi::{
        c_int,
        c_uint, //
    },
    prelude::*, //
};

/// A buffer that user space has queued and that belongs to the driver now.
///
/// It goes back by one of the methods; dropping it returns it as failed.
///
/// # Examples
///
/// ```ignore
/// fn frame_end(mut buffer: Buffer, image: &[u8], stamp: FrameStamp) -> Result {
///     buffer.fill(image)?;
///     buffer.deliver(stamp);
///     Ok(())
/// }
/// ```
///
/// # Invariants
///
/// `buffer` is owned by the driver in the sense of videobuf2 (`VB2_BUF_STATE_ACTIVE`).
pub struct Buffer {
    buffer: NonNull<bindings::vb2_v4l2_buffer>,
}

// SAFETY: A buffer may be filled and returned from any thread.
unsafe impl Send for Buffer {}

/// When a frame was taken.
#[derive(Clone, Copy, Debug)]
pub struct FrameStamp {
    /// Counts all frames of a stream, those that nobody got included.
    pub sequence: u32,
    /// Frame start on the monotonic clock, in ns.
    pub start_ns: u64,
}

impl Buffer {
    fn vb2(&self) -> *mut bindings::vb2_buffer {
        // SAFETY: The buffer is valid by the type invariant; no reference is made.
        unsafe { &raw mut (*self.buffer.as_ptr()).vb2_buf }
    }

    /// Fills the buffer from its start with `image` and notes how much that is.
    ///
    /// Fails with `EOVERFLOW` when the buffer is too small, `ENOMEM` when it has no memory mapped.
    pub fn fill(&mut self, image: &[u8]) -> Result {
        // SAFETY: The driver owns the buffer. Plane 0 exists in every buffer.
        let (to, size) = unsafe {
            (
                bindings::vb2_plane_vaddr(self.vb2(), 0).cast::<u8>(),
                (*self.vb2()).planes[0].length,
            )
        };
        let bytes = u32::try_from(image.len()).map_err(|_| EOVERFLOW)?;
        if bytes > size {
            return Err(EOVERFLOW);
        }
        if to.is_null() {
            return Err(ENOMEM);
        }

        // SAFETY: `to` is mapped for `size` bytes, of which `bytes` are written. No reference to
        // the memory is made, because user space may have it mapped too.
        unsafe {
            core::ptr::copy_nonoverlapping(image.as_ptr(), to, image.len());
            (*self.vb2()).planes[0].bytesused = bytes;
        }
        Ok(())
    }

    /// Gives the buffer to user space as a good frame.
    pub fn deliver(self, stamp: FrameStamp) {
        // SAFETY: The driver owns the buffer.
        unsafe {
            let buffer = self.buffer.as_ptr();
            (*buffer).sequence = stamp.sequence;
            (*buffer).field = bindings::v4l2_field_V4L2_FIELD_NONE;
            (*buffer).vb2_buf.timestamp = stamp.start_ns;
        }
        self.give_back(bindings::vb2_buffer_state_VB2_BUF_STATE_DONE);
    }

    /// Gives the buffer back as if it had not been taken, when a stream does not start.
    pub fn requeue(self) {
        self.give_back(bindings::vb2_buffer_state_VB2_BUF_STATE_QUEUED);
    }

    fn give_back(self, state: bindings::vb2_buffer_state) {
        let this = ManuallyDrop::new(self);
        // SAFETY: The driver owns the buffer, and gives it up here.
        unsafe { bindings::vb2_buffer_done(this.vb2(), state) };
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: The driver owns the buffer, and gives it up here.
        unsafe {
            bindings::vb2_buffer_done(self.vb2(), bindings::vb2_buffer_state_VB2_BUF_STATE_ERROR)
        };
    }
}

/// The callbacks of the queue of a [`VideoDevice<T>`].
pub(crate) struct Callbacks<T>(core::marker::PhantomData<T>);

impl<T: Capture> Callbacks<T> {
    const OPS: bindings::vb2_ops = bindings::vb2_ops {
        queue_setup: Some(Self::queue_setup),
        buf_prepare: Some(Self::buf_prepare),
        buf_queue: Some(Self::buf_queue),
        start_streaming: Some(Self::start_streaming),
        stop_streaming: Some(Self::stop_streaming),
        ..pin_init::zeroed()
    };

    /// Sets up the fields that `vb2_queue_init()` expects from a driver.
    pub(crate) fn describe(queue: &mut bindings::vb2_queue) {
        queue.type_ = bindings::v4l2_buf_type_V4L2_BUF_TYPE_VIDEO_CAPTURE;
        queue.io_modes = bindings::vb2_io_modes_VB2_MMAP | bindings::vb2_io_modes_VB2_DMABUF;
        queue.ops = &Self::OPS;
        queue.mem_ops = &raw const bindings::vb2_vmalloc_memops;
        queue.buf_struct_size = core::mem::size_of::<bindings::vb2_v4l2_buffer>() as c_uint;
        queue.timestamp_flags =
            bindings::V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | bindings::V4L2_BUF_FLAG_TSTAMP_SRC_SOE;
    }

    /// # Safety
    ///
    /// `queue` must belong to a `VideoDevice<T>`, throughout `'a`.
    unsafe fn device<'a>(queue: *mut bindings::vb2_queue) -> &'a VideoDevice<T> {
        // SAFETY: `VideoDevice` puts its own address there.
        unsafe { &*(*queue).drv_priv.cast() }
    }

    extern "C" fn queue_setup(
        queue: *mut bindings::vb2_queue,
        _num_buffers: *mut c_uint,
        num_planes: *mut c_uint,
        sizes: *mut c_uint,
        _alloc_devs: *mut *mut bindings::device,
    ) -> c_int {
        // SAFETY: videobuf2 calls this for a queue of ours.
        let size = unsafe { Self::device(queue) }.driver().image_size();

        // SAFETY: videobuf2 passes valid pointers, and room for the sizes of all planes. With planes
        // already set (`VIDIOC_CREATE_BUFS`) the size is to be checked.
        unsafe {
            if *num_planes != 0 {
                return if *sizes < size { EINVAL.to_errno() } else { 0 };
            }
            *num_planes = 1;
            *sizes = size;
        }
        0
    }

    extern "C" fn buf_prepare(vb: *mut bindings::vb2_buffer) -> c_int {
        // SAFETY: videobuf2 calls this for a buffer of a queue of ours.
        let (size, room) = unsafe {
            (
                Self::device((*vb).vb2_queue).driver().image_size(),
                (*vb).planes[0].length,
            )
        };
        if room < size {
            return EINVAL.to_errno();
        }
        0
    }

    extern "C" fn buf_queue(vb: *mut bindings::vb2_buffer) {
        // SAFETY: videobuf2 calls this for a buffer of a queue of ours.
        let device = unsafe { Self::device((*vb).vb2_queue) };
        // SAFETY: `buf_struct_size` makes every buffer a `vb2_v4l2_buffer`.
        let buffer = unsafe { container_of!(vb, bindings::vb2_v4l2_buffer, vb2_buf) };

        if let Some(buffer) = NonNull::new(buffer) {
            // INVARIANT: From this callback on the driver owns the buffer.
            device.driver().queue_buffer(Buffer { buffer });
        }
    }

    extern "C" fn start_streaming(queue: *mut bindings::vb2_queue, _count: c_uint) -> c_int {
        // SAFETY: videobuf2 calls this for a queue of ours.
        let device = unsafe { Self::device(queue) };

        from_result(|| {
            T::start_streaming(device.driver().as_arc_borrow(), device)?;
            Ok(0)
        })
    }

    extern "C" fn stop_streaming(queue: *mut bindings::vb2_queue) {
        // SAFETY: videobuf2 calls this for a queue of ours.
        unsafe { Self::device(queue) }.driver().stop_streaming();
    }
}
