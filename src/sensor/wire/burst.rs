// SPDX-License-Identifier: GPL-2.0-only

//! Cutting a difference into bus writes.

use super::{
    image::{
        addressed,
        Entry, //
    },
    known::Known, //
};
use crate::sensor::regs::{
    self,
    Phase, //
};

/// Bytes of a register address on the bus.
const ADDRESS_BYTES: usize = 2;

/// The longest gap, in bytes that the sensor holds already, that is written again to save a message.
///
/// A message of its own costs three bytes: the sensor's address and the register's.
const BRIDGE_MAX: usize = 2;

/// The longest write that an adapter takes, in bytes, the two of the register address included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteLimit {
    data: usize,
}

impl WriteLimit {
    /// For adapters without a limit of their own.
    pub const UNLIMITED: Self = Self {
        data: Burst::MAX_DATA,
    };

    /// A limit of `bytes`, or `None` below 3: not one register fits.
    pub fn new(bytes: usize) -> Option<Self> {
        let data = bytes.checked_sub(ADDRESS_BYTES)?.min(Burst::MAX_DATA);
        (data > 0).then_some(Self { data })
    }
}

/// One bus write: a register address and the bytes for it and the registers that follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    wire: [u8; Burst::MAX_WIRE],
    /// Bytes of `wire` in use.
    len: usize,
}

impl Burst {
    /// The most data bytes; the longest run of registers is a little shorter.
    pub const MAX_DATA: usize = 62;
    /// The most bytes on the bus, after the sensor's address.
    pub const MAX_WIRE: usize = ADDRESS_BYTES + Self::MAX_DATA;

    /// A write of one register.
    pub(crate) fn new(address: u16, value: u8) -> Self {
        let [high, low] = address.to_be_bytes();
        let mut wire = [0; Self::MAX_WIRE];
        for (to, from) in wire.iter_mut().zip([high, low, value]) {
            *to = from;
        }
        Self {
            wire,
            len: ADDRESS_BYTES + 1,
        }
    }

    /// Adds the byte for the next address.
    fn push(&mut self, value: u8) {
        if let Some(to) = self.wire.get_mut(self.len) {
            *to = value;
            self.len = self.len.saturating_add(1);
        }
    }

    /// What goes over the bus: the register address, high byte first, then the data.
    pub fn wire(&self) -> &[u8] {
        self.wire.get(..self.len).unwrap_or(&[])
    }

    /// Address of the first register.
    pub fn address(&self) -> u16 {
        let [high, low, ..] = self.wire;
        u16::from_be_bytes([high, low])
    }

    /// The bytes for it and for those that follow.
    pub fn data(&self) -> &[u8] {
        self.wire().get(ADDRESS_BYTES..).unwrap_or(&[])
    }

    /// The bytes with the address of each.
    pub fn bytes(&self) -> impl Iterator<Item = (u16, u8)> + '_ {
        addressed(self.address(), self.data())
    }
}

/// Iterator over the bus writes that carry a difference, in the order of its phases.
#[derive(Clone, Debug)]
pub struct Bursts<'a> {
    /// What is still to be looked at of the image.
    rest: &'a [Entry],
    known: &'a Known,
    limit: WriteLimit,
    hold: Hold,
}

/// Where a group hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Unused,
    Ahead,
    Held,
}

impl<'a> Bursts<'a> {
    pub(crate) fn new(image: &'a [Entry], known: &'a Known, live: bool, limit: WriteLimit) -> Self {
        let hold = if live { Hold::Ahead } else { Hold::Unused };
        Self {
            rest: image,
            known,
            limit,
            hold,
        }
    }

    /// Takes the hold or releases it, if that is next; `phase` is that of the next byte.
    fn hold_before(&mut self, phase: Option<Phase>) -> Option<Burst> {
        let (hold, value) = match (self.hold, phase) {
            (Hold::Ahead, Some(Phase::Live)) => (Hold::Held, 1),
            (Hold::Held, next) if next != Some(Phase::Live) => (Hold::Unused, 0),
            _ => return None,
        };
        self.hold = hold;
        Some(Burst::new(regs::GRP_PARAM_HOLD.address, value))
    }
}

impl Iterator for Bursts<'_> {
    type Item = Burst;

    fn next(&mut self) -> Option<Burst> {
        let known = self.known;
        let need = |entry: &Entry| match known.holds(entry) {
            true => Need::Held,
            false => Need::Write,
        };
        skip(&mut self.rest, need);
        self.hold_before(self.rest.first().map(|entry| entry.phase))
            .or_else(|| cut(&mut self.rest, self.limit, need))
    }
}

/// What a write has to do with a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// It carries it.
    Write,
    /// Nothing, but may carry it: the byte is there already.
    Held,
    /// It must not carry it.
    Leave,
}

/// Goes on to the next of `rest` that must be written.
pub(crate) fn skip(rest: &mut &[Entry], need: impl Fn(&Entry) -> Need) {
    while let [entry, behind @ ..] = *rest {
        if need(entry) == Need::Write {
            break;
        }
        *rest = behind;
    }
}

/// Cuts the next write off `rest`, or `None` if nothing of it must be written.
pub(crate) fn cut(
    rest: &mut &[Entry],
    limit: WriteLimit,
    need: impl Fn(&Entry) -> Need,
) -> Option<Burst> {
    skip(rest, &need);
    let (first, mut behind) = rest.split_first()?;
    let mut burst = Burst::new(first.address, first.value);
    let mut last = first;
    loop {
        let room = limit.data.saturating_sub(burst.data().len());
        let step = bridge(last, behind, &need).filter(|&step| step <= room);
        let Some((taken, left)) = step.and_then(|step| behind.split_at_checked(step)) else {
            break;
        };
        for entry in taken {
            burst.push(entry.value);
            last = entry;
        }
        behind = left;
    }
    *rest = behind;
    Some(burst)
}

/// How many of `rest` it takes to get from `last` to the next byte that must be written, if that is in
/// the same phase, all addresses up to it follow each other and the bytes between may be written.
fn bridge(last: &Entry, rest: &[Entry], need: impl Fn(&Entry) -> Need) -> Option<usize> {
    let mut expected = last.address.checked_add(1)?;
    for (gap, entry) in rest.iter().take(BRIDGE_MAX + 1).enumerate() {
        if entry.phase != last.phase || entry.address != expected {
            return None;
        }
        match need(entry) {
            Need::Write => return gap.checked_add(1),
            Need::Held => expected = expected.checked_add(1)?,
            Need::Leave => return None,
        }
    }
    None
}
