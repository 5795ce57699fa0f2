// SPDX-License-Identifier: GPL-2.0-only

//! What the demo, the end-to-end tests and the interactive guests have in common: the environment,
//! prepared, and a guest with the board in it.

pub mod board;
pub mod kernel_log;
pub mod setup;
