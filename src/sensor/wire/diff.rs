// SPDX-License-Identifier: GPL-2.0-only

//! The difference between the requested and the known contents of the registers, and the bus writes
//! that make it up.

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

/// The longest gap, in bytes that the sensor holds already, that is written again to save a
/// message.
///
/// Another message costs three bytes: the sensor's address and the register's.
const BRIDGE_MAX: usize = 2;

/// Registers of two bytes that can be written without a group hold while streaming, if nothing else
/// changes: raspberrypi imx477.c writes each of them in a separate message, without a hold.
const WHOLE: [Register; 2] = [regs::COARSE_INTEG_TIME, regs::ANA_GAIN_GLOBAL];

impl RegisterImage {
    /// Returns the difference from `known`, the known contents of a sensor, to this image.
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
    /// Returns the requested contents.
    pub(crate) const fn image(&self) -> &'a RegisterImage {
        self.image
    }

    /// Returns the known contents.
    pub(crate) const fn known(&self) -> &'a Known {
        self.known
    }

    /// Returns the differing bytes, by phase and address.
    pub fn entries(&self) -> impl Iterator<Item = &'a Entry> + use<'a> {
        let known = self.known;
        self.image
            .entries()
            .iter()
            .filter(move |entry| !known.holds(entry))
    }

    /// Returns whether the sensor is known to hold registers that the image, of a whole program,
    /// does not have. Their reset values are unknown, so that only a reset restores them.
    pub fn leaves_traces(&self) -> bool {
        // An image has no address twice.
        let entries = self.image.entries().iter();
        let shared = entries.filter(|entry| self.known.get(entry.address).is_some());
        // `count()` is compiled with an overflow check.
        shared.fold(0_usize, |count, _| count.saturating_add(1)) < self.known.count()
    }

    /// Returns whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.entries().next().is_none()
    }

    /// Returns whether a differing byte must not be written while streaming.
    pub fn needs_standby(&self) -> bool {
        self.entries().any(|entry| entry.phase.needs_standby())
    }

    /// Returns whether the same configuration must be applied in standby first: the sensor may be
    /// streaming and must not be, or holds registers that must be written after the start.
    pub fn needs_stop(&self) -> bool {
        self.starts() && (self.known.may_stream() && self.needs_standby() || self.is_ahead())
    }

    fn is_ahead(&self) -> bool {
        let mut waiting = self.image.entries_of(Phase::Started).iter();
        !self.is_live() && waiting.any(|entry| self.known.holds(entry))
    }

    /// Returns whether the sensor streams before and after, so that the change must take effect in
    /// one frame.
    pub fn is_live(&self) -> bool {
        let mode = self.known.get(regs::MODE_SEL.address);
        self.starts() && mode.is_some_and(|mode| mode != regs::STANDBY)
    }

    /// Returns whether a live change needs a group hold: a frame could start between its bytes,
    /// which is not the case for one byte or one of the [`WHOLE`] registers.
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

    /// Returns whether the image starts the stream.
    fn starts(&self) -> bool {
        let last = self.image.entries().last();
        last.is_some_and(|entry| entry.phase >= Phase::Start)
    }

    /// Returns the writes of the difference, none longer than `limit`.
    ///
    /// A stop is first, a start last except for the registers that must follow it. A live change is
    /// enclosed in a group hold, unless it cannot be split between frames.
    pub fn bursts(&self, limit: WriteLimit) -> Bursts<'a> {
        Bursts {
            diff: *self,
            limit,
            cursor: Cursor::of(self, limit),
        }
    }
}

/// State of the group hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    Unused,
    Ahead,
    Held,
}

/// A position in the writes of a difference.
///
/// Each write is computed from the known contents at that time, so that it can be committed or
/// forgotten before the next one: sending a difference write by write needs no memory for all of
/// them.
#[derive(Clone, Copy, Debug)]
pub struct Cursor {
    /// Number of entries of the image that are done.
    done: usize,
    hold: Hold,
    /// Set if the writes undo a failed change.
    undo: bool,
}

impl Cursor {
    /// Returns the position before all writes of `diff`, none longer than `limit`, as in
    /// [`Diff::bursts`].
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

    /// Returns the position before the writes that undo a failed live change.
    ///
    /// The difference must be the one to the previous image, after the writes of the change were
    /// forgotten. The sensor may still have them in a group hold, which is released last: none of
    /// the failed change takes effect, unless it was the release that failed.
    pub fn undo() -> Self {
        Self {
            done: 0,
            hold: Hold::Held,
            undo: true,
        }
    }

    /// Returns the next write of `diff`, not longer than `limit`, or `None` after the last one.
    ///
    /// `diff` must have the same image in all calls; the known contents may change by the writes
    /// between them.
    pub fn next(&mut self, diff: &Diff<'_>, limit: WriteLimit) -> Option<Burst> {
        let known = diff.known;
        let entries = diff.image.entries();
        let undo = self.undo;
        let need: &dyn Fn(&Entry) -> Need = &|entry| match known.holds(entry) {
            true => Need::Held,
            // The release is last.
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

    /// Returns the write that takes or releases the hold, if that is next; `phase` is that of the
    /// next byte.
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

/// Iterator over the bus writes of a difference, in the order of its phases.
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

/// Inclusion of a byte in a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Must be included.
    Write,
    /// May be included: the sensor holds the byte already.
    Held,
    /// Must not be included.
    Leave,
}

/// Skips to the next byte of `rest` that must be written.
pub(crate) fn skip(rest: &mut &[Entry], need: &dyn Fn(&Entry) -> Need) {
    while let [entry, behind @ ..] = *rest {
        if need(entry) == Need::Write {
            break;
        }
        *rest = behind;
    }
}

/// Removes the next write from `rest` and returns it, or `None` if no byte must be written.
pub(crate) fn cut(
    rest: &mut &[Entry],
    limit: WriteLimit,
    need: &dyn Fn(&Entry) -> Need,
) -> Option<Burst> {
    skip(rest, need);
    let (first, mut behind) = rest.split_first()?;
    let mut burst = Burst::new(first.address, first.value);
    let mut last = first;
    loop {
        let room = limit.data.saturating_sub(burst.data().len());
        let step = bridge(last, behind, need).filter(|&step| step <= room);
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

/// Returns the number of bytes of `rest` up to and including the next one that must be written, if
/// one write can include all of them and `last`: they have the same phase, consecutive addresses,
/// and may be written.
fn bridge(last: &Entry, rest: &[Entry], need: &dyn Fn(&Entry) -> Need) -> Option<usize> {
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
