// SPDX-License-Identifier: GPL-2.0-only

//! The register values that a sensor is known to hold since it was last powered on.

use super::{
    burst::Burst,
    image::{
        addressed,
        Entry,
        RegisterImage, //
    }, //
};
use crate::sensor::regs;

/// Bytes that were written and acknowledged, or that reset is known to leave.
///
/// All other registers are unknown, and are written when it matters.
///
/// A hash table with linear probing: each byte of a program is looked up, and each that is written is
/// stored.
#[derive(Debug)]
pub struct Known {
    /// Where the byte of each slot is; [`FREE`] if it has none.
    addresses: [u16; Known::SLOTS],
    values: [u8; Known::SLOTS],
    len: usize,
}

/// No sensor has a register there that programs write.
const FREE: u16 = 0;

impl Clone for Known {
    fn clone(&self) -> Self {
        Self { ..*self }
    }

    /// Copies in place: a copy of its own would be too large for the kernel's stack.
    fn clone_from(&mut self, source: &Self) {
        self.addresses = source.addresses;
        self.values = source.values;
        self.len = source.len;
    }
}

impl Known {
    /// A power of two.
    const SLOTS: usize = 512;

    /// Enough for every byte that a program writes; some slots stay free, so that searches end.
    pub const CAPACITY: usize = RegisterImage::CAPACITY;

    /// Creates a sensor that may hold anything, as after [`clear`](Self::clear).
    ///
    /// Constant, so that it can be copied to the heap without a stop on the stack.
    pub const fn unknown() -> Self {
        Self {
            addresses: [FREE; Self::SLOTS],
            values: [0; Self::SLOTS],
            len: 0,
        }
    }

    /// A sensor that comes out of reset: in standby, no group hold, everything else unknown.
    #[allow(
        clippy::new_without_default,
        reason = "too large to be returned on the kernel's stack"
    )]
    pub fn new() -> Self {
        let mut known = Self::unknown();
        known.reset();
        known
    }

    /// The sensor lost its supplies or was reset.
    pub fn reset(&mut self) {
        self.clear();
        self.learn(regs::MODE_SEL.address, 0);
        self.learn(regs::GRP_PARAM_HOLD.address, 0);
    }

    /// The sensor may hold anything, and may stream.
    pub fn clear(&mut self) {
        self.addresses = [FREE; Self::SLOTS];
        self.len = 0;
    }

    /// Returns whether nothing is known at all.
    pub fn is_clear(&self) -> bool {
        self.len == 0
    }

    /// Returns whether nothing is known but what a reset leaves.
    pub fn is_fresh(&self) -> bool {
        let left = [regs::MODE_SEL.address, regs::GRP_PARAM_HOLD.address];
        let held = left
            .into_iter()
            .filter(|&address| self.get(address).is_some());
        held.count() == self.len
    }

    /// A burst was acknowledged.
    pub fn commit(&mut self, burst: &Burst) {
        for (address, value) in burst.bytes() {
            self.learn(address, value);
        }
    }

    /// It is not known whether a burst arrived.
    pub fn forget(&mut self, burst: &Burst) {
        for (address, _) in burst.bytes() {
            self.unlearn(address);
        }
    }

    /// All that `image` has was acknowledged.
    pub fn commit_all(&mut self, image: &RegisterImage) {
        for entry in image.entries() {
            self.learn(entry.address, entry.value);
        }
    }

    /// It is not known how much of the difference to `image` arrived, nor of a group hold around it.
    pub fn forget_difference(&mut self, image: &RegisterImage) {
        self.unlearn(regs::GRP_PARAM_HOLD.address);
        for entry in image.entries() {
            if !self.holds(entry) {
                self.unlearn(entry.address);
            }
        }
    }

    /// Returns the byte at `address`, if known.
    pub fn get(&self, address: u16) -> Option<u8> {
        let at = self.find(address).ok()?;
        self.values.get(at).copied()
    }

    /// How many bytes are known.
    pub(crate) const fn count(&self) -> usize {
        self.len
    }

    /// Returns whether `entry` is there already.
    pub fn holds(&self, entry: &Entry) -> bool {
        self.get(entry.address) == Some(entry.value)
    }

    /// Returns whether `bytes`, read from the registers at `first` and those that follow, are what the sensor is
    /// known to hold, as far as that is known.
    pub fn agrees(&self, first: u16, bytes: &[u8]) -> bool {
        addressed(first, bytes).all(|(address, value)| self.get(address).is_none_or(|v| v == value))
    }

    /// Returns whether the sensor may be sending frames: it is not known to be in standby.
    pub fn may_stream(&self) -> bool {
        self.get(regs::MODE_SEL.address) != Some(0)
    }

    /// The slot in which a search for `address` begins.
    const fn home(address: u16) -> usize {
        // Registers that follow each other get slots far from each other: runs of full slots stay short.
        (address.wrapping_mul(0x9E37) >> 7) as usize % Self::SLOTS
    }

    const fn behind(slot: usize) -> usize {
        slot.wrapping_add(1) % Self::SLOTS
    }

    /// Returns the slot of `address`, else the free one where it belongs.
    fn find(&self, address: u16) -> Result<usize, usize> {
        let mut slot = Self::home(address);
        // Never ends at its beginning, as there are free slots.
        for _ in 0..Self::SLOTS {
            match self.addresses.get(slot) {
                Some(&FREE) => break,
                Some(&held) if held == address => return Ok(slot),
                _ => slot = Self::behind(slot),
            }
        }
        Err(slot)
    }

    fn unlearn(&mut self, address: u16) {
        let Ok(mut gap) = self.find(address) else {
            return;
        };
        self.len = self.len.saturating_sub(1);
        // Those that were stored behind it, as its slot was taken, move up: searches end at a gap.
        let mut slot = Self::behind(gap);
        while let Some(&moved) = self.addresses.get(slot).filter(|&&held| held != FREE) {
            let far = |from: usize| slot.wrapping_sub(from) % Self::SLOTS;
            if far(Self::home(moved)) >= far(gap) {
                let value = self.values.get(slot).copied();
                self.store(gap, moved, value.unwrap_or(0));
                gap = slot;
            }
            slot = Self::behind(slot);
        }
        self.store(gap, FREE, 0);
    }

    /// Remembers a byte; beyond the capacity it stays unknown, which at worst causes a redundant write.
    fn learn(&mut self, address: u16, value: u8) {
        match self.find(address) {
            Ok(slot) => self.store(slot, address, value),
            Err(slot) if self.len < Self::CAPACITY && address != FREE => {
                self.len = self.len.saturating_add(1);
                self.store(slot, address, value);
            }
            Err(_) => {}
        }
    }

    fn store(&mut self, slot: usize, address: u16, value: u8) {
        if let (Some(to), Some(byte)) = (self.addresses.get_mut(slot), self.values.get_mut(slot)) {
            *to = address;
            *byte = value;
        }
    }
}
