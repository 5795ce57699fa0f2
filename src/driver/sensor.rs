// SPDX-License-Identifier: GPL-2.0-only

//! One sensor: what it is to do, what it is known to hold, and the way from one to the other.

use super::{
    broadcast::Joint,
    bus::RegisterBus,
    power::{
        Contents,
        Power, //
    }, //
};
use crate::{
    kernel_ext::pm_runtime::Usage,
    sensor::{
        program,
        readout::{
            Rect, //
            ACTIVE,
        },
        regs,
        setting::temperature,
        Activity,
        Burst,
        Config,
        Known,
        Readout,
        RegisterImage, //
    }, //
};
use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// The longest frame whose end a stop waits for.
const PATIENCE: Delta = Delta::from_millis(1000);

/// From a software reset until the part answers and may stream: as from XCLR, see `power`.
const RESET_TIME: Delta = Delta::from_millis(10);

/// From switching the thermometer on to its first result. No public driver says how long it takes:
/// more than a conversion in any part of this kind.
const THERMOMETER_TIME: Delta = Delta::from_millis(10);

/// The bus and the power of a bound device.
pub(super) struct Hardware {
    pub(super) bus: RegisterBus,
    pub(super) power: Power,
}

/// The last request by format and crop, as opposed to sensor mode.
#[derive(Clone, Copy)]
pub(super) struct Custom {
    /// The requested crop.
    pub(super) crop: Rect,
    /// The readout that resulted, with the requested format.
    pub(super) readout: Readout,
}

/// The state of a sensor.
///
/// Lock order: powering up and down takes the lock that this is behind, so that [`Usage::resume`]
/// must not be called with it held. Giving a [`Usage`] back may be.
pub(super) struct Sensor {
    config: Config,
    activity: Activity,
    // What was asked for by format and crop, whatever sensor mode was set after that.
    custom: Custom,
    image: KBox<RegisterImage>,
    known: KBox<Known>,
    bursts: KVec<Burst>,
    // `None` once the device was unbound.
    hardware: Option<Hardware>,
    // It stays powered: others would be triggered by what it does to XVS when it is not.
    always_on: bool,
    // Keeps the power on while armed and streaming.
    streaming: Option<Usage>,
    // What a change of several sensors at once makes of this one, until it is known how that went.
    pending: Option<(Config, Activity)>,
}

impl Sensor {
    /// A sensor that nothing is known of.
    pub(super) fn new(config: Config, hardware: Hardware, always_on: bool) -> Result<Self> {
        Ok(Self {
            config,
            activity: Activity::Standby,
            custom: Custom {
                crop: ACTIVE,
                readout: *config.readout(),
            },
            // Too large for the stack, where only constants do not pass through.
            image: KBox::new(const { RegisterImage::new() }, GFP_KERNEL)?,
            known: KBox::new(const { Known::unknown() }, GFP_KERNEL)?,
            bursts: KVec::new(),
            hardware: Some(hardware),
            always_on,
            streaming: None,
            pending: None,
        })
    }

    /// Returns the last request by format and crop.
    pub(super) fn custom(&self) -> &Custom {
        &self.custom
    }

    /// Stores the last request by format and crop.
    pub(super) fn set_custom(&mut self, custom: Custom) {
        self.custom = custom;
    }

    /// What the sensor does, or will do when it streams.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// How far it is with that.
    pub(super) fn activity(&self) -> Activity {
        self.activity
    }

    /// Whether it streams, or is armed to do so with others.
    pub(super) fn is_streaming(&self) -> bool {
        self.streaming.is_some()
    }

    /// Gives the sensor its supplies and INCK and lets it out of reset, if it is still there.
    pub(super) fn supply(&mut self) -> Result {
        match self.hardware.as_mut().ok_or(ENODEV)?.power.on()? {
            Contents::Kept => {}
            Contents::Reset => self.known.reset(),
            Contents::Unknown => self.known.clear(),
        }
        Ok(())
    }

    /// Powers the sensor up, if it is still there. One that may hold anything is reset. One that stays
    /// powered gets its program, which parks its outputs: nobody tells what they do after a reset.
    ///
    /// On an error it is powered down.
    pub(super) fn power_on(&mut self) -> Result {
        self.supply()?;
        if self.known.is_clear() {
            self.reset().inspect_err(|_| self.power_off())?;
        }
        if self.always_on {
            self.park().inspect_err(|_| self.power_off())?;
        }
        Ok(())
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
            self.apply(&next, self.activity)?;
        }
        self.config = next;
        Ok(())
    }

    /// Starts to send frames. `usage` keeps the power on until [`Sensor::stop`].
    ///
    /// On an error the sensor is in standby, or was powered down.
    pub(super) fn start(&mut self, usage: Usage) -> Result {
        self.enter(Activity::Streaming, usage)
    }

    /// Does all for [`Sensor::start`] but the last step, which [`Sensor::prepare`] then makes together
    /// with others. Ends like it.
    pub(super) fn arm(&mut self, usage: Usage) -> Result {
        self.enter(Activity::Armed, usage)
    }

    fn enter(&mut self, next: Activity, usage: Usage) -> Result {
        self.ensure_standby()?;
        // Does nothing but after a stop that took the power, which runtime PM does not know of.
        self.power_on()?;
        let config = self.config;

        // What another readout has written and this one has no value for: only a reset brings it back.
        program::compose_into(&config, next, &mut self.image);
        if self.image.diff(&self.known).leaves_traces() {
            self.reset()?;
        }
        if let Err(error) = self.apply(&config, next) {
            // The write that starts the stream may have arrived although it was reported as failed.
            if self.ensure_standby().is_err() {
                self.cut_off();
            }
            return Err(error);
        }
        self.activity = next;
        self.streaming = Some(usage);
        Ok(())
    }

    /// Adds to `joint` what it takes to get to `activity` with `config`, which [`Sensor::conclude`]
    /// takes over.
    ///
    /// A sensor that does not listen to others needs nothing: it gets its program when it starts.
    pub(super) fn prepare(
        &mut self,
        config: Config,
        activity: Activity,
        joint: &mut Joint,
    ) -> Result {
        if self.is_streaming() {
            let hardware = self.hardware.as_ref().ok_or(ENODEV)?;

            program::compose_into(&config, activity, &mut self.image);
            joint.add(hardware.bus.address(), &self.image, &self.known)?;
        }
        self.pending = Some((config, activity));
        Ok(())
    }

    /// Sends the change of several sensors, on the bus that they share.
    pub(super) fn send(&self, joint: &Joint) -> Result {
        joint.send(&self.hardware.as_ref().ok_or(ENODEV)?.bus)
    }

    /// Ends what [`Sensor::prepare`] began, with the result of sending it. On an error the old
    /// configuration stays in force.
    pub(super) fn conclude(&mut self, result: Result) {
        let Some((config, activity)) = self.pending.take() else {
            return;
        };

        match result {
            Ok(()) => {
                if self.is_streaming() {
                    self.known.commit_all(&self.image);
                }
                self.config = config;
                self.activity = activity;
            }
            Err(_) if self.is_streaming() => self.known.forget_difference(&self.image),
            Err(_) => {}
        }
    }

    /// Puts a sensor back where [`Sensor::arm`] left it, after a start with others that failed.
    pub(super) fn rearm(&mut self) -> Result {
        let config = self.config;

        self.apply(&config, Activity::Armed)?;
        self.activity = Activity::Armed;
        Ok(())
    }

    /// Puts a sensor into standby that is not known to be there: everything else it does know.
    fn ensure_standby(&mut self) -> Result {
        if self.known.may_stream() {
            self.halt()?;
        }
        Ok(())
    }

    /// Stops sending frames.
    ///
    /// Whatever the bus says, the sensor has stopped when this returns: one that cannot be put into
    /// standby is powered down.
    pub(super) fn stop(&mut self) -> Result {
        let result = self.halt();

        self.activity = Activity::Standby;
        self.streaming = None;
        if result.is_err() {
            self.cut_off();
        }
        result
    }

    /// Ends with the power whatever the sensor does, when the bus has failed.
    fn cut_off(&mut self) {
        self.power_off();
        if self.always_on {
            // As good as it gets: the failure that led here is reported, and a start tries again.
            let _ = self.power_on();
        }
    }

    /// Puts a sensor that may stream into standby, with its outputs parked.
    ///
    /// The frame on its way ends before standby begins (FRAMOS' driver waits as long). Nobody wants to
    /// wait for a long one: it is cut off by taking the power, or by a reset where that is to stay.
    fn halt(&mut self) -> Result {
        let frame_us = self.config.timing().frame_time_us();
        let frame = Delta::from_micros(i64::try_from(frame_us).unwrap_or(i64::MAX));

        self.park()?;
        if self.activity == Activity::Armed {
            return Ok(());
        }
        if frame <= PATIENCE {
            fsleep(frame);
            Ok(())
        } else if self.always_on {
            self.reset()?;
            self.park()
        } else {
            self.power_off();
            Ok(())
        }
    }

    /// Brings the sensor to its program without streaming, which parks the outputs.
    fn park(&mut self) -> Result {
        let config = self.config;

        self.apply(&config, Activity::Standby)
    }

    /// Resets the sensor, which ends whatever it does.
    fn reset(&mut self) -> Result {
        let bus = &self.hardware.as_ref().ok_or(ENODEV)?.bus;

        // Nobody says what a reset does to a frame on its way.
        bus.write_u8(&regs::MODE_SEL, 0)?;
        bus.write_u8(&regs::SW_RESET, 1)?;
        fsleep(RESET_TIME);
        self.known.reset();
        Ok(())
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

    /// Brings the sensor from what it is known to hold to `activity` with `config`.
    fn apply(&mut self, config: &Config, activity: Activity) -> Result {
        let hardware = self.hardware.as_ref().ok_or(ENODEV)?;

        program::compose_into(config, activity, &mut self.image);

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

        hardware.bus.read_u16(&regs::CHIP_ID)
    }

    /// Measures the temperature in degrees Celsius. Runtime PM must keep the sensor powered.
    pub(super) fn measure_temperature(&mut self) -> Result<i8> {
        // Does nothing but after a stop that has powered the sensor down.
        self.power_on()?;

        let bus = &self.hardware.as_ref().ok_or(ENODEV)?.bus;

        // A program has done that long ago.
        if self.known.get(regs::TEMP_SEN_CTL.address) != Some(1) {
            bus.write_u8(&regs::TEMP_SEN_CTL, 1)?;
            fsleep(THERMOMETER_TIME);
        }
        bus.read_u8(&regs::TEMP_SEN_OUT).map(temperature::celsius)
    }
}
