// SPDX-License-Identifier: GPL-2.0-only

//! The difference between the requested and the known contents of the registers, and the bus writes
//! that make it up.

use super::{
    burst::{
        Burst,
        WriteLimit, //
    },
    entry::Entry,
    image::{
        Byte,
        RegisterImage, //
    },
    known::Known,
    settings::Pieces, //
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
    /// Returns whether the sensor is known to hold `byte`.
    pub(super) fn holds(&self, byte: &Byte) -> bool {
        self.known.holds(byte)
    }

    /// Returns the pieces of the manufacturer settings that are not known to be held.
    pub(super) fn settings(&self) -> Option<Pieces<'a>> {
        let settings = self.image.settings()?;
        Some(settings.lacked_by(self.known.settings()))
    }

    /// Returns the differing bytes, by phase and address. Pieces of the manufacturer settings are
    /// among them as a whole.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + use<'a> {
        let known = self.known;
        let is_lacking = move |byte: &Byte| !known.holds(byte);
        self.image.entries_of(is_lacking, self.settings())
    }

    /// Returns whether the sensor is known to hold registers that the image, of a whole program,
    /// does not have. Their reset values are unknown, so that only a reset restores them.
    pub fn leaves_traces(&self) -> bool {
        // An image has no register twice.
        let bytes = self.image.bytes().iter();
        let shared = bytes.filter(|byte| self.known.at(byte.place).is_some());
        // `count()` is compiled with an overflow check.
        let shared = shared.fold(0, |count, _| usize::saturating_add(count, 1));
        let settings = self.known.settings().zip(self.image.settings());
        shared < self.known.count() || settings.is_some_and(|(held, next)| held.leave_traces(next))
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
        let mut waiting = self.image.bytes_of(Phase::Started).iter();
        !self.is_live() && waiting.any(|byte| self.holds(byte))
    }

    /// Returns whether the sensor streams before and after, so that the change must take effect in
    /// one frame.
    pub fn is_live(&self) -> bool {
        let mode = self.known.get(&regs::MODE_SEL);
        self.starts() && mode.is_some_and(|mode| mode != regs::STANDBY)
    }

    /// Returns whether a live change needs a group hold: a frame could start between its bytes,
    /// which is not the case for one byte or one of the [`WHOLE`] registers.
    fn needs_hold(&self, limit: WriteLimit) -> bool {
        let (mut first, mut last) = (None, None);
        for byte in self.image.bytes_of(Phase::Live) {
            if !self.known.holds(byte) {
                first = first.or(Some(byte.place));
                last = Some(byte.place);
            }
        }
        let Some((first, last)) = first.zip(last) else {
            return false;
        };
        let is_whole = limit.data >= 2
            && last == first.wrapping_add(1)
            && WHOLE.iter().any(|register| register.place == first);
        last != first && !is_whole
    }

    /// Returns whether the image starts the stream.
    fn starts(&self) -> bool {
        let last = self.image.bytes().last();
        last.is_some_and(|byte| byte.phase >= Phase::Start)
    }

    /// Returns the writes of the difference, none longer than `limit`.
    ///
    /// A stop is first, a start last except for the registers that must follow it. A live change is
    /// enclosed in a group hold, unless it cannot be split between frames.
    pub fn bursts(&self, limit: WriteLimit) -> Bursts<'a> {
        let hold = if self.is_live() && self.needs_hold(limit) {
            Hold::Ahead
        } else {
            Hold::Unused
        };
        self.bursts_with(hold, limit)
    }

    /// Returns the writes that undo a failed live change, none longer than `limit`.
    ///
    /// The image must be the previous one, and the change must have been forgotten. The sensor may
    /// still have it in a group hold, which is released last: none of the failed change takes
    /// effect, unless it was the release that failed.
    pub fn undo(&self, limit: WriteLimit) -> Bursts<'a> {
        self.bursts_with(Hold::Left, limit)
    }

    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    fn bursts_with(&self, hold: Hold, limit: WriteLimit) -> Bursts<'a> {
        Bursts {
            known: self.known,
            limit,
            rest: self.image.bytes(),
            settings: self.settings(),
            hold,
        }
    }
}

/// State of the group hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    Unused,
    Ahead,
    Held,
    /// Held by a failed change.
    Left,
}

impl Hold {
    /// Returns the write that takes or releases the hold, if that comes before bytes of `phase`.
    pub(super) fn before(&mut self, phase: Phase) -> Option<Burst> {
        let (hold, value) = match self {
            Self::Ahead if phase == Phase::Live => (Self::Held, 1),
            Self::Held | Self::Left if phase > Phase::Live => (Self::Unused, 0),
            _ => return None,
        };
        *self = hold;
        Some(Burst::new(regs::GRP_PARAM_HOLD.address, &[value]))
    }
}

/// Iterator over the bus writes of a difference, in the order of its phases.
#[derive(Clone, Debug)]
pub struct Bursts<'a> {
    known: &'a Known,
    limit: WriteLimit,
    // The remaining bytes.
    rest: &'a [Byte],
    // The remaining manufacturer settings.
    settings: Option<Pieces<'a>>,
    hold: Hold,
}

impl Target for Bursts<'_> {
    fn lacks(&self, byte: &Byte) -> bool {
        // The release of a hold that was left is last.
        let is_left = self.hold == Hold::Left && byte.phase == Phase::Release;
        !(is_left || self.known.holds(byte))
    }

    fn holds(&self, byte: &Byte) -> bool {
        self.known.holds(byte)
    }
}

impl Iterator for Bursts<'_> {
    type Item = Burst;

    fn next(&mut self) -> Option<Burst> {
        self.rest = skip(self.rest, self);
        // Behind all bytes is behind all phases.
        let phase = self.rest.first().map_or(Phase::Started, |byte| byte.phase);
        if phase > Phase::Global {
            if let Some(burst) = self.settings.as_mut().and_then(|s| s.cut(self.limit)) {
                return Some(burst);
            }
        }
        if let Some(burst) = self.hold.before(phase) {
            return Some(burst);
        }
        let (burst, rest) = cut(self.rest, self.limit, self)?;
        self.rest = rest;
        Some(burst)
    }
}

/// A target of writes.
pub(super) trait Target {
    /// Returns whether it must get `byte`.
    fn lacks(&self, byte: &Byte) -> bool;

    /// Returns whether it may get `byte`, as it holds it already.
    fn holds(&self, byte: &Byte) -> bool;
}

/// Skips to the next byte of `rest` that `target` must get.
pub(super) fn skip<'a>(rest: &'a [Byte], target: &dyn Target) -> &'a [Byte] {
    let mut rest = rest;
    while let [byte, behind @ ..] = rest {
        if target.lacks(byte) {
            break;
        }
        rest = behind;
    }
    rest
}

/// Returns the next write to `target` with the bytes of `rest` behind it, or `None` if there is
/// none. `rest` must begin as [`skip`] returns it.
pub(super) fn cut<'a>(
    rest: &'a [Byte],
    limit: WriteLimit,
    target: &dyn Target,
) -> Option<(Burst, &'a [Byte])> {
    let (first, mut ahead) = rest.split_first()?;
    let mut burst = Burst::new(first.address(), &[first.value]);
    // The end of what the target must get, and the bytes behind it: the burst may be ahead of that by
    // some that the target holds, for the case that another one follows.
    let (mut len, mut behind) = (burst.len, ahead);
    while let [byte, rest @ ..] = ahead {
        let follows = byte.phase == first.phase && byte.address() == burst.end();
        if !follows || burst.data().len() >= limit.data {
            break;
        }
        ahead = rest;
        let gap = burst.len.saturating_sub(len);
        burst.push(byte.value);
        if target.lacks(byte) {
            (len, behind) = (burst.len, rest);
        } else if gap == BRIDGE_MAX || !target.holds(byte) {
            break;
        }
    }
    burst.len = len;
    Some((burst, behind))
}
