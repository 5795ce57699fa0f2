// SPDX-License-Identifier: GPL-2.0-only

//! GPIO lines, seen by the device that uses them.
//!
//! C header: [`include/linux/gpio/consumer.h`](srctree/include/linux/gpio/consumer.h)

use crate::kernel_ext::bindings;
use core::ptr::NonNull;
use kernel::{
    device::Device,
    error::{
        from_err_ptr,
        to_result, //
    },
    prelude::*,
    str::CStr, //
};

/// An output line of this device.
///
/// Values are logical: the polarity that firmware gives is applied below.
///
/// # Invariants
///
/// `desc` was obtained by `gpiod_get_optional()` and not put.
pub struct Output {
    desc: NonNull<bindings::gpio_desc>,
}

// SAFETY: The consumer API may be called from any thread.
unsafe impl Send for Output {}
// SAFETY: Setting a value is serialised by the GPIO core.
unsafe impl Sync for Output {}

impl Output {
    /// Gets the line `name` (without `-gpios`) and drives it active; `None` if firmware does not
    /// describe it.
    pub fn get_optional_active(dev: &Device, name: &CStr) -> Result<Option<Self>> {
        // SAFETY: `dev` is a valid device and `name` is NUL-terminated.
        let desc = from_err_ptr(unsafe {
            bindings::gpiod_get_optional(
                core::ptr::from_ref(dev).cast_mut().cast(),
                name.as_char_ptr(),
                bindings::gpiod_flags_GPIOD_OUT_HIGH,
            )
        })?;
        // INVARIANT: A non-null result is ours to put.
        Ok(NonNull::new(desc).map(|desc| Self { desc }))
    }

    /// Drives the line active or inactive. May sleep, as lines of an expander need.
    pub fn set(&self, active: bool) -> Result {
        // SAFETY: By the type invariant `desc` is valid.
        to_result(unsafe {
            bindings::gpiod_set_value_cansleep(self.desc.as_ptr(), i32::from(active))
        })
    }

    /// Returns whether several devices share the line, so that another one may overrule
    /// [`Output::set`].
    pub fn is_shared(&self) -> bool {
        // SAFETY: By the type invariant `desc` is valid.
        unsafe { bindings::gpiod_is_shared(self.desc.as_ptr()) }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // SAFETY: By the type invariant `desc` is ours to put, once.
        unsafe { bindings::gpiod_put(self.desc.as_ptr()) };
    }
}
