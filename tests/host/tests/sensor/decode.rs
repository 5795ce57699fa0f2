// SPDX-License-Identifier: GPL-2.0-only

//! Meaning of a register program, computed in floating point and without the sensor's own code.

use std::collections::BTreeMap;

use imx412_host::sensor::{
    program::{self, Extent},
    Activity, Config, RegisterImage,
};

/// Registers and their bytes.
pub type Registers = BTreeMap<u16, u8>;

/// Registers that are taken to be 0 after a reset: standby, hold, strobe, second address, multi-camera mode.
pub const RESET: [u16; 6] = [0x0100, 0x0104, 0x0C1B, 0x3010, 0x3011, 0x3F0B];

/// What is known of the registers of a sensor that comes out of reset.
pub fn after_reset() -> Registers {
    RESET.into_iter().map(|address| (address, 0)).collect()
}

/// Rates that follow from a program.
#[derive(Debug)]
pub struct Rates {
    pub pixel_rate: f64,
    pub lane_rate: f64,
    pub fps: f64,
}

/// Returns the program that brings a sensor with a configuration to an activity.
pub fn image_of(config: &Config, activity: Activity) -> RegisterImage {
    let mut image = RegisterImage::new();
    program::compose_into(config, activity, Extent::Whole, &mut image);
    image
}

/// Returns the registers of a sensor in standby.
pub fn registers_of(config: &Config) -> Registers {
    registers_at(config, Activity::Standby)
}

/// Returns the registers of a sensor that was brought to an activity.
pub fn registers_at(config: &Config, activity: Activity) -> Registers {
    image_of(config, activity)
        .entries()
        .map(|entry| (entry.address, entry.value))
        .collect()
}

/// Returns a big-endian value of `bytes` bytes.
pub fn value(registers: &Registers, address: u16, bytes: u16) -> u32 {
    (address..address + bytes).fold(0, |value, address| {
        let byte = registers
            .get(&address)
            .unwrap_or_else(|| panic!("register {address:#06x} is not in the program"));
        value << 8 | u32::from(*byte)
    })
}

/// Returns a number of lines, shifted to the left by what another register says, if the program has
/// that one.
pub fn lines(registers: &Registers, address: u16, shift: u16) -> u32 {
    value(registers, address, 2) << registers.get(&shift).copied().unwrap_or(0)
}

/// Rates of a program, from one PLL or two.
pub fn rates(registers: &Registers, inck_hz: u32) -> Rates {
    let get = |address, bytes| f64::from(value(registers, address, bytes));
    let video_pll = f64::from(inck_hz) * get(0x0306, 2) / get(0x0305, 1);
    let link_pll = match value(registers, 0x0310, 1) {
        0 => video_pll,
        1 => f64::from(inck_hz) * get(0x030E, 2) / get(0x030D, 1),
        other => panic!("0x0310 is {other}"),
    };
    // Without FLL_LSHIFT, CIT_LSHIFT is for both.
    let shift = match registers.contains_key(&0x3210) {
        true => 0x3210,
        false => 0x3100,
    };
    let pixel_rate = 4.0 * video_pll / (get(0x0303, 1) * get(0x0301, 1));
    Rates {
        pixel_rate,
        lane_rate: link_pll / get(0x030B, 1),
        fps: pixel_rate / (get(0x0342, 2) * f64::from(lines(registers, 0x0340, shift))),
    }
}

/// Asserts that two rates agree within 0.01 %.
#[track_caller]
pub fn assert_close(what: &str, found: f64, expected: f64) {
    assert!(
        (found / expected - 1.0).abs() <= 1e-4,
        "{what}: found {found}, expected {expected}"
    );
}
