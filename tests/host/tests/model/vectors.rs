// SPDX-License-Identifier: GPL-2.0-only

//! Register programs of public drivers.

use serde::Deserialize;

/// Properties of a program, by its driver.
#[derive(Deserialize)]
pub struct Declared {
    pub pixel_rate: Option<u64>,
    pub link_freq: Option<u64>,
    pub fps: f64,
}

/// One program and where it comes from.
#[derive(Deserialize)]
pub struct Vector {
    pub source: String,
    pub mode: String,
    pub inck_hz: u32,
    pub lanes: u32,
    pub bits: u32,
    pub declared: Declared,
    regs: Vec<String>,
}

impl Vector {
    /// Addresses and values in the order of the driver, MODE_SEL left out.
    pub fn program(&self) -> Vec<(u16, u8)> {
        self.regs
            .iter()
            .map(|entry| {
                let (address, value) = entry.split_once('=').unwrap();
                (
                    u16::from_str_radix(address, 16).unwrap(),
                    u8::from_str_radix(value, 16).unwrap(),
                )
            })
            .filter(|(address, _)| *address != 0x0100)
            .collect()
    }
}

/// Raspberry Pi's programs for the IMX477.
pub fn imx477() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../vectors/imx477.json")).unwrap()
}

/// Returns all programs for the IMX412 and IMX577, full frame and others.
pub fn all() -> Vec<Vector> {
    [
        include_str!("../../vectors/full_frame.json"),
        include_str!("../../vectors/readouts.json"),
    ]
    .iter()
    .flat_map(|text| serde_json::from_str::<Vec<Vector>>(text).unwrap())
    .collect()
}

/// Returns the program of `mode` by `source`.
pub fn find(source: &str, mode: &str) -> Vector {
    all()
        .into_iter()
        .find(|vector| vector.source == source && vector.mode == mode)
        .unwrap()
}
