// SPDX-License-Identifier: GPL-2.0-only

//! The parts of the kernel modules that need no kernel, compiled for the host.
//!
//! The files are the modules' own, mounted at the paths that they have there.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub)]
// The built module is checked for panics as well, see docs/development.md.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::unwrap_used
)]

#[path = "../../../src/sensor/mod.rs"]
pub mod sensor;

/// The parts of the virtual board that need no kernel.
#[path = "../../../src/virtual_board"]
pub mod virtual_board {
    pub mod model;
}
