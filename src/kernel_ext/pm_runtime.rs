// SPDX-License-Identifier: GPL-2.0-only

//! Runtime power management.
//!
//! C header: [`include/linux/pm_runtime.h`](srctree/include/linux/pm_runtime.h)

use super::bindings;
use kernel::{
    device::{
        self,
        Device, //
    },
    error::to_result,
    prelude::*,
    sync::aref::ARef, //
};

fn as_raw<Ctx: device::DeviceContext>(dev: &Device<Ctx>) -> *mut bindings::device {
    core::ptr::from_ref(dev).cast_mut().cast()
}

/// Runtime power management of one device, enabled for as long as this lives.
///
/// Dropping it disables runtime PM and leaves the device marked suspended: whoever owns the hardware
/// switches it off then, see [`Enabled::disable`].
///
/// # Invariants
///
/// Runtime PM of `dev` was enabled once by this object and not disabled since, unless `disabled`.
pub struct Enabled {
    dev: ARef<Device>,
}

impl Enabled {
    /// Enables runtime PM of a device that is powered *now*, with autosuspend after `delay_ms`.
    ///
    /// The device stays up until the first [`Usage`] is dropped or `delay_ms` after
    /// [`Enabled::allow_suspend`].
    pub fn new_active(dev: &Device, delay_ms: i32) -> Result<Self> {
        let raw = as_raw(dev);

        // SAFETY: `raw` is a valid device; runtime PM is still disabled, as this call demands.
        to_result(unsafe {
            bindings::__pm_runtime_set_status(raw, bindings::rpm_status_RPM_ACTIVE as u32)
        })?;
        // SAFETY: `raw` is a valid device; the three calls may come in any context that can sleep.
        unsafe {
            bindings::pm_runtime_set_autosuspend_delay(raw, delay_ms);
            bindings::__pm_runtime_use_autosuspend(raw, true);
            bindings::pm_runtime_enable(raw);
        }
        // INVARIANT: Just enabled.
        Ok(Self { dev: dev.into() })
    }

    /// Lets the device suspend once its autosuspend delay is over.
    pub fn allow_suspend(&self) {
        // SAFETY: `dev` is a valid device with runtime PM enabled by the type invariant. A failure
        // means that it is in use, which is what suspends it later.
        unsafe {
            mark_last_busy(as_raw(&self.dev));
            bindings::__pm_runtime_suspend(
                as_raw(&self.dev),
                (bindings::RPM_ASYNC | bindings::RPM_AUTO) as i32,
            );
        }
    }
}

impl Drop for Enabled {
    fn drop(&mut self) {
        let raw = as_raw(&self.dev);

        // SAFETY: `raw` is a valid device whose runtime PM this object enabled. Disabling waits for
        // callbacks that run; after it the status may be set by hand, as a driver that powers its
        // device off itself must do.
        unsafe {
            bindings::__pm_runtime_use_autosuspend(raw, false);
            bindings::__pm_runtime_disable(raw, true);
            bindings::__pm_runtime_set_status(raw, bindings::rpm_status_RPM_SUSPENDED as u32);
        }
    }
}

/// # Safety
///
/// `dev` must be a valid device.
unsafe fn mark_last_busy(dev: *mut bindings::device) {
    // SAFETY: `dev` is valid by the requirement above. As C's `pm_runtime_mark_last_busy()`, this is
    // a plain store of a word that readers take with `READ_ONCE()`.
    unsafe {
        core::ptr::write_volatile(
            &raw mut (*dev).power.last_busy,
            bindings::ktime_get_mono_fast_ns(),
        )
    }
}

/// A device that is powered up and stays so while this lives.
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
    /// Powers `dev` up if it is not, and keeps it so.
    ///
    /// May sleep and calls the driver's resume callback: no lock that the callback takes may be
    /// held. Fails with what the callback returned, or `EACCES` once runtime PM is disabled.
    pub fn resume(dev: &Device) -> Result<Self> {
        // SAFETY: `dev` is a valid device.
        let ret =
            unsafe { bindings::__pm_runtime_resume(as_raw(dev), bindings::RPM_GET_PUT as i32) };

        // INVARIANT: `__pm_runtime_resume(RPM_GET_PUT)` took the count, whatever it returned; on an
        // error `Drop` gives it back.
        let usage = Self { dev: dev.into() };

        if ret < 0 {
            return Err(Error::from_errno(ret));
        }
        Ok(usage)
    }

    /// Keeps `dev` powered if it is in use by somebody; `None` when it is idle or off.
    pub fn if_in_use(dev: &Device) -> Option<Self> {
        // SAFETY: `dev` is a valid device.
        let ret = unsafe { bindings::pm_runtime_get_if_in_use(as_raw(dev)) };

        // INVARIANT: A positive result means that the count was taken.
        (ret > 0).then(|| Self { dev: dev.into() })
    }
}

impl Drop for Usage {
    fn drop(&mut self) {
        // SAFETY: By the type invariant there is a usage count to give back.
        unsafe {
            mark_last_busy(as_raw(&self.dev));
            bindings::__pm_runtime_suspend(
                as_raw(&self.dev),
                (bindings::RPM_GET_PUT | bindings::RPM_ASYNC | bindings::RPM_AUTO) as i32,
            );
        }
    }
}
