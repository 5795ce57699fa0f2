// SPDX-License-Identifier: GPL-2.0-only

//! Failures of the virtual board's bus.

use crate::rng::Rng;

/// Every kind that its file `fail` takes.
pub const KINDS: [&str; 5] = ["nack", "timeout", "arbitration", "eio", "partial"];

/// Returns a failure that comes soon, as the file takes it.
pub fn random(rng: &mut Rng) -> String {
    format!("{} {}", 1 + rng.below(60), rng.pick(&KINDS))
}
