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
    const EMPTY: Self = Self {
        phase: Phase::Stop,
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
#[derive(Clone, Debug)]
pub struct RegisterImage {
    entries: [Entry; RegisterImage::CAPACITY],
    len: usize,
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
        for &(first, bytes) in block {
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
        let found = match self.entries().last() {
            Some(last) if last.key() >= entry.key() => self.find(entry.key()),
            _ => Err(self.len),
        };
        match found {
            Ok(at) => {
                if let Some(held) = self.entries.get_mut(at) {
                    *held = entry;
                }
            }
            Err(at) => {
                if let Some(tail) = self.entries.get_mut(at..=self.len) {
                    let mut moved = entry;
                    for slot in tail {
                        mem::swap(slot, &mut moved);
                    }
                    self.len = self.len.saturating_add(1);
                }
            }
        }
    }

    /// Returns its bytes, by phase and address.
    pub fn entries(&self) -> &[Entry] {
        self.entries.get(..self.len).unwrap_or(&[])
    }

    /// Returns the bytes of one phase, by address.
    pub(crate) fn entries_of(&self, phase: Phase) -> &[Entry] {
        let entries = self.entries();
        let start = entries.partition_point(|entry| entry.phase < phase);
        let end = entries.partition_point(|entry| entry.phase <= phase);
        entries.get(start..end).unwrap_or(&[])
    }

    /// Returns whether it has this byte, in the same phase.
    pub(crate) fn contains(&self, entry: &Entry) -> bool {
        let at = self.find(entry.key());
        at.is_ok_and(|at| self.entries().get(at) == Some(entry))
    }

    fn find(&self, key: u32) -> Result<usize, usize> {
        self.entries().binary_search_by_key(&key, Entry::key)
    }
}

impl Default for RegisterImage {
    fn default() -> Self {
        Self::new()
    }
}
