// SPDX-License-Identifier: GPL-2.0-only

//! I2C clients, and adapters.

pub mod adapter;
pub mod client;
