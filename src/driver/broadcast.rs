// SPDX-License-Identifier: GPL-2.0-only

//! Sensors on one bus that change together.
//!
//! The part can listen to a second address, which is the same for all: one write reaches every sensor
//! that does. Sensors whose `reg` names that address form a group for as long as they are bound, and
//! those whose broadcast control is on are its members:
//!
//! - A control that can be set while streaming, set on one, is set on all.
//! - The stream of a member waits, armed, until each of them was asked to stream. One write then starts
//!   all.
//!
//! What differs between them, as a frame length may, goes to each sensor by itself in the same
//! transfer.

use super::{
    bus::RegisterBus,
    controls,
    subdev::Imx412, //
};
use crate::{
    kernel_ext::{
        global::GlobalMutex,
        media::v4l2::{
            ctrls::Locked,
            subdev::group::Group, //
        }, //
    },
    sensor::{
        wire::group::{
            self,
            Target, //
        },
        Activity,
        Config,
        Known,
        RegisterImage, //
    }, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// The second address of the part, the only one that public drivers know (FRAMOS fr_imx412.c, Intel
/// kmb-imx412.c).
pub(super) const ADDRESS: u16 = 0x36;

/// The group of a bus.
struct Bus {
    adapter: i32,
    users: u32,
    group: Arc<Group<Imx412>>,
}

static BUSES: GlobalMutex<KVec<Bus>> = GlobalMutex::new(KVec::new());

/// A sensor's place in the group of its bus.
pub(super) struct Place {
    adapter: i32,
    group: Arc<Group<Imx412>>,
}

impl Place {
    /// A place in the group of sensors on this adapter.
    pub(super) fn on(adapter: i32) -> Result<Self> {
        BUSES.with(|buses| {
            if let Some(bus) = buses.iter_mut().find(|bus| bus.adapter == adapter) {
                bus.users = bus.users.saturating_add(1);
                return Ok(Self {
                    adapter,
                    group: bus.group.clone(),
                });
            }

            let group = Group::new()?;

            buses.push(
                Bus {
                    adapter,
                    users: 1,
                    group: group.clone(),
                },
                GFP_KERNEL,
            )?;
            Ok(Self { adapter, group })
        })
    }

    /// The group.
    pub(super) fn group(&self) -> &Arc<Group<Imx412>> {
        &self.group
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        BUSES.with(|buses| {
            for bus in buses.iter_mut().filter(|bus| bus.adapter == self.adapter) {
                bus.users = bus.users.saturating_sub(1);
            }
            buses.retain(|bus| bus.users > 0);
            if buses.is_empty() {
                // Nothing drops a static: leave no memory in it.
                *buses = KVec::new();
            }
        });
    }
}

/// What a sensor that takes part in a change holds, and what it is to hold.
struct Part {
    address: u16,
    image: KBox<RegisterImage>,
    known: KBox<Known>,
}

/// A change of several sensors.
pub(super) struct Joint {
    parts: KVec<Part>,
}

impl Joint {
    fn new() -> Self {
        Self { parts: KVec::new() }
    }

    /// Adds the sensor at `address`, which holds `known` and is to hold `image`.
    pub(super) fn add(&mut self, address: u16, image: &RegisterImage, known: &Known) -> Result {
        let part = Part {
            address,
            image: KBox::new(image.clone(), GFP_KERNEL)?,
            known: KBox::new(known.clone(), GFP_KERNEL)?,
        };

        Ok(self.parts.push(part, GFP_KERNEL)?)
    }

    /// Sends what it takes, as one transfer.
    pub(super) fn send(&self, bus: &RegisterBus) -> Result {
        let mut diffs = KVec::with_capacity(self.parts.len(), GFP_KERNEL)?;
        let mut writes = KVec::new();

        for part in &self.parts {
            diffs.push(part.image.diff(&part.known), GFP_KERNEL)?;
        }
        for (target, burst) in group::writes(&diffs, bus.limit()) {
            let address = match target {
                Target::Member(place) => self.parts.get(place).ok_or(EINVAL)?.address,
                Target::All => ADDRESS,
            };

            writes.push((address, burst), GFP_KERNEL)?;
        }
        bus.write_addressed(&writes)
    }
}

impl Imx412 {
    /// Whether what is set on one member is set on this sensor, with the configuration `config`.
    pub(super) fn shares(&self, config: &Config) -> bool {
        self.place.is_some() && config.broadcast()
    }

    /// Takes over `next`, and what `follow` makes of what the other members do.
    ///
    /// All of it reaches the sensors that listen in one frame. On an error all keep what they had.
    pub(super) fn configure_all(
        &self,
        locked: &Locked<'_>,
        next: (Config, Activity),
        follow: impl Fn(&Config, Activity) -> Result<(Config, Activity)>,
    ) -> Result {
        let mut joint = Joint::new();
        // The others' locks are of the same class: this one's must not be held with them.
        let prepared = self.sensor.lock().prepare(next.0, next.1, &mut joint);
        let prepared = prepared.and_then(|()| {
            self.others(locked, |other, _| {
                let mut sensor = other.sensor.lock();
                let (config, activity) = follow(sensor.config(), sensor.activity())?;

                sensor.prepare(config, activity, &mut joint)
            })
        });
        let result = prepared.and_then(|()| self.sensor.lock().send(&joint));

        self.sensor.lock().conclude(result);
        // Everybody is to be told, whatever happens to one of them.
        let mut published = Ok(());
        let concluded = self.others(locked, |other, locked| {
            let config = {
                let mut sensor = other.sensor.lock();

                sensor.conclude(result);
                *sensor.config()
            };

            published = published.and(controls::publish(&config, &other.board, locked));
            Ok(())
        });

        result.and(concluded).and(published)
    }

    /// Starts the other members, now that this sensor is none, if they have waited for it alone.
    ///
    /// They go on waiting if that fails. It is logged: the call that led here has succeeded.
    pub(super) fn start_others(&self, locked: &Locked<'_>) {
        if let Err(e) = self.start_together(locked) {
            dev_err!(
                self.dev,
                "cannot start the streams of the broadcast group: {e:?}; start one of them anew\n"
            );
        }
    }

    /// Starts all members if each of them was asked to stream.
    pub(super) fn start_together(&self, locked: &Locked<'_>) -> Result {
        let mut waiting = false;

        self.others(locked, |other, _| {
            waiting |= !other.sensor.lock().is_streaming();
            Ok(())
        })?;
        if waiting {
            return Ok(());
        }

        let start = |config: &Config, activity| match activity {
            Activity::Armed => (*config, Activity::Streaming),
            Activity::Standby | Activity::Streaming => (*config, activity),
        };
        let next = {
            let sensor = self.sensor.lock();

            start(sensor.config(), sensor.activity())
        };

        self.configure_all(locked, next, |config, activity| Ok(start(config, activity)))
            .inspect_err(|_| {
                // The write may have arrived although it was reported as failed.
                let _ = self.others(locked, |other, _| {
                    let mut sensor = other.sensor.lock();

                    if sensor.activity() == Activity::Armed {
                        // An error leaves the sensor to the next start or stop, which writes again.
                        let _ = sensor.rearm();
                    }
                    Ok(())
                });
            })
    }

    /// Calls `f` with every other member.
    fn others(
        &self,
        locked: &Locked<'_>,
        mut f: impl FnMut(&Self, &Locked<'_>) -> Result,
    ) -> Result {
        let Some(place) = &self.place else {
            return Ok(());
        };

        place.group().others(locked, |other, locked| {
            let joined = other.sensor.lock().config().broadcast();

            if joined {
                f(other, locked)
            } else {
                Ok(())
            }
        })
    }
}
