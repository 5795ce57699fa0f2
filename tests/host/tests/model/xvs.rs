// SPDX-License-Identifier: GPL-2.0-only

//! Sensors in step: sources, sinks, and the wire between them.

use imx412_host::virtual_board::model::{
    FrameClock, Line, StartedFrame, StreamState, Violation, XvsWire,
};

use crate::rig::{Rig, MS};

/// Frame time of [`Rig::mainline`], ns.
const PERIOD: u64 = 33_332_400;
/// The same for the shortest frame: 3092 lines.
const READOUT: u64 = 29_064_800;

/// Values of the four registers of synchronisation (0x3F0B, 0x3041, 0x3040, 0x4B81).
const ALONE: [u8; 4] = [0, 1, 0, 0];
const SOURCE: [u8; 4] = [1, 1, 1, 1];
const SINK: [u8; 4] = [1, 0, 0, 0];

/// A sensor on a wire.
struct Camera {
    rig: Rig,
    clock: FrameClock,
    frames: Vec<StartedFrame>,
}

/// Sensors on one wire, and the time.
struct Bench {
    wire: XvsWire,
    cameras: Vec<Camera>,
    now: u64,
}

impl Bench {
    /// Powered sensors, ready to start.
    fn new(cameras: usize) -> Self {
        let mut wire = XvsWire::new();
        let cameras = (0..cameras)
            .map(|_| Camera {
                rig: Rig::mainline(),
                clock: FrameClock::new(wire.tap()),
                frames: Vec::new(),
            })
            .collect();
        let mut bench = Self {
            wire,
            cameras,
            now: 2_000 * MS,
        };
        bench.look();
        bench
    }

    /// Brings all sensors up to the present, a number of times, as sinks depend on sources.
    fn look(&mut self) {
        for _ in 0..2 {
            for camera in &mut self.cameras {
                let sensor = &mut camera.rig.sensor;
                let frames = &mut camera.frames;
                camera
                    .clock
                    .advance(sensor, &mut self.wire, self.now, |frame| {
                        frames.push(frame);
                        None
                    });
                camera.clock.settle(sensor, &mut self.wire, self.now);
            }
        }
    }

    fn wait(&mut self, ns: u64) {
        self.now += ns;
        self.look();
    }

    /// Lets `f` do something to a sensor now.
    fn act(&mut self, camera: usize, f: impl FnOnce(&mut Rig)) {
        self.look();
        let rig = &mut self.cameras[camera].rig;
        rig.now = self.now;
        f(rig);
        self.look();
    }

    fn start(&mut self, camera: usize, role: [u8; 4]) {
        self.act(camera, |rig| {
            for (address, value) in [0x3f0b, 0x3041, 0x3040, 0x4b81].into_iter().zip(role) {
                rig.set8(address, value);
            }
            rig.start();
        });
    }

    /// Number and start of the frames of a sensor.
    fn frames(&self, camera: usize) -> Vec<(u32, u64)> {
        self.cameras[camera]
            .frames
            .iter()
            .map(|frame| (frame.sequence, frame.start_ns))
            .collect()
    }

    fn ignored(&self, camera: usize) -> u64 {
        self.cameras[camera].clock.tap().ignored()
    }
}

#[test]
fn a_sink_that_was_started_first_agrees_with_its_source() {
    let mut bench = Bench::new(2);
    bench.start(1, SINK);
    bench.wait(50 * MS);
    bench.start(0, SOURCE);
    let started = bench.now;
    for _ in 0..100 {
        bench.wait(10 * MS);
    }
    let expected: Vec<_> = (0..30)
        .map(|n| (n, started + PERIOD * (u64::from(n) + 1)))
        .collect();
    assert_eq!(bench.frames(0), expected);
    assert_eq!(bench.frames(1), expected);
    assert_eq!(bench.cameras[0].clock.tap().sent(), 30);
    assert_eq!(bench.cameras[1].clock.tap().taken(), 30);
    assert_eq!(bench.ignored(1), 0);
}

#[test]
fn a_sink_counts_from_its_own_start() {
    let mut bench = Bench::new(2);
    bench.start(0, SOURCE);
    bench.wait(PERIOD * 5);
    bench.start(1, SINK);
    bench.wait(PERIOD * 2);
    let sink = bench.frames(1);
    assert_eq!(sink.len(), 2);
    assert_eq!(sink[0], (0, bench.frames(0)[5].1));
}

#[test]
fn a_sink_without_pulses_has_no_frames() {
    let mut bench = Bench::new(2);
    bench.start(0, ALONE);
    bench.start(1, SINK);
    bench.wait(1_000 * MS);
    assert_eq!(bench.frames(0).len(), 30);
    assert_eq!(bench.frames(1), []);
    bench.act(1, Rig::stop);
    bench.start(1, ALONE);
    bench.wait(PERIOD);
    assert_eq!(bench.frames(1).len(), 1);
}

#[test]
fn a_sink_follows_a_source_whose_frames_are_longer_or_shorter_than_its_own() {
    for lines in [3092u16, 8000] {
        let mut bench = Bench::new(2);
        bench.start(1, SINK);
        bench.act(0, |rig| {
            rig.set16(0x0202, 100);
            rig.set16(0x0340, lines);
        });
        bench.start(0, SOURCE);
        bench.wait(1_000 * MS);
        assert!(bench.frames(0).len() > 10);
        assert_eq!(bench.frames(0), bench.frames(1));
    }
}

#[test]
fn pulses_while_a_frame_is_read_out_are_ignored() {
    let mut bench = Bench::new(1);
    bench.start(0, SINK);
    bench.wait(MS);
    let first = bench.now;
    bench.wire.pulse(first);
    bench.wait(READOUT - 1);
    bench.wire.pulse(bench.now);
    bench.wait(1);
    bench.wire.pulse(bench.now);
    bench.look();
    assert_eq!(bench.frames(0), [(0, first), (1, first + READOUT)]);
    assert_eq!(bench.ignored(0), 1);
}

#[test]
fn values_latch_with_the_pulse() {
    let mut bench = Bench::new(1);
    bench.start(0, SINK);
    bench.wait(1_000 * MS);
    bench.act(0, |rig| rig.set16(0x0204, 512));
    bench.wire.pulse(bench.now);
    bench.wait(100 * MS);
    bench.act(0, |rig| rig.set16(0x0204, 100));
    bench.wire.pulse(bench.now);
    bench.wait(MS);
    let gains: Vec<_> = bench.cameras[0]
        .frames
        .iter()
        .map(|frame| frame.frame.settings.analogue_gain)
        .collect();
    assert_eq!(gains, [512, 100]);
}

#[test]
fn a_second_source_is_found_out_and_the_first_goes_on() {
    let mut bench = Bench::new(2);
    bench.start(0, SOURCE);
    bench.wait(PERIOD);
    bench.start(1, SOURCE);
    bench.wait(PERIOD * 3);
    assert_eq!(
        bench.cameras[1].rig.broken(),
        [(Violation::XvsDrivenTwice, 1)]
    );
    assert_eq!(
        bench.cameras[1].rig.fault().violation,
        Violation::XvsDrivenTwice
    );
    assert_eq!(bench.cameras[0].rig.broken(), []);
    assert_eq!(bench.frames(0).len(), 4);

    // The wire is free again when the first has stopped.
    bench.act(0, Rig::stop);
    bench.act(1, |rig| {
        rig.stop();
        rig.set8(0x3040, 0);
        rig.set8(0x4b81, 0);
    });
    bench.start(1, SOURCE);
    assert!(matches!(
        bench.cameras[1].rig.sensor.stream(),
        StreamState::Streaming(_)
    ));
}

/// Switches a sensor off.
fn power_off(rig: &mut Rig) {
    for line in [Line::Xclr, Line::Inck, Line::Dovdd, Line::Dvdd, Line::Avdd] {
        rig.line(line, false);
    }
}

#[test]
fn a_sensor_that_loses_its_power_triggers_the_others_once() {
    let mut bench = Bench::new(2);
    bench.start(1, SINK);
    bench.wait(100 * MS);
    bench.act(0, power_off);
    let fallen = bench.now;
    bench.wait(100 * MS);
    assert_eq!(bench.frames(1), [(0, fallen)]);
    bench.act(0, |rig| {
        rig.now += 100 * MS;
        rig.power_on();
    });
    bench.wait(100 * MS);
    assert_eq!(bench.frames(1).len(), 1);
}

#[test]
fn pulses_are_lost_while_a_sensor_has_no_power() {
    let mut bench = Bench::new(3);
    bench.start(1, SINK);
    bench.act(2, power_off);
    let spurious = bench.frames(1).len();
    bench.start(0, SOURCE);
    bench.wait(PERIOD * 3);
    assert_eq!(bench.frames(0).len(), 3);
    assert_eq!(bench.frames(1).len(), spurious);

    bench.act(2, Rig::power_on);
    bench.wait(PERIOD * 3);
    assert_eq!(bench.frames(1).len(), spurious + 3);
}

#[test]
fn a_sensor_that_goes_away_frees_the_wire() {
    let mut bench = Bench::new(3);
    bench.act(2, power_off);
    bench.start(0, SOURCE);
    let Bench { wire, cameras, .. } = &mut bench;
    cameras[2].clock.leave(wire);
    cameras[0].clock.leave(wire);
    cameras.truncate(2);
    cameras.remove(0);
    bench.start(0, SOURCE);
    bench.wait(PERIOD * 2);
    assert_eq!(bench.cameras[0].rig.broken(), []);
    assert_eq!(bench.frames(0).len(), 2);
}

#[test]
fn counters_agree_after_a_pause_too_long_to_make_up_for() {
    let mut bench = Bench::new(2);
    bench.start(1, SINK);
    bench.start(0, SOURCE);
    bench.wait(PERIOD * 2);
    bench.wait(PERIOD * 1_000);
    bench.wait(PERIOD * 2);
    let last = |bench: &Bench, camera| bench.frames(camera).pop();
    assert_eq!(last(&bench, 0).unwrap().0, 1_003);
    assert_eq!(last(&bench, 1), last(&bench, 0));
    assert_eq!(
        bench.cameras[1].clock.started(),
        bench.cameras[0].clock.started()
    );
}

#[test]
fn pulses_that_nobody_timed_start_no_frame() {
    let mut bench = Bench::new(2);
    bench.start(1, SINK);
    bench.start(0, SOURCE);
    bench.wait(PERIOD * 2);
    // The source breaks a rule in the first frame that is made up for after the pause.
    bench.act(0, |rig| rig.set16(0x0202, 0));
    bench.wait(PERIOD * 1_000);
    assert_eq!(bench.frames(1).len(), 2);
    assert_eq!(bench.ignored(1), 0);
}
