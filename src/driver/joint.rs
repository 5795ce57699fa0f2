// SPDX-License-Identifier: GPL-2.0-only

//! A change of several sensors on one bus, as one transfer.

use super::bus::RegisterBus;
use crate::sensor::{
    regs,
    wire::group::{
        self,
        Target, //
    },
    Activity,
    Known,
    RegisterImage, //
};
use kernel::prelude::*;

/// The registers of a sensor that takes part in a change, before and after.
pub(super) struct JointWrite {
    address: u16,
    pub(super) image: KBox<RegisterImage>,
    known: KBox<Known>,
    /// The sensor's activity afterwards.
    pub(super) activity: Activity,
    /// Which of the times it was powered up this is about.
    pub(super) epoch: u32,
}

impl JointWrite {
    /// Returns the sensor at `address`, which holds `known` and is to hold `image`.
    pub(super) fn new(
        address: u16,
        image: &RegisterImage,
        known: &Known,
        activity: Activity,
        epoch: u32,
    ) -> Result<Self> {
        // Without a copy on the stack.
        let mut held = KBox::new(const { Known::unknown() }, GFP_KERNEL)?;

        (*held).clone_from(known);
        Ok(Self {
            address,
            image: KBox::new(image.clone(), GFP_KERNEL)?,
            known: held,
            activity,
            epoch,
        })
    }
}

/// Sends what `parts` need, on the bus that they share.
///
/// Returns `ENOMEM` before anything was sent.
// Not inlined, as `firmware::board()`.
#[inline(never)]
pub(super) fn send(parts: &[JointWrite], bus: &RegisterBus) -> Result {
    let mut diffs = KVec::with_capacity(parts.len(), GFP_KERNEL)?;
    let mut writes = KVec::new();

    for part in parts {
        diffs.push(part.image.diff(&part.known), GFP_KERNEL)?;
    }
    for (target, burst) in group::writes(&diffs, bus.limit()) {
        let address = match target {
            Target::Member(place) => parts.get(place).ok_or(EINVAL)?.address,
            Target::All => regs::SECOND_ADDRESS,
        };

        writes.push((address, burst), GFP_KERNEL)?;
    }

    let mut messages = RegisterBus::addressed(&writes)?;

    bus.transfer(&mut messages)
}
