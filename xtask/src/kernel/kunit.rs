// SPDX-License-Identifier: GPL-2.0-only

//! The kernel that runs the KUnit suites: smallest configuration that has what the modules use,
//! plus KUnit.

use super::own::Own;
use super::TARGET;

/// Options that every kernel of our own has.
pub const FRAGMENT: &str = "tests/kunit/kernel.config";

pub const KERNEL: Own = Own {
    name: "KUnit kernel",
    product: "kunit-kernel",
    fragments: &[FRAGMENT],
    target: &TARGET,
    lines: 1050,
};
