// SPDX-License-Identifier: GPL-2.0-only

//! Controls that limit each other, and so change together.
//!
//! All writable controls of a driver form one cluster: when an application sets any number of them
//! at once, the driver gets one change, with all values, under the handler's lock. A sensor driver
//! can therefore treat its configuration as one value.
//!
//! By default V4L2 clamps each value to the *current* range of its control, and so changes an
//! exposure that fits the frame length set with it. The integers of the cluster are therefore
//! passed on as requested, and [`Controls::try_controls`] clamps them to the ranges that the whole
//! change allows.
//!
//! C header: [`include/media/v4l2-ctrls.h`](srctree/include/media/v4l2-ctrls.h)

use super::{
    Builder,
    Found,
    Held,
    Id,
    Locked,
    Name,
    Range, //
};
use crate::kernel_ext::{
    bindings,
    media::v4l2::subdev::state::State, //
};
use kernel::{
    ffi::c_int,
    prelude::*, //
};

/// Control operations of a driver whose writable controls form one cluster.
///
/// All functions are called with the handler's lock held, never concurrently.
pub trait Controls {
    /// Makes the new values agree with each other before they are tried or set.
    ///
    /// [`Locked::requested`] returns a requested value, which for an integer may be out of its
    /// range; [`Locked::adjust`] replaces it. On an error nothing is changed.
    fn try_controls(&self, controls: &Locked<'_>) -> Result;

    /// Applies the new values, as adjusted by [`Controls::try_controls`].
    ///
    /// `state` is the active state, for changes that affect the format. On an error the controls
    /// keep their values.
    fn set_controls(&self, state: &mut State, controls: &Locked<'_>) -> Result;

    /// Returns the current value of a volatile control.
    fn volatile_value(&self, id: Id, controls: &mut Held<'_>) -> Result<i32>;
}

impl<T: Controls> super::Controls for T {
    fn try_control(&self, _first: Id, controls: &Locked<'_>) -> Result {
        self.try_controls(controls)
    }

    fn set_control(&self, _first: Id, state: &mut State, controls: &Locked<'_>) -> Result {
        self.set_controls(state, controls)
    }

    fn volatile_value(&self, id: Id, controls: &mut Held<'_>) -> Result<i32> {
        Controls::volatile_value(self, id, controls)
    }
}

/// For drivers whose controls form one cluster.
impl Builder<'_> {
    /// Adds a writable integer to the cluster, whose requested values are not clamped.
    pub fn uncut_integer(&mut self, name: Name, range: &Range) -> Result {
        self.integer_of(name, range, UNCUT)
    }
}

/// For drivers whose controls form one cluster.
impl Locked<'_> {
    /// Returns the requested value of a control; `None` if it does not change, or is missing.
    ///
    /// In [`Controls::set_controls`] this includes the adjustments of [`Controls::try_controls`].
    pub fn requested(&self, id: Id) -> Option<i64> {
        let Found(ctrl, _) = self.find(id).ok()?;

        // SAFETY: By the type invariant of `Found`. All controls of the cluster are of 32 bits, so
        // `cur.val` is the member in use.
        let (is_new, new, current) = unsafe {
            (
                bindings::v4l2_ctrl::is_new_raw(ctrl) != 0,
                (*ctrl).val,
                (*ctrl).cur.val,
            )
        };

        (is_new || new != current).then_some(i64::from(new))
    }

    /// Replaces the requested value.
    ///
    /// Has an effect in [`Controls::try_controls`] only.
    pub fn adjust(&self, id: Id, value: i64) -> Result {
        let Found(ctrl, _) = self.find(id)?;

        // SAFETY: By the type invariant of `Found`.
        unsafe { (*ctrl).val = i32::try_from(value)? };
        Ok(())
    }

    /// Updates value and range of an integer control, without a call of the driver's operations.
    ///
    /// Events are sent for changes. In [`Controls::set_controls`], `value` must be the one that
    /// [`Controls::try_controls`] left for a control of the cluster.
    pub fn publish(&self, id: Id, range: &Range, value: i64) -> Result {
        let found = self.find(id)?;

        if self.is_part_of_change(found) {
            // The new value is about to become the current one. Setting it now keeps
            // `__v4l2_ctrl_modify_range()` from starting another change inside of this one.
            //
            // SAFETY: By the type invariant of `Found`; a control of the cluster is of 32 bits.
            unsafe { (*found.0).cur.val = i32::try_from(value)? };
        }
        self.set_range_of(found, range, false)?;
        self.publish_value_of(found, value)
    }

    /// Updates the value of a control, without a call of the driver's operations.
    ///
    /// An event is sent if it changed. In [`Controls::set_controls`] this has no effect on a
    /// control of the cluster, which gets the value that [`Controls::try_controls`] left for it.
    pub fn publish_value(&self, id: Id, value: i64) -> Result {
        self.publish_value_of(self.find(id)?, value)
    }

    fn publish_value_of(&self, found: Found<'_>, value: i64) -> Result {
        if self.is_part_of_change(found) {
            return Ok(());
        }
        let ctrl = found.0;
        // SAFETY: By the type invariant of `Found`.
        let is_current = unsafe {
            (*ctrl).type_ != bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER64
                && i64::from((*ctrl).cur.val) == value
        };

        if is_current {
            // V4L2 would look whether the control is grabbed, and refuse.
            return Ok(());
        }
        self.set_value_of(found, value, false)
    }

    /// Returns whether a control gets a new value by the change that is under way.
    fn is_part_of_change(&self, Found(ctrl, _): Found<'_>) -> bool {
        // SAFETY: By the type invariant of `Found`.
        self.changing && unsafe { !(*ctrl).ops.is_null() }
    }
}

/// V4L2's own operations for integers, except that values are not clamped to the range.
const UNCUT: &bindings::v4l2_ctrl_type_ops = &bindings::v4l2_ctrl_type_ops {
    equal: Some(bindings::v4l2_ctrl_type_op_equal),
    init: Some(bindings::v4l2_ctrl_type_op_init),
    // The core has these two as well, but does not export them.
    minimum: Some(minimum),
    maximum: Some(maximum),
    log: Some(bindings::v4l2_ctrl_type_op_log),
    validate: Some(accept),
};

extern "C" fn accept(_ctrl: *const bindings::v4l2_ctrl, _value: bindings::v4l2_ctrl_ptr) -> c_int {
    0
}

extern "C" fn minimum(
    ctrl: *const bindings::v4l2_ctrl,
    index: u32,
    value: bindings::v4l2_ctrl_ptr,
) {
    // SAFETY: V4L2 calls this with a valid control, of 32 bits as this table is only for those, and
    // with room for its value at `index`.
    unsafe { *value.p_s32.add(index as usize) = (*ctrl).minimum as i32 };
}

extern "C" fn maximum(
    ctrl: *const bindings::v4l2_ctrl,
    index: u32,
    value: bindings::v4l2_ctrl_ptr,
) {
    // SAFETY: V4L2 calls this with a valid control, of 32 bits as this table is only for those, and
    // with room for its value at `index`.
    unsafe { *value.p_s32.add(index as usize) = (*ctrl).maximum as i32 };
}
