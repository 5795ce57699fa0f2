// SPDX-License-Identifier: GPL-2.0-only

//! The state of a bound sensor that all callbacks share, and its place in the group of its bus.

use super::sensor::Sensor;
use crate::{
    kernel_ext::{
        media::v4l2::{
            ctrls::Locked,
            subdev::group::Group, //
        },
        pm_runtime::Usage, //
    },
    sensor::{
        readout::{
            Rect, //
            ACTIVE,
        },
        Board,
        Config,
        Readout, //
    }, //
};
use kernel::{
    device::Device,
    new_mutex,
    prelude::*,
    sync::{
        aref::ARef,
        Arc,
        Mutex, //
    }, //
};

/// An image sensor behind its sub-device.
#[pin_data]
pub struct Imx412 {
    pub(super) dev: ARef<Device>,
    pub(super) board: Arc<Board>,
    // Place in the group of its bus, if the device tree names the second address.
    pub(super) place: Option<Place>,
    // Held for the moment of a copy only: members of a group read each other's request.
    #[pin]
    request: Mutex<Request>,
    // Held during transfers to the sensor and during its wait times.
    #[pin]
    pub(super) sensor: Mutex<KBox<Sensor>>,
}

/// The settings and the stream requested of a sensor, whether it is powered or not.
#[derive(Clone, Copy)]
pub(super) struct Request {
    /// All settings.
    pub(super) config: Config,
    /// The last request by format and crop; a sensor mode does not replace it.
    pub(super) custom: Custom,
    /// State of the requested stream.
    pub(super) stream: Progress,
}

/// The last request by format and crop, as opposed to sensor mode.
#[derive(Clone, Copy)]
pub(super) struct Custom {
    /// The requested crop.
    pub(super) crop: Rect,
    /// The readout that resulted, with the requested format.
    pub(super) readout: Readout,
}

/// State of the stream that the receiver requested. The sensor's own is `Sensor::activity()`, which
/// ends with its power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// No stream is requested.
    Off,
    /// A stream is requested, and the sensor is being programmed.
    Starting,
    /// The sensor is programmed and waits for the other members of its group.
    Waiting,
    /// As `Waiting`, but a start has failed and the sensor has to be programmed again.
    Failed,
    /// The sensor is started.
    Running,
}

impl Progress {
    /// Returns whether the sensor is programmed, so that changes are written at once.
    pub(super) fn is_ready(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }

    /// Returns whether the stream waits for the other members of the group.
    pub(super) fn is_waiting(self) -> bool {
        matches!(self, Self::Waiting | Self::Failed)
    }
}

impl Imx412 {
    pub(super) fn new(
        dev: ARef<Device>,
        board: Arc<Board>,
        place: Option<Place>,
        config: Config,
        sensor: KBox<Sensor>,
    ) -> impl PinInit<Self, Error> {
        let request = Request {
            config,
            custom: Custom {
                crop: ACTIVE,
                readout: *config.readout(),
            },
            stream: Progress::Off,
        };

        try_pin_init!(Self {
            dev,
            board,
            place,
            request <- new_mutex!(request, "Imx412::request"),
            sensor <- new_mutex!(sensor, "Imx412::sensor"),
        })
    }

    /// Returns the current request. It changes only under the lock of the controls.
    pub(super) fn request(&self) -> Request {
        *self.request.lock()
    }

    /// Returns the requested settings.
    pub(super) fn config(&self) -> Config {
        self.request.lock().config
    }

    /// Returns the state of the requested stream.
    pub(super) fn stream(&self) -> Progress {
        self.request.lock().stream
    }

    /// Sets the state of the requested stream.
    pub(super) fn set_stream(&self, stream: Progress) {
        self.request.lock().stream = stream;
    }

    /// Changes the request.
    pub(super) fn update(&self, change: impl FnOnce(&mut Request)) {
        change(&mut self.request.lock());
    }

    /// Powers the sensor up; parks its outputs if it stays powered.
    pub(super) fn power_on(&self) -> Result {
        let config = self.config();

        self.sensor.lock().power_on(&config)
    }

    /// Powers the sensor down.
    pub(super) fn power_off(&self) {
        self.sensor.lock().power_off();
    }

    /// Measures the temperature of the sensor in degrees Celsius. Powers it up for that time if
    /// necessary.
    pub(super) fn temperature(&self) -> Result<i32> {
        // Resumed before the lock is taken, as the resume callback takes it.
        let _usage = Usage::resume(&self.dev)?;
        let config = self.config();

        Ok(self.sensor.lock().measure_temperature(&config)?.into())
    }

    /// Returns whether `config` makes this sensor a member of the group.
    pub(super) fn shares(&self, config: &Config) -> bool {
        self.place.is_some() && config.broadcast()
    }

    /// Returns whether this sensor is a member of the group.
    pub(super) fn is_member(&self) -> bool {
        self.place.is_some() && self.request.lock().config.broadcast()
    }

    /// Calls `f` with every other member of the group, until it returns an error.
    pub(super) fn others(
        &self,
        locked: &Locked<'_>,
        mut f: impl FnMut(&Self, &Locked<'_>) -> Result,
    ) -> Result {
        let Some(place) = &self.place else {
            return Ok(());
        };

        place.group().others(locked, |other, locked| {
            if other.is_member() {
                f(other, locked)
            } else {
                Ok(())
            }
        })
    }
}

crate::module_lock! {
    /// The numbers of adapters and the groups of their sensors, once for each [`Place`].
    pub(crate) static BUSES: Mutex<KVec<(i32, Arc<Group<Imx412>>)>> = KVec::new();
}

/// A sensor's place in the group of its bus, which is made for the first and gone with the last.
pub(super) struct Place {
    adapter: i32,
    group: Arc<Group<Imx412>>,
}

impl Place {
    /// Returns a place in the group of the sensors on `adapter`.
    pub(super) fn on(adapter: i32) -> Result<Self> {
        let mut buses = BUSES.lock();
        let group = match buses.iter().find(|(bus, _)| *bus == adapter) {
            Some((_, group)) => group.clone(),
            None => Group::new()?,
        };

        buses.push((adapter, group.clone()), GFP_KERNEL)?;
        Ok(Self { adapter, group })
    }

    /// Returns the group.
    pub(super) fn group(&self) -> &Arc<Group<Imx412>> {
        &self.group
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut buses = BUSES.lock();
        let place = buses.iter().position(|(bus, _)| *bus == self.adapter);

        // There is one of this sensor, and all of a bus are alike.
        let _ = place.map(|place| buses.remove(place));
        if buses.is_empty() {
            // Frees the memory, as statics are not dropped.
            *buses = KVec::new();
        }
    }
}
