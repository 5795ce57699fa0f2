// SPDX-License-Identifier: GPL-2.0-only

//! GPIO lines.

pub mod consumer;
#[cfg(kernel_ext_receiver)]
pub mod driver;
