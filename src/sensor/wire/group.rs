// SPDX-License-Identifier: GPL-2.0-only

//! Writes to several sensors, through the second address that all of them listen to.
//!
//! Each member has its own image, computed from its own configuration. Bytes that all of them need,
//! with the same value, are written once; all others are written to each member's own address:
//!
//! 1. to each member: joining the group, and registers that take effect at once;
//! 2. by phase, registers that need standby: first those that only some members need, then the
//!    common ones;
//! 3. while streaming, first those that only some members need, then the common ones, in a group
//!    hold that
//!    is taken and released by one write for all members, so that the change is in the same frame of
//!    synchronised members;
//! 4. the start, one write if all members start.
//!
//! A byte that one member holds already is not common, even if all others need it: a register that
//! needs standby is never written to a streaming member because another one is in standby.

use super::{
    burst::{
        Burst,
        WriteLimit, //
    },
    diff::{
        cut,
        skip,
        Bursts,
        Diff,
        Need, //
    },
    image::Entry,
    known::Known, //
};
use crate::sensor::regs::{
    self,
    Phase, //
};

/// Addressee of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// The member at this index, at its own address.
    Member(usize),
    /// All members, at the second address.
    All,
}

impl Addressee {
    /// Returns whether the write reaches the member at index `place`.
    pub fn reaches(self, place: usize) -> bool {
        match self {
            Self::Member(member) => member == place,
            Self::All => true,
        }
    }
}

/// Returns the writes of the differences of all `members`, none longer than `limit`.
///
/// Each write must be committed to, or forgotten in, the known contents of every member that it
/// [reaches](Addressee::reaches). As for one sensor, [`Diff::needs_stop`] must be checked first.
///
/// The second address is not used if there is only one member, if an image has not joined the group
/// ([`Config::broadcast`](super::Config::broadcast)), or if only some members stream before and
/// after: then the result is [`Diff::bursts`] of each member in turn.
pub fn writes<'a>(members: &'a [Diff<'a>], limit: WriteLimit) -> Writes<'a> {
    if can_act_together(members) {
        Writes::Together(Joint::new(members, limit))
    } else {
        Writes::Apart(Apart {
            members,
            limit,
            place: 0,
            bursts: None,
        })
    }
}

/// Iterator over the writes of several members.
pub enum Writes<'a> {
    /// One member after the other.
    Apart(Apart<'a>),
    /// All at once.
    Together(Joint<'a>),
}

impl Iterator for Writes<'_> {
    type Item = (Addressee, Burst);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Apart(apart) => apart.next(),
            Self::Together(joint) => joint.next(),
        }
    }
}

/// Iterator over the writes of members, each for itself.
pub struct Apart<'a> {
    members: &'a [Diff<'a>],
    limit: WriteLimit,
    /// The current member, of which `bursts` is the rest; `None` ahead of the first.
    place: usize,
    bursts: Option<Bursts<'a>>,
}

impl Iterator for Apart<'_> {
    type Item = (Addressee, Burst);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(bursts) = &mut self.bursts {
                if let Some(burst) = bursts.next() {
                    return Some((Addressee::Member(self.place), burst));
                }
                self.place = self.place.saturating_add(1);
            }
            self.bursts = Some(self.members.get(self.place)?.bursts(self.limit));
        }
    }
}

fn can_act_together(members: &[Diff<'_>]) -> bool {
    let [first, others @ ..] = members else {
        return false;
    };
    let live = first.is_live();
    !others.is_empty()
        && members.iter().all(has_joined)
        && others.iter().all(|member| member.is_live() == live)
}

/// Returns whether a member listens to the second address after [`Phase::AnyTime`] was written.
fn has_joined(member: &Diff<'_>) -> bool {
    [regs::SLAVE_ADD_EN_2ND, regs::SLAVE_ADD_ACKEN_2ND]
        .into_iter()
        .all(|register| {
            let mut entries = member.image().entries_of(Phase::AnyTime).iter();
            entries.any(|entry| entry.address == register.address && entry.value == 1)
        })
}

/// Returns whether all members need a byte.
fn is_common(members: &[Diff<'_>], entry: &Entry) -> bool {
    let needs = |known: &Known| !known.holds(entry);
    entry.phase != Phase::AnyTime
        && members
            .iter()
            .all(|member| needs(member.known()) && member.image().contains(entry))
}

/// Iterator over the writes of members that change together: by phase, and in each phase by member
/// and then to all.
pub struct Joint<'a> {
    members: &'a [Diff<'a>],
    limit: WriteLimit,
    /// The current phase and the following ones.
    phases: &'static [Phase],
    target: Addressee,
    /// The remaining bytes of the current target.
    rest: &'a [Entry],
    hold: Hold,
}

/// State of the members' group hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    Unused,
    Ahead,
    Held,
}

impl<'a> Joint<'a> {
    fn new(members: &'a [Diff<'a>], limit: WriteLimit) -> Self {
        let live = members.first().is_some_and(Diff::is_live);
        let mut joint = Self {
            members,
            limit,
            phases: &Phase::ALL,
            target: Addressee::Member(0),
            rest: &[],
            hold: if live { Hold::Ahead } else { Hold::Unused },
        };
        joint.load();
        joint
    }

    /// Returns whether a byte is to be included in a write to the current target.
    fn need(&self, entry: &Entry) -> Need {
        let holds = |member: &Diff<'_>| member.known().holds(entry);
        match self.target {
            // Checked first, as members hold most bytes already.
            Addressee::All if self.members.iter().all(holds) => Need::Held,
            Addressee::All if is_common(self.members, entry) => Need::Write,
            Addressee::All => Need::Leave,
            Addressee::Member(place) => match self.members.get(place) {
                Some(member) if holds(member) => Need::Held,
                Some(_) if !is_common(self.members, entry) => Need::Write,
                _ => Need::Leave,
            },
        }
    }

    /// Loads the bytes of the current phase and target.
    fn load(&mut self) {
        let place = match self.target {
            Addressee::Member(place) => place,
            // Common bytes are in the image of each member.
            Addressee::All => 0,
        };
        self.rest = match (self.members.get(place), self.phases.first()) {
            (Some(member), Some(&phase)) => member.image().entries_of(phase),
            _ => &[],
        };
    }

    /// Advances to the next target, or to the next phase.
    fn advance(&mut self) {
        self.target = match self.target {
            Addressee::Member(place) if place.saturating_add(1) < self.members.len() => {
                Addressee::Member(place.saturating_add(1))
            }
            Addressee::Member(_) => Addressee::All,
            Addressee::All => {
                self.phases = self.phases.get(1..).unwrap_or(&[]);
                Addressee::Member(0)
            }
        };
        self.load();
    }

    /// Returns the write that takes or releases the hold, if that is next.
    fn hold_before(&mut self, phase: Phase) -> Option<Burst> {
        let (hold, value) = match self.hold {
            Hold::Ahead if phase == Phase::Live && !self.rest.is_empty() => (Hold::Held, 1),
            Hold::Held if phase > Phase::Live => (Hold::Unused, 0),
            _ => return None,
        };
        self.hold = hold;
        Some(Burst::new(regs::GRP_PARAM_HOLD.address, value))
    }
}

impl Iterator for Joint<'_> {
    type Item = (Addressee, Burst);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let phase = *self.phases.first()?;
            let mut rest = self.rest;
            skip(&mut rest, &|entry| self.need(entry));
            self.rest = rest;
            if let Some(burst) = self.hold_before(phase) {
                return Some((Addressee::All, burst));
            }
            if let Some(burst) = cut(&mut rest, self.limit, &|entry| self.need(entry)) {
                self.rest = rest;
                return Some((self.target, burst));
            }
            self.advance();
        }
    }
}
