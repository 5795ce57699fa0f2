// SPDX-License-Identifier: GPL-2.0-only

//! Starting and stopping streams.

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
    /// Starts the stream; as a member of a group, together with the others.
    ///
    /// Powering up and programming take 10 ms and more. They run without the lock of the controls,
    /// which other sensors on the bus may share. Controls set meanwhile are stored and sent with
    /// the start.
    ///
    /// Returns `EBUSY` if a stream is requested already, or the error of the power supply or the
    /// bus.
    pub(super) fn start_stream(&self, controls: &mut Held<'_>) -> Result {
        if self.stream() != Progress::Off {
            return Err(EBUSY);
        }
        self.set_stream(Progress::Starting);

        grab(self.place.is_some(), controls, true);

        let config = self.config();

        controls
            .unlocked(|| self.program(&config))
            .and_then(|()| self.start(controls))
            .inspect_err(|e| {
                dev_err!(self.dev, "cannot start the stream: {e:?}\n");
                self.stop_stream(controls);
            })
    }

    /// Powers the sensor up and programs it, all but the start.
    fn program(&self, config: &Config) -> Result {
        // Resumed before the lock is taken, as the resume callback takes it.
        let usage = Usage::resume(&self.dev)?;

        self.sensor.lock().program(config, usage)
    }

    /// Starts the programmed sensor, with the controls set meanwhile.
    fn start(&self, controls: &Locked<'_>) -> Result {
        let config = self.config();

        if !self.shares(&config) {
            self.sensor.lock().start(&config, Activity::Streaming)?;
            self.set_stream(Progress::Running);
            return Ok(());
        }
        self.sensor.lock().start(&config, Activity::Armed)?;
        self.set_stream(Progress::Waiting);
        self.start_together(controls)
    }

    /// Stops the stream, even if the sensor has stopped already.
    pub(super) fn stop_stream(&self, controls: &Locked<'_>) {
        let config = self.config();

        if let Err(e) = self.sensor.lock().stop(&config) {
            // Not returned to the receiver: V4L2 would count the stream as running for ever.
            dev_err!(
                self.dev,
                "cannot stop the stream: {e:?}; the sensor was powered down\n"
            );
        }
        self.set_stream(Progress::Off);
        grab(self.place.is_some(), controls, false);
    }

    /// Stops the stream, powers down and releases the hardware. To be called at unbind, once the
    /// sensor has left its group.
    pub(super) fn leave(&self) {
        let config = self.config();

        self.sensor.lock().unbind(&config);
        if let Some(place) = &self.place {
            // The others may have waited for this sensor only.
            place
                .group()
                .with_any(|member, controls| member.start_waiting(controls));
        }
    }
}
