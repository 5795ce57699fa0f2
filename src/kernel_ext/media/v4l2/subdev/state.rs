// SPDX-License-Identifier: GPL-2.0-only

//! Formats, rectangles and frame intervals on the pads of a sub-device.
//!
//! C header: [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

use crate::kernel_ext::bindings;
use kernel::{
    prelude::*,
    types::Opaque, //
};

/// A rectangle of the pixel array, in photosites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Distance of the left edge from the array's.
    pub left: i32,
    /// Distance of the upper edge from the array's.
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
    /// Counts seconds.
    pub numerator: u32,
    /// Divides them.
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
    /// The format of a sensor that puts out what its photosites see.
    ///
    /// `code` is one of `MEDIA_BUS_FMT_*`, the size in pixels.
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

    /// The media bus code, one of `MEDIA_BUS_FMT_*`.
    pub fn code(&self) -> u32 {
        self.0.code
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.0.width
    }

    /// Height in lines.
    pub fn height(&self) -> u32 {
        self.0.height
    }
}

/// The configuration of a sub-device, the active one or one that somebody tries out.
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

    /// The format of `pad`; `EINVAL` if there is no such pad.
    pub fn format(&mut self, pad: u32) -> Result<&mut Format> {
        // SAFETY: The state is valid and locked by the type invariant. Stream 0 is the only one of
        // a sub-device without routing.
        let format = unsafe { bindings::__v4l2_subdev_state_get_format(self.0.get(), pad, 0) };

        // SAFETY: The result is null or valid as long as the state is.
        Ok(Format::from_raw(unsafe { format.as_mut() }.ok_or(EINVAL)?))
    }

    /// The crop rectangle of `pad`; `EINVAL` if there is no such pad.
    pub fn crop(&mut self, pad: u32) -> Result<Rect> {
        self.raw_crop(pad).map(|crop| Rect::from(&*crop))
    }

    /// Stores the crop rectangle of `pad`; `EINVAL` if there is no such pad.
    pub fn set_crop(&mut self, pad: u32, crop: Rect) -> Result {
        *self.raw_crop(pad)? = crop.into();
        Ok(())
    }

    /// The compose rectangle of `pad`; `EINVAL` if there is no such pad.
    pub fn compose(&mut self, pad: u32) -> Result<Rect> {
        self.raw_compose(pad).map(|compose| Rect::from(&*compose))
    }

    /// Stores the compose rectangle of `pad`; `EINVAL` if there is no such pad.
    pub fn set_compose(&mut self, pad: u32, compose: Rect) -> Result {
        *self.raw_compose(pad)? = compose.into();
        Ok(())
    }

    /// The frame interval of `pad`; `EINVAL` if there is no such pad.
    pub fn interval(&mut self, pad: u32) -> Result<Fraction> {
        self.raw_interval(pad)
            .map(|interval| Fraction::from(&*interval))
    }

    /// Stores the frame interval of `pad`; `EINVAL` if there is no such pad.
    pub fn set_interval(&mut self, pad: u32, interval: Fraction) -> Result {
        *self.raw_interval(pad)? = interval.into();
        Ok(())
    }

    fn raw_crop(&mut self, pad: u32) -> Result<&mut bindings::v4l2_rect> {
        // SAFETY: As in `format()`.
        let crop = unsafe { bindings::__v4l2_subdev_state_get_crop(self.0.get(), pad, 0) };

        // SAFETY: The result is null or valid as long as the state is.
        unsafe { crop.as_mut() }.ok_or(EINVAL)
    }

    fn raw_compose(&mut self, pad: u32) -> Result<&mut bindings::v4l2_rect> {
        // SAFETY: As in `format()`.
        let compose = unsafe { bindings::__v4l2_subdev_state_get_compose(self.0.get(), pad, 0) };

        // SAFETY: The result is null or valid as long as the state is.
        unsafe { compose.as_mut() }.ok_or(EINVAL)
    }

    fn raw_interval(&mut self, pad: u32) -> Result<&mut bindings::v4l2_fract> {
        // SAFETY: As in `format()`.
        let interval = unsafe { bindings::__v4l2_subdev_state_get_interval(self.0.get(), pad, 0) };

        // SAFETY: The result is null or valid as long as the state is.
        unsafe { interval.as_mut() }.ok_or(EINVAL)
    }
}
