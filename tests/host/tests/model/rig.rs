// SPDX-License-Identifier: GPL-2.0-only

//! A sensor on a test bench.

use imx412_host::virtual_board::model::part::IMX412;
use imx412_host::virtual_board::model::{
    Ack, Finding, Latency, Line, Sensor, StreamDescription, StreamState, Surroundings, Violation,
    STORAGE_BYTES,
};

use crate::vectors;

pub const ADDRESS: u8 = 0x1a;
pub const MS: u64 = 1_000_000;

/// Supplies, clock and reset in the order in which they must come.
pub const LINES: [Line; 5] = [Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Inck, Line::Xclr];

/// A sensor and the time.
pub struct Rig {
    pub sensor: Sensor<Vec<u8>>,
    pub now: u64,
}

impl Rig {
    /// Without power. Frames show what was written before they started.
    pub fn off(config: Surroundings) -> Self {
        let config = Surroundings {
            latency: Latency::NEXT_FRAME,
            ..config
        };
        Self::with_latency(config)
    }

    /// Without power, with the latencies of `config`.
    pub fn with_latency(config: Surroundings) -> Self {
        Self {
            sensor: Sensor::new(vec![0xa5; STORAGE_BYTES], config).unwrap(),
            now: 1_000 * MS,
        }
    }

    /// Powered and settled.
    pub fn on(config: Surroundings) -> Self {
        let mut rig = Self::off(config);
        rig.power_on();
        rig.now += 8 * MS;
        rig
    }

    /// Ready to start mainline's full frame (24 MHz, four lanes, 10 bit).
    pub fn mainline() -> Self {
        let mut rig = Self::on(Surroundings::new(&IMX412, 24_000_000));
        rig.load(&vectors::find("mainline", "mode_4056x3040").program());
        rig
    }

    /// Streaming mainline's full frame.
    pub fn streaming() -> Self {
        let mut rig = Self::mainline();
        rig.start();
        rig.description();
        rig
    }

    pub fn power_on(&mut self) {
        for line in LINES {
            self.line(line, true);
        }
    }

    pub fn line(&mut self, line: Line, on: bool) {
        self.sensor.set_line(line, on, self.now);
    }

    pub fn load(&mut self, program: &[(u16, u8)]) {
        for (address, value) in program {
            self.set8(*address, *value);
        }
    }

    pub fn write(&mut self, message: &[u8]) -> Ack {
        self.sensor.write(ADDRESS, message, self.now)
    }

    pub fn set8(&mut self, address: u16, value: u8) {
        self.set(address, &[value]);
    }

    pub fn set16(&mut self, address: u16, value: u16) {
        self.set(address, &value.to_be_bytes());
    }

    pub fn set32(&mut self, address: u16, value: u32) {
        self.set(address, &value.to_be_bytes());
    }

    fn set(&mut self, address: u16, data: &[u8]) {
        let message = [&address.to_be_bytes(), data].concat();
        assert_eq!(self.write(&message), Ack::Ack);
    }

    pub fn get8(&mut self, address: u16) -> u8 {
        assert_eq!(self.write(&address.to_be_bytes()), Ack::Ack);
        let mut data = [0];
        assert_eq!(self.sensor.read(ADDRESS, &mut data, self.now), Ack::Ack);
        data[0]
    }

    pub fn start(&mut self) {
        self.set8(0x0100, 1);
    }

    pub fn stop(&mut self) {
        self.set8(0x0100, 0);
    }

    /// Returns the description of the stream.
    #[track_caller]
    pub fn description(&self) -> StreamDescription {
        match self.sensor.stream() {
            StreamState::Streaming(description) => description,
            other => panic!("not streaming: {other:?}"),
        }
    }

    /// Returns the finding that has stopped the stream.
    #[track_caller]
    pub fn fault(&self) -> Finding {
        match self.sensor.stream() {
            StreamState::Faulted(finding) => finding,
            other => panic!("no fault: {other:?}"),
        }
    }

    /// Returns the rules broken, with counts.
    pub fn broken(&self) -> Vec<(Violation, u32)> {
        self.sensor.violations().iter().collect()
    }
}
