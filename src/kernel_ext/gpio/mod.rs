// SPDX-License-Identifier: GPL-2.0-only

//! GPIO lines.

pub mod consumer;
pub mod driver;
