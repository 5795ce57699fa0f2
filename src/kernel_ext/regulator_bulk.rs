// SPDX-License-Identifier: GPL-2.0-only

//! Sets of supplies that are switched together.
//!
//! `kernel::regulator` has single regulators, whose state is part of their type. Supplies that are
//! switched by runtime PM need their state at run time.
//!
//! C header: [`include/linux/regulator/consumer.h`](srctree/include/linux/regulator/consumer.h)

use super::bindings;
use kernel::{
    device::Device,
    error::to_result,
    prelude::*,
    str::CStr, //
};

/// `N` supplies of one device.
///
/// # Invariants
///
/// - The consumers were obtained by `regulator_bulk_get()` and not freed.
/// - All of them are enabled by this object if `enabled`, none otherwise.
pub struct Supplies<const N: usize> {
    consumers: [bindings::regulator_bulk_data; N],
    enabled: bool,
}

// SAFETY: The regulator API may be called from any thread.
unsafe impl<const N: usize> Send for Supplies<N> {}
// SAFETY: Nothing can be done through a shared reference.
unsafe impl<const N: usize> Sync for Supplies<N> {}

impl<const N: usize> Supplies<N> {
    /// Gets the supplies called `names`, without the `-supply` of the device tree.
    ///
    /// A supply that firmware does not describe counts as always on, as everywhere in the kernel.
    /// Returns `EPROBE_DEFER` while the driver of a supply is missing.
    pub fn get(dev: &Device, names: [&'static CStr; N]) -> Result<Self> {
        let mut consumers = names.map(|name| bindings::regulator_bulk_data {
            supply: name.as_char_ptr(),
            ..pin_init::zeroed()
        });

        // SAFETY: `dev` is a valid device and `consumers` holds `N` entries whose names are static.
        to_result(unsafe {
            bindings::regulator_bulk_get(
                core::ptr::from_ref(dev).cast_mut().cast(),
                N as i32,
                consumers.as_mut_ptr(),
            )
        })?;
        // INVARIANT: Obtained, not enabled.
        Ok(Self {
            consumers,
            enabled: false,
        })
    }

    /// Enables all supplies, or none on an error. Has no effect if they are enabled.
    pub fn enable(&mut self) -> Result {
        if self.enabled {
            return Ok(());
        }
        // SAFETY: By the type invariant the `N` consumers are valid.
        to_result(unsafe {
            bindings::regulator_bulk_enable(N as i32, self.consumers.as_mut_ptr())
        })?;
        // INVARIANT: `regulator_bulk_enable()` is all or nothing.
        self.enabled = true;
        Ok(())
    }

    /// Disables all supplies. On an error they remain enabled, and the call may be repeated.
    pub fn disable(&mut self) -> Result {
        if !self.enabled {
            return Ok(());
        }
        // SAFETY: By the type invariant the `N` consumers are valid and enabled.
        to_result(unsafe {
            bindings::regulator_bulk_disable(N as i32, self.consumers.as_mut_ptr())
        })?;
        // INVARIANT: On an error the C function enables again what it had disabled.
        self.enabled = false;
        Ok(())
    }
}

impl<const N: usize> Drop for Supplies<N> {
    fn drop(&mut self) {
        // On an error, which the regulator core has reported, a supply remains on.
        let _ = self.disable();
        // SAFETY: By the type invariant the `N` consumers were obtained and not freed.
        unsafe { bindings::regulator_bulk_free(N as i32, self.consumers.as_mut_ptr()) };
    }
}
