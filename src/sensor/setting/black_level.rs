// SPDX-License-Identifier: GPL-2.0-only

//! The black level: the pixel value for no light.

use crate::sensor::readout::Depth;

/// A black level, which is independent of the depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlackLevel {
    /// On the scale of 12 bits, as in the register.
    twelve_bits: u16,
}

impl BlackLevel {
    /// 16 of 8 bits, 64 of 10 bits, 256 of 12 bits (FRAMOS fr_imx412.c).
    pub const DEFAULT: Self = Self { twelve_bits: 256 };
    /// 63 of 8 bits, 255 of 10 bits, 1023 of 12 bits (fr_imx412.c).
    pub const MAX: Self = Self { twelve_bits: 1023 };

    /// Returns the black level with the pixel value `level` at `depth`, or `None` above
    /// [`Self::MAX`].
    pub fn new(level: u32, depth: Depth) -> Option<Self> {
        let twelve_bits = u16::try_from(level)
            .ok()?
            .checked_mul(1 << missing_bits(depth))?;
        (twelve_bits <= Self::MAX.twelve_bits).then_some(Self { twelve_bits })
    }

    /// Returns the pixel value at `depth`, rounded down.
    pub const fn at(self, depth: Depth) -> u16 {
        self.twelve_bits >> missing_bits(depth)
    }

    /// Returns the value of the register, 0 to 1023.
    pub const fn code(self) -> u16 {
        self.twelve_bits
    }
}

/// Returns the number of bits that the register has more than a pixel.
const fn missing_bits(depth: Depth) -> u32 {
    match depth {
        Depth::Eight => 4,
        Depth::Ten => 2,
        Depth::Twelve => 0,
    }
}
