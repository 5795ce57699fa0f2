// SPDX-License-Identifier: GPL-2.0-only

//! Sensor modes: the presets at each depth, by number and name.
//!
//! Numbers and names follow from the list of presets: they begin with 1, at 10 bits, and go on at
//! 12 and then at 8 bits, which only some sensors have. Names stay when a preset is added, numbers
//! do not.

use super::{
    Depth,
    Preset,
    Readout, //
};
use crate::sensor::part::{
    presets::PRESETS,
    Part, //
};
use core::ffi::CStr;

/// Depths in the order in which modes are numbered; those of each sensor come first.
const DEPTHS: [Depth; 3] = [Depth::Ten, Depth::Twelve, Depth::Eight];

/// Number of modes of all depths.
pub const COUNT: usize = PRESETS.len() * DEPTHS.len();

/// Number of modes of the first two depths.
pub const COUNT_OF_TWO_DEPTHS: usize = PRESETS.len() * 2;

/// The longest name is "4056x3040 10-bit", and a NUL ends it.
const NAME_BYTES: usize = 17;

/// The text of all names, by number; that of number 0, which no mode has, is empty.
static TEXTS: [[u8; NAME_BYTES]; 1 + COUNT] = compiled::texts();

/// The names of all modes, by number.
pub static NAMES: [&CStr; 1 + COUNT] = compiled::names(&TEXTS);

/// Returns the number of modes of a sensor, which are the first ones.
pub fn count(part: &Part) -> usize {
    PRESETS.len().saturating_mul(part.depths.len())
}

/// Returns the number of the mode with this readout, or `None` if there is none.
pub fn mode_of(readout: &Readout) -> Option<usize> {
    let depth = DEPTHS.iter().position(|&depth| depth == readout.depth())?;
    let mode = |preset: &Preset| preset.readout(readout.depth()) == *readout;
    let preset = PRESETS.iter().position(mode)?;
    let before = depth.saturating_mul(PRESETS.len());
    Some(preset.saturating_add(before).saturating_add(1))
}

/// Returns the readout of the mode of this number, or `None` if the sensor has no such mode or it
/// is 0.
pub fn mode_readout(part: &Part, number: usize) -> Option<Readout> {
    let mode = number.checked_sub(1)?;
    let depth = *DEPTHS.get(mode.checked_div(PRESETS.len())?)?;
    let preset = PRESETS.get(mode.checked_rem(PRESETS.len())?)?;
    part.depths.contains(&depth).then(|| preset.readout(depth))
}

/// Evaluated at compile time only: what could panic does not compile.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
mod compiled {
    use super::{
        CStr,
        COUNT,
        DEPTHS,
        NAME_BYTES,
        PRESETS, //
    };

    pub(super) const fn texts() -> [[u8; NAME_BYTES]; 1 + COUNT] {
        let mut texts = [[0; NAME_BYTES]; 1 + COUNT];
        let mut mode = 0;
        while mode < COUNT {
            let output = PRESETS[mode % PRESETS.len()].output();
            let depth = DEPTHS[mode / PRESETS.len()];
            let text = Text::new()
                .number(output.width)
                .bytes(b"x")
                .number(output.height)
                .bytes(b" ")
                .number(depth.bits() as u16)
                .bytes(b"-bit");
            texts[1 + mode] = text.bytes;
            mode += 1;
        }
        texts
    }

    pub(super) const fn names(
        texts: &'static [[u8; NAME_BYTES]; 1 + COUNT],
    ) -> [&'static CStr; 1 + COUNT] {
        let mut names = [c""; 1 + COUNT];
        let mut number = 0;
        while number < names.len() {
            // There always is a NUL, see `Text::bytes()`.
            if let Ok(name) = CStr::from_bytes_until_nul(&texts[number]) {
                names[number] = name;
            }
            number += 1;
        }
        names
    }

    /// A name in the making.
    struct Text {
        bytes: [u8; NAME_BYTES],
        length: usize,
    }

    impl Text {
        const fn new() -> Self {
            Self {
                bytes: [0; NAME_BYTES],
                length: 0,
            }
        }

        const fn bytes(mut self, bytes: &[u8]) -> Self {
            let mut next = 0;
            while next < bytes.len() {
                self.bytes[self.length] = bytes[next];
                self.length += 1;
                next += 1;
            }
            // Room for the NUL.
            assert!(self.length < NAME_BYTES);
            self
        }

        const fn number(self, number: u16) -> Self {
            let digit = [b'0' + (number % 10) as u8];
            if number < 10 {
                self.bytes(&digit)
            } else {
                self.number(number / 10).bytes(&digit)
            }
        }
    }
}
