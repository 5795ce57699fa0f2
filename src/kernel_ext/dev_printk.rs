// SPDX-License-Identifier: GPL-2.0-only

//! Messages about a failing probe.
//!
//! C header: [`include/linux/dev_printk.h`](srctree/include/linux/dev_printk.h)

use super::bindings;
use kernel::{
    device::Device,
    error::Error,
    fmt,
    prelude::*, //
};

/// Reports the reason of a failing probe and returns `error`.
///
/// For `EPROBE_DEFER`, which is no failure, the text becomes the reason shown in debugfs
/// (`devices_deferred`). Usually called through [`dev_err_probe!`](crate::dev_err_probe).
// Inlined, so that the caller of a message without values is compiled to hand over its text.
#[inline(always)]
pub fn err_probe(dev: &Device, error: Error, args: fmt::Arguments<'_>) -> Error {
    match args.as_str() {
        Some(text) => err_probe_text(dev, error, text),
        None => err_probe_args(dev, error, args),
    }
}

#[inline(never)]
fn err_probe_text(dev: &Device, error: Error, text: &str) -> Error {
    err_probe_args(dev, error, fmt!("{text}"))
}

#[inline(never)]
fn err_probe_args(dev: &Device, error: Error, args: fmt::Arguments<'_>) -> Error {
    let raw: *mut bindings::device = core::ptr::from_ref(dev).cast_mut().cast();

    // SAFETY: `Device` is `#[repr(transparent)]` over `struct device`, so `raw` is valid while
    // `dev` is borrowed. The format is NUL-terminated and its one conversion, `%pA`, is what the
    // kernel's `vsprintf()` reserves for a pointer to `core::fmt::Arguments`, which outlives the
    // call.
    unsafe {
        bindings::dev_err_probe(
            raw,
            error.to_errno(),
            c"%pA".as_char_ptr(),
            core::ptr::from_ref(&args).cast::<kernel::ffi::c_void>(),
        )
    };
    error
}

/// Prints a probe error like C's `dev_err_probe()` and evaluates to the [`Error`] given.
///
/// `src/driver/power.rs` shows it in use.
#[macro_export]
macro_rules! dev_err_probe {
    ($dev:expr, $error:expr, $($arg:tt)+) => {
        $crate::kernel_ext::dev_printk::err_probe(
            $dev,
            $error,
            ::kernel::prelude::fmt!($($arg)+),
        )
    };
}
