// SPDX-License-Identifier: GPL-2.0-only

//! The known register contents of a sensor.

use super::{
    burst::Burst,
    image::{
        addressed,
        Entry,
        RegisterImage, //
    }, //
};
use crate::sensor::regs;

/// Bytes that were written and acknowledged, or that are known after a reset.
///
/// All other registers are unknown, and are written when a program has them.
///
/// A hash table with linear probing, as each byte of a program is looked up and each written byte
/// is stored.
#[derive(Debug)]
pub struct Known {
    /// Address of the byte in each slot; [`FREE`] if it is empty.
    addresses: [u16; Known::SLOTS],
    values: [u8; Known::SLOTS],
    len: usize,
}

/// Registers that are 0 after a reset: standby, no group hold, and off those that drivers of a single
/// sensor (mainline imx412.c, the modes of fr_imx412.c) never write, which are the second address, the
/// multi-camera mode and the strobe.
///
/// Without the outputs on XVS, whose state after a reset is undocumented.
const RESET: [u16; 6] = [
    regs::MODE_SEL.address,
    regs::GRP_PARAM_HOLD.address,
    regs::SLAVE_ADD_EN_2ND.address,
    regs::SLAVE_ADD_ACKEN_2ND.address,
    regs::MC_MODE.address,
    regs::FLASH_TRIG_RS.address,
];

/// Address that marks a free slot; no program writes to it.
const FREE: u16 = 0;

impl Clone for Known {
    fn clone(&self) -> Self {
        Self { ..*self }
    }

    /// Copies in place, as a temporary copy would be too large for the kernel's stack.
    fn clone_from(&mut self, source: &Self) {
        self.addresses = source.addresses;
        self.values = source.values;
        self.len = source.len;
    }
}

impl Known {
    /// Number of slots, a power of two.
    const SLOTS: usize = 512;

    /// Maximum number of known bytes, enough for all programs. Some slots remain free, so that
    /// searches end.
    pub const CAPACITY: usize = RegisterImage::CAPACITY;

    /// Returns unknown contents, as after [`clear`](Self::clear).
    ///
    /// A `const fn`, so that the result can be copied to the heap without a temporary on the stack.
    pub const fn unknown() -> Self {
        Self {
            addresses: [FREE; Self::SLOTS],
            values: [0; Self::SLOTS],
            len: 0,
        }
    }

    /// Returns the contents after a reset: those of `RESET`, all else unknown.
    #[allow(
        clippy::new_without_default,
        reason = "too large to be returned on the kernel's stack"
    )]
    pub fn new() -> Self {
        let mut known = Self::unknown();
        known.reset();
        known
    }

    /// Records a reset or a loss of the supplies.
    pub fn reset(&mut self) {
        self.clear();
        for address in RESET {
            self.learn(address, 0);
        }
    }

    /// Forgets everything: the sensor may even be streaming.
    pub fn clear(&mut self) {
        self.addresses = [FREE; Self::SLOTS];
        self.len = 0;
    }

    /// Returns whether nothing is known.
    pub fn is_clear(&self) -> bool {
        self.len == 0
    }

    /// Returns whether nothing is known but the contents after a reset.
    pub fn is_fresh(&self) -> bool {
        self.len == RESET.len() && RESET.iter().all(|&address| self.get(address) == Some(0))
    }

    /// Records an acknowledged burst.
    pub fn commit(&mut self, burst: &Burst) {
        for (address, value) in burst.bytes() {
            self.learn(address, value);
        }
    }

    /// Forgets the registers of a failed burst, which may have reached the sensor.
    pub fn forget(&mut self, burst: &Burst) {
        for (address, _) in burst.bytes() {
            self.unlearn(address);
        }
    }

    /// Records that all of `image` was acknowledged.
    pub fn commit_all(&mut self, image: &RegisterImage) {
        for entry in image.entries() {
            self.learn(entry.address, entry.value);
        }
    }

    /// Forgets the registers that differ from `image`, and the group hold, after some of the
    /// difference may have reached the sensor.
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

    /// Returns the number of known bytes.
    pub(crate) const fn count(&self) -> usize {
        self.len
    }

    /// Returns whether the sensor is known to hold `entry`.
    pub fn holds(&self, entry: &Entry) -> bool {
        self.get(entry.address) == Some(entry.value)
    }

    /// Returns whether `bytes`, read from consecutive registers from `first` on, equal the known
    /// contents; unknown bytes are ignored.
    pub fn agrees(&self, first: u16, bytes: &[u8]) -> bool {
        addressed(first, bytes).all(|(address, value)| self.get(address).is_none_or(|v| v == value))
    }

    /// Returns whether the sensor may be streaming, as it is not known to be in standby.
    pub fn may_stream(&self) -> bool {
        self.get(regs::MODE_SEL.address) != Some(regs::STANDBY)
    }

    /// Returns the slot in which a search for `address` begins.
    const fn home(address: u16) -> usize {
        // Consecutive registers get distant slots, which keeps runs of full slots short.
        (address.wrapping_mul(0x9E37) >> 7) as usize % Self::SLOTS
    }

    const fn behind(slot: usize) -> usize {
        slot.wrapping_add(1) % Self::SLOTS
    }

    /// Returns the slot of `address`, or as an error the free one where it belongs.
    fn find(&self, address: u16) -> Result<usize, usize> {
        let mut slot = Self::home(address);
        // Ends early, as there are free slots.
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
        // Bytes that were stored further on because this slot was taken move up, as searches end at
        // a gap.
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

    /// Records a byte. Beyond the capacity it remains unknown, which at worst causes a redundant
    /// write.
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
