// SPDX-License-Identifier: GPL-2.0-only

//! Bus writes.

use super::entry::addressed;

/// Bytes of a register address on the bus.
const ADDRESS_BYTES: usize = 2;

/// The longest write of an adapter, in bytes, including the two of the register address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteLimit {
    pub(super) data: usize,
}

impl WriteLimit {
    /// The limit for adapters without one: that of a [`Burst`].
    pub const UNLIMITED: Self = Self {
        data: Burst::MAX_DATA,
    };

    /// Returns a limit of `bytes`, or `None` below 3, which not even one register fits into.
    pub fn new(bytes: usize) -> Option<Self> {
        let data = bytes.checked_sub(ADDRESS_BYTES)?.min(Burst::MAX_DATA);
        (data > 0).then_some(Self { data })
    }
}

/// One bus write: a register address and the bytes for it and the registers that follow.
#[derive(Clone, Copy, Debug)]
pub struct Burst {
    wire: [u8; Burst::MAX_WIRE],
    /// Bytes of `wire` in use.
    pub(super) len: usize,
}

/// What is behind the bytes in use makes no difference.
impl PartialEq for Burst {
    fn eq(&self, other: &Self) -> bool {
        self.wire() == other.wire()
    }
}

impl Eq for Burst {}

impl Burst {
    /// Maximum number of data bytes; the longest run of registers is a little shorter.
    pub const MAX_DATA: usize = 62;
    /// Maximum number of bytes on the bus, after the sensor's address.
    pub const MAX_WIRE: usize = ADDRESS_BYTES + Self::MAX_DATA;

    /// Creates a write of `values`, at most [`Burst::MAX_DATA`], to `address` and the registers that
    /// follow.
    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    pub(crate) fn new(address: u16, values: &[u8]) -> Self {
        let mut wire = [0; Self::MAX_WIRE];
        let [high, low, data @ ..] = &mut wire;
        [*high, *low] = address.to_be_bytes();
        for (to, &from) in data.iter_mut().zip(values) {
            *to = from;
        }
        Self {
            wire,
            len: ADDRESS_BYTES.saturating_add(values.len()),
        }
    }

    /// Adds the byte for the next address.
    pub(super) fn push(&mut self, value: u8) {
        if let Some(to) = self.wire.get_mut(self.len) {
            *to = value;
            self.len = self.len.saturating_add(1);
        }
    }

    /// Returns the bytes on the bus: the register address, high byte first, then the data.
    pub fn wire(&self) -> &[u8] {
        self.wire.get(..self.len).unwrap_or(&[])
    }

    /// Returns the address of the first register.
    pub fn address(&self) -> u16 {
        let [high, low, ..] = self.wire;
        u16::from_be_bytes([high, low])
    }

    /// Returns the bytes for consecutive registers from that address on.
    pub fn data(&self) -> &[u8] {
        self.wire().get(ADDRESS_BYTES..).unwrap_or(&[])
    }

    /// Returns the address behind the last register.
    pub(super) fn end(&self) -> u16 {
        self.address()
            .wrapping_add(u16::try_from(self.data().len()).unwrap_or(0))
    }

    /// Returns the bytes with the address of each.
    pub fn bytes(&self) -> impl Iterator<Item = (u16, u8)> + '_ {
        addressed(self.address(), self.data())
    }
}
