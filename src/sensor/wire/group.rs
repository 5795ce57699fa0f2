// SPDX-License-Identifier: GPL-2.0-only

//! Several sensors at once, through the second address on which all of them listen.
//!
//! Each member has an image of its own, computed from its own configuration. What all of them need,
//! and need alike, is written once; the rest goes to each alone:
//!
//! 1. to each: joining the group, and what else takes effect at once;
//! 2. phase by phase what needs standby: first to each what only it needs, then what all need;
//! 3. while streaming, in a group hold that all of them take and release with one write each, so that
//!    the change is in the same frame of all that run in step: what only one needs, then what all
//!    need;
//! 4. a start, which is one write if all start.
//!
//! A byte that one member has already and another needs is no matter of all: what must not be written
//! to a streaming sensor does not reach one because another is in standby.

use super::{
    burst::{
        Burst,
        WriteLimit, //
    },
    diff::{
        cut,
        skip,
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

/// Whom a write is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The member at this place, at its own address.
    Member(usize),
    /// All members, at the second address.
    All,
}

impl Target {
    /// Whether the member at `place` gets the write.
    pub fn reaches(self, place: usize) -> bool {
        match self {
            Self::Member(member) => member == place,
            Self::All => true,
        }
    }
}

/// The writes that bring each of `members` from what it is known to hold to its image, none longer
/// than `limit`.
///
/// Each write is to be committed to, or forgotten by, what is known of every member that it
/// [reaches](Target::reaches). As for one sensor, [`Diff::needs_stop`] comes first.
///
/// Nothing is written to all if there is one member alone, if an image has not joined the group
/// ([`Config::broadcast`](super::Config::broadcast)), or if some stream before and after and others
/// do not: then each gets what [`Diff::bursts`] says, one after the other.
pub fn writes<'a>(
    members: &'a [Diff<'a>],
    limit: WriteLimit,
) -> impl Iterator<Item = (Target, Burst)> + use<'a> {
    let together = can_act_together(members);
    let apart = (0..members.len())
        .zip(members)
        .filter(move |_| !together)
        .flat_map(move |(place, member)| {
            member
                .bursts(limit)
                .map(move |burst| (Target::Member(place), burst))
        });
    let joint = together.then(|| Joint::new(members, limit));
    apart.chain(joint.into_iter().flatten())
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

/// Whether a member listens to the second address once [`Phase::AnyTime`] was written.
fn has_joined(member: &Diff<'_>) -> bool {
    [regs::SLAVE_ADD_EN_2ND, regs::SLAVE_ADD_ACKEN_2ND]
        .into_iter()
        .all(|register| {
            let mut entries = member.image().entries_of(Phase::AnyTime).iter();
            entries.any(|entry| entry.address == register.address && entry.value == 1)
        })
}

/// Whether all members need a byte.
fn is_common(members: &[Diff<'_>], entry: &Entry) -> bool {
    let needs = |known: &Known| !known.holds(entry);
    entry.phase != Phase::AnyTime
        && members
            .iter()
            .all(|member| needs(member.known()) && member.image().contains(entry))
}

/// Iterator over the writes of members that act together: through all phases, and in each from one
/// member to the next and then to all.
struct Joint<'a> {
    members: &'a [Diff<'a>],
    limit: WriteLimit,
    /// The present phase and those that follow.
    phases: &'static [Phase],
    target: Target,
    /// What is still to be looked at of the target's bytes.
    rest: &'a [Entry],
    hold: Hold,
}

/// Where the members' group hold stands.
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
            target: Target::Member(0),
            rest: &[],
            hold: if live { Hold::Ahead } else { Hold::Unused },
        };
        joint.load();
        joint
    }

    /// What a write to the present target has to do with a byte.
    fn need(&self, entry: &Entry) -> Need {
        let holds = |member: &Diff<'_>| member.known().holds(entry);
        match self.target {
            // Most bytes are there already, and what a member holds is no matter of all.
            Target::All if self.members.iter().all(holds) => Need::Held,
            Target::All if is_common(self.members, entry) => Need::Write,
            Target::All => Need::Leave,
            Target::Member(place) => match self.members.get(place) {
                Some(member) if holds(member) => Need::Held,
                Some(_) if !is_common(self.members, entry) => Need::Write,
                _ => Need::Leave,
            },
        }
    }

    /// The bytes of the present phase and target.
    fn load(&mut self) {
        let place = match self.target {
            Target::Member(place) => place,
            // What all need is in the image of each.
            Target::All => 0,
        };
        self.rest = match (self.members.get(place), self.phases.first()) {
            (Some(member), Some(&phase)) => member.image().entries_of(phase),
            _ => &[],
        };
    }

    /// Goes on to the next target, or to the next phase.
    fn advance(&mut self) {
        self.target = match self.target {
            Target::Member(place) if place.saturating_add(1) < self.members.len() => {
                Target::Member(place.saturating_add(1))
            }
            Target::Member(_) => Target::All,
            Target::All => {
                self.phases = self.phases.get(1..).unwrap_or(&[]);
                Target::Member(0)
            }
        };
        self.load();
    }

    /// Takes the hold or releases it, if that is next.
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
    type Item = (Target, Burst);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let phase = *self.phases.first()?;
            let mut rest = self.rest;
            skip(&mut rest, |entry| self.need(entry));
            self.rest = rest;
            if let Some(burst) = self.hold_before(phase) {
                return Some((Target::All, burst));
            }
            if let Some(burst) = cut(&mut rest, self.limit, |entry| self.need(entry)) {
                self.rest = rest;
                return Some((self.target, burst));
            }
            self.advance();
        }
    }
}
