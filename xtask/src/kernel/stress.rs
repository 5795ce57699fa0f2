// SPDX-License-Identifier: GPL-2.0-only

//! The kernels under `make stress`: that of the KUnit suites, with sanitizers and with failures on
//! request.

use super::kunit;
use super::own::Own;

/// KASAN watches Rust code only in a kernel that clang compiled, by the LLVM that rustc has.
pub const COMPILER: &str = "clang-19";

const CONFIG: &str = "tests/stress/kernel.config";
const TARGET: &[&str] = &[
    "ARCH=arm64",
    "CROSS_COMPILE=aarch64-linux-gnu-",
    "CC=clang-19",
];
const LINES: u64 = 1350;

pub const KERNEL: Own = Own {
    name: "sanitizer kernel",
    product: "stress-kernel",
    fragments: &[kunit::FRAGMENT, CONFIG],
    target: TARGET,
    lines: LINES,
};

/// The same, which releases objects of the driver core late.
pub const LATE: Own = Own {
    name: "sanitizer kernel with late releases",
    product: "late-kernel",
    fragments: &[kunit::FRAGMENT, CONFIG, "tests/stress/late.config"],
    target: TARGET,
    lines: LINES,
};
