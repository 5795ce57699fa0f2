// SPDX-License-Identifier: GPL-2.0-only

//! What the sensor is known to hold since it was last powered on.

use super::{
    burst::Burst,
    image::{
        addressed,
        Entry,
        RegisterImage, //
    }, //
};
use crate::sensor::regs;
use core::mem;

/// Bytes that were written and acknowledged, or that reset is known to leave.
///
/// What is not in here is unknown and will be written when it matters.
#[derive(Clone, Debug)]
pub struct Known {
    /// Sorted by address.
    bytes: [(u16, u8); Known::CAPACITY],
    len: usize,
}

impl Known {
    /// Enough for every byte that a program writes.
    pub const CAPACITY: usize = RegisterImage::CAPACITY;

    /// A sensor that may hold anything, as after [`clear`](Self::clear).
    ///
    /// Constant, so that it can be copied to the heap without a stop on the stack.
    pub const fn unknown() -> Self {
        Self {
            bytes: [(0, 0); Self::CAPACITY],
            len: 0,
        }
    }

    /// A sensor that comes out of reset: in standby, no group hold, everything else unknown.
    #[allow(
        clippy::new_without_default,
        reason = "too large to be returned on the stack"
    )]
    pub const fn new() -> Self {
        let mut known = Self::unknown();
        known.bytes[0] = (regs::MODE_SEL.address, 0);
        known.bytes[1] = (regs::GRP_PARAM_HOLD.address, 0);
        known.len = 2;
        known
    }

    /// The sensor lost its supplies or was reset.
    pub fn reset(&mut self) {
        self.len = 0;
        self.learn(regs::MODE_SEL.address, 0);
        self.learn(regs::GRP_PARAM_HOLD.address, 0);
    }

    /// The sensor may hold anything, and may stream.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Whether nothing is known at all.
    pub fn is_clear(&self) -> bool {
        self.len == 0
    }

    /// Whether nothing is known but what a reset leaves.
    pub fn is_fresh(&self) -> bool {
        let left = [regs::MODE_SEL.address, regs::GRP_PARAM_HOLD.address];
        self.known()
            .iter()
            .all(|(address, _)| left.contains(address))
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

    /// The byte at `address`, if known.
    pub fn get(&self, address: u16) -> Option<u8> {
        let at = self.find(address).ok()?;
        self.bytes.get(at).map(|&(_, value)| value)
    }

    /// Returns the addresses of the bytes that are known, in their order.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = u16> + '_ {
        self.known().iter().map(|&(address, _)| address)
    }

    /// Whether `entry` is there already.
    pub fn holds(&self, entry: &Entry) -> bool {
        self.get(entry.address) == Some(entry.value)
    }

    /// Whether `bytes`, read from the registers at `first` and those that follow, are what the sensor is
    /// known to hold, as far as that is known.
    pub fn agrees(&self, first: u16, bytes: &[u8]) -> bool {
        addressed(first, bytes).all(|(address, value)| self.get(address).is_none_or(|v| v == value))
    }

    /// Whether the sensor may be sending frames: it is not known to be in standby.
    pub fn may_stream(&self) -> bool {
        self.get(regs::MODE_SEL.address) != Some(0)
    }

    fn known(&self) -> &[(u16, u8)] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    fn find(&self, address: u16) -> Result<usize, usize> {
        self.known()
            .binary_search_by_key(&address, |&(held, _)| held)
    }

    fn unlearn(&mut self, address: u16) {
        if let Ok(at) = self.find(address) {
            if let Some(tail) = self.bytes.get_mut(at..self.len) {
                let mut moved = (0, 0);
                for slot in tail.iter_mut().rev() {
                    mem::swap(slot, &mut moved);
                }
                self.len = self.len.saturating_sub(1);
            }
        }
    }

    /// Remembers a byte; beyond the capacity it stays unknown, which costs a write but is never wrong.
    fn learn(&mut self, address: u16, value: u8) {
        match self.find(address) {
            Ok(at) => {
                if let Some(held) = self.bytes.get_mut(at) {
                    *held = (address, value);
                }
            }
            Err(at) => {
                if let Some(tail) = self.bytes.get_mut(at..=self.len) {
                    let mut moved = (address, value);
                    for slot in tail {
                        mem::swap(slot, &mut moved);
                    }
                    self.len = self.len.saturating_add(1);
                }
            }
        }
    }
}
