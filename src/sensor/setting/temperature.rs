// SPDX-License-Identifier: GPL-2.0-only

//! The sensor's thermometer.

/// The lowest reading, in degrees Celsius.
pub const MIN: i8 = -20;
/// The highest reading, in degrees Celsius.
pub const MAX: i8 = 80;

/// Returns the degrees Celsius of the byte in the register, limited to the range of the thermometer
/// (libcamera's helper for the IMX477).
pub fn celsius(raw: u8) -> i8 {
    i8::from_be_bytes([raw]).clamp(MIN, MAX)
}
