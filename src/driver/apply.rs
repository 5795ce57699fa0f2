// SPDX-License-Identifier: GPL-2.0-only

//! The way of settings into effect, for one sensor or all that change together: what streams gets them, and
//! what is in effect is stored and published.

use super::{
    controls::publish::publish,
    device::{
        Imx412,
        Progress, //
        Request,
    },
    joint,
    joint::JointWrite,
    sensor::Failure, //
};
use crate::{
    kernel_ext::media::v4l2::ctrls::Locked,
    sensor::Config, //
};
use kernel::prelude::*;

/// Returns the settings of a sensor that follow from those set on another.
pub(super) type Follow<'a> = &'a dyn Fn(&Config) -> Result<Config>;

/// A member in a change of several: the settings that it gets, and the place among the parts of what is
/// sent to it, if it is sent anything.
struct Member {
    next: Config,
    part: Option<usize>,
}

impl Imx412 {
    /// Brings `next` into effect instead of `request`, on a sensor that is ready for its stream at once. With `follow`, each
    /// other member of the group gets what that makes of its own settings, in the same frame.
    ///
    /// On an error all sensors do what they did before.
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
        self.establish(next, controls)
    }

    /// As [`Imx412::apply`], and with `start` those sensors that wait, armed, start in the same transfer.
    pub(super) fn apply_to_all(
        &self,
        next: Config,
        follow: Follow<'_>,
        start: bool,
        controls: &Locked<'_>,
    ) -> Result {
        let mut members = KVec::new();
        let mut parts = KVec::new();

        // A sensor that leaves may start the others, and takes no part.
        let takes_part = self.shares(&next);

        if takes_part {
            self.join_in(next, start, &mut members, &mut parts)?;
        }
        self.others(controls, |other, _| {
            let next = follow(&other.config())?;

            other.join_in(next, start, &mut members, &mut parts)
        })?;

        let result = match parts.is_empty() {
            true => Ok(()),
            false => joint::send(&parts, self.sensor.lock().bus()?),
        };
        // In the order of above: no sensor joins or leaves while the lock is held.
        let mut members = members.iter();
        let mut settle = |sensor: &Self, controls: &Locked<'_>| match members.next() {
            Some(member) => sensor.settle(member, &parts, result, controls),
            None => Ok(()),
        };
        let settled = match takes_part {
            true => settle(self, controls),
            false => Ok(()),
        };
        let mut others_settled = Ok(());

        // All are to be settled, whatever happens to one of them.
        self.others(controls, |other, controls| {
            others_settled = others_settled.and(settle(other, controls));
            Ok(())
        })?;
        result.and(settled).and(others_settled)
    }

    /// Adds this sensor to a change.
    fn join_in(
        &self,
        next: Config,
        start: bool,
        members: &mut KVec<Member>,
        parts: &mut KVec<JointWrite>,
    ) -> Result {
        let part = if self.request().stream.is_ready() {
            self.sensor.lock().part(&next, start)?
        } else {
            None
        };
        let place = parts.len();
        let member = Member {
            next,
            part: part.is_some().then_some(place),
        };

        if let Some(part) = part {
            parts.push(part, GFP_KERNEL)?;
        }
        members.push(member, GFP_KERNEL)?;
        Ok(())
    }

    /// Takes over what became of this sensor's part of a change.
    fn settle(
        &self,
        member: &Member,
        parts: &[JointWrite],
        result: Result,
        controls: &Locked<'_>,
    ) -> Result {
        if let Some(part) = member.part.and_then(|place| parts.get(place)) {
            let config = self.config();
            let settled = self.sensor.lock().settle(part, &config, result);

            settled.map_err(|failure| {
                if !failure.undone {
                    self.update(|request| {
                        if request.stream == Progress::Waiting {
                            request.stream = Progress::Failed;
                        }
                    });
                }
                self.report(failure)
            })?;
        }
        result.and_then(|()| self.establish(member.next, controls))
    }

    /// Stores the settings in effect, and publishes them.
    fn establish(&self, config: Config, controls: &Locked<'_>) -> Result {
        let before = self.config();

        self.update(|request| request.config = config);
        publish(&before, &config, &self.board, controls)
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
