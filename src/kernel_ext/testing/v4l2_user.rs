// SPDX-License-Identifier: GPL-2.0-only

//! Calls of a sub-device as applications and receivers make them, for tests.
//!
//! C headers: [`include/media/v4l2-ctrls.h`](srctree/include/media/v4l2-ctrls.h),
//! [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

use crate::kernel_ext::{
    bindings,
    media::v4l2::{
        ctrls::{
            Id,
            Range, //
        },
        subdev::{
            Operations,
            Subdev, //
        }, //
    }, //
};
use kernel::{
    error::to_result,
    prelude::*, //
};

impl<T: Operations> Subdev<T> {
    /// Sets controls together, as `VIDIOC_S_EXT_CTRLS` does.
    pub fn user_set_controls(&self, values: &[(Id, i32)]) -> Result {
        self.with_ext_controls(values, |handler, all| {
            // SAFETY: The handler is initialised; `all` and the controls in it are valid. The
            // device node is only asked for its name, in messages for debugging.
            unsafe {
                bindings::v4l2_s_ext_ctrls(
                    core::ptr::null_mut(),
                    handler,
                    (*self.raw.get()).devnode,
                    core::ptr::null_mut(),
                    all,
                )
            }
        })
        .map(|_| ())
    }

    /// Tries controls together, as `VIDIOC_TRY_EXT_CTRLS` does, and returns the adjusted values.
    pub fn user_try_controls(&self, values: &[(Id, i32)]) -> Result<KVec<i32>> {
        self.with_ext_controls(values, |handler, all| {
            // SAFETY: The handler is initialised; `all` and the controls in it are valid. The
            // device node is only asked for its name, in messages for debugging.
            unsafe {
                bindings::v4l2_try_ext_ctrls(
                    handler,
                    (*self.raw.get()).devnode,
                    core::ptr::null_mut(),
                    all,
                )
            }
        })
    }

    /// Returns the smallest and the largest value of a control, as `VIDIOC_G_EXT_CTRLS` gives them.
    pub fn user_extremes(&self, id: Id) -> Result<(i32, i32)> {
        let extreme = |which| {
            let values = self.with_ext_controls(&[(id, 0)], |handler, all| {
                // SAFETY: The handler is initialised; `all` and the controls in it are valid. The
                // device node is only asked for its name. All members of the union are numbers.
                unsafe {
                    *all.__bindgen_anon_1.which.as_mut() = which;
                    bindings::v4l2_g_ext_ctrls(
                        handler,
                        (*self.raw.get()).devnode,
                        core::ptr::null_mut(),
                        all,
                    )
                }
            })?;

            values.first().copied().ok_or(EINVAL)
        };

        Ok((
            extreme(bindings::V4L2_CTRL_WHICH_MIN_VAL)?,
            extreme(bindings::V4L2_CTRL_WHICH_MAX_VAL)?,
        ))
    }

    /// Calls `ioctl` with `values`, and returns the values afterwards.
    fn with_ext_controls(
        &self,
        values: &[(Id, i32)],
        ioctl: impl FnOnce(*mut bindings::v4l2_ctrl_handler, &mut bindings::v4l2_ext_controls) -> i32,
    ) -> Result<KVec<i32>> {
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

        to_result(ioctl(self.handler.as_raw(), &mut all))?;

        let mut values = KVec::with_capacity(controls.len(), GFP_KERNEL)?;

        for control in &controls {
            // SAFETY: All bytes of the union are initialised, and plain values are here.
            let value = unsafe { *(&raw const control.__bindgen_anon_1).cast::<i32>() };

            values.push(value, GFP_KERNEL)?;
        }
        Ok(values)
    }

    /// Returns the value of a control, as `VIDIOC_G_CTRL` gives it.
    pub fn user_control(&self, id: Id) -> Result<i32> {
        let mut control = bindings::v4l2_control {
            id: id.0,
            ..Default::default()
        };

        // SAFETY: The handler is initialised and `control` is valid.
        to_result(unsafe { bindings::v4l2_g_ctrl(self.handler.as_raw(), &mut control) })?;
        Ok(control.value)
    }

    /// Returns the value of a control of 64 bits.
    pub fn user_wide_control(&self, id: Id) -> Result<i64> {
        // SAFETY: The handler is initialised.
        let ctrl = unsafe { bindings::v4l2_ctrl_find(self.handler.as_raw(), id.0) };

        if ctrl.is_null() {
            return Err(EINVAL);
        }
        // SAFETY: A control lives as long as its handler. The function checks its type.
        Ok(unsafe { bindings::v4l2_ctrl_g_ctrl_int64(ctrl) })
    }

    /// Returns the range of a control, as `VIDIOC_QUERY_EXT_CTRL` gives it.
    pub fn user_range(&self, id: Id) -> Result<Range> {
        let query = self.query(id)?;

        Ok(Range {
            min: query.minimum,
            max: query.maximum,
            step: query.step,
            default: query.default_value,
        })
    }

    /// Returns the flags of a control (`V4L2_CTRL_FLAG_*`), as `VIDIOC_QUERY_EXT_CTRL` gives them.
    pub fn user_flags(&self, id: Id) -> Result<u32> {
        Ok(self.query(id)?.flags)
    }

    fn query(&self, id: Id) -> Result<bindings::v4l2_query_ext_ctrl> {
        let mut query = bindings::v4l2_query_ext_ctrl {
            id: id.0,
            ..Default::default()
        };

        // SAFETY: The handler is initialised and `query` is valid.
        to_result(unsafe { bindings::v4l2_query_ext_ctrl(self.handler.as_raw(), &mut query) })?;
        Ok(query)
    }

    /// Returns whether the lock of the controls is free.
    pub fn user_controls_are_free(&self) -> bool {
        // SAFETY: The handler is initialised, so that it points to its mutex.
        unsafe { !bindings::mutex_is_locked((*self.handler.as_raw()).lock) }
    }

    /// Returns the media bus code of the only stream, from the frame descriptor.
    pub fn user_sent_code(&self) -> Result<u32> {
        let mut desc = bindings::v4l2_mbus_frame_desc::default();

        // SAFETY: The sub-device is initialised, and its tables are static.
        let ret = unsafe {
            (*(*(*self.raw.get()).ops).pad)
                .get_frame_desc
                .map(|get_frame_desc| get_frame_desc(self.raw.get(), 0, &mut desc))
        };

        to_result(ret.unwrap_or(ENOIOCTLCMD.to_errno()))?;
        match desc.entry.get(..usize::from(desc.num_entries)) {
            Some([entry]) => Ok(entry.pixelcode),
            _ => Err(EINVAL),
        }
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

    /// Returns whether a receiver has bound to the sub-device.
    pub fn user_is_bound(&self) -> bool {
        // SAFETY: The sub-device is initialised.
        unsafe { !(*self.raw.get()).entity.graph_obj.mdev.is_null() }
    }
}
