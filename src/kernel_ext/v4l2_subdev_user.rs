// SPDX-License-Identifier: GPL-2.0-only

//! A sub-device, used as an application or a receiver would: for tests.
//!
//! C headers: [`include/media/v4l2-ctrls.h`](srctree/include/media/v4l2-ctrls.h),
//! [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

use super::{
    bindings,
    v4l2_ctrls::{Id, Range},
    v4l2_subdev::{Operations, Subdev},
    v4l2_subdev_state::Rect,
};
use kernel::{error::to_result, prelude::*};

/// Media bus code, width and height.
pub type Triple = (u32, u32, u32);

impl<T: Operations> Subdev<T> {
    /// Sets controls together, as `VIDIOC_S_EXT_CTRLS` does.
    pub fn user_set_controls(&self, values: &[(Id, i32)]) -> Result {
        let mut controls = KVec::with_capacity(values.len(), GFP_KERNEL)?;

        for (id, value) in values {
            let mut control = bindings::v4l2_ext_control {
                id: id.0,
                ..Default::default()
            };
            // SAFETY: The control is zeroed but for its number; plain values go here.
            unsafe { *(&raw mut control.__bindgen_anon_1).cast::<i32>() = *value };
            controls.push(control, GFP_KERNEL)?;
        }
        let mut all = bindings::v4l2_ext_controls {
            count: u32::try_from(controls.len())?,
            controls: controls.as_mut_ptr(),
            ..Default::default()
        };

        // SAFETY: The handler is initialised; `all` and the controls in it are valid. The device
        // node is only asked for its name, in messages for debugging.
        to_result(unsafe {
            bindings::v4l2_s_ext_ctrls(
                core::ptr::null_mut(),
                self.handler.as_raw(),
                (*self.raw.get()).devnode,
                core::ptr::null_mut(),
                &mut all,
            )
        })
    }

    /// The value of a control, as `VIDIOC_G_CTRL` gives it.
    pub fn user_control(&self, id: Id) -> Result<i32> {
        let mut control = bindings::v4l2_control {
            id: id.0,
            ..Default::default()
        };

        // SAFETY: The handler is initialised and `control` is valid.
        to_result(unsafe { bindings::v4l2_g_ctrl(self.handler.as_raw(), &mut control) })?;
        Ok(control.value)
    }

    /// The value of a control of 64 bits.
    pub fn user_wide_control(&self, id: Id) -> Result<i64> {
        // SAFETY: The handler is initialised.
        let ctrl = unsafe { bindings::v4l2_ctrl_find(self.handler.as_raw(), id.0) };

        if ctrl.is_null() {
            return Err(EINVAL);
        }
        // SAFETY: A control lives as long as its handler. The function checks its type.
        Ok(unsafe { bindings::v4l2_ctrl_g_ctrl_int64(ctrl) })
    }

    /// The range of a control, as `VIDIOC_QUERY_EXT_CTRL` gives it.
    pub fn user_range(&self, id: Id) -> Result<Range> {
        let mut query = bindings::v4l2_query_ext_ctrl {
            id: id.0,
            ..Default::default()
        };

        // SAFETY: The handler is initialised and `query` is valid.
        to_result(unsafe { bindings::v4l2_query_ext_ctrl(self.handler.as_raw(), &mut query) })?;
        Ok(Range {
            min: query.minimum,
            max: query.maximum,
            step: query.step,
            default: query.default_value,
        })
    }

    /// Calls a pad operation with the active state and its lock held.
    fn with_active_state(
        &self,
        operation: impl FnOnce(
            &bindings::v4l2_subdev_pad_ops,
            *mut bindings::v4l2_subdev,
            *mut bindings::v4l2_subdev_state,
        ) -> Option<i32>,
    ) -> Result {
        let sd = self.raw.get();

        // SAFETY: The sub-device is initialised: it has an active state with a lock, and tables of
        // operations.
        let ret = unsafe {
            let state = (*sd).active_state;

            bindings::mutex_lock((*state).lock);
            let ret = operation(&*(*(*sd).ops).pad, sd, state);
            bindings::mutex_unlock((*state).lock);
            ret
        };
        to_result(ret.unwrap_or(ENOIOCTLCMD.to_errno()))
    }

    /// Sets the active format of the only pad and returns what it became.
    pub fn user_set_format(&self, (code, width, height): Triple) -> Result<Triple> {
        let mut format = bindings::v4l2_subdev_format {
            which: bindings::v4l2_subdev_format_whence_V4L2_SUBDEV_FORMAT_ACTIVE,
            format: bindings::v4l2_mbus_framefmt {
                code,
                width,
                height,
                ..Default::default()
            },
            ..Default::default()
        };

        self.with_active_state(|ops, sd, state| {
            // SAFETY: The operation of this sub-device, with its locked state; `format` is valid.
            Some(unsafe { ops.set_fmt?(sd, state, &mut format) })
        })?;
        let format = format.format;

        Ok((format.code, format.width, format.height))
    }

    /// The active crop of the only pad.
    pub fn user_crop(&self) -> Result<Rect> {
        let mut selection = bindings::v4l2_subdev_selection {
            which: bindings::v4l2_subdev_format_whence_V4L2_SUBDEV_FORMAT_ACTIVE,
            target: bindings::V4L2_SEL_TGT_CROP,
            ..Default::default()
        };

        self.with_active_state(|ops, sd, state| {
            // SAFETY: As in `user_set_format`.
            Some(unsafe { ops.get_selection?(sd, state, &mut selection) })
        })?;
        Ok((&selection.r).into())
    }

    /// Sets the active crop of the only pad and returns what it became.
    pub fn user_set_crop(&self, rect: Rect, flags: u32) -> Result<Rect> {
        let mut selection = bindings::v4l2_subdev_selection {
            which: bindings::v4l2_subdev_format_whence_V4L2_SUBDEV_FORMAT_ACTIVE,
            target: bindings::V4L2_SEL_TGT_CROP,
            flags,
            r: rect.into(),
            ..Default::default()
        };

        self.with_active_state(|ops, sd, state| {
            // SAFETY: As in `user_set_format`.
            Some(unsafe { ops.set_selection?(sd, state, &mut selection) })
        })?;
        Ok((&selection.r).into())
    }

    /// Starts the stream, as a receiver does.
    pub fn user_enable(&self) -> Result {
        // SAFETY: The sub-device is initialised.
        to_result(unsafe { bindings::v4l2_subdev_enable_streams(self.raw.get(), 0, 1) })
    }

    /// Stops the stream, as a receiver does.
    pub fn user_disable(&self) -> Result {
        // SAFETY: The sub-device is initialised.
        to_result(unsafe { bindings::v4l2_subdev_disable_streams(self.raw.get(), 0, 1) })
    }

    /// Whether a receiver has bound to the sub-device.
    pub fn user_is_bound(&self) -> bool {
        // SAFETY: The sub-device is initialised.
        unsafe { !(*self.raw.get()).entity.graph_obj.mdev.is_null() }
    }
}
