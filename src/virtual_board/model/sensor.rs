// SPDX-License-Identifier: GPL-2.0-only

//! The sensor as its pins see it: lines, bus, frames.

use super::{
    config::Surroundings,
    image::frame::{
        Frame,
        FrameSettings, //
    },
    power::{
        Line,
        Power,
        PowerEvent,
        ACCESS_SETTLE_NS,
        STREAM_SETTLE_NS, //
    },
    program::{
        rules::Program,
        stream::StreamDescription,
        timing::Timing, //
    },
    registers::{
        access::Access,
        file::{
            RegisterFile,
            StorageTooSmall, //
        },
        hold::{
            Hold,
            Latched, //
            HOLD_LIMIT_FRAMES,
        },
        map::*,
        view::Registers, //
    },
    violations::{
        Finding,
        Violation,
        Violations, //
    }, //
};
use core::ops::DerefMut;

/// The second (broadcast) bus address, if 0x3010 enables it.
pub const SECOND_ADDRESS: u8 = 0x36;

/// Response of the sensor to a message on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ack {
    /// The message was taken and acknowledged.
    Ack,
    /// Not acknowledged.
    Nack,
}

/// State of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamState {
    /// MODE_SEL is 0, or there is no power.
    Standby,
    /// Frames come, as described.
    Streaming(StreamDescription),
    /// MODE_SEL is 1 but a rule is broken: no frames until standby. The first finding is kept.
    Faulted(Finding),
}

/// Lengths as written to the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenLengths {
    /// Pixel clocks per line.
    pub line_length: u32,
    /// Lines per frame, with shift and automatic extension.
    pub frame_length: u32,
}

/// An emulated IMX412.
///
/// `S` is the storage of the register file, at least [`STORAGE_BYTES`](super::STORAGE_BYTES)
/// long and of any content: a boxed slice, a vector, a mutable slice. The rest of the value is
/// below 2 KiB.
#[derive(Debug)]
pub struct Sensor<S> {
    config: Surroundings,
    file: RegisterFile<S>,
    hold: Hold,
    power: Power,
    /// Address of the next read or write.
    pointer: u16,
    state: StreamState,
    started_ns: u64,
    epoch: u32,
    generation: u32,
    /// The XVS outputs have been on since the stream stopped.
    left_driven: bool,
    settings: Option<FrameSettings>,
    violations: Violations,
    /// The frequency of INCK, whatever the surroundings say, Hz.
    real_inck_hz: u32,
    /// A supply that has dropped although it is switched on.
    dropped: Option<Line>,
}

impl<S: DerefMut<Target = [u8]>> Sensor<S> {
    /// Creates a sensor without power: all lines are off.
    pub fn new(storage: S, config: Surroundings) -> Result<Self, StorageTooSmall> {
        let mut sensor = Self {
            config,
            file: RegisterFile::new(storage)?,
            hold: Hold::new(config.latency),
            power: Power::new(),
            pointer: 0,
            state: StreamState::Standby,
            started_ns: 0,
            epoch: 0,
            generation: 0,
            left_driven: false,
            settings: None,
            violations: Violations::new(),
            real_inck_hz: config.inck_hz,
            dropped: None,
        };
        sensor.reset();
        Ok(sensor)
    }

    /// Returns the configuration by the board.
    pub const fn config(&self) -> &Surroundings {
        &self.config
    }

    /// Sets the temperature that the sensor measures, degrees Celsius.
    pub fn set_temperature(&mut self, celsius: i8) {
        self.config.temperature = celsius;
    }

    /// INCK has another frequency than the surroundings say, from the next stream on; `None` if it has
    /// not. Nothing objects: a sensor does not know.
    pub fn set_real_inck(&mut self, hz: Option<u32>) {
        self.real_inck_hz = hz.unwrap_or(self.config.inck_hz);
    }

    /// A supply drops although it is switched on, until it is switched off: what the sensor held is
    /// lost, and it does not answer.
    pub fn drop_supply(&mut self, line: Line) {
        self.dropped = Some(line);
        self.reset();
    }

    /// A supply, INCK or XCLR changes to `on`.
    ///
    /// Registers and stream are lost with a supply or XCLR; without INCK the stream is lost and
    /// nothing answers.
    pub fn set_line(&mut self, line: Line, on: bool, now_ns: u64) {
        if self.dropped == Some(line) && !on {
            self.dropped = None;
        }
        let violations = &mut self.violations;
        let retained = self.power.retains_registers();
        let changed = self
            .power
            .set(line, on, now_ns, |finding| violations.record(finding));
        if !changed || self.power.running() {
            return;
        }
        if self.state != StreamState::Standby {
            violations.record(Finding::new(Violation::PowerOffWhileStreaming, 0, 0));
            self.state = StreamState::Standby;
        }
        if retained && !self.power.retains_registers() {
            self.judge_outputs();
            self.reset();
        }
    }

    /// Returns whether a supply, INCK or XCLR is on.
    pub const fn is_on(&self, line: Line) -> bool {
        self.power.is_on(line)
    }

    /// Another sensor drives XVS, too.
    pub fn collide(&mut self) {
        self.fault(Finding::new(Violation::XvsDrivenTwice, 0, 0));
    }

    /// One write message to the 7-bit `address`: two bytes of register address, then data.
    ///
    /// The register address increments with each byte of data. A message of less than two bytes
    /// changes nothing.
    pub fn write(&mut self, address: u8, message: &[u8], now_ns: u64) -> Ack {
        let Some(acknowledges) = self.listens(address, now_ns) else {
            return Ack::Nack;
        };
        if let [high, low, data @ ..] = message {
            self.pointer = u16::from_be_bytes([*high, *low]);
            for value in data {
                let register = self.pointer;
                self.pointer = register.wrapping_add(1);
                self.store(register, *value, now_ns);
            }
        }
        if acknowledges {
            Ack::Ack
        } else {
            Ack::Nack
        }
    }

    /// One read message: fills `data` from the register where the last message ended. Without an
    /// answer `data` does not change.
    pub fn read(&mut self, address: u8, data: &mut [u8], now_ns: u64) -> Ack {
        if self.listens(address, now_ns) != Some(true) {
            return Ack::Nack;
        }
        for byte in data {
            *byte = self.load(self.pointer);
            self.pointer = self.pointer.wrapping_add(1);
        }
        Ack::Ack
    }

    /// Returns whether frames come, and what they are like.
    pub const fn stream(&self) -> StreamState {
        self.state
    }

    /// Returns the lengths that were written last, whether a frame has them yet or not.
    pub fn written_lengths(&self) -> WrittenLengths {
        let latched = Latched::of(|address| self.file.get(address));
        let timing = Timing::new(
            &Registers::new(self.file.bytes(), &latched),
            self.config.part,
        );

        WrittenLengths {
            line_length: timing.line_length,
            frame_length: timing.frame_length,
        }
    }

    /// Starts a frame: latches what was written for it and returns what it
    /// shows. `None` if the sensor sends no frame (standby, or a broken rule).
    ///
    /// The caller calls this [`StreamDescription::frame_period_ns`] after the last call, which
    /// may change from frame to frame.
    pub fn frame_start(&mut self) -> Option<Frame> {
        let StreamState::Streaming(mut description) = self.state else {
            return None;
        };
        let changed = self.hold.latch();
        let frames_held = self.hold.frames_held();
        if frames_held > HOLD_LIMIT_FRAMES {
            self.fault(Finding::new(
                Violation::GroupHoldLeftOpen,
                frames_held.into(),
                HOLD_LIMIT_FRAMES.into(),
            ));
            return None;
        }
        if changed {
            description = self.judge()?;
        }
        Some(Frame {
            settings: self.settings?,
            generation: self.generation,
            stream: description,
            pending: self.hold.is_pending(),
        })
    }

    /// Returns the rules that were broken, and how often.
    pub const fn violations(&self) -> &Violations {
        &self.violations
    }

    /// Forgets all counts.
    pub fn clear_violations(&mut self) {
        self.violations.clear();
    }

    /// Returns the newest changes of the lines, oldest first.
    pub fn power_events(&self) -> impl Iterator<Item = PowerEvent> + '_ {
        self.power.events()
    }

    /// Returns the address and value of every register that has been given a value since reset, in order of
    /// addresses.
    pub fn registers(&self) -> impl Iterator<Item = (u16, u8)> + '_ {
        self.file.known()
    }

    /// Returns the whole register file, 64 KiB in order of addresses.
    pub fn register_bytes(&self) -> &[u8] {
        self.file.bytes()
    }

    /// Returns whether a message to the 7-bit `address` reaches the sensor. One to the second address does
    /// so whether it is acknowledged or not.
    pub fn hears(&self, address: u8, now_ns: u64) -> bool {
        self.listens(address, now_ns).is_some()
    }

    /// Returns whether a message to `address` reaches the sensor, and then whether it acknowledges.
    fn listens(&self, address: u8, now_ns: u64) -> Option<bool> {
        if self.dropped.is_some() || !self.power.settled(ACCESS_SETTLE_NS, now_ns) {
            None
        } else if address == self.config.i2c_address {
            Some(true)
        } else if address == SECOND_ADDRESS && self.file.get(SLAVE_ADD_EN_2ND) == 1 {
            Some(self.file.get(SLAVE_ADD_ACKEN_2ND) == 1)
        } else {
            None
        }
    }

    fn load(&self, register: u16) -> u8 {
        if register == TEMP_SEN_OUT && self.file.get(TEMP_SEN_CTL) == 1 {
            let [celsius] = self.config.temperature.to_be_bytes();
            return celsius;
        }
        self.file.get(register)
    }

    fn store(&mut self, register: u16, value: u8, now_ns: u64) {
        let streaming = self.state != StreamState::Standby;
        match Access::of(self.config.part, register) {
            Access::ReadOnly => {
                self.fault(Finding::new(
                    Violation::ReadOnlyWritten,
                    register.into(),
                    value.into(),
                ));
                return;
            }
            Access::Structural if streaming => self.fault(Finding::new(
                Violation::StructuralWhileStreaming,
                register.into(),
                value.into(),
            )),
            Access::FrameLatched if streaming => self.hold.stage(register, value),
            _ => {}
        }
        self.file.set(register, value);

        match register {
            MODE_SEL if value == 1 && !streaming => self.start(now_ns),
            MODE_SEL if value == 0 => {
                self.state = StreamState::Standby;
                self.left_driven |= streaming && self.drives_xvs();
            }
            XVS_IO_CTRL | EXTOUT_EN => self.left_driven &= self.drives_xvs(),
            SW_RESET if value == 1 => self.reset(),
            GRP_PARAM_HOLD => {
                let file = &self.file;
                self.hold.set_held(value == 1, |address| file.get(address));
            }
            _ => {}
        }
    }

    fn reset(&mut self) {
        self.file.reset(self.config.chip_id);
        let file = &self.file;
        self.hold.reset(|address| file.get(address));
        self.state = StreamState::Standby;
        self.left_driven = false;
        self.pointer = 0;
    }

    /// Returns whether one of the outputs to XVS is on.
    fn drives_xvs(&self) -> bool {
        self.file.get(XVS_IO_CTRL) != 0 || self.file.get(EXTOUT_EN) != 0
    }

    /// The end of a standby in which nothing is to drive XVS: a driver turns the outputs off when
    /// it stops the stream, as Raspberry Pi's does.
    fn judge_outputs(&mut self) {
        if !self.left_driven {
            return;
        }
        self.left_driven = false;
        let outputs = [self.file.get(XVS_IO_CTRL), self.file.get(EXTOUT_EN)];
        self.fault(Finding::new(
            Violation::XvsDrivenInStandby,
            u16::from_be_bytes(outputs).into(),
            0,
        ));
    }

    fn start(&mut self, now_ns: u64) {
        let file = &self.file;
        self.hold.load(|address| file.get(address));
        self.started_ns = now_ns;
        self.epoch = self.epoch.wrapping_add(1);
        if self.judge().is_none() {
            return;
        }
        if !self.power.settled(STREAM_SETTLE_NS, now_ns) {
            self.fault(Finding::new(
                Violation::StreamBeforeSettled,
                self.power.since_xclr(now_ns),
                STREAM_SETTLE_NS,
            ));
        }
        self.judge_outputs();
        let thermometer = self.file.get(TEMP_SEN_CTL);
        if self.drives_xvs() && thermometer == 1 {
            self.fault(Finding::new(
                Violation::ThermometerOnAtStart,
                thermometer.into(),
                0,
            ));
        }
    }

    /// Reads the registers as the frame to come sees them: streams if they keep the rules, else
    /// faults.
    fn judge(&mut self) -> Option<StreamDescription> {
        let registers = Registers::new(self.file.bytes(), self.hold.active());
        let violations = &mut self.violations;
        let mut first = None;
        let program = Program::check(&registers, &self.config, &mut |finding| {
            violations.record(finding);
            first = first.or(Some(finding));
        });
        if let Some(finding) = first {
            self.state = StreamState::Faulted(finding);
            return None;
        }

        let clocks = program.clocks.as_ref()?;
        let settings = FrameSettings::new(&registers, &program, clocks);
        if self.settings != Some(settings) {
            self.generation = self.generation.wrapping_add(1);
            self.settings = Some(settings);
        }
        let description =
            StreamDescription::new(&registers, &program, clocks, self.started_ns, self.epoch)
                .paced(self.config.inck_hz, self.real_inck_hz);
        self.state = StreamState::Streaming(description);
        Some(description)
    }

    /// Counts a broken rule and, if frames come, stops them.
    fn fault(&mut self, finding: Finding) {
        self.violations.record(finding);
        if matches!(self.state, StreamState::Streaming(_)) {
            self.state = StreamState::Faulted(finding);
        }
    }
}
