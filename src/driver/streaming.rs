// SPDX-License-Identifier: GPL-2.0-only

//! Starting and stopping.

use super::{
    controls::publish::grab,
    device::{
        Imx412,
        Progress, //
    }, //
};
use crate::{
    kernel_ext::{
        media::v4l2::ctrls::{
            Held,
            Locked, //
        },
        pm_runtime::Usage, //
    },
    sensor::{
        Activity,
        Config, //
    }, //
};
use kernel::prelude::*;

impl Imx412 {
    /// Starts the stream; that of a member of a group together with those of the others.
    ///
    /// Powering up and the program, which take 10 ms and more, are done without the lock of the controls:
    /// other sensors on the bus may have it in common with this one. What is set meanwhile is stored, and
    /// sent with the start.
    pub(super) fn start_stream(&self, controls: &mut Held<'_>) -> Result {
        if self.request().stream != Progress::Off {
            return Err(EBUSY);
        }
        self.update(|request| request.stream = Progress::Starting);

        let started = grab(self.place.is_some(), controls, true).and_then(|()| {
            let config = self.config();

            controls.unlocked(|| self.program(&config))?;
            self.start(controls)
        });

        started.inspect_err(|e| {
            dev_err!(self.dev, "cannot start the stream: {e:?}\n");
            self.stop_stream(controls);
        })
    }

    /// Powers the sensor up and brings it to where only the start is missing.
    fn program(&self, config: &Config) -> Result {
        // Before the lock: powering up takes it.
        let usage = Usage::resume(&self.dev)?;

        self.sensor.lock().program(config, usage)
    }

    /// Takes the last step, with what was set meanwhile.
    fn start(&self, controls: &Locked<'_>) -> Result {
        let config = self.config();

        if !self.shares(&config) {
            self.sensor.lock().start(&config, Activity::Streaming)?;
            self.update(|request| request.stream = Progress::Running);
            return Ok(());
        }
        self.sensor.lock().start(&config, Activity::Armed)?;
        self.update(|request| request.stream = Progress::Waiting);
        self.start_together(controls)
    }

    /// Stops the stream, whether the sensor still does anything for it or not.
    pub(super) fn stop_stream(&self, controls: &Locked<'_>) {
        let config = self.config();

        if let Err(e) = self.sensor.lock().stop(&config) {
            // No error for the receiver: V4L2 would take the stream for running for ever.
            dev_err!(
                self.dev,
                "cannot stop the stream: {e:?}; the sensor was powered down\n"
            );
        }
        self.update(|request| request.stream = Progress::Off);
        if let Err(e) = grab(self.place.is_some(), controls, false) {
            dev_err!(self.dev, "cannot release the controls: {e:?}\n");
        }
    }

    /// The device is being unbound, and has left its group: stops, powers down and lets go of the hardware.
    pub(super) fn leave(&self) {
        let config = self.config();

        self.sensor.lock().unbind(&config);
        if let Some(place) = &self.place {
            // Others may have waited for this one.
            place
                .group()
                .with_any(|member, controls| member.start_waiting(controls));
        }
    }
}
