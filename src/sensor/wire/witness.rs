// SPDX-License-Identifier: GPL-2.0-only

//! The registers to read of a sensor that might have lost its registers.
//!
//! What is known of a sensor is what was written to it. A brown-out, an electrostatic discharge or whatever
//! else can reach XCLR or the bus might have reset it since. A few bytes show it: those that a reset is certain
//! to change, and those that make it dangerous to go on.

use super::known::Known;
use crate::sensor::regs;

/// Registers that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Address of the first one.
    pub address: u16,
    /// How many, at most [`Run::MAX`].
    pub bytes: usize,
}

impl Run {
    /// The most bytes of a run: the adapter with the lowest limit on reads that is known (qcom-cci) takes
    /// 12.
    pub const MAX: usize = 8;
}

/// From MODE_SEL to GRP_PARAM_HOLD: in standby, no group hold.
const STATE: Run = Run {
    address: regs::MODE_SEL.address,
    bytes: 5,
};

/// The version tag of the settings, see `version` of [`Part`](crate::sensor::Part): it is there for software
/// only, so that a sensor out of reset cannot have it.
const VERSION: Run = Run {
    address: 0x3C7E,
    bytes: 2,
};

/// MC_MODE, which a source has at 1. A reset leaves it at 0: FRAMOS' drivers run a single sensor without
/// a write to it. For sources, whose thermometer is off in standby.
const SYNCHRONISED: Run = Run {
    address: regs::MC_MODE.address,
    bytes: 1,
};

/// From EXCK_FREQ to TEMP_SEN_CTL, which a reset leaves at 0: for programs without a version tag.
const THERMOMETER: Run = Run {
    address: regs::EXCK_FREQ.address,
    bytes: 3,
};

/// Returns what agrees with `known` as long as a sensor in standby has lost nothing.
pub fn witnesses(known: &Known) -> [Run; 2] {
    let second = if known.get(VERSION.address).is_some() {
        VERSION
    } else if known.get(regs::TEMP_SEN_CTL.address) == Some(0) {
        SYNCHRONISED
    } else {
        THERMOMETER
    };
    [STATE, second]
}
