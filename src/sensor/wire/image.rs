// SPDX-License-Identifier: GPL-2.0-only

//! Register programs.

use crate::sensor::{
    part::Block,
    regs::{
        Phase,
        Register, //
    }, //
};
use core::mem;

/// A byte of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Phase in which it is written.
    pub phase: Phase,
    /// Address of the register.
    pub address: u16,
    /// Value for the register.
    pub value: u8,
}

impl Entry {
    // All zeros: what is filled with it takes no room in the module.
    const EMPTY: Self = Self {
        phase: Phase::AnyTime,
        address: 0,
        value: 0,
    };

    /// Returns the key for sorting: phase, then address.
    const fn key(&self) -> u32 {
        Self::key_of(self.phase, self.address)
    }

    const fn key_of(phase: Phase, address: u16) -> u32 {
        (phase as u32) << u16::BITS | address as u32
    }
}

/// Returns each of `bytes` with its address, the first of which is `first`.
pub(crate) fn addressed(first: u16, bytes: &[u8]) -> impl Iterator<Item = (u16, u8)> + use<'_> {
    let mut next = first;
    bytes.iter().map(move |&byte| {
        let address = next;
        next = next.wrapping_add(1);
        (address, byte)
    })
}

/// A register program: bytes sorted by phase and address.
#[derive(Debug)]
pub struct RegisterImage {
    entries: [Entry; RegisterImage::CAPACITY],
    len: usize,
}

impl Clone for RegisterImage {
    fn clone(&self) -> Self {
        Self { ..*self }
    }

    /// Copies what is in use, in place.
    fn clone_from(&mut self, source: &Self) {
        for (to, from) in self.entries.iter_mut().zip(source.entries()) {
            *to = *from;
        }
        self.len = source.len;
    }
}

impl RegisterImage {
    /// Maximum number of bytes of an image; all programs have fewer.
    pub const CAPACITY: usize = 496;

    /// Creates an empty image.
    pub const fn new() -> Self {
        Self {
            entries: [Entry::EMPTY; Self::CAPACITY],
            len: 0,
        }
    }

    /// Removes all bytes.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Sets the bytes of a register, to be written in the phase that it is marked with.
    ///
    /// A register narrower than `value` gets its low bytes. Read-only registers are ignored.
    pub fn set(&mut self, register: &Register, value: u32) {
        if let Some(phase) = register.phase() {
            self.set_in(phase, register, value);
        }
    }

    /// Sets the bytes of a register, to be written in `phase`.
    pub fn set_in(&mut self, phase: Phase, register: &Register, value: u32) {
        let bytes = value.to_be_bytes();
        let unused = bytes.len().saturating_sub(usize::from(register.bytes));
        for (address, byte) in addressed(register.address, bytes.get(unused..).unwrap_or(&[])) {
            self.put(phase, address, byte);
        }
    }

    /// Sets a block of manufacturer registers, to be written in `phase`.
    pub fn set_block(&mut self, phase: Phase, block: Block) {
        for (first, bytes) in block.runs() {
            for (address, byte) in addressed(first, bytes) {
                self.put(phase, address, byte);
            }
        }
    }

    fn put(&mut self, phase: Phase, address: u16, value: u8) {
        let entry = Entry {
            phase,
            address,
            value,
        };
        // Programs are composed in their order, except for a few bytes.
        let at = match self.entries().last() {
            Some(last) if last.key() >= entry.key() => self.place(entry.key()),
            _ => self.len,
        };
        match self.entries.get_mut(at..=self.len) {
            Some([held, ..]) if at < self.len && held.key() == entry.key() => *held = entry,
            Some(tail) => {
                let mut moved = entry;
                for slot in tail {
                    mem::swap(slot, &mut moved);
                }
                self.len = self.len.saturating_add(1);
            }
            None => {}
        }
    }

    /// Returns its bytes, by phase and address.
    pub fn entries(&self) -> &[Entry] {
        self.entries.get(..self.len).unwrap_or(&[])
    }

    /// Returns the bytes of one phase, by address.
    pub(crate) fn entries_of(&self, phase: Phase) -> &[Entry] {
        let start = self.place(Entry::key_of(phase, 0));
        let end = self.place(Entry::key_of(phase, u16::MAX).saturating_add(1));
        self.entries().get(start..end).unwrap_or(&[])
    }

    /// Returns whether it has this byte, in the same phase.
    pub(crate) fn contains(&self, entry: &Entry) -> bool {
        self.entries().get(self.place(entry.key())) == Some(entry)
    }

    /// Returns the place of the first entry that is not below `key`.
    // `core` has this, compiled with a check of its sums that stays if optimised for size.
    fn place(&self, key: u32) -> usize {
        let (mut low, mut high) = (0, self.len);
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.entries.get(middle) {
                Some(entry) if entry.key() < key => low = middle.saturating_add(1),
                _ => high = middle,
            }
        }
        low
    }
}

impl Default for RegisterImage {
    fn default() -> Self {
        Self::new()
    }
}
