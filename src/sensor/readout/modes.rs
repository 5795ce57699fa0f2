// SPDX-License-Identifier: GPL-2.0-only

//! Sensor modes: the presets at each depth, by number and name.
//!
//! Numbers depend on the list of presets alone: they begin with 1, at 10 bits, and go on at 12 and then
//! at 8 bits, which only some sensors have. Names stay when a preset is added, numbers do not.

use super::{
    Depth,
    Readout, //
};
use crate::sensor::part::{
    presets::PRESETS,
    Part, //
};
use core::ffi::CStr;

/// Depths in the order in which modes are numbered; those of each sensor come first.
const DEPTHS: [Depth; 3] = [Depth::Ten, Depth::Twelve, Depth::Eight];

macro_rules! names {
    ($($size:literal)+) => {
        [
            c"",
            $(name(concat!($size, " 10-bit\0")),)+
            $(name(concat!($size, " 12-bit\0")),)+
            $(name(concat!($size, " 8-bit\0")),)+
        ]
    };
}

/// All names, by number; there is no number 0.
static NAMES: [&CStr; 1 + PRESETS.len() * DEPTHS.len()] = names!(
    "4056x3040" "4056x2160" "3840x2160" "2028x1520" "1920x1440" "2028x1080"
    "1920x1080" "1600x1200" "1352x1012" "1332x990" "1280x720" "1024x768"
    "800x600" "640x480" "640x360" "320x240"
);

/// Returns the names of the modes of a sensor, by number.
pub fn names(part: &Part) -> &'static [&'static CStr] {
    let modes = PRESETS.len().saturating_mul(part.depths.len());
    NAMES.get(..=modes).unwrap_or(&NAMES)
}

/// Returns the number of the mode that reads the array like this, or `None` if there is none.
pub fn mode_of(readout: &Readout) -> Option<usize> {
    numbered()
        .find(|(_, mode)| mode == readout)
        .map(|(number, _)| number)
}

/// Returns the readout of the mode of this number, or `None` if the sensor has no such mode or it is 0.
pub fn mode_readout(part: &Part, number: usize) -> Option<Readout> {
    numbered()
        .find(|(found, mode)| *found == number && part.depths.contains(&mode.depth()))
        .map(|(_, mode)| mode)
}

fn numbered() -> impl Iterator<Item = (usize, Readout)> {
    let modes = DEPTHS
        .into_iter()
        .flat_map(|depth| PRESETS.iter().map(move |preset| preset.readout(depth)));
    // A range with an end, as the counter of one without can overflow.
    (1..usize::MAX).zip(modes)
}

/// The name that ends in the only NUL of `bytes`. Evaluated at compile time only.
const fn name(bytes: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(bytes.as_bytes()) {
        Ok(name) => name,
        Err(_) => c"",
    }
}
