// SPDX-License-Identifier: GPL-2.0-only

//! Common parts of the demo, the end-to-end tests and the interactive guests: the prepared
//! environment, and a guest with the virtual board.

pub mod kernel_log;
pub mod machine;
pub mod setup;
pub mod times;
