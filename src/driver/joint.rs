// SPDX-License-Identifier: GPL-2.0-only

//! A change of several sensors on one bus, as one transfer.

use super::bus::RegisterBus;
use crate::sensor::{
    regs,
    wire::group::{
        self,
        Addressee, //
    },
    Activity,
    Known,
    RegisterImage, //
};
use kernel::prelude::*;

/// The share of one sensor in a joint change: its registers before and after.
pub(super) struct JointWrite {
    address: u16,
    pub(super) image: KBox<RegisterImage>,
    known: KBox<Known>,
    /// The sensor's activity after the change.
    pub(super) activity: Activity,
    /// [`Sensor::epoch`](super::sensor::Sensor) when the share was made: it is void after a
    /// power-down.
    pub(super) epoch: u32,
}

impl JointWrite {
    /// Returns the share of the sensor at `address`, which holds `known` and is to hold `image`.
    pub(super) fn new(
        address: u16,
        image: &RegisterImage,
        known: &Known,
        activity: Activity,
        epoch: u32,
    ) -> Result<Self> {
        // Cloned in place, without a copy on the stack.
        let mut wanted = KBox::new(const { RegisterImage::new() }, GFP_KERNEL)?;
        let mut held = KBox::new(const { Known::unknown() }, GFP_KERNEL)?;

        (*wanted).clone_from(image);
        (*held).clone_from(known);
        Ok(Self {
            address,
            image: wanted,
            known: held,
            activity,
            epoch,
        })
    }
}

/// Sends `writes`, the shares of all sensors, on their common bus.
///
/// On `ENOMEM` nothing was sent.
// Not inlined, as `firmware::board()`.
#[inline(never)]
pub(super) fn send(writes: &[JointWrite], bus: &RegisterBus) -> Result {
    let mut diffs = KVec::with_capacity(writes.len(), GFP_KERNEL)?;
    let mut bursts = KVec::new();

    for write in writes {
        diffs.push(write.image.diff(&write.known), GFP_KERNEL)?;
    }
    for (target, burst) in group::writes(&diffs, bus.limit()) {
        let address = match target {
            Addressee::Member(place) => writes.get(place).ok_or(EINVAL)?.address,
            Addressee::All => regs::SECOND_ADDRESS,
        };

        bursts.push((address, burst), GFP_KERNEL)?;
    }

    let mut messages = RegisterBus::addressed(&bursts)?;

    bus.transfer(&mut messages)
}
