// SPDX-License-Identifier: GPL-2.0-only

//! Sensors on one bus that change together.
//!
//! A sensor can listen to a second address, the same on all sensors, so that one write reaches all
//! of them. Sensors whose `reg` names that address form a group for as long as they are bound.
//! Those whose broadcast control is on are its members:
//!
//! - A control that can be set while streaming is set on all members when it is set on one.
//! - The stream of a member waits, armed, until a stream is requested of each. One write then
//!   starts all.
//!
//! Registers that differ between members, such as the frame length, are written to each one's own
//! address in the same transfer.

use super::device::{
    Imx412,
    Progress, //
    Request,
};
use crate::kernel_ext::media::v4l2::ctrls::Locked;
use kernel::prelude::*;

impl Imx412 {
    /// Starts the waiting members, if none is left to wait for. To be called on any sensor of the
    /// group after a change of its membership, its requests or its bus.
    ///
    /// An error is only logged, as the caller's own operation has succeeded; the members remain
    /// waiting.
    pub(super) fn start_waiting(&self, controls: &Locked<'_>) {
        // The second try programs the members again, from cold if necessary.
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

    /// Starts all waiting members, if a stream is requested of each member.
    pub(super) fn start_together(&self, controls: &Locked<'_>) -> Result {
        // An error means no.
        let is_requested = |member: &Self| match member.stream() {
            Progress::Off | Progress::Starting => Err(EAGAIN),
            _ => Ok(()),
        };
        let is_started = |member: &Self| match member.stream().is_waiting() {
            true => Err(EAGAIN),
            false => Ok(()),
        };
        let is_ready = self.members(controls, is_requested).is_ok();

        if !is_ready || self.members(controls, is_started).is_ok() {
            return Ok(());
        }
        self.members(controls, Self::recover)?;
        self.apply_to_all(self.config(), &|_| (), true, controls)?;
        self.members(controls, |member| {
            if member.stream() == Progress::Waiting {
                member.set_stream(Progress::Running);
            }
            Ok(())
        })
    }

    /// Makes a sensor ready again after a failed start of the group.
    fn recover(&self) -> Result {
        let Request { config, stream, .. } = self.request();

        if stream == Progress::Failed {
            self.sensor.lock().recover(&config)?;
            self.set_stream(Progress::Waiting);
        }
        Ok(())
    }

    /// Calls `f` with every member of the group. Returns the first error.
    fn members(&self, controls: &Locked<'_>, f: fn(&Self) -> Result) -> Result {
        let mut result = match self.is_member() {
            true => f(self),
            false => Ok(()),
        };

        self.others(controls, |other, _| {
            result = result.and(f(other));
            Ok(())
        })?;
        result
    }
}
