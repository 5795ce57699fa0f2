// SPDX-License-Identifier: GPL-2.0-only

//! The meaning of a register program, and whether the sensor can run it.

pub(super) mod bayer;
pub(super) mod clock_tree;
pub(super) mod link;
pub(super) mod ratio;
pub(super) mod readout;
pub(super) mod rules;
pub(super) mod stream;
pub(super) mod strobe;
pub(super) mod sync;
pub(super) mod timing;
