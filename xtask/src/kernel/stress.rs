// SPDX-License-Identifier: GPL-2.0-only

//! The kernel under `make stress`: that of the KUnit suites, with sanitizers and with failures on
//! request.

use super::kunit;
use super::own::Own;

/// KASAN watches Rust code only in a kernel that clang compiled, by the LLVM that rustc has.
pub const COMPILER: &str = "clang-19";

pub const KERNEL: Own = Own {
    name: "sanitizer kernel",
    product: "stress-kernel",
    fragments: &[kunit::FRAGMENT, "tests/stress/kernel.config"],
    target: &[
        "ARCH=arm64",
        "CROSS_COMPILE=aarch64-linux-gnu-",
        "CC=clang-19",
    ],
    lines: 1600,
};
