// SPDX-License-Identifier: GPL-2.0-only

//! The sensor's thermometer.

/// The coldest that it tells, in degrees Celsius.
pub const MIN: i8 = -20;
/// The hottest that it tells, in degrees Celsius.
pub const MAX: i8 = 80;

/// Degrees Celsius of the byte in the register, limited to what the thermometer can tell (libcamera's
/// helper for the IMX477).
pub fn celsius(raw: u8) -> i8 {
    i8::from_be_bytes([raw]).clamp(MIN, MAX)
}
