// SPDX-License-Identifier: GPL-2.0-only

//! Applies settings, to one sensor or to all that change together: writes them to those that
//! stream, then stores and publishes them.

use super::{
    bus::RegisterBus,
    controls::publish::publish,
    device::{
        Imx412,
        Progress, //
        Request,
    },
    sensor::Failure, //
};
use crate::{
    kernel_ext::media::v4l2::ctrls::Locked,
    sensor::{
        wire::group::{
            self,
            Member, //
        },
        Config, //
    }, //
};
use kernel::prelude::*;

/// Changes the settings of a sensor to those that follow from what was set on another.
pub(super) type Follow<'a> = &'a dyn Fn(&mut Config);

/// Sends the change of all `members` on their common bus.
fn send(members: &[Member], bus: &RegisterBus) -> Result {
    let mut writes = KVec::new();

    if let Some(joint) = group::writes(members, bus.limit()) {
        for write in joint {
            writes.push(write, GFP_KERNEL)?;
        }
    } else {
        for member in members {
            RegisterBus::list(
                &mut writes,
                member.address,
                member.diff().bursts(bus.limit()),
            )?;
        }
    }
    bus.write_at_once(&writes)
}

impl Imx412 {
    /// Applies `next` in place of the settings of `request`; writes them at once if the sensor is
    /// ready for its stream. With `follow`, each other member of the group gets the settings that
    /// `follow` derives from its own, in the same frame.
    ///
    /// Returns the error of the bus; the settings of all sensors remain as they were.
    pub(super) fn apply(
        &self,
        request: &Request,
        next: Config,
        follow: Option<Follow<'_>>,
        controls: &Locked<'_>,
    ) -> Result {
        if let Some(follow) = follow {
            return self.apply_to_all(next, follow, false, controls);
        }

        if request.stream.is_ready() {
            let changed = self.sensor.lock().change(&request.config, &next);

            changed.map_err(|failure| self.report(failure))?;
        }
        self.establish(&request.config, next, controls)
    }

    /// Applies as [`Imx412::apply`] does; with `start`, the armed sensors start in the same
    /// transfer.
    pub(super) fn apply_to_all(
        &self,
        next: Config,
        follow: Follow<'_>,
        start: bool,
        controls: &Locked<'_>,
    ) -> Result {
        let mut members = KVec::new();

        // A sensor that leaves the group may start the others, but is not changed with them.
        let takes_part = self.shares(&next);

        if takes_part {
            self.join_in(&next, start, &mut members)?;
        }
        self.others(controls, |other, _| {
            let mut next = other.config();

            follow(&mut next);
            other.join_in(&next, start, &mut members)
        })?;

        // By the bus of one that is ready: the mutex of another may be held for its whole program.
        let mut result = match members.is_empty() {
            true => Ok(()),
            false => Err(ENODEV),
        };
        let mut is_sent = members.is_empty();
        let mut send_by = |sensor: &Self| {
            if !is_sent && sensor.stream().is_ready() {
                is_sent = true;
                result = sensor
                    .sensor
                    .lock()
                    .bus()
                    .and_then(|bus| send(&members, bus));
            }
        };

        send_by(self);
        self.others(controls, |other, _| {
            send_by(other);
            Ok(())
        })?;
        let mut settled = Ok(());

        // Each is settled, even if another one fails, and this sensor last: what follows from its
        // controls is as above until its own settings are published.
        self.others(controls, |other, controls| {
            let mut next = other.config();

            follow(&mut next);
            settled = settled.and(other.settle(next, result, controls));
            Ok(())
        })?;
        if takes_part {
            settled = settled.and(self.settle(next, result, controls));
        }
        result.and(settled)
    }

    /// Adds this sensor to the `members` of a change, if it is ready for its stream.
    fn join_in(&self, next: &Config, start: bool, members: &mut KVec<Member>) -> Result {
        match self.stream().is_ready() {
            true => self.sensor.lock().join(next, start, members),
            false => Ok(()),
        }
    }

    /// Completes the change of this sensor to `next`, which was sent with `result`.
    fn settle(&self, next: Config, result: Result, controls: &Locked<'_>) -> Result {
        let Request { config, stream, .. } = self.request();

        // Others need not be waited for: they may be in the middle of their program.
        if stream.is_ready() {
            let settled = self.sensor.lock().settle(&config, result);

            settled.map_err(|failure| {
                if !failure.undone && stream == Progress::Waiting {
                    self.set_stream(Progress::Failed);
                }
                self.report(failure)
            })?;
        }
        result?;
        self.establish(&config, next, controls)
    }

    /// Stores `next` in place of the settings `config` and publishes it.
    fn establish(&self, config: &Config, next: Config, controls: &Locked<'_>) -> Result {
        self.update(|request| request.config = next);
        publish(config, &next, &self.board, controls)
    }

    fn report(&self, failure: Failure) -> Error {
        if !failure.undone {
            dev_err!(
                self.dev,
                "a change failed ({:?}) and could not be taken back: the stream may show some of it, or stop, until the next change or start\n",
                failure.error
            );
        }
        failure.error
    }
}
