// SPDX-License-Identifier: GPL-2.0-only

//! Gain codes. Their limits are those of the sensor,
//! [`GainLimits`](crate::sensor::part::GainLimits).

/// An analogue gain of `1024 / (1024 - code)`: 1x for code 0, 22.26x for code 978 (mainline
/// imx412.c and all other public drivers).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnalogueGain(u16);

impl AnalogueGain {
    /// 1x.
    pub const MIN: Self = Self(0);

    /// Returns the gain of this code.
    pub const fn new(code: u16) -> Self {
        Self(code)
    }

    /// Returns the code as the register takes it.
    pub const fn code(self) -> u16 {
        self.0
    }
}

/// A digital gain in units of 1/256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DigitalGain(u16);

impl DigitalGain {
    /// 1x.
    pub const MIN: Self = Self(0x0100);

    /// Returns the gain of this code.
    pub const fn new(code: u16) -> Self {
        Self(code)
    }

    /// Returns the code as the register takes it.
    pub const fn code(self) -> u16 {
        self.0
    }
}
