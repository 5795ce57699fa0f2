// SPDX-License-Identifier: GPL-2.0-only

//! When frames start.

use super::{
    image::frame::Frame,
    neighbours::xvs::{
        XvsTap,
        XvsWire, //
    },
    power::Line,
    program::{
        stream::StreamDescription,
        sync::SyncRole, //
    },
    sensor::{
        Sensor,
        StreamState, //
    }, //
};
use core::ops::DerefMut;

/// Frame starts that are made up for one by one when there was no look for a while. What lies
/// further back is counted, and not simulated.
const CATCH_UP_FRAMES: u64 = 256;

/// A frame that has started.
#[derive(Clone, Copy, Debug)]
pub struct StartedFrame {
    /// Its content.
    pub frame: Frame,
    /// Number of the frame since the sensor began to stream.
    pub sequence: u32,
    /// When, ns.
    pub start_ns: u64,
}

/// Starts the sensor's frames at the times that its registers, or the pulses on XVS, give.
///
/// Time passes for the sensor with each look: before each message on the bus, and when the
/// receiver expects a frame. Frame starts that lie between two looks are made up for in their order,
/// with their own times, so that registers latch as they would have.
#[derive(Debug)]
pub struct FrameClock {
    tap: XvsTap,
    epoch: Option<u32>,
    /// When the next frame starts, in a sink: before when none can start.
    next_ns: u64,
    next_sequence: u32,
    latest: Option<StartedFrame>,
    started: u64,
}

impl FrameClock {
    /// Returns the clock of a sensor that is on XVS by `tap`.
    pub const fn new(tap: XvsTap) -> Self {
        Self {
            tap,
            epoch: None,
            next_ns: 0,
            next_sequence: 0,
            latest: None,
            started: 0,
        }
    }

    /// Starts all frames that are due at `now_ns`, each to be seen by `started`, which may name a
    /// supply that drops at this moment. All other sensors on `wire` must have come as far before.
    pub fn advance<S: DerefMut<Target = [u8]>>(
        &mut self,
        sensor: &mut Sensor<S>,
        wire: &mut XvsWire,
        now_ns: u64,
        mut started: impl FnMut(StartedFrame) -> Option<Line>,
    ) {
        while let StreamState::Streaming(stream) = sensor.stream() {
            if self.epoch != Some(stream.epoch) {
                self.begin(&stream, wire);
            }
            let Some(start_ns) = self.due(&stream, wire, now_ns) else {
                return;
            };
            let Some(frame) = sensor.frame_start() else {
                continue;
            };
            let frame_started = StartedFrame {
                frame,
                sequence: self.next_sequence,
                start_ns,
            };
            self.latest = Some(frame_started);
            self.count(1);
            if let Some(supply) = started(frame_started) {
                sensor.drop_supply(supply);
            }

            let stream = &frame.stream;
            let period_ns = match stream.sync {
                SyncRole::Sink => stream.readout_ns,
                SyncRole::Alone | SyncRole::Source => stream.frame_period_ns,
            };
            self.next_ns = start_ns.saturating_add(period_ns.max(1));
            if stream.sync == SyncRole::Source {
                self.tap.send(wire, start_ns, self.next_ns);
            }
        }
        self.epoch = None;
        self.latest = None;
    }

    /// Takes to the wire what has become of the sensor at `now_ns`.
    pub fn settle<S: DerefMut<Target = [u8]>>(
        &mut self,
        sensor: &mut Sensor<S>,
        wire: &mut XvsWire,
        now_ns: u64,
    ) {
        self.tap
            .set_powered(wire, sensor.is_on(Line::Dovdd), now_ns);
        let drives = matches!(
            sensor.stream(),
            StreamState::Streaming(stream) if stream.sync == SyncRole::Source
        );
        if !self.tap.drive(wire, drives) {
            sensor.collide();
        }
    }

    /// Takes the sensor off the wire.
    pub fn leave(&mut self, wire: &mut XvsWire) {
        self.tap.leave(wire);
    }

    /// A stream has been started.
    fn begin(&mut self, stream: &StreamDescription, wire: &mut XvsWire) {
        self.epoch = Some(stream.epoch);
        self.latest = None;
        self.next_sequence = 0;
        self.next_ns = match stream.sync {
            // It has been exposed for as long as it waited.
            SyncRole::Sink => stream.started_ns,
            // The first frame is exposed before it is read out.
            SyncRole::Alone | SyncRole::Source => {
                stream.started_ns.saturating_add(stream.frame_period_ns)
            }
        };
        match stream.sync {
            SyncRole::Alone => {}
            SyncRole::Source => self.tap.announce(wire, self.next_ns),
            SyncRole::Sink => self.tap.listen(wire, stream.started_ns),
        }
    }

    /// Returns when the next frame starts, if that is not later than `now_ns`.
    fn due(&mut self, stream: &StreamDescription, wire: &mut XvsWire, now_ns: u64) -> Option<u64> {
        if stream.sync == SyncRole::Sink {
            let (start_ns, lost) = self.tap.next_pulse(wire, self.next_ns, now_ns)?;
            self.count(lost);
            return Some(start_ns);
        }
        if self.next_ns > now_ns {
            return None;
        }

        let period_ns = stream.frame_period_ns;
        let due = now_ns
            .saturating_sub(self.next_ns)
            .checked_div(period_ns)
            .unwrap_or(0);
        let skipped = due.saturating_sub(CATCH_UP_FRAMES);
        self.next_ns = self
            .next_ns
            .saturating_add(skipped.saturating_mul(period_ns));
        self.count(skipped);
        if stream.sync == SyncRole::Source {
            self.tap.skip(wire, skipped);
        }
        Some(self.next_ns)
    }

    fn count(&mut self, frames: u64) {
        // A sequence number wraps.
        self.next_sequence = self.next_sequence.wrapping_add(frames as u32);
        self.started = self.started.saturating_add(frames);
    }

    /// Returns the newest frame of the stream that runs.
    pub const fn latest(&self) -> Option<StartedFrame> {
        self.latest
    }

    /// Returns when the next frame of a sensor that is no sink starts, ns.
    pub const fn next_ns(&self) -> u64 {
        self.next_ns
    }

    /// Returns the frame starts since the board was made.
    pub const fn started(&self) -> u64 {
        self.started
    }

    /// Returns the sensor's end of XVS.
    pub const fn tap(&self) -> &XvsTap {
        &self.tap
    }
}
