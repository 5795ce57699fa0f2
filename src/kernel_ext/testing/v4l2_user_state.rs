// SPDX-License-Identifier: GPL-2.0-only

//! Calls on the active and try states of a sub-device as applications make them, for tests.
//!
//! C header: [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

use crate::kernel_ext::{
    bindings,
    media::v4l2::subdev::{
        state::{
            Fraction,
            Rect, //
        },
        Operations,
        Subdev, //
    }, //
};
use kernel::{
    error::{
        from_err_ptr,
        to_result, //
    },
    prelude::*,
    static_lock_class, //
};

/// Media bus code, width and height.
pub type Triple = (u32, u32, u32);

/// A state of an open file of a sub-device.
///
/// # Invariants
///
/// `raw` is a state of `subdev`: the active one, or one that this owns.
pub struct UserState<'a, T: Operations> {
    subdev: &'a Subdev<T>,
    raw: *mut bindings::v4l2_subdev_state,
    which: u32,
}

impl<T: Operations> Subdev<T> {
    /// Returns the active state.
    pub fn user_active(&self) -> UserState<'_, T> {
        UserState {
            subdev: self,
            // INVARIANT: That is the active state.
            // SAFETY: The sub-device is initialised.
            raw: unsafe { (*self.raw.get()).active_state },
            which: bindings::v4l2_subdev_format_whence_V4L2_SUBDEV_FORMAT_ACTIVE,
        }
    }

    /// Returns a new try state, as each open file has one.
    pub fn user_try(&self) -> Result<UserState<'_, T>> {
        // SAFETY: The sub-device is initialised; the name and the class are static.
        let raw = from_err_ptr(unsafe {
            bindings::__v4l2_subdev_state_alloc(
                self.raw.get(),
                c"kernel_ext::testing::v4l2_user_state::UserState".as_char_ptr(),
                static_lock_class!().as_ptr(),
            )
        })?;

        Ok(UserState {
            subdev: self,
            // INVARIANT: Just made for this.
            raw,
            which: bindings::v4l2_subdev_format_whence_V4L2_SUBDEV_FORMAT_TRY,
        })
    }

    /// Returns the enumerated media bus codes.
    pub fn user_codes(&self) -> Result<KVec<u32>> {
        self.user_active().codes()
    }

    /// Returns the active format of the only pad.
    pub fn user_format(&self) -> Result<Triple> {
        self.user_active().format()
    }

    /// Sets the active format of the only pad and returns the adjusted one.
    pub fn user_set_format(&self, format: Triple) -> Result<Triple> {
        self.user_active().set_format(format)
    }

    /// Tries a format in a new state and returns the adjusted one.
    pub fn user_try_format(&self, format: Triple) -> Result<Triple> {
        self.user_try()?.set_format(format)
    }

    /// Returns the active crop of the only pad.
    pub fn user_crop(&self) -> Result<Rect> {
        self.user_active().crop()
    }

    /// Sets the active crop of the only pad and returns the adjusted one.
    pub fn user_set_crop(&self, rect: Rect, flags: u32) -> Result<Rect> {
        self.user_active().set_crop(rect, flags)
    }
}

impl<T: Operations> UserState<'_, T> {
    /// Calls a pad operation with the state's lock held.
    fn call(
        &self,
        operation: impl FnOnce(
            &bindings::v4l2_subdev_pad_ops,
            *mut bindings::v4l2_subdev,
            *mut bindings::v4l2_subdev_state,
        ) -> Option<i32>,
    ) -> Result {
        let sd = self.subdev.raw.get();

        // SAFETY: By the type invariant; the sub-device is initialised and has tables of
        // operations.
        let ret = unsafe {
            bindings::mutex_lock((*self.raw).lock);
            let ret = operation(&*(*(*sd).ops).pad, sd, self.raw);
            bindings::mutex_unlock((*self.raw).lock);
            ret
        };
        to_result(ret.unwrap_or(ENOIOCTLCMD.to_errno()))
    }

    /// Returns the enumerated media bus codes.
    pub fn codes(&self) -> Result<KVec<u32>> {
        let mut codes = KVec::new();

        loop {
            let mut code = bindings::v4l2_subdev_mbus_code_enum {
                which: self.which,
                index: u32::try_from(codes.len())?,
                ..Default::default()
            };

            let result = self.call(|ops, sd, state| {
                // SAFETY: The operation of this sub-device, with its locked state; `code` is valid.
                Some(unsafe { ops.enum_mbus_code?(sd, state, &mut code) })
            });
            match result {
                Ok(()) => codes.push(code.code, GFP_KERNEL)?,
                Err(EINVAL) => return Ok(codes),
                Err(e) => return Err(e),
            }
        }
    }

    /// Returns the format of the only pad.
    pub fn format(&self) -> Result<Triple> {
        let mut raw = self.format_request((0, 0, 0));

        self.call(|ops, sd, state| {
            // SAFETY: The operation of this sub-device, with its locked state; `raw` is valid.
            Some(unsafe { ops.get_fmt?(sd, state, &mut raw) })
        })?;
        Ok((raw.format.code, raw.format.width, raw.format.height))
    }

    /// Sets the format of the only pad and returns the adjusted one.
    pub fn set_format(&self, format: Triple) -> Result<Triple> {
        let mut raw = self.format_request(format);

        self.call(|ops, sd, state| {
            // SAFETY: The operation of this sub-device, with its locked state; `raw` is valid.
            Some(unsafe { ops.set_fmt?(sd, state, &mut raw) })
        })?;
        Ok((raw.format.code, raw.format.width, raw.format.height))
    }

    fn format_request(&self, (code, width, height): Triple) -> bindings::v4l2_subdev_format {
        bindings::v4l2_subdev_format {
            which: self.which,
            format: bindings::v4l2_mbus_framefmt {
                code,
                width,
                height,
                ..Default::default()
            },
            ..Default::default()
        }
    }

    /// Returns the crop of the only pad.
    pub fn crop(&self) -> Result<Rect> {
        let mut raw = self.crop_request();

        self.call(|ops, sd, state| {
            // SAFETY: The operation of this sub-device, with its locked state; `raw` is valid.
            Some(unsafe { ops.get_selection?(sd, state, &mut raw) })
        })?;
        Ok((&raw.r).into())
    }

    /// Sets the crop of the only pad, with `flags` (`V4L2_SEL_FLAG_*`), and returns the adjusted one.
    pub fn set_crop(&self, rect: Rect, flags: u32) -> Result<Rect> {
        let mut raw = bindings::v4l2_subdev_selection {
            flags,
            r: rect.into(),
            ..self.crop_request()
        };

        self.call(|ops, sd, state| {
            // SAFETY: The operation of this sub-device, with its locked state; `raw` is valid.
            Some(unsafe { ops.set_selection?(sd, state, &mut raw) })
        })?;
        Ok((&raw.r).into())
    }

    fn crop_request(&self) -> bindings::v4l2_subdev_selection {
        bindings::v4l2_subdev_selection {
            which: self.which,
            target: bindings::V4L2_SEL_TGT_CROP,
            ..Default::default()
        }
    }

    /// Returns the frame interval of the only pad.
    pub fn interval(&self) -> Result<Fraction> {
        let mut raw = bindings::v4l2_subdev_frame_interval {
            which: self.which,
            ..Default::default()
        };

        self.call(|ops, sd, state| {
            // SAFETY: The sub-device is initialised, `raw` is a state of its, locked for the call;
            // the argument is valid.
            Some(unsafe { ops.get_frame_interval?(sd, state, &mut raw) })
        })?;
        Ok((&raw.interval).into())
    }

    /// Sets the frame interval of the only pad and returns the adjusted one.
    pub fn set_interval(&self, interval: Fraction) -> Result<Fraction> {
        let mut raw = bindings::v4l2_subdev_frame_interval {
            which: self.which,
            interval: interval.into(),
            ..Default::default()
        };

        self.call(|ops, sd, state| {
            // SAFETY: The sub-device is initialised, `raw` is a state of its, locked for the call;
            // the argument is valid.
            Some(unsafe { ops.set_frame_interval?(sd, state, &mut raw) })
        })?;
        Ok((&raw.interval).into())
    }

    /// Returns the `index`th enumerated frame interval of a format.
    pub fn offered_interval(&self, (code, width, height): Triple, index: u32) -> Result<Fraction> {
        let mut raw = bindings::v4l2_subdev_frame_interval_enum {
            which: self.which,
            index,
            code,
            width,
            height,
            ..Default::default()
        };

        self.call(|ops, sd, state| {
            // SAFETY: The sub-device is initialised, `raw` is a state of its, locked for the call;
            // the argument is valid.
            Some(unsafe { ops.enum_frame_interval?(sd, state, &mut raw) })
        })?;
        Ok((&raw.interval).into())
    }
}

impl<T: Operations> Drop for UserState<'_, T> {
    fn drop(&mut self) {
        if self.which == bindings::v4l2_subdev_format_whence_V4L2_SUBDEV_FORMAT_TRY {
            // SAFETY: Owned by the type invariant, and used for the last time.
            unsafe { bindings::__v4l2_subdev_state_free(self.raw) };
        }
    }
}
