// SPDX-License-Identifier: GPL-2.0-only

//! Why a change cannot be made.

use super::Limits;
use core::fmt;

/// What a value that is out of range was meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Coarse integration time in lines.
    Exposure,
    /// Code of the analogue gain.
    AnalogueGain,
    /// Code of the digital gain.
    DigitalGain,
    /// Blank lines.
    VerticalBlanking,
    /// Blank pixel clocks.
    HorizontalBlanking,
    /// Number of the test pattern.
    TestPattern,
    /// Component of the solid test pattern.
    TestColour,
    /// Whether the picture is mirrored.
    HorizontalFlip,
    /// Whether the picture is upside down.
    VerticalFlip,
    /// Black level in units of the output depth.
    BlackLevel,
    /// Whether the sensor corrects defective pixels.
    DefectCorrection,
    /// Number of the synchronisation.
    Synchronisation,
    /// Whether the sensor listens to the second address.
    Broadcast,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exposure => "exposure",
            Self::AnalogueGain => "analogue gain",
            Self::DigitalGain => "digital gain",
            Self::VerticalBlanking => "vertical blanking",
            Self::HorizontalBlanking => "horizontal blanking",
            Self::TestPattern => "test pattern",
            Self::TestColour => "test pattern colour",
            Self::HorizontalFlip => "horizontal flip",
            Self::VerticalFlip => "vertical flip",
            Self::BlackLevel => "black level",
            Self::DefectCorrection => "defect correction",
            Self::Synchronisation => "synchronisation",
            Self::Broadcast => "broadcast",
        })
    }
}

/// Why a change cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// A value outside its limits, or between their steps.
    OutOfRange {
        /// What it was meant for.
        quantity: Quantity,
        /// The value.
        found: u32,
        /// Its limits.
        limits: Limits,
    },
    /// The board has no link of this number.
    NoSuchLink {
        /// The number.
        found: usize,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange {
                quantity,
                found,
                limits: Limits { min, max, step, .. },
            } => write!(
                f,
                "{quantity} of {found} is not in {min} to {max} in steps of {step}"
            ),
            Self::NoSuchLink { found } => write!(f, "there is no link frequency number {found}"),
        }
    }
}
