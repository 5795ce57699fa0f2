// SPDX-License-Identifier: GPL-2.0-only

//! Formats, rectangles and frame intervals on the pads of a sub-device.
//!
//! C header: [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

use crate::kernel_ext::bindings;
use kernel::{
    prelude::*,
    types::Opaque, //
};

/// A stream of a pad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamId {
    /// Index of the pad.
    pub pad: u32,
    /// Number of the stream; 0 for sub-devices without routing.
    pub stream: u32,
}

impl StreamId {
    /// Returns the ID of stream `stream` of pad `pad`.
    pub const fn new(pad: u32, stream: u32) -> Self {
        Self { pad, stream }
    }
}

/// A rectangle of the pixel array, in photosites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// Aligned to be copied in two pieces: the kernel loads nothing that is larger than its alignment.
#[repr(align(8))]
pub struct Rect {
    /// Left edge, relative to that of the array.
    pub left: i32,
    /// Upper edge, relative to that of the array.
    pub top: i32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

impl From<Rect> for bindings::v4l2_rect {
    fn from(rect: Rect) -> Self {
        Self {
            left: rect.left,
            top: rect.top,
            width: rect.width,
            height: rect.height,
        }
    }
}

impl From<&bindings::v4l2_rect> for Rect {
    fn from(rect: &bindings::v4l2_rect) -> Self {
        Self {
            left: rect.left,
            top: rect.top,
            width: rect.width,
            height: rect.height,
        }
    }
}

/// A time in seconds, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    /// Numerator.
    pub numerator: u32,
    /// Denominator.
    pub denominator: u32,
}

impl From<Fraction> for bindings::v4l2_fract {
    fn from(fraction: Fraction) -> Self {
        Self {
            numerator: fraction.numerator,
            denominator: fraction.denominator,
        }
    }
}

impl From<&bindings::v4l2_fract> for Fraction {
    fn from(fraction: &bindings::v4l2_fract) -> Self {
        Self {
            numerator: fraction.numerator,
            denominator: fraction.denominator,
        }
    }
}

/// The format of one pad.
#[repr(transparent)]
pub struct Format(bindings::v4l2_mbus_framefmt);

impl Format {
    /// Returns the format of raw sensor data.
    ///
    /// `code` is one of `MEDIA_BUS_FMT_*`; the size is in pixels.
    pub fn raw(code: u32, width: u32, height: u32) -> Self {
        Self(bindings::v4l2_mbus_framefmt {
            width,
            height,
            code,
            field: bindings::v4l2_field_V4L2_FIELD_NONE,
            colorspace: bindings::v4l2_colorspace_V4L2_COLORSPACE_RAW,
            quantization: bindings::v4l2_quantization_V4L2_QUANTIZATION_FULL_RANGE as u16,
            xfer_func: bindings::v4l2_xfer_func_V4L2_XFER_FUNC_NONE as u16,
            ..Default::default()
        })
    }

    pub(crate) fn from_raw(raw: &mut bindings::v4l2_mbus_framefmt) -> &mut Self {
        // SAFETY: `Format` is `#[repr(transparent)]`.
        unsafe { &mut *core::ptr::from_mut(raw).cast() }
    }

    /// Returns the media bus code, one of `MEDIA_BUS_FMT_*`.
    pub fn code(&self) -> u32 {
        self.0.code
    }

    /// Returns the width in pixels.
    pub fn width(&self) -> u32 {
        self.0.width
    }

    /// Returns the height in lines.
    pub fn height(&self) -> u32 {
        self.0.height
    }
}

/// The configuration of a sub-device, the active one or that of a file handle.
///
/// A reference means that the state's lock is held.
///
/// # Invariants
///
/// The C structure is valid and its lock is held.
#[repr(transparent)]
pub struct State(Opaque<bindings::v4l2_subdev_state>);

impl State {
    /// # Safety
    ///
    /// `raw` must be valid, and its lock held, for `'a`.
    pub(crate) unsafe fn from_raw<'a>(raw: *mut bindings::v4l2_subdev_state) -> &'a mut Self {
        // SAFETY: By the requirement above; `State` is `#[repr(transparent)]`.
        unsafe { &mut *raw.cast() }
    }

    /// Returns the format of a stream; `EINVAL` if there is no such stream.
    pub fn format(&mut self, at: StreamId) -> Result<&mut Format> {
        // SAFETY: The state is valid and locked by the type invariant. A stream that there is not
        // gives null.
        let format =
            unsafe { bindings::__v4l2_subdev_state_get_format(self.0.get(), at.pad, at.stream) };

        // SAFETY: The result is null or valid as long as the state is.
        Ok(Format::from_raw(unsafe { format.as_mut() }.ok_or(EINVAL)?))
    }

    /// Returns the crop rectangle of a stream; `EINVAL` if there is no such stream.
    pub fn crop(&mut self, at: StreamId) -> Result<Rect> {
        self.raw_crop(at).map(|crop| Rect::from(&*crop))
    }

    /// Stores the crop rectangle of a stream; `EINVAL` if there is no such stream.
    pub fn set_crop(&mut self, at: StreamId, crop: Rect) -> Result {
        *self.raw_crop(at)? = crop.into();
        Ok(())
    }

    /// Returns the compose rectangle of a stream; `EINVAL` if there is no such stream.
    pub fn compose(&mut self, at: StreamId) -> Result<Rect> {
        self.raw_compose(at).map(|compose| Rect::from(&*compose))
    }

    /// Stores the compose rectangle of a stream; `EINVAL` if there is no such stream.
    pub fn set_compose(&mut self, at: StreamId, compose: Rect) -> Result {
        *self.raw_compose(at)? = compose.into();
        Ok(())
    }

    /// Returns the frame interval of a stream; `EINVAL` if there is no such stream.
    pub fn interval(&mut self, at: StreamId) -> Result<Fraction> {
        self.raw_interval(at)
            .map(|interval| Fraction::from(&*interval))
    }

    /// Stores the frame interval of a stream; `EINVAL` if there is no such stream.
    pub fn set_interval(&mut self, at: StreamId, interval: Fraction) -> Result {
        *self.raw_interval(at)? = interval.into();
        Ok(())
    }

    fn raw_crop(&mut self, at: StreamId) -> Result<&mut bindings::v4l2_rect> {
        // SAFETY: The state is valid and locked by the type invariant. A stream that there is not
        // gives null.
        let crop =
            unsafe { bindings::__v4l2_subdev_state_get_crop(self.0.get(), at.pad, at.stream) };

        // SAFETY: The result is null or valid as long as the state is.
        unsafe { crop.as_mut() }.ok_or(EINVAL)
    }

    fn raw_compose(&mut self, at: StreamId) -> Result<&mut bindings::v4l2_rect> {
        // SAFETY: The state is valid and locked by the type invariant. A stream that there is not
        // gives null.
        let compose =
            unsafe { bindings::__v4l2_subdev_state_get_compose(self.0.get(), at.pad, at.stream) };

        // SAFETY: The result is null or valid as long as the state is.
        unsafe { compose.as_mut() }.ok_or(EINVAL)
    }

    fn raw_interval(&mut self, at: StreamId) -> Result<&mut bindings::v4l2_fract> {
        // SAFETY: The state is valid and locked by the type invariant. A stream that there is not
        // gives null.
        let interval =
            unsafe { bindings::__v4l2_subdev_state_get_interval(self.0.get(), at.pad, at.stream) };

        // SAFETY: The result is null or valid as long as the state is.
        unsafe { interval.as_mut() }.ok_or(EINVAL)
    }
}
