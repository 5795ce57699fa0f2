// SPDX-License-Identifier: GPL-2.0-only

//! Gain codes.

/// An analogue gain of `1024 / (1024 - code)`: 1x for code 0, 22.26x for the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnalogueGain(u16);

impl AnalogueGain {
    /// 1x.
    pub const MIN: Self = Self(0);
    /// 22.26x (mainline imx412.c and all others).
    pub const MAX: Self = Self(978);

    /// The gain of this code, or `None` above 978.
    pub fn new(code: u32) -> Option<Self> {
        let gain = Self(u16::try_from(code).ok()?);
        (gain <= Self::MAX).then_some(gain)
    }

    /// The code as the register takes it.
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
    /// 15.996x (Intel kmb-imx412.c).
    pub const MAX: Self = Self(0x0fff);

    /// The gain of this code, or `None` outside 0x100..=0xfff.
    pub fn new(code: u32) -> Option<Self> {
        let gain = Self(u16::try_from(code).ok()?);
        (Self::MIN..=Self::MAX).contains(&gain).then_some(gain)
    }

    /// The code as the register takes it.
    pub const fn code(self) -> u16 {
        self.0
    }
}
