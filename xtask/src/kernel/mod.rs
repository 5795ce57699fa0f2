// SPDX-License-Identifier: GPL-2.0-only

//! Kernels: Debian's own for arm64, what a Rust module needs to be built against it, and one of our
//! own configuration with KUnit.

pub mod board_modules;
pub mod deb;
pub mod dkms;
pub mod kunit;
pub mod modules;
pub mod own;
pub mod release;
pub mod stock;
pub mod stress;

/// Target arguments of all kernel and module builds.
pub const TARGET: [&str; 3] = [
    "ARCH=arm64",
    "CROSS_COMPILE=aarch64-linux-gnu-",
    "CC=aarch64-linux-gnu-gcc-14",
];

/// `-j` for make: one job per processor.
pub fn jobs() -> String {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    format!("-j{processors}")
}
