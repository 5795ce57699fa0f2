// SPDX-License-Identifier: GPL-2.0-only

//! The callbacks of videobuf2 for the queue of a capture node.
//!
//! C header: [`include/media/videobuf2-core.h`](srctree/include/media/videobuf2-core.h)

use super::{
    Capture,
    VideoDevice, //
};
use crate::kernel_ext::bindings;
use core::ptr::NonNull;
use kernel::{
    container_of,
    error::from_result,
    ffi::{
        c_int,
        c_uint, //
    },
    prelude::*, //
};

/// The callbacks of the queue of a [`VideoDevice<T>`].
pub(super) struct Callbacks<T>(core::marker::PhantomData<T>);

impl<T: Capture> Callbacks<T> {
    const OPS: bindings::vb2_ops = bindings::vb2_ops {
        queue_setup: Some(Self::queue_setup),
        buf_init: Some(Self::buf_init),
        buf_prepare: Some(Self::buf_prepare),
        buf_cleanup: Some(Self::buf_cleanup),
        buf_queue: Some(Self::buf_queue),
        start_streaming: Some(Self::start_streaming),
        stop_streaming: Some(Self::stop_streaming),
        ..pin_init::zeroed()
    };

    /// Sets up the fields that `vb2_queue_init()` expects from a driver.
    pub(super) fn describe(queue: &mut bindings::vb2_queue) {
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

        // SAFETY: videobuf2 passes valid pointers, and room for the sizes of all planes. With
        // planes already set (`VIDIOC_CREATE_BUFS`) the size is to be checked.
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

    extern "C" fn buf_init(vb: *mut bindings::vb2_buffer) -> c_int {
        // SAFETY: videobuf2 calls this for a buffer of a queue of ours, which has its index.
        let (device, index) = unsafe { (Self::device((*vb).vb2_queue), (*vb).index) };

        from_result(|| {
            device.buffers.lock().add(index)?;
            Ok(0)
        })
    }

    extern "C" fn buf_cleanup(vb: *mut bindings::vb2_buffer) {
        // SAFETY: videobuf2 calls this for a buffer of a queue of ours, which has its index.
        let (device, index) = unsafe { (Self::device((*vb).vb2_queue), (*vb).index) };

        // Its memory is freed next; the driver has returned it.
        device.buffers.lock().remove(index);
    }

    extern "C" fn buf_queue(vb: *mut bindings::vb2_buffer) {
        // SAFETY: videobuf2 calls this for a buffer of a queue of ours, which has its index.
        let (device, index) = unsafe { (Self::device((*vb).vb2_queue), (*vb).index) };
        // SAFETY: `buf_struct_size` makes every buffer a `vb2_v4l2_buffer`.
        let buffer = unsafe { container_of!(vb, bindings::vb2_v4l2_buffer, vb2_buf) };

        if let Some(buffer) = NonNull::new(buffer) {
            // SAFETY: From this callback on the driver owns the buffer.
            unsafe { device.buffers.lock().lend(index, buffer) };
        }
    }

    extern "C" fn start_streaming(queue: *mut bindings::vb2_queue, _count: c_uint) -> c_int {
        // SAFETY: videobuf2 calls this for a queue of ours.
        let device = unsafe { Self::device(queue) };

        from_result(|| {
            // SAFETY: This is the callback.
            unsafe { super::start_streaming(device) }?;
            Ok(0)
        })
    }

    extern "C" fn stop_streaming(queue: *mut bindings::vb2_queue) {
        // SAFETY: videobuf2 calls this for a queue of ours.
        super::stop_streaming(unsafe { Self::device(queue) });
    }
}
