// SPDX-License-Identifier: GPL-2.0-only

//! Sleeping with little slack.
//!
//! C header: [`include/linux/delay.h`](srctree/include/linux/delay.h)

use crate::kernel_ext::bindings;
use kernel::{
    ffi::c_ulong,
    time::Delta, //
};

/// Longest time that a sleep may exceed the requested one by, in us: the kernel's default for
/// sleeps of applications (`timerslack_ns` in `proc_pid_timerslack_ns(5)`), which wait for these.
const SLACK_US: c_ulong = 50;

/// Sleeps for at least `delta`, up to some seconds. For process context only.
///
/// Like `fsleep()`, which may take up to a quarter, or a tick of the kernel, longer.
pub fn sleep(delta: Delta) {
    let us = c_ulong::try_from(delta.as_micros_ceil()).unwrap_or(0);

    // SAFETY: Callers may sleep, as for every function that does.
    unsafe {
        bindings::usleep_range_state(
            us,
            us.saturating_add(SLACK_US),
            bindings::TASK_UNINTERRUPTIBLE,
        )
    };
}
