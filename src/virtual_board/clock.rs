// SPDX-License-Identifier: GPL-2.0-only

//! The time.

use kernel::time::{
    hrtimer::HrTimerExpires,
    Instant,
    Monotonic, //
};

/// Returns the monotonic clock, ns.
pub(crate) fn now_ns() -> u64 {
    u64::try_from(Instant::<Monotonic>::now().as_nanos()).unwrap_or(0)
}
