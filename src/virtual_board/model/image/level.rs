// SPDX-License-Identifier: GPL-2.0-only

//! Levels of pixels at the depths of the sensor.

/// The black level unless 0x3030 sets another, on the 12-bit scale.
pub(crate) const PEDESTAL_12_BIT: u16 = 256;

/// Takes a value on the 12-bit scale to a depth of `bits`, dropping low bits.
pub(crate) fn from_12_bit(value: u16, bits: u32) -> u16 {
    value.checked_shr(12u32.saturating_sub(bits)).unwrap_or(0)
}

/// Returns the largest value of `bits` bits.
pub(crate) fn full_scale(bits: u32) -> u16 {
    u16::MAX
        .checked_shr(16u32.saturating_sub(bits))
        .unwrap_or(0)
}
