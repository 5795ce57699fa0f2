// SPDX-License-Identifier: GPL-2.0-only

//! Types of settings.

pub mod black_level;
pub mod gain;
pub mod orientation;
pub mod strobe;
pub mod sync;
pub mod temperature;
pub mod test_pattern;
