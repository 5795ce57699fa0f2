// SPDX-License-Identifier: GPL-2.0-only

//! I2C clients, and adapters.

#[cfg(kernel_ext_receiver)]
pub mod adapter;
pub mod client;
