// SPDX-License-Identifier: GPL-2.0-only

//! When a write to a register is allowed, and when it takes effect.

use super::{
    manufacturer,
    map::*, //
};
use crate::virtual_board::model::part::Part;

/// The effect of a write to a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing: the value is the sensor's own.
    ReadOnly,
    /// Takes effect at once.
    Immediate,
    /// Takes effect at the next frame start, all bytes that group hold covers together.
    FrameLatched,
    /// Shapes clocks, link or readout: to be written only in standby.
    Structural,
}

fn within(runs: &[(u16, u16)], address: u16) -> bool {
    runs.iter()
        .any(|(first, last)| (*first..=*last).contains(&address))
}

impl Access {
    /// Returns the kind of the register at `address`.
    pub(crate) fn of(part: &Part, address: u16) -> Self {
        if within(READ_ONLY, address) {
            Access::ReadOnly
        } else if within(FRAME_LATCHED, address) {
            Access::FrameLatched
        } else if within(STRUCTURAL, address) || manufacturer::contains(part, address) {
            Access::Structural
        } else {
            Access::Immediate
        }
    }
}
