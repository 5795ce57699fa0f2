// SPDX-License-Identifier: GPL-2.0-only

//! Register programs.

use super::{
    entry::Entry,
    settings::{
        Pieces,
        Settings, //
    }, //
};
use crate::sensor::regs::{
    self,
    Phase,
    Register, //
};

/// A byte of a program for a register of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Byte {
    pub(crate) phase: Phase,
    /// Its place in the map.
    pub(super) place: u8,
    pub(super) value: u8,
}

impl Byte {
    // All zeros: what is filled with it takes no room in the module.
    const EMPTY: Self = Self {
        phase: Phase::AnyTime,
        place: 0,
        value: 0,
    };

    pub(super) fn address(&self) -> u16 {
        regs::address_of(self.place)
    }

    /// Returns the key for sorting: phase, then address.
    const fn key(&self) -> u16 {
        (self.phase as u16) << u8::BITS | self.place as u16
    }
}

/// A register program: bytes for registers of the map, sorted by phase and address, and the
/// manufacturer settings that a whole program has.
#[derive(Clone, Copy, Debug)]
pub struct RegisterImage {
    bytes: [Byte; regs::BYTES],
    len: usize,
    settings: Option<Settings>,
}

impl RegisterImage {
    /// Creates an empty image.
    pub const fn new() -> Self {
        Self {
            bytes: [Byte::EMPTY; regs::BYTES],
            len: 0,
            settings: None,
        }
    }

    /// Removes all bytes.
    pub fn clear(&mut self) {
        self.len = 0;
        self.settings = None;
    }

    /// Sets the bytes of each of `registers`, which have none yet, to the value at the same place of
    /// `values`, to be written in the phase that the register is marked with.
    ///
    /// A register narrower than its value gets the low bytes. Read-only registers are ignored.
    pub(crate) fn set_each(&mut self, registers: &[Register], values: &[u32]) {
        for (register, &value) in registers.iter().zip(values) {
            if let Some(phase) = register.phase() {
                self.set_in(phase, register, value);
            }
        }
    }

    /// Sets the bytes of a register that has none yet, to be written in `phase`.
    pub fn set_in(&mut self, phase: Phase, register: &Register, value: u32) {
        let bytes = value.to_be_bytes();
        let unused = bytes.len().saturating_sub(usize::from(register.bytes));
        let mut place = register.place;
        for &value in bytes.get(unused..).unwrap_or(&[]) {
            self.put(Byte {
                phase,
                place,
                value,
            });
            place = place.wrapping_add(1);
        }
    }

    /// Sets the manufacturer settings.
    pub(crate) fn set_settings(&mut self, settings: Settings) {
        self.settings = Some(settings);
    }

    fn put(&mut self, byte: Byte) {
        // From the end on: most of what is set comes late in the program.
        let mut at = self.len;
        while let Some([.., last, free]) = self.bytes.get_mut(..=at) {
            if last.key() < byte.key() {
                break;
            }
            *free = *last;
            at = at.saturating_sub(1);
        }
        if let Some(free) = self.bytes.get_mut(at) {
            *free = byte;
            self.len = self.len.saturating_add(1);
        }
    }

    /// Returns the manufacturer settings; `None` if this is a change and not a whole program.
    pub(crate) const fn settings(&self) -> Option<&Settings> {
        self.settings.as_ref()
    }

    /// Returns the bytes for registers of the map, by phase and address.
    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    pub(crate) fn bytes(&self) -> &[Byte] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    /// Returns the bytes of one phase for registers of the map, by address.
    pub(crate) fn bytes_of(&self, phase: Phase) -> &[Byte] {
        let mut bytes = self.bytes();
        while let [first, behind @ ..] = bytes {
            if first.phase >= phase {
                break;
            }
            bytes = behind;
        }
        while let [ahead @ .., last] = bytes {
            if last.phase <= phase {
                break;
            }
            bytes = ahead;
        }
        bytes
    }

    /// Returns whether it has this byte, in the same phase.
    pub(crate) fn contains(&self, byte: &Byte) -> bool {
        self.bytes().contains(byte)
    }

    /// Returns all bytes, by phase and address.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + use<'_> {
        let settings = self.settings().map(|settings| settings.lacked_by(None));
        self.entries_of(|_| true, settings)
    }

    /// Returns the bytes of the map that `is_meant`, and those of `settings`, by phase and address.
    pub(super) fn entries_of<'a>(
        &'a self,
        is_meant: impl Fn(&Byte) -> bool + Copy + 'a,
        settings: Option<Pieces<'a>>,
    ) -> impl Iterator<Item = Entry> + 'a {
        let bytes = move |is_behind| {
            let bytes = self.bytes().iter();
            let bytes = bytes.filter(move |byte| (byte.phase > Phase::Global) == is_behind);
            let meant = bytes.filter(move |byte| is_meant(byte));
            meant.map(|byte| Entry {
                phase: byte.phase,
                address: byte.address(),
                value: byte.value,
            })
        };
        let settings = settings.into_iter().flat_map(Pieces::entries);
        bytes(false).chain(settings).chain(bytes(true))
    }
}

impl Default for RegisterImage {
    fn default() -> Self {
        Self::new()
    }
}
