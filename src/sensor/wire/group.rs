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
//!    hold that is taken and released by one write for all members, so that the change is in the
//!    same frame of synchronised members;
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
        Diff,
        Hold,
        Target, //
    },
    image::{
        Byte,
        RegisterImage, //
    },
    known::Known, //
};
use crate::sensor::regs::{
    self,
    Phase, //
};

/// A sensor in a change of several.
#[derive(Debug)]
pub struct Member {
    /// Its own I2C address.
    pub address: u16,
    /// The registers after the change.
    pub image: RegisterImage,
    /// The registers before the change.
    pub known: Known,
}

impl Member {
    /// Returns the difference that the change makes.
    pub fn diff(&self) -> Diff<'_> {
        self.image.diff(&self.known)
    }

    /// Returns whether the sensor listens to the second address after [`Phase::AnyTime`] was
    /// written.
    fn has_joined(&self) -> bool {
        let bytes = self.image.bytes_of(Phase::AnyTime);
        [regs::SLAVE_ADD_EN_2ND, regs::SLAVE_ADD_ACKEN_2ND]
            .iter()
            .all(|register| {
                let mut bytes = bytes.iter();
                bytes.any(|byte| byte.place == register.place && byte.value == 1)
            })
    }

    fn lacks(&self, byte: &Byte) -> bool {
        !self.known.holds(byte) && self.image.contains(byte)
    }

    fn keeps(&self, byte: &Byte) -> bool {
        self.known.holds(byte) && self.image.contains(byte)
    }
}

/// Returns the writes of a change of all `members`, none longer than `limit`, each with the I2C
/// address that it goes to. As for one sensor, [`Diff::needs_stop`] must be checked first.
///
/// Returns `None` if the second address cannot be used: there is only one member, one is to get a
/// whole program or has not joined the group ([`Config::broadcast`](super::Config::broadcast)), or
/// only some of them stream before and after. Then each member gets its own
/// [`Diff::bursts`].
pub fn writes(members: &[Member], limit: WriteLimit) -> Option<Writes<'_>> {
    let [first, others @ ..] = members else {
        return None;
    };
    let live = first.diff().is_live();
    let can_act_together = !others.is_empty()
        && members.iter().all(|member| {
            member.image.settings().is_none()
                && member.has_joined()
                && member.diff().is_live() == live
        });
    can_act_together.then(|| Writes::new(members, live, limit))
}

/// Iterator over the writes of members that change together: by phase, and in each phase by member
/// and then to all.
pub struct Writes<'a> {
    members: &'a [Member],
    limit: WriteLimit,
    /// The current phase and the following ones.
    phases: &'static [Phase],
    /// The place of the current member; behind the last, all of them.
    target: usize,
    /// The remaining bytes of the current target.
    rest: &'a [Byte],
    hold: Hold,
}

impl<'a> Writes<'a> {
    fn new(members: &'a [Member], live: bool, limit: WriteLimit) -> Self {
        let mut writes = Self {
            members,
            limit,
            phases: &Phase::ALL,
            target: 0,
            rest: &[],
            hold: if live { Hold::Ahead } else { Hold::Unused },
        };
        writes.load();
        writes
    }

    /// Loads the bytes of the current phase and target.
    fn load(&mut self) {
        // Common bytes are in the image of each member.
        let member = self.members.get(self.target).or(self.members.first());
        self.rest = match (member, self.phases.first()) {
            (Some(member), Some(&phase)) => member.image.bytes_of(phase),
            _ => &[],
        };
    }

    /// Advances to the next target, or to the next phase.
    fn advance(&mut self) {
        if self.target < self.members.len() {
            self.target = self.target.saturating_add(1);
        } else {
            self.phases = self.phases.get(1..).unwrap_or(&[]);
            self.target = 0;
        }
        self.load();
    }

    /// Returns whether all members need a byte.
    fn is_common(&self, byte: &Byte) -> bool {
        byte.phase != Phase::AnyTime && self.members.iter().all(|member| member.lacks(byte))
    }

    /// Returns the member that a write goes to, unless it goes to all.
    fn member(&self) -> Option<&Member> {
        self.members.get(self.target)
    }
}

impl Target for Writes<'_> {
    fn lacks(&self, byte: &Byte) -> bool {
        match self.member() {
            Some(member) => !member.known.holds(byte) && !self.is_common(byte),
            None => self.is_common(byte),
        }
    }

    fn holds(&self, byte: &Byte) -> bool {
        match self.member() {
            Some(member) => member.known.holds(byte),
            // One that is to have another value has got it ahead of this write.
            None => self.members.iter().all(|member| member.keeps(byte)),
        }
    }
}

impl Iterator for Writes<'_> {
    type Item = (u16, Burst);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let phase = *self.phases.first()?;
            self.rest = skip(self.rest, self);
            if !self.rest.is_empty() || phase > Phase::Live {
                if let Some(burst) = self.hold.before(phase) {
                    return Some((regs::SECOND_ADDRESS, burst));
                }
            }
            if let Some((burst, rest)) = cut(self.rest, self.limit, self) {
                self.rest = rest;
                let address = self.member().map(|member| member.address);
                return Some((address.unwrap_or(regs::SECOND_ADDRESS), burst));
            }
            self.advance();
        }
    }
}
