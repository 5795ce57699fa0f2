// SPDX-License-Identifier: GPL-2.0-only

//! What to read of a sensor that may have lost its registers.
//!
//! What is known of a sensor is what was written to it. A brown-out, an electrostatic discharge or whoever
//! else can reach XCLR or the bus may have reset it since. A few bytes tell: those that a reset is certain
//! to change, and those that make it dangerous to go on.

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

/// What agrees with [`Known`](super::known::Known) as long as the sensor has lost nothing:
///
/// - from MODE_SEL to GRP_PARAM_HOLD: in standby, no group hold;
/// - the version tag of the settings ([`SETTINGS_VERSION`](crate::sensor::part::blocks::SETTINGS_VERSION)):
///   it is there for software only, so that a sensor out of reset cannot have it.
pub const WITNESSES: [Run; 2] = [
    Run {
        address: regs::MODE_SEL.address,
        bytes: 5,
    },
    Run {
        address: 0x3C7E,
        bytes: 2,
    },
];
