// SPDX-License-Identifier: GPL-2.0-only

//! The surroundings of a sensor.

use super::{
    part::Part,
    registers::latency::Latency, //
};

/// The surroundings of a sensor, fixed while it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The frequency that INCK has when it runs, Hz.
    pub inck_hz: u32,
    /// The sensor.
    pub part: &'static Part,
    /// Value of the chip id register, usually that of the sensor.
    pub chip_id: u16,
    /// Bus address, 7 bit: 0x1a or 0x10, as SLASEL selects.
    pub i2c_address: u8,
    /// Reading of the temperature sensor, degrees Celsius.
    pub temperature: i8,
    /// Frames from a write to the frame that shows it.
    pub latency: Latency,
}

impl Surroundings {
    /// Creates a sensor at 0x1a and 42 degrees.
    pub const fn new(part: &'static Part, inck_hz: u32) -> Self {
        Self {
            inck_hz,
            part,
            chip_id: part.chip_id,
            i2c_address: 0x1a,
            temperature: 42,
            latency: Latency::IMX477,
        }
    }
}
