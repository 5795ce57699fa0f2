// SPDX-License-Identifier: GPL-2.0-only

//! Runtime power management, by the functions that C's inline ones call.
//!
//! C header: [`include/linux/pm_runtime.h`](srctree/include/linux/pm_runtime.h)

use super::bindings;
use kernel::{
    device::{
        self,
        Bound,
        Device, //
    },
    error::to_result,
    prelude::*,
    sync::{
        aref::ARef,
        atomic::{
            Atomic,
            Relaxed, //
        }, //
    }, //
};

/// Suspends by a work item, once the autosuspend delay is over.
const AUTOSUSPEND: c_int = (bindings::RPM_ASYNC | bindings::RPM_AUTO) as c_int;

fn as_raw<Ctx: device::DeviceContext>(dev: &Device<Ctx>) -> *mut bindings::device {
    core::ptr::from_ref(dev).cast_mut().cast()
}

/// As `pm_runtime_mark_last_busy()`.
fn mark_last_busy(dev: &Device) {
    // SAFETY: `dev` is a valid device. C writes and reads the field without a lock, too.
    unsafe {
        (&raw mut (*as_raw(dev)).power.last_busy).write_volatile(bindings::ktime_get_mono_fast_ns())
    };
}

/// As `pm_runtime_set_suspended()` and `pm_runtime_set_active()`, by the status.
///
/// # Safety
///
/// `dev` must be valid.
unsafe fn set_status(dev: *mut bindings::device, status: bindings::rpm_status) -> i32 {
    // SAFETY: By the requirement above.
    unsafe { bindings::__pm_runtime_set_status(dev, status as u32) }
}

/// Runtime power management of one device, enabled for as long as this exists.
///
/// For the wrapper with the callbacks, [`Adapter`](super::i2c::client::Adapter): it must disable
/// runtime PM before it frees the data that they use, which safe drivers cannot be relied on for.
///
/// Disabling marks the device as suspended: the owner of the hardware must then switch it off.
///
/// # Invariants
///
/// Runtime PM of `dev` was enabled once by this object, and disabled once if `disabled`.
pub(in crate::kernel_ext) struct Enabled {
    dev: ARef<Device>,
    disabled: Atomic<bool>,
}

impl Enabled {
    /// Enables runtime PM of a device that is powered, or will be before
    /// [`Enabled::allow_suspend`], with autosuspend after `delay_ms`.
    pub(in crate::kernel_ext) fn new_active(dev: &Device<Bound>, delay_ms: i32) -> Result<Self> {
        let raw = as_raw(dev);

        // SAFETY: `raw` is a valid device; runtime PM is still disabled, as this call demands.
        to_result(unsafe { set_status(raw, bindings::rpm_status_RPM_ACTIVE) })?;
        // SAFETY: `raw` is a valid device; the three calls may come in any context that can sleep.
        unsafe {
            bindings::pm_runtime_set_autosuspend_delay(raw, delay_ms);
            bindings::__pm_runtime_use_autosuspend(raw, true);
            bindings::pm_runtime_enable(raw);
        }
        // INVARIANT: Just enabled.
        Ok(Self {
            dev: (&**dev).into(),
            disabled: Atomic::new(false),
        })
    }

    /// Lets the device suspend once its autosuspend delay is over.
    pub(in crate::kernel_ext) fn allow_suspend(&self) {
        mark_last_busy(&self.dev);
        // SAFETY: `dev` is a valid device. A failure means that it is in use, which is what
        // suspends it later.
        unsafe { bindings::__pm_runtime_suspend(as_raw(&self.dev), AUTOSUSPEND) };
    }

    /// Disables runtime PM, unless it is disabled: when this returns, no callback runs or will run.
    ///
    /// May sleep, and waits for callbacks: no lock that they take may be held.
    pub(in crate::kernel_ext) fn disable(&self) {
        // Relaxed: a second caller must know by other means that the first call has returned, as
        // `Drop` does.
        if self.disabled.xchg(true, Relaxed) {
            return;
        }
        let raw = as_raw(&self.dev);

        // SAFETY: `raw` is a valid device whose runtime PM this object enabled. After disabling,
        // the status may be set by hand, as a driver that powers its device off itself must do.
        unsafe {
            bindings::__pm_runtime_use_autosuspend(raw, false);
            bindings::__pm_runtime_disable(raw, true);
            set_status(raw, bindings::rpm_status_RPM_SUSPENDED);
        }
    }
}

impl Drop for Enabled {
    fn drop(&mut self) {
        self.disable();
    }
}

/// A device that remains powered while this exists.
///
/// Dropping it starts the autosuspend delay.
///
/// # Invariants
///
/// Owns one runtime PM usage count of `dev`.
pub struct Usage {
    dev: ARef<Device>,
}

impl Usage {
    /// Powers `dev` up, if necessary, and keeps it powered.
    ///
    /// May sleep and calls the driver's resume callback: no lock that the callback takes may be
    /// held. Returns the error of the callback, or `EACCES` once runtime PM is disabled. The next
    /// call tries again.
    pub fn resume(dev: &Device) -> Result<Self> {
        // SAFETY: `dev` is a valid device.
        let ret =
            unsafe { bindings::__pm_runtime_resume(as_raw(dev), bindings::RPM_GET_PUT as c_int) };

        // INVARIANT: `RPM_GET_PUT` took the count, whatever it returned; on an error
        // `Drop` gives it back.
        let usage = Self { dev: dev.into() };

        if ret < 0 {
            let error = Error::from_errno(ret);

            if error != EACCES {
                // The PM core records the failure of a callback, and refuses further requests until
                // the status is set, see Documentation/power/runtime_pm.rst. Without a recorded
                // failure this call has no effect.
                //
                // SAFETY: `dev` is a valid device.
                unsafe { set_status(as_raw(dev), bindings::rpm_status_RPM_SUSPENDED) };
            }
            return Err(error);
        }
        Ok(usage)
    }

    /// Keeps `dev` powered if it is in use; `None` if it is idle or suspended.
    pub fn if_in_use(dev: &Device) -> Option<Self> {
        // SAFETY: `dev` is a valid device.
        let ret = unsafe { bindings::pm_runtime_get_if_in_use(as_raw(dev)) };

        // INVARIANT: A positive result means that the count was taken.
        (ret > 0).then(|| Self { dev: dev.into() })
    }
}

impl Drop for Usage {
    fn drop(&mut self) {
        mark_last_busy(&self.dev);
        // SAFETY: By the type invariant there is a usage count to give back.
        unsafe {
            bindings::__pm_runtime_suspend(
                as_raw(&self.dev),
                AUTOSUSPEND | bindings::RPM_GET_PUT as c_int,
            )
        };
    }
}
