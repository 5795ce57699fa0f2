// SPDX-License-Identifier: GPL-2.0-only

//! The registers that show whether a sensor has lost its registers.
//!
//! The known contents of a sensor are those that were written. A brown-out, an electrostatic
//! discharge, or another device on XCLR or the bus may have reset it since. A few bytes show that:
//! those that a reset certainly changes, and those that make it unsafe to continue.

use super::known::Known;
use crate::sensor::regs::{
    self,
    Register, //
};

/// Consecutive registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first one.
    pub register: Register,
    /// Number of bytes, at most [`Run::MAX`].
    pub bytes: usize,
}

impl Run {
    /// Maximum number of bytes of a run. The lowest known limit of an adapter on reads is 12
    /// (qcom-cci).
    pub const MAX: usize = 8;
}

/// From MODE_SEL to GRP_PARAM_HOLD: in standby, no group hold.
const STATE: Run = Run {
    register: regs::MODE_SEL,
    bytes: 5,
};

/// The version tag of the settings. It has no
/// function in the sensor, so that a reset does not set it.
const VERSION: Run = Run {
    register: regs::SETTINGS_VERSION,
    bytes: 2,
};

/// MC_MODE, which is 1 on a source of XVS, and 0 after a reset: FRAMOS' drivers run a single sensor
/// without writing it. For sources, whose thermometer is off in standby.
const SYNCHRONISED: Run = Run {
    register: regs::MC_MODE,
    bytes: 1,
};

/// From EXCK_FREQ to TEMP_SEN_CTL, which is 0 after a reset. For programs without a version tag.
const THERMOMETER: Run = Run {
    register: regs::EXCK_FREQ,
    bytes: 3,
};

/// Returns the registers to compare with `known` on a sensor in standby.
pub fn witnesses(known: &Known) -> [&'static Run; 2] {
    let second = if known.get(&regs::SETTINGS_VERSION).is_some() {
        &VERSION
    } else if known.get(&regs::TEMP_SEN_CTL) == Some(0) {
        &SYNCHRONISED
    } else {
        &THERMOMETER
    };
    [&STATE, second]
}
