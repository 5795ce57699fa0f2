// SPDX-License-Identifier: GPL-2.0-only

//! The ioctls of a capture node: its capabilities and formats.
//!
//! C header: [`include/media/v4l2-ioctl.h`](srctree/include/media/v4l2-ioctl.h)

use super::{
    Capture,
    VideoDevice, //
};
use crate::kernel_ext::bindings;
use kernel::{
    ffi::{
        c_int,
        c_void, //
    },
    prelude::*, //
};

/// The format of frames in memory: one plane of raw pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelFormat {
    /// Pixels per line.
    pub width: u32,
    /// Lines.
    pub height: u32,
    /// `V4L2_PIX_FMT_*`.
    pub fourcc: u32,
    /// Bytes from line to line.
    pub bytes_per_line: u32,
    /// Bytes of a frame.
    pub size: u32,
}

/// Range of frame sizes, in pixels.
#[derive(Clone, Copy, Debug)]
pub struct SizeRange {
    /// Smallest width and height.
    pub min: (u32, u32),
    /// Largest width and height.
    pub max: (u32, u32),
    /// Steps of width and height.
    pub step: (u32, u32),
}

/// The formats that a capture node offers.
///
/// Formats are raw Bayer data without a colour space.
pub trait Formats {
    /// The device's name in `VIDIOC_QUERYCAP`; 31 bytes are used.
    const CARD: &'static CStr;

    /// Returns the driver's name in `VIDIOC_QUERYCAP`; 15 bytes are used.
    fn driver(&self) -> &CStr;

    /// Returns the `index`th pixel format (`V4L2_PIX_FMT_*`), with `media_bus_code` of those that
    /// can hold it; `None` past the last one.
    fn pixel_format(&self, index: u32, media_bus_code: Option<u32>) -> Option<u32>;

    /// Returns the frame sizes for `fourcc`; `None` if it is not supported.
    fn frame_sizes(&self, fourcc: u32) -> Option<SizeRange>;

    /// Returns the supported format nearest to `wanted`.
    fn adjust(&self, wanted: PixelFormat) -> PixelFormat;

    /// Returns the current format.
    fn format(&self) -> PixelFormat;

    /// Sets a format that was returned by [`Formats::adjust`].
    fn set_format(&self, format: PixelFormat);

    /// Prints the state to the kernel's log (`VIDIOC_LOG_STATUS`).
    fn log_status(&self);
}

/// The callbacks of the ioctls of a [`VideoDevice<T>`].
pub(crate) struct Callbacks<T>(core::marker::PhantomData<T>);

impl<T: Capture> Callbacks<T> {
    pub(crate) const OPS: bindings::v4l2_ioctl_ops = bindings::v4l2_ioctl_ops {
        vidioc_querycap: Some(Self::querycap),
        vidioc_enum_fmt_vid_cap: Some(Self::enum_format),
        vidioc_enum_framesizes: Some(Self::enum_frame_sizes),
        vidioc_g_fmt_vid_cap: Some(Self::get_format),
        vidioc_s_fmt_vid_cap: Some(Self::set_format),
        vidioc_try_fmt_vid_cap: Some(Self::try_format),
        vidioc_reqbufs: Some(bindings::vb2_ioctl_reqbufs),
        vidioc_create_bufs: Some(bindings::vb2_ioctl_create_bufs),
        vidioc_remove_bufs: Some(bindings::vb2_ioctl_remove_bufs),
        vidioc_prepare_buf: Some(bindings::vb2_ioctl_prepare_buf),
        vidioc_querybuf: Some(bindings::vb2_ioctl_querybuf),
        vidioc_qbuf: Some(bindings::vb2_ioctl_qbuf),
        vidioc_dqbuf: Some(bindings::vb2_ioctl_dqbuf),
        vidioc_expbuf: Some(bindings::vb2_ioctl_expbuf),
        vidioc_streamon: Some(bindings::vb2_ioctl_streamon),
        vidioc_streamoff: Some(bindings::vb2_ioctl_streamoff),
        vidioc_log_status: Some(Self::log_status),
        ..pin_init::zeroed()
    };

    /// # Safety
    ///
    /// `file` must be an open file of a `VideoDevice<T>`, throughout `'a`.
    unsafe fn device<'a>(file: *mut bindings::file) -> &'a VideoDevice<T> {
        // SAFETY: By the requirement above; an open file keeps the node alive.
        unsafe { VideoDevice::from_raw(bindings::video_devdata(file)) }
    }

    extern "C" fn querycap(
        file: *mut bindings::file,
        _priv: *mut c_void,
        capability: *mut bindings::v4l2_capability,
    ) -> c_int {
        // SAFETY: The ioctl core calls this for a file of ours, with a zeroed structure to fill.
        let (device, capability) = unsafe { (Self::device(file), &mut *capability) };

        // Both keep a zero at the end. The core fills in the rest.
        for (to, from) in capability
            .driver
            .iter_mut()
            .zip(device.driver().driver().to_bytes().iter().take(15))
        {
            *to = *from;
        }
        for (to, from) in capability
            .card
            .iter_mut()
            .zip(T::CARD.to_bytes().iter().take(31))
        {
            *to = *from;
        }
        0
    }

    extern "C" fn enum_format(
        file: *mut bindings::file,
        _priv: *mut c_void,
        description: *mut bindings::v4l2_fmtdesc,
    ) -> c_int {
        // SAFETY: The ioctl core calls this for a file of ours, with a valid structure.
        let (device, description) = unsafe { (Self::device(file), &mut *description) };
        let code = (description.mbus_code != 0).then_some(description.mbus_code);

        match device.driver().pixel_format(description.index, code) {
            Some(fourcc) => {
                description.pixelformat = fourcc;
                0
            }
            None => EINVAL.to_errno(),
        }
    }

    extern "C" fn enum_frame_sizes(
        file: *mut bindings::file,
        _priv: *mut c_void,
        sizes: *mut bindings::v4l2_frmsizeenum,
    ) -> c_int {
        // SAFETY: The ioctl core calls this for a file of ours, with a valid structure.
        let (device, sizes) = unsafe { (Self::device(file), &mut *sizes) };
        if sizes.index != 0 {
            return EINVAL.to_errno();
        }
        let Some(range) = device.driver().frame_sizes(sizes.pixel_format) else {
            return EINVAL.to_errno();
        };

        sizes.type_ = bindings::v4l2_frmsizetypes_V4L2_FRMSIZE_TYPE_STEPWISE;
        // SAFETY: All bits of the union's members are valid values.
        let stepwise = unsafe { sizes.__bindgen_anon_1.stepwise.as_mut() };
        *stepwise = bindings::v4l2_frmsize_stepwise {
            min_width: range.min.0,
            max_width: range.max.0,
            step_width: range.step.0,
            min_height: range.min.1,
            max_height: range.max.1,
            step_height: range.step.1,
        };
        0
    }

    extern "C" fn get_format(
        file: *mut bindings::file,
        _priv: *mut c_void,
        format: *mut bindings::v4l2_format,
    ) -> c_int {
        // SAFETY: The ioctl core calls this for a file of ours, with a valid structure.
        let (device, format) = unsafe { (Self::device(file), &mut *format) };

        store(device.driver().format(), format);
        0
    }

    extern "C" fn try_format(
        file: *mut bindings::file,
        _priv: *mut c_void,
        format: *mut bindings::v4l2_format,
    ) -> c_int {
        // SAFETY: The ioctl core calls this for a file of ours, with a valid structure.
        let (device, format) = unsafe { (Self::device(file), &mut *format) };

        store(device.driver().adjust(load(format)), format);
        0
    }

    extern "C" fn set_format(
        file: *mut bindings::file,
        _priv: *mut c_void,
        format: *mut bindings::v4l2_format,
    ) -> c_int {
        // SAFETY: The ioctl core calls this for a file of ours, with a valid structure.
        let (device, format) = unsafe { (Self::device(file), &mut *format) };
        if device.has_buffers() {
            return EBUSY.to_errno();
        }

        let adjusted = device.driver().adjust(load(format));
        device.driver().set_format(adjusted);
        store(adjusted, format);
        0
    }

    extern "C" fn log_status(file: *mut bindings::file, _priv: *mut c_void) -> c_int {
        // SAFETY: The ioctl core calls this for a file of ours.
        unsafe { Self::device(file) }.driver().log_status();
        0
    }
}

/// Returns the single-planar format in `from`.
fn load(from: &bindings::v4l2_format) -> PixelFormat {
    // SAFETY: The ioctl core calls only for `V4L2_BUF_TYPE_VIDEO_CAPTURE`, whose member is `pix`;
    // all its bits are valid values.
    let pix = unsafe { from.fmt.pix.as_ref() };
    PixelFormat {
        width: pix.width,
        height: pix.height,
        fourcc: pix.pixelformat,
        bytes_per_line: pix.bytesperline,
        size: pix.sizeimage,
    }
}

fn store(format: PixelFormat, to: &mut bindings::v4l2_format) {
    // SAFETY: The ioctl core calls only for `V4L2_BUF_TYPE_VIDEO_CAPTURE`, whose member is `pix`;
    // all its bits are valid values.
    let pix = unsafe { to.fmt.pix.as_mut() };
    *pix = bindings::v4l2_pix_format {
        width: format.width,
        height: format.height,
        pixelformat: format.fourcc,
        field: bindings::v4l2_field_V4L2_FIELD_NONE,
        bytesperline: format.bytes_per_line,
        sizeimage: format.size,
        colorspace: bindings::v4l2_colorspace_V4L2_COLORSPACE_RAW,
        priv_: bindings::V4L2_PIX_FMT_PRIV_MAGIC,
        quantization: bindings::v4l2_quantization_V4L2_QUANTIZATION_FULL_RANGE,
        xfer_func: bindings::v4l2_xfer_func_V4L2_XFER_FUNC_NONE,
        ..Default::default()
    };
}
