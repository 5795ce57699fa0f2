// SPDX-License-Identifier: GPL-2.0-only

//! One sensor: what it is to do, what it is known to hold, and the way from one to the other.

use super::{bus::RegisterBus, power::Power};
use crate::{
    kernel_ext::pm_runtime::Usage,
    sensor::{program, regs, Burst, Config, Known, RegisterImage},
};
use kernel::{
    prelude::*,
    time::{delay::fsleep, Delta},
};

/// The bus and the power of a bound device.
pub(super) struct Hardware {
    pub(super) bus: RegisterBus,
    pub(super) power: Power,
}

/// The state of a sensor.
///
/// Lock order: powering up and down takes the lock that this is behind, so that [`Usage::resume`]
/// must not be called with it held. Giving a [`Usage`] back may be.
pub(super) struct Sensor {
    config: Config,
    image: KBox<RegisterImage>,
    known: KBox<Known>,
    bursts: KVec<Burst>,
    // `None` once the device was unbound.
    hardware: Option<Hardware>,
    // Keeps the power on while streaming.
    streaming: Option<Usage>,
}

impl Sensor {
    /// A sensor that nothing is known of.
    pub(super) fn new(config: Config, hardware: Hardware) -> Result<Self> {
        Ok(Self {
            config,
            image: KBox::new(RegisterImage::new(), GFP_KERNEL)?,
            known: KBox::new(Known::new(), GFP_KERNEL)?,
            bursts: KVec::new(),
            hardware: Some(hardware),
            streaming: None,
        })
    }

    /// What the sensor does, or will do when it streams.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// Whether it streams.
    pub(super) fn is_streaming(&self) -> bool {
        self.streaming.is_some()
    }

    /// Powers the sensor up, if it is still there.
    pub(super) fn power_on(&mut self) -> Result {
        self.hardware.as_mut().ok_or(ENODEV)?.power.on()
    }

    /// Powers the sensor down. It forgets everything.
    pub(super) fn power_off(&mut self) {
        if let Some(hardware) = &mut self.hardware {
            hardware.power.off();
        }
        self.known.reset();
    }

    /// Takes over a new configuration; a streaming sensor gets it at once, in one frame.
    ///
    /// On an error the old one stays in force.
    pub(super) fn configure(&mut self, next: Config) -> Result {
        if self.is_streaming() {
            self.apply(&next)?;
        }
        self.config = next;
        Ok(())
    }

    /// Starts to send frames. `usage` keeps the power on until [`Sensor::stop`].
    ///
    /// On an error the sensor is in standby, or will be powered down once `usage` is gone.
    pub(super) fn start(&mut self, usage: Usage) -> Result {
        let next = self.config.with_streaming(true);

        // Does nothing but after a stop that failed: runtime PM still takes the sensor for powered.
        self.power_on()?;
        self.ensure_standby()?;
        if let Err(error) = self.apply(&next) {
            // The write that starts the stream may have arrived although it was reported as failed.
            let _ = self.ensure_standby();
            return Err(error);
        }
        self.config = next;
        self.streaming = Some(usage);
        Ok(())
    }

    /// Puts a sensor into standby that is not known to be there: everything else it does know.
    fn ensure_standby(&mut self) -> Result {
        if self.known.may_stream() {
            let standby = self.config.with_streaming(false);
            self.apply(&standby)?;
        }
        Ok(())
    }

    /// Stops sending frames.
    ///
    /// Whatever the bus says, the sensor has stopped when this returns: one that cannot be put into
    /// standby is powered down.
    pub(super) fn stop(&mut self) -> Result {
        let next = self.config.with_streaming(false);
        let frame = self.config.timing().frame_time_us();
        let result = self.apply(&next);

        self.config = next;
        self.streaming = None;
        match result {
            // The frame on its way ends before standby begins (FRAMOS' driver waits as long).
            Ok(()) => fsleep(Delta::from_micros(i64::try_from(frame).unwrap_or(i64::MAX))),
            Err(_) => self.power_off(),
        }
        result
    }

    /// The device is being unbound: stops, powers down and lets go of the hardware.
    pub(super) fn unbind(&mut self) {
        if self.is_streaming() {
            // An error leaves the sensor to the power down that follows.
            let _ = self.stop();
        }
        self.power_off();
        self.hardware = None;
    }

    /// Brings the sensor from what it is known to hold to the program of `next`.
    fn apply(&mut self, next: &Config) -> Result {
        let hardware = self.hardware.as_ref().ok_or(ENODEV)?;

        program::compose_into(next, &mut self.image);

        let diff = self.image.diff(&self.known);
        let live = diff.is_live();

        self.bursts.clear();
        for burst in diff.bursts(hardware.bus.limit()) {
            self.bursts.push(burst, GFP_KERNEL)?;
        }

        // A change while streaming is one transfer, so that it cannot be torn apart over two frames
        // by whoever else is on the bus. From standby each write goes alone: no adapter has to take
        // a hundred messages at once, and a failure is known to the register.
        let at_once = if live { self.bursts.len() } else { 1 };

        for bursts in self.bursts.chunks(at_once.max(1)) {
            let result = hardware.bus.write(bursts);

            for burst in bursts {
                match result {
                    Ok(()) => self.known.commit(burst),
                    Err(_) => self.known.forget(burst),
                }
            }
            result?;
        }
        Ok(())
    }

    /// Reads the part's identity. The sensor must be powered.
    pub(super) fn read_id(&self) -> Result<u16> {
        let hardware = self.hardware.as_ref().ok_or(ENODEV)?;

        hardware.bus.read_u16(regs::CHIP_ID.address)
    }
}
