// SPDX-License-Identifier: GPL-2.0-only

//! The register program, register by register.

use imx412_host::sensor::regs::{self, Phase};
use imx412_host::sensor::{
    program::{self, Extent},
    Activity, Config, RegisterImage,
};
use serde::Serialize;

/// One register of a program.
#[derive(Debug, Serialize)]
pub struct Write {
    /// Stage of the program, in the order in which they are written.
    pub phase: &'static str,
    /// Address of the first byte.
    pub address: u16,
    /// Number of bytes.
    pub bytes: u8,
    /// Big-endian value.
    pub value: u32,
    /// Name, where the register has one.
    pub name: Option<&'static str>,
    /// Meaning.
    pub meaning: &'static str,
}

/// Returns the program that brings a sensor with a configuration to an activity, in the order in
/// which it is written.
pub fn writes(config: &Config, activity: Activity) -> Vec<Write> {
    let mut image = RegisterImage::new();
    program::compose_into(config, activity, Extent::Whole, &mut image);
    let mut writes: Vec<Write> = Vec::new();
    for entry in image.entries() {
        let register = regs::find(entry.address);
        let continues = register.is_some_and(|register| register.address != entry.address);
        match writes.last_mut().filter(|_| continues) {
            Some(write) => {
                write.value = write.value << 8 | u32::from(entry.value);
                write.bytes += 1;
            }
            None => writes.push(Write {
                phase: name_of(entry.phase),
                address: entry.address,
                bytes: 1,
                value: u32::from(entry.value),
                name: register.map(|register| register.name),
                meaning: register.map_or(without_name(entry.phase), |register| register.doc.trim()),
            }),
        }
    }
    writes
}

fn name_of(phase: Phase) -> &'static str {
    match phase {
        Phase::Stop => "stop",
        Phase::Release => "release",
        Phase::AnyTime => "any time",
        Phase::Clock => "clock",
        Phase::Global => "global",
        Phase::Quality => "quality",
        Phase::Readout => "readout",
        Phase::Link => "link",
        Phase::Structure => "structure",
        Phase::Live => "live",
        Phase::Start => "start",
        Phase::Started => "started",
    }
}

/// Returns the description of manufacturer registers.
fn without_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Global => "Not public; as FRAMOS, Intel and Rockchip have it.",
        Phase::Quality => "Not public; image quality, as FRAMOS has it.",
        Phase::Readout => "Not public; follows binning and depth, as FRAMOS and mainline have it.",
        Phase::Link => "Not public; D-PHY timing, as Raspberry Pi has it.",
        _ => "Not public.",
    }
}
