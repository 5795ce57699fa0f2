// SPDX-License-Identifier: GPL-2.0-only

//! How what the registers should hold differs from what they are known to hold, and the bus writes that
//! carry the difference.

use super::{
    burst::{
        Burst,
        WriteLimit, //
    },
    image::{
        Entry,
        RegisterImage, //
    },
    known::Known, //
};
use crate::sensor::regs::{
    self,
    Phase,
    Register, //
};

/// The longest gap, in bytes that the sensor holds already, that is written again to save a message.
///
/// A message of its own costs three bytes: the sensor's address and the register's.
const BRIDGE_MAX: usize = 2;

/// Registers of two bytes that may change without a group hold while streaming, if they are all that
/// changes: raspberrypi imx477.c writes each of them in a message of its own, and never holds.
const WHOLE: [Register; 2] = [regs::COARSE_INTEG_TIME, regs::ANA_GAIN_GLOBAL];

impl RegisterImage {
    /// What must be written for a sensor that holds `known` to hold this.
    pub fn diff<'a>(&'a self, known: &'a Known) -> Diff<'a> {
        Diff { image: self, known }
    }
}

/// The bytes of an image that the sensor is not known to hold.
#[derive(Clone, Copy, Debug)]
pub struct Diff<'a> {
    image: &'a RegisterImage,
    known: &'a Known,
}

impl<'a> Diff<'a> {
    /// What the sensor is to hold.
    pub(crate) const fn image(&self) -> &'a RegisterImage {
        self.image
    }

    /// What the sensor is known to hold.
    pub(crate) const fn known(&self) -> &'a Known {
        self.known
    }

    /// The bytes, by phase and address.
    pub fn entries(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        let known = self.known;
        self.image
            .entries()
            .iter()
            .filter(move |entry| !known.holds(entry))
    }

    /// Returns whether the sensor is known to hold registers that the image, of a whole program, does
    /// not have: what they are after a reset is unknown, so that only a reset brings them back.
    pub fn leaves_traces(&self) -> bool {
        // An image has no address twice.
        let entries = self.image.entries().iter();
        let shared = entries.filter(|entry| self.known.get(entry.address).is_some());
        // `count()` is compiled with an overflow check.
        shared.fold(0_usize, |count, _| count.saturating_add(1)) < self.known.count()
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.entries().next().is_none()
    }

    /// Whether it has a byte that must not be written while streaming.
    pub fn needs_standby(&self) -> bool {
        self.entries().any(|entry| entry.phase.needs_standby())
    }

    /// Whether the sensor must be stopped first, by going through the same configuration without
    /// streaming; or whether something that waits for the start is there ahead of it.
    pub fn needs_stop(&self) -> bool {
        self.starts() && (self.known.may_stream() && self.needs_standby() || self.is_ahead())
    }

    fn is_ahead(&self) -> bool {
        let mut waiting = self.image.entries_of(Phase::Started).iter();
        !self.is_live() && waiting.any(|entry| self.known.holds(entry))
    }

    /// Whether the sensor streams before and after: the change must then be held together.
    pub fn is_live(&self) -> bool {
        let mode = self.known.get(regs::MODE_SEL.address);
        self.starts() && mode.is_some_and(|mode| mode != 0)
    }

    /// Whether a frame could start between the bytes of a live change, if it was not held together: not if
    /// there is one byte, nor if they are of one register that is written whole.
    fn needs_hold(&self, limit: WriteLimit) -> bool {
        let mut live = self.entries().filter(|entry| entry.phase == Phase::Live);
        let Some(first) = live.next() else {
            return false;
        };
        let is_whole = |last: &Entry| {
            limit.data >= 2
                && WHOLE.iter().any(|register| {
                    first.address == register.address
                        && last.address.wrapping_sub(1) == first.address
                })
        };
        live.last().is_some_and(|last| !is_whole(last))
    }

    /// Whether the image ends in streaming.
    fn starts(&self) -> bool {
        let last = self.image.entries().last();
        last.is_some_and(|entry| entry.phase >= Phase::Start)
    }

    /// The writes that carry it, none longer than `limit`.
    ///
    /// A stop comes first, a start last but for what waits for it; a live change is wrapped in a group hold,
    /// unless it can be nowhere torn apart.
    pub fn bursts(&self, limit: WriteLimit) -> Bursts<'a> {
        Bursts {
            diff: *self,
            limit,
            cursor: Cursor::of(self, limit),
        }
    }
}

/// Where a group hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Unused,
    Ahead,
    Held,
}

/// A place in the writes that carry a difference.
///
/// It goes on with what is known by then, so that each write may be committed, or forgotten, before the
/// next one is cut: sending a difference write by write needs no memory for all of them.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// Entries of the image that are dealt with.
    done: usize,
    hold: Hold,
    /// What is written takes back a change that has failed.
    undo: bool,
}

impl Cursor {
    /// Ahead of all writes of `diff`, none longer than `limit`, as [`Diff::bursts`] has them.
    pub fn of(diff: &Diff<'_>, limit: WriteLimit) -> Self {
        let hold = if diff.is_live() && diff.needs_hold(limit) {
            Hold::Ahead
        } else {
            Hold::Unused
        };
        Self {
            done: 0,
            hold,
            undo: false,
        }
    }

    /// Ahead of the writes that take back a live change which failed on its way.
    ///
    /// The difference to be carried is that to the image of before, with forgotten what may have arrived.
    /// The sensor may hold it back in a group hold, which is released after all else: nothing of the
    /// change that failed gets into a frame, unless the release was what failed.
    pub fn undo() -> Self {
        Self {
            done: 0,
            hold: Hold::Held,
            undo: true,
        }
    }

    /// The next write of `diff`, not longer than `limit`, or `None` after the last one.
    ///
    /// `diff` must be of the same image each time. What is known may be more, or less of what was
    /// written, than the time before.
    pub fn next(&mut self, diff: &Diff<'_>, limit: WriteLimit) -> Option<Burst> {
        let known = diff.known;
        let entries = diff.image.entries();
        let undo = self.undo;
        let need = |entry: &Entry| match known.holds(entry) {
            true => Need::Held,
            // The release comes at the end.
            false if undo && entry.phase == Phase::Release => Need::Leave,
            false => Need::Write,
        };
        let mut rest = entries.get(self.done..).unwrap_or(&[]);
        skip(&mut rest, need);
        let phase = rest.first().map(|entry| entry.phase);
        let burst = self
            .hold_before(phase)
            .or_else(|| cut(&mut rest, limit, need));
        self.done = entries.len().saturating_sub(rest.len());
        burst
    }

    /// Takes the hold or releases it, if that is next; `phase` is that of the next byte.
    fn hold_before(&mut self, phase: Option<Phase>) -> Option<Burst> {
        let (hold, value) = match (self.hold, phase) {
            (Hold::Ahead, Some(Phase::Live)) => (Hold::Held, 1),
            (Hold::Held, next) if next.is_none_or(|next| next > Phase::Live) => (Hold::Unused, 0),
            _ => return None,
        };
        self.hold = hold;
        Some(Burst::new(regs::GRP_PARAM_HOLD.address, value))
    }
}

/// Iterator over the bus writes that carry a difference, in the order of its phases.
#[derive(Clone, Debug)]
pub struct Bursts<'a> {
    diff: Diff<'a>,
    limit: WriteLimit,
    cursor: Cursor,
}

impl Iterator for Bursts<'_> {
    type Item = Burst;

    fn next(&mut self) -> Option<Burst> {
        self.cursor.next(&self.diff, self.limit)
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
