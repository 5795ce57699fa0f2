// SPDX-License-Identifier: GPL-2.0-only

//! One sensor: what it holds and does, and the way from there to what it is to do.

mod recovery;

use super::{
    bus::RegisterBus,
    joint::JointWrite,
    power::{
        Contents,
        Power, //
    }, //
};
use crate::{
    kernel_ext::{
        delay,
        pm_runtime::Usage, //
    },
    sensor::{
        program::{
            self,
            Extent, //
        },
        regs,
        setting::temperature,
        Activity,
        Burst,
        Config,
        Cursor,
        Known,
        RegisterImage, //
    }, //
};
use kernel::{
    prelude::*,
    time::{
        hrtimer::HrTimerExpires,
        Delta,
        Instant,
        Monotonic, //
    }, //
};

/// The longest that a frame on its way is waited for, in us. One that takes longer is cut off.
const PATIENCE_US: u64 = 1_000_000;

/// From switching the thermometer on to its first result. No public driver says how long it takes:
/// more than a conversion in any part of this kind.
const THERMOMETER_TIME: Delta = Delta::from_millis(10);

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
    image: KBox<RegisterImage>,
    known: KBox<Known>,
    // What it has the whole program of, all of it known; but for what changes (`Extent::Change`).
    programmed: Option<Config>,
    // What the sensor was last brought to. Not what was asked for: it ends with the power.
    activity: Activity,
    // `None` once the device was unbound.
    hardware: Option<Hardware>,
    // It stays powered: others would be triggered by what it does to XVS when it is not.
    always_on: bool,
    // Keeps the power on while a stream is asked for.
    usage: Option<Usage>,
    // When the frame ends that was on its way at the last stop, in us.
    frame_end: Option<u64>,
    // Counts the times that it was powered down.
    epoch: u32,
}

impl Sensor {
    /// Creates a sensor that nothing is known of.
    // Not inlined, as `firmware::board()`.
    #[inline(never)]
    pub(super) fn new(hardware: Hardware, always_on: bool) -> Result<KBox<Self>> {
        let sensor = Self {
            // Too large for the stack, where only constants do not pass through.
            image: KBox::new(const { RegisterImage::new() }, GFP_KERNEL)?,
            known: KBox::new(const { Known::unknown() }, GFP_KERNEL)?,
            programmed: None,
            activity: Activity::Standby,
            hardware: Some(hardware),
            always_on,
            usage: None,
            frame_end: None,
            epoch: 0,
        };

        Ok(KBox::new(sensor, GFP_KERNEL)?)
    }

    /// Returns the current activity.
    pub(super) fn activity(&self) -> Activity {
        self.activity
    }

    /// Returns the bus, if the sensor is still there.
    pub(super) fn bus(&self) -> Result<&RegisterBus> {
        Ok(&self.hardware.as_ref().ok_or(ENODEV)?.bus)
    }

    /// Gives the sensor its supplies and INCK and lets it out of reset, if it is still there.
    pub(super) fn supply(&mut self) -> Result {
        match self.hardware.as_mut().ok_or(ENODEV)?.power.on()? {
            Contents::Kept => return Ok(()),
            Contents::Reset => self.known.reset(),
            Contents::Unknown => self.known.clear(),
        }
        self.programmed = None;
        Ok(())
    }

    /// Powers the sensor up, if it is still there. One that may hold anything is reset. One that stays
    /// powered gets the program of `config`, which parks its outputs: no public source says what they do
    /// after a reset.
    ///
    /// On an error it is powered down.
    pub(super) fn power_on(&mut self, config: &Config) -> Result {
        self.supply()?;
        if self.known.is_clear() {
            self.reset().inspect_err(|_| self.cut_power())?;
        }
        // One that streams, or waits to, has its program.
        if self.always_on && self.activity == Activity::Standby {
            self.bring(config, Activity::Standby)
                .inspect_err(|_| self.cut_power())?;
        }
        Ok(())
    }

    /// Powers the sensor down, behind the frame that is on its way. It forgets everything, and does
    /// nothing until it is started again.
    pub(super) fn power_off(&mut self) {
        self.await_frame_end();
        self.cut_power();
    }

    /// Powers the sensor down, whatever it does.
    fn cut_power(&mut self) {
        if let Some(hardware) = &mut self.hardware {
            hardware.power.off();
        }
        self.forget();
    }

    /// The sensor was reset.
    fn forget(&mut self) {
        self.known.reset();
        self.programmed = None;
        self.activity = Activity::Standby;
        self.frame_end = None;
        self.epoch = self.epoch.wrapping_add(1);
    }

    /// Brings the sensor to the program of `config`, in standby, so that only the start is missing.
    /// `usage` keeps the power on until [`Sensor::stop`].
    ///
    /// Sleeps for as long as the sensor takes: up to a frame after a stop, 10 ms and the whole program
    /// from cold. On an error it begins from cold the next time.
    pub(super) fn program(&mut self, config: &Config, usage: Usage) -> Result {
        self.reprogram(config)?;
        self.usage = Some(usage);
        Ok(())
    }

    fn reprogram(&mut self, config: &Config) -> Result {
        if !self.await_frame_end() || !self.has_kept_registers() {
            self.cut_off(config);
        }
        // Does nothing but from cold.
        self.power_on(config)?;
        self.write_program(config)
            .inspect_err(|_| self.cut_off(config))
    }

    fn write_program(&mut self, config: &Config) -> Result {
        let extent = self.compose(config, Activity::Standby);

        if extent == Extent::Whole && self.image.diff(&self.known).leaves_traces() {
            // What another readout has written and this one has no value for: only a reset brings it back.
            self.reset()?;
        }
        self.carry(config, Activity::Standby, extent)
    }

    /// Takes the step from a program to `activity`, which is not standby.
    ///
    /// On an error the sensor is in standby, and begins from cold the next time.
    pub(super) fn start(&mut self, config: &Config, activity: Activity) -> Result {
        // The write that starts the stream may have arrived although it was reported as failed.
        self.bring(config, activity)
            .inspect_err(|_| self.cut_off(config))
    }

    /// Stops sending frames; the one on its way is not waited for. Needs no memory.
    ///
    /// Whatever the bus says, the sensor has stopped when this returns: one that cannot be put into
    /// standby is powered down.
    pub(super) fn stop(&mut self, config: &Config) -> Result {
        // One that was powered down since it was started has nothing to stop.
        let result = if self.activity == Activity::Standby {
            Ok(())
        } else {
            self.bring(config, Activity::Standby)
                .inspect_err(|_| self.cut_off(config))
        };

        self.usage = None;
        result
    }

    /// Lets a sensor that does something do it with `next` instead of `config`; a streaming one gets
    /// the change at once, in one frame. In standby nothing is sent: a start brings all.
    ///
    /// On an error it does what it did before, unless [`Failure::undone`] says that it may not.
    pub(super) fn change(&mut self, config: &Config, next: &Config) -> Result<(), Failure> {
        if self.activity == Activity::Standby {
            return Ok(());
        }
        self.bring(next, self.activity).map_err(|error| Failure {
            error,
            undone: self.undo(config),
        })
    }

    /// Returns what it takes to get to `next`, and to start an armed sensor if that is asked for, for a change
    /// of several sensors. `None` for one in standby: a start brings all.
    ///
    /// [`Sensor::settle`] has to follow.
    pub(super) fn part(&mut self, next: &Config, start: bool) -> Result<Option<JointWrite>> {
        let activity = match self.activity {
            Activity::Standby => return Ok(None),
            Activity::Armed if start => Activity::Streaming,
            activity => activity,
        };
        let address = self.bus()?.address();

        if self.compose(next, activity) == Extent::Whole {
            self.programmed = None;
        }
        JointWrite::new(address, &self.image, &self.known, activity, self.epoch).map(Some)
    }

    /// Takes over what became of `part`, which was sent with those of others; `config` is what the sensor
    /// was to do before.
    ///
    /// After an error the sensor does that, unless [`Failure::undone`] says that it may not.
    pub(super) fn settle(
        &mut self,
        part: &JointWrite,
        config: &Config,
        result: Result,
    ) -> Result<(), Failure> {
        if part.epoch != self.epoch {
            // It was powered down meanwhile: nothing is left of it.
            return result.map_err(|error| Failure {
                error,
                undone: true,
            });
        }
        match result {
            Ok(()) => {
                self.known.commit_all(&part.image);
                self.activity = part.activity;
                Ok(())
            }
            Err(error) => {
                self.known.forget_difference(&part.image);
                Err(Failure {
                    error,
                    undone: if self.activity == part.activity {
                        self.undo(config)
                    } else {
                        self.rearm(config).is_ok()
                    },
                })
            }
        }
    }

    /// Waits for the frame that was on its way at the last stop. Returns whether it has ended: it is not
    /// waited for if that takes too long.
    fn await_frame_end(&mut self) -> bool {
        if let Some(end) = self.frame_end {
            let left = end.saturating_sub(now_us());

            if left > PATIENCE_US {
                return false;
            }
            if let Ok(left @ 1..) = i64::try_from(left) {
                delay::sleep(Delta::from_micros(left));
            }
            self.frame_end = None;
        }
        true
    }

    /// The device is being unbound: stops, powers down and lets go of the hardware.
    pub(super) fn unbind(&mut self, config: &Config) {
        // An error leaves the sensor to the power down that follows.
        let _ = self.stop(config);
        self.power_off();
        self.hardware = None;
    }

    /// Brings the sensor from what it is known to hold to `activity` with `config`.
    ///
    /// A change while streaming is one transfer. Else each write goes by itself, which needs no memory.
    fn bring(&mut self, config: &Config, activity: Activity) -> Result {
        let extent = self.compose(config, activity);

        self.carry(config, activity, extent)
    }

    /// Composes as much as the sensor can lack.
    fn compose(&mut self, config: &Config, activity: Activity) -> Extent {
        let extent = match &self.programmed {
            Some(programmed) if programmed.stands_as(config) => Extent::Change,
            _ => Extent::Whole,
        };

        program::compose_into(config, activity, extent, &mut self.image);
        extent
    }

    /// Brings the sensor to `activity` with `config`, which the image was composed for.
    fn carry(&mut self, config: &Config, activity: Activity, extent: Extent) -> Result {
        if extent == Extent::Whole {
            // Some of it may have been written when this fails.
            self.programmed = None;
        }

        let diff = self.image.diff(&self.known);
        let cursor = Cursor::of(&diff, self.bus()?.limit());

        if diff.is_live() {
            self.send_at_once(cursor)?;
        } else {
            let stops = self.known.may_stream() && !activity.is_streaming();

            self.send(cursor)?;
            if stops {
                self.frame_end = Some(now_us().saturating_add(config.timing().frame_time_us()));
            }
        }
        if extent == Extent::Whole {
            self.programmed = Some(*config);
        }
        self.activity = activity;
        Ok(())
    }

    /// Sends the writes from `cursor` on one by one: no adapter has to take a hundred messages at once, a
    /// failure is known to the register, and no memory is needed.
    fn send(&mut self, mut cursor: Cursor) -> Result {
        let bus = &self.hardware.as_ref().ok_or(ENODEV)?.bus;

        while let Some(burst) = cursor.next(&self.image.diff(&self.known), bus.limit()) {
            match bus.write(&burst) {
                Ok(()) => self.known.commit(&burst),
                Err(error) => {
                    self.known.forget(&burst);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Sends the writes from `cursor` on as one transfer, so that they cannot be torn apart over two
    /// frames by other users of the bus.
    ///
    /// Returns `ENOMEM` before anything was sent.
    fn send_at_once(&mut self, mut cursor: Cursor) -> Result {
        let bus = &self.hardware.as_ref().ok_or(ENODEV)?.bus;

        let mut bursts = KVec::new();

        while let Some(burst) = cursor.next(&self.image.diff(&self.known), bus.limit()) {
            bursts.push(burst, GFP_KERNEL)?;
        }

        let mut messages = bus.messages(&bursts)?;
        let result = bus.transfer(&mut messages);

        for burst in &bursts {
            match result {
                Ok(()) => self.known.commit(burst),
                Err(_) => self.known.forget(burst),
            }
        }
        result
    }

    /// Reads the part's identity. The sensor must be powered.
    pub(super) fn read_id(&self) -> Result<u16> {
        self.bus()?.read_u16(&regs::CHIP_ID)
    }

    /// Measures the temperature in degrees Celsius. Runtime PM must keep the sensor powered.
    pub(super) fn measure_temperature(&mut self, config: &Config) -> Result<i8> {
        // Does nothing but after a failure that has powered the sensor down.
        self.power_on(config)?;

        let bus = &self.hardware.as_ref().ok_or(ENODEV)?.bus;
        // From TEMP_SEN_CTL to TEMP_SEN_OUT.
        let mut thermometer = [0; 3];

        bus.read(regs::TEMP_SEN_CTL.address, &mut thermometer)?;
        // A program has switched it on long ago, unless the sensor has lost that, or is a source of XVS that
        // is not to start with it on.
        if !matches!(thermometer, [1, ..]) {
            let off = Burst::new(regs::TEMP_SEN_CTL.address, 0);
            let is_kept_off = self.known.get(off.address()) == Some(0);

            if is_kept_off {
                self.known.forget(&off);
            }
            bus.write_u8(&regs::TEMP_SEN_CTL, 1)?;
            delay::sleep(THERMOMETER_TIME);

            let measured = bus.read(regs::TEMP_SEN_CTL.address, &mut thermometer);

            if is_kept_off {
                bus.write(&off)?;
                self.known.commit(&off);
            }
            measured?;
        }

        let [.., celsius] = thermometer;

        Ok(temperature::celsius(celsius))
    }
}

/// Returns the monotonic clock, in us.
fn now_us() -> u64 {
    u64::try_from(Instant::<Monotonic>::now().as_nanos()).unwrap_or(0) / 1000
}

/// A change of a sensor that failed.
#[derive(Clone, Copy)]
pub(super) struct Failure {
    /// Why.
    pub(super) error: Error,
    /// The sensor does what it did before.
    pub(super) undone: bool,
}
