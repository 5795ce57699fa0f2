// SPDX-License-Identifier: GPL-2.0-only

//! One sensor: its known register contents and activity, and the transitions to others.

mod recovery;

use super::{
    bus::RegisterBus,
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
        wire::group::Member,
        Activity,
        Config,
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

/// Longest wait for the end of the current frame, in us. A longer frame is aborted.
const PATIENCE_US: u64 = 1_000_000;

/// Time from switching the thermometer on to its first result. No public source has it: an
/// assumption, longer than conversions of comparable sensors.
const THERMOMETER_TIME: Delta = Delta::from_millis(10);

/// The bus and the power of a bound device.
pub(super) struct Hardware {
    pub(super) bus: RegisterBus,
    pub(super) power: Power,
}

/// The state of a sensor.
///
/// Lock order: the runtime PM callbacks take the mutex around this, so [`Usage::resume`] must not
/// be called with it held. Dropping a [`Usage`] is allowed.
pub(super) struct Sensor {
    // Program that was composed last.
    image: RegisterImage,
    known: Known,
    // Configuration whose program was written as a whole; registers of `Extent::Change` may differ.
    programmed: Option<Config>,
    // Current activity, as opposed to the requested stream: it ends with the power.
    activity: Activity,
    // `None` after unbinding.
    hardware: Option<Hardware>,
    // The sensor stays powered, as losing power would trigger others through XVS.
    always_on: bool,
    // Keeps the power on while a stream is requested.
    usage: Option<Usage>,
    // End of the frame that was being sent at the last stop, by the monotonic clock in us.
    frame_end: Option<u64>,
    // Activity after the joint change that `image` was composed for. `None` without one, and after a
    // reset or a power-down.
    joint: Option<Activity>,
}

impl Sensor {
    /// Creates a sensor in standby with unknown registers.
    // Not inlined, as `firmware::board()`.
    #[inline(never)]
    pub(super) fn new(hardware: Hardware, always_on: bool) -> Result<KBox<Self>> {
        // In place, as a copy on the stack would be large.
        let mut sensor = KBox::init(
            init!(Self {
                image: RegisterImage::new(),
                known: Known::unknown(),
                programmed: None,
                activity: Activity::Standby,
                hardware: None,
                always_on,
                usage: None,
                frame_end: None,
                joint: None,
            }),
            GFP_KERNEL,
        )?;

        sensor.hardware = Some(hardware);
        Ok(sensor)
    }

    /// Returns the current activity.
    pub(super) fn activity(&self) -> Activity {
        self.activity
    }

    /// Returns the bus; `ENODEV` after unbinding.
    pub(super) fn bus(&self) -> Result<&RegisterBus> {
        Ok(&self.hardware.as_ref().ok_or(ENODEV)?.bus)
    }

    /// Enables the supplies and INCK and releases the reset; `ENODEV` after unbinding.
    pub(super) fn supply(&mut self) -> Result {
        match self.hardware.as_mut().ok_or(ENODEV)?.power.on()? {
            Contents::Kept => return Ok(()),
            Contents::Reset => self.known.reset(),
            Contents::Unknown => self.known.clear(),
        }
        self.programmed = None;
        Ok(())
    }

    /// Powers the sensor up; resets it if its registers are unknown. An always-on sensor is
    /// programmed with `config`, which parks its outputs: their state after a reset is
    /// undocumented.
    ///
    /// Returns `ENODEV` after unbinding. On an error the sensor is powered down.
    pub(super) fn power_on(&mut self, config: &Config) -> Result {
        self.supply()?;
        if self.known.is_clear() {
            self.reset().inspect_err(|_| self.cut_power())?;
        }
        // Armed and streaming sensors are programmed already.
        if self.always_on && self.activity == Activity::Standby {
            self.bring(config, Activity::Standby)
                .inspect_err(|_| self.cut_power())?;
        }
        Ok(())
    }

    /// Powers the sensor down after the end of the current frame. Its registers are lost, and it is
    /// in standby until the next start.
    pub(super) fn power_off(&mut self) {
        self.await_frame_end();
        self.cut_power();
    }

    /// Powers the sensor down at once.
    fn cut_power(&mut self) {
        if let Some(hardware) = &mut self.hardware {
            hardware.power.off();
        }
        self.forget();
    }

    /// Records that the sensor was reset.
    fn forget(&mut self) {
        self.known.reset();
        self.programmed = None;
        self.activity = Activity::Standby;
        self.frame_end = None;
        self.joint = None;
    }

    /// Programs the sensor with `config`, in standby, ready for [`Sensor::start`]. `usage` keeps
    /// the power on until [`Sensor::stop`].
    ///
    /// Sleeps for up to the rest of a frame after a stop, or 10 ms and the whole program from cold.
    /// On an error the next start begins from cold.
    pub(super) fn program(&mut self, config: &Config, usage: Usage) -> Result {
        self.reprogram(config)?;
        self.usage = Some(usage);
        Ok(())
    }

    fn reprogram(&mut self, config: &Config) -> Result {
        if !self.await_frame_end() || !self.has_kept_registers() {
            self.cut_off(config);
        }
        // Has no effect unless the sensor was powered down.
        self.power_on(config)?;
        self.write_program(config)
            .inspect_err(|_| self.cut_off(config))
    }

    fn write_program(&mut self, config: &Config) -> Result {
        let extent = self.compose(config, Activity::Standby);

        if extent == Extent::Whole && self.image.diff(&self.known).leaves_traces() {
            // The previous readout has changed registers that the new one does not write: only a
            // reset restores them.
            self.reset()?;
        }
        self.carry(config, Activity::Standby, extent)
    }

    /// Starts `activity`, armed or streaming, on a programmed sensor.
    ///
    /// On an error the sensor is in standby, and the next start begins from cold.
    pub(super) fn start(&mut self, config: &Config, activity: Activity) -> Result {
        // The write may have reached the sensor although the adapter reports a failure.
        self.bring(config, activity)
            .inspect_err(|_| self.cut_off(config))
    }

    /// Stops the stream without waiting for the end of the current frame. Does not allocate.
    ///
    /// The sensor has stopped even if an error is returned: if standby cannot be written, it is
    /// powered down.
    pub(super) fn stop(&mut self, config: &Config) -> Result {
        // In standby if it was powered down since the start.
        let result = if self.activity == Activity::Standby {
            Ok(())
        } else {
            self.bring(config, Activity::Standby)
                .inspect_err(|_| self.cut_off(config))
        };

        self.usage = None;
        result
    }

    /// Changes the settings of an armed or streaming sensor from `config` to `next`, while
    /// streaming in one frame. In standby nothing is written, as the next start does it.
    ///
    /// On an error the sensor remains at `config` if [`Failure::undone`] is set.
    pub(super) fn change(&mut self, config: &Config, next: &Config) -> Result<(), Failure> {
        if self.activity == Activity::Standby {
            return Ok(());
        }
        self.bring(next, self.activity).map_err(|error| Failure {
            error,
            undone: self.undo(config),
        })
    }

    /// Adds this sensor to the `members` of a joint change to `next`, with `start` also the start of
    /// an armed sensor. In standby it is left out, as the next start does it.
    ///
    /// [`Sensor::settle`] must follow.
    pub(super) fn join(
        &mut self,
        next: &Config,
        start: bool,
        members: &mut KVec<Member>,
    ) -> Result {
        let activity = match self.activity {
            Activity::Standby => return Ok(()),
            Activity::Armed if start => Activity::Streaming,
            activity => activity,
        };
        let address = self.bus()?.address();

        if self.compose(next, activity) == Extent::Whole {
            self.programmed = None;
        }
        let member = Member {
            address,
            image: self.image,
            known: self.known,
        };

        members.push(member, GFP_KERNEL)?;
        self.joint = Some(activity);
        Ok(())
    }

    /// Records the `result` of a joint change; `config` is the configuration before.
    ///
    /// After an error the sensor remains at `config` if [`Failure::undone`] is set.
    pub(super) fn settle(&mut self, config: &Config, result: Result) -> Result<(), Failure> {
        // In standby, or powered down meanwhile, which undoes the change.
        let Some(activity) = self.joint.take() else {
            return result.map_err(|error| Failure {
                error,
                undone: true,
            });
        };

        self.acknowledge(result).map_err(|error| Failure {
            error,
            undone: if self.activity == activity {
                self.undo(config)
            } else {
                self.rearm(config).is_ok()
            },
        })?;
        self.activity = activity;
        Ok(())
    }

    /// Waits for the end of the frame that was being sent at the last stop, for up to
    /// [`PATIENCE_US`]. Returns whether it has ended.
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

    /// Stops the stream, powers down and releases the hardware. To be called at unbind.
    pub(super) fn unbind(&mut self, config: &Config) {
        // An error can be ignored, as the sensor is powered down next.
        let _ = self.stop(config);
        self.power_off();
        self.hardware = None;
    }

    /// Brings the sensor to `activity` with `config`.
    ///
    /// A change while streaming is one transfer. Otherwise each write is a transfer, which does not
    /// allocate.
    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    fn bring(&mut self, config: &Config, activity: Activity) -> Result {
        let extent = self.compose(config, activity);

        self.carry(config, activity, extent)
    }

    /// Composes the registers that may differ from the known ones into the image, and returns their
    /// extent.
    fn compose(&mut self, config: &Config, activity: Activity) -> Extent {
        let extent = match &self.programmed {
            Some(programmed) if programmed.stands_as(config) => Extent::Change,
            _ => Extent::Whole,
        };

        program::compose_into(config, activity, extent, &mut self.image);
        self.joint = None;
        extent
    }

    /// Writes the image, which was composed for `activity` with `config`.
    fn carry(&mut self, config: &Config, activity: Activity, extent: Extent) -> Result {
        if extent == Extent::Whole {
            // A failure may leave the program half-written.
            self.programmed = None;
        }

        let stops = self.known.may_stream() && !activity.is_streaming();
        let bus = self.bus()?;
        let bursts = self.image.diff(&self.known).bursts(bus.limit());
        let result = if self.activity.is_streaming() && activity.is_streaming() {
            let mut writes = KVec::new();

            RegisterBus::list(&mut writes, bus.address(), bursts)?;
            bus.write_at_once(&writes)
        } else {
            bus.write_each(bursts)
        };

        self.acknowledge(result)?;
        if stops {
            self.frame_end = Some(now_us().saturating_add(config.timing().frame_time_us()));
        }
        if extent == Extent::Whole {
            self.programmed = Some(*config);
        }
        self.activity = activity;
        Ok(())
    }

    /// Records the `result` of sending the writes of the image: after an error, none of them counts
    /// as having arrived.
    fn acknowledge(&mut self, result: Result) -> Result {
        match result {
            Ok(()) => self.known.commit(&self.image),
            Err(_) => self.known.forget_difference(&self.image),
        }
        result
    }

    /// Reads the chip ID. The sensor must be powered.
    pub(super) fn read_id(&self) -> Result<u16> {
        self.bus()?.read_u16(&regs::CHIP_ID)
    }

    /// Measures the temperature in degrees Celsius. The caller must hold a [`Usage`].
    pub(super) fn measure_temperature(&mut self, config: &Config) -> Result<i8> {
        // Has no effect unless a failure has powered the sensor down.
        self.power_on(config)?;

        let bus = &self.hardware.as_ref().ok_or(ENODEV)?.bus;
        // From TEMP_SEN_CTL to TEMP_SEN_OUT.
        let mut thermometer = [0; 3];

        bus.read(regs::TEMP_SEN_CTL.address, &mut thermometer)?;
        // On since the sensor was programmed, unless it has lost its registers or is a source of
        // XVS, which must not start with the thermometer on.
        if !matches!(thermometer, [1, ..]) {
            let is_kept_off = self.known.get(&regs::TEMP_SEN_CTL) == Some(0);

            if is_kept_off {
                self.known.forget(&regs::TEMP_SEN_CTL);
            }
            bus.write_u8(&regs::TEMP_SEN_CTL, 1)?;
            delay::sleep(THERMOMETER_TIME);

            let measured = bus.read(regs::TEMP_SEN_CTL.address, &mut thermometer);

            if is_kept_off {
                bus.write_u8(&regs::TEMP_SEN_CTL, 0)?;
                self.known.learn(&regs::TEMP_SEN_CTL, 0);
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

/// A failed change of a sensor.
#[derive(Clone, Copy)]
pub(super) struct Failure {
    /// The error of the bus.
    pub(super) error: Error,
    /// The sensor remains at its previous configuration.
    pub(super) undone: bool,
}
