// SPDX-License-Identifier: GPL-2.0-only

//! Sleeping for as long as hardware takes, and hardly longer.
//!
//! C header: [`include/linux/delay.h`](srctree/include/linux/delay.h)

use crate::kernel_ext::bindings;
use kernel::{
    ffi::c_ulong,
    time::Delta, //
};

/// How much longer than asked for a sleep may last, in us. An application waits for it, and the timer that
/// ends it is the only one: to wait for others saves nothing.
const SLACK_US: c_ulong = 100;

/// Sleeps for at least `delta`, which is to be no longer than some seconds, in the context of a process.
///
/// As `fsleep()`, which may take a quarter longer, or a tick of the kernel.
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
