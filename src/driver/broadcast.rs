// SPDX-License-Identifier: GPL-2.0-only

//! Sensors on one bus that change together.
//!
//! The sensor can listen to a second address, which is the same for all: one write reaches every sensor
//! that does. Sensors whose `reg` names that address form a group for as long as they are bound, and
//! those whose broadcast control is on are its members:
//!
//! - A control that can be set while streaming, set on one, is set on all.
//! - The stream of a member waits, armed, until each of them was asked to stream. One write then starts
//!   all.
//!
//! Registers that differ between them, as a frame length may, go to each sensor by itself in the same
//! transfer.

use super::device::{
    Imx412,
    Progress, //
    Request,
};
use crate::kernel_ext::media::v4l2::ctrls::Locked;
use kernel::prelude::*;

impl Imx412 {
    /// Starts the members that wait, now that something has changed for them, if there is no member left to
    /// wait for. Called for any sensor of the group.
    ///
    /// They go on waiting if that fails, until the next occasion: the call that led here has succeeded.
    pub(super) fn start_waiting(&self, controls: &Locked<'_>) {
        // After a failure those that wait get their program again, from cold if it takes that: try once
        // more.
        let started = self
            .start_together(controls)
            .or_else(|_| self.start_together(controls));

        if let Err(e) = started {
            dev_err!(
                self.dev,
                "cannot start the streams of the broadcast group: {e:?}; the next control that is set on one of them tries again\n"
            );
        }
    }

    /// Starts all members that wait, if each of them was asked to stream.
    pub(super) fn start_together(&self, controls: &Locked<'_>) -> Result {
        let (mut waiting, mut missing) = (false, false);

        self.members(controls, |member| {
            let stream = member.request().stream;

            waiting |= stream.is_waiting();
            missing |= matches!(stream, Progress::Off | Progress::Starting);
        })?;
        if missing || !waiting {
            return Ok(());
        }

        let mut recovered = Ok(());

        self.members(controls, |member| {
            recovered = recovered.and(member.recover());
        })?;
        recovered?;
        self.apply_to_all(self.config(), &|config| Ok(*config), true, controls)?;
        self.members(controls, |member| {
            member.update(|request| {
                if request.stream == Progress::Waiting {
                    request.stream = Progress::Running;
                }
            });
        })
    }

    /// Makes a sensor ready again whose start with others has failed.
    fn recover(&self) -> Result {
        let Request { config, stream, .. } = self.request();

        if stream == Progress::Failed {
            self.sensor.lock().recover(&config)?;
            self.update(|request| request.stream = Progress::Waiting);
        }
        Ok(())
    }

    /// Calls `f` with every member of the group.
    fn members(&self, controls: &Locked<'_>, mut f: impl FnMut(&Self)) -> Result {
        if self.shares(&self.config()) {
            f(self);
        }
        self.others(controls, |other, _| {
            f(other);
            Ok(())
        })
    }
}
