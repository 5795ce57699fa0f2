// SPDX-License-Identifier: GPL-2.0-only

//! The known register contents of a sensor.

use super::{
    entry::addressed,
    image::{
        Byte,
        RegisterImage, //
    },
    settings::Settings, //
};
use crate::sensor::regs::{
    self,
    Register, //
};

/// Bytes that were written and acknowledged, or that are known after a reset.
///
/// All other registers are unknown, and are written when a program has them.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The byte at each place of the map, if known.
    bytes: [Option<u8>; regs::BYTES],
    /// The manufacturer settings, if all of them are known.
    settings: Option<Settings>,
}

/// Registers that are 0 after a reset: standby, no group hold, and off those that drivers of a single
/// sensor (mainline imx412.c, the modes of fr_imx412.c) never write, which are the second address, the
/// multi-camera mode and the strobe.
///
/// Without the outputs on XVS, whose state after a reset is undocumented.
const RESET: [Register; 6] = [
    regs::MODE_SEL,
    regs::GRP_PARAM_HOLD,
    regs::SLAVE_ADD_EN_2ND,
    regs::SLAVE_ADD_ACKEN_2ND,
    regs::MC_MODE,
    regs::FLASH_TRIG_RS,
];

impl Known {
    /// Returns unknown contents, as after [`clear`](Self::clear).
    pub const fn unknown() -> Self {
        Self {
            bytes: [None; regs::BYTES],
            settings: None,
        }
    }

    /// Returns the contents after a reset: those of `RESET`, all else unknown.
    #[allow(clippy::new_without_default, reason = "a default is nothing known")]
    pub fn new() -> Self {
        let mut known = Self::unknown();
        known.reset();
        known
    }

    /// Records a reset or a loss of the supplies.
    pub fn reset(&mut self) {
        self.clear();
        for register in &RESET {
            self.learn(register, 0);
        }
    }

    /// Forgets everything: the sensor may even be streaming.
    pub fn clear(&mut self) {
        self.bytes.fill(None);
        self.settings = None;
    }

    /// Returns whether nothing is known.
    pub fn is_clear(&self) -> bool {
        self.count() == 0
    }

    /// Records that all of `image` was acknowledged.
    pub fn commit(&mut self, image: &RegisterImage) {
        for byte in image.bytes() {
            self.set(byte.place, Some(byte.value));
        }
        if let Some(settings) = image.settings() {
            self.settings = Some(*settings);
        }
    }

    /// Forgets the registers that differ from `image`, and the group hold, after some of the
    /// difference may have reached the sensor.
    pub fn forget_difference(&mut self, image: &RegisterImage) {
        self.forget(&regs::GRP_PARAM_HOLD);
        for byte in image.bytes() {
            if !self.holds(byte) {
                self.set(byte.place, None);
            }
        }
        if image.settings().is_some() {
            self.settings = None;
        }
    }

    /// Returns the first byte of `register`, if known.
    pub fn get(&self, register: &Register) -> Option<u8> {
        self.at(register.place)
    }

    /// Records `value` for the first byte of `register`.
    pub fn learn(&mut self, register: &Register, value: u8) {
        self.set(register.place, Some(value));
    }

    /// Forgets the first byte of `register`.
    pub fn forget(&mut self, register: &Register) {
        self.set(register.place, None);
    }

    /// Returns the known manufacturer settings.
    pub(super) const fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    /// Returns the number of known bytes of the map.
    pub(super) fn count(&self) -> usize {
        let known = self.bytes.iter().flatten();
        // `count()` is compiled with an overflow check.
        known.fold(0, |count, _| usize::saturating_add(count, 1))
    }

    /// Returns the byte at a place of the map, if known.
    pub(super) fn at(&self, place: u8) -> Option<u8> {
        self.bytes.get(usize::from(place)).copied().flatten()
    }

    /// Returns whether the sensor is known to hold `byte`.
    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    pub(super) fn holds(&self, byte: &Byte) -> bool {
        self.at(byte.place) == Some(byte.value)
    }

    /// Returns whether `bytes`, read from `first` and the addresses that follow, equal the known
    /// contents; unknown bytes and such that the map does not have are ignored.
    pub fn agrees(&self, first: &Register, bytes: &[u8]) -> bool {
        let mut place = first.place;
        addressed(first.address, bytes).all(|(address, value)| {
            if regs::address_of(place) != address {
                return true;
            }
            let known = self.at(place);
            place = place.saturating_add(1);
            known.is_none_or(|known| known == value)
        })
    }

    /// Returns whether the sensor may be streaming, as it is not known to be in standby.
    pub fn may_stream(&self) -> bool {
        self.get(&regs::MODE_SEL) != Some(regs::STANDBY)
    }

    fn set(&mut self, place: u8, byte: Option<u8>) {
        if let Some(known) = self.bytes.get_mut(usize::from(place)) {
            *known = byte;
        }
    }
}
