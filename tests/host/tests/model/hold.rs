// SPDX-License-Identifier: GPL-2.0-only

//! When a write takes effect.

use imx412_host::virtual_board::model::{FrameSettings, StreamState, Violation};

use crate::rig::Rig;

fn next(rig: &mut Rig) -> FrameSettings {
    rig.sensor.frame_start().unwrap().settings
}

#[test]
fn a_write_while_streaming_shows_from_the_next_frame() {
    let mut rig = Rig::streaming();
    assert_eq!(next(&mut rig).analogue_gain, 0);
    rig.set16(0x0204, 512);
    assert_eq!(rig.get8(0x0204), 2);
    assert_eq!(next(&mut rig).analogue_gain, 512);
}

#[test]
fn held_writes_show_together_after_the_release() {
    let mut rig = Rig::streaming();
    let before = next(&mut rig);
    rig.set8(0x0104, 1);
    rig.set16(0x0202, 100);
    rig.set16(0x0204, 512);
    assert_eq!(next(&mut rig), before);
    rig.set16(0x020e, 0x0200);
    rig.set8(0x0104, 0);
    let after = next(&mut rig);
    assert_eq!(after.analogue_gain, 512);
    assert_eq!(after.digital_gains.gr, 0x0200);
    assert!(after.exposure_ns < before.exposure_ns);
}

#[test]
fn what_was_written_before_the_hold_is_not_held() {
    let mut rig = Rig::streaming();
    rig.set16(0x0204, 100);
    rig.set8(0x0104, 1);
    rig.set16(0x0204, 200);
    assert_eq!(next(&mut rig).analogue_gain, 100);
    rig.set8(0x0104, 0);
    assert_eq!(next(&mut rig).analogue_gain, 200);
}

#[test]
fn a_hold_in_standby_holds_nothing() {
    let mut rig = Rig::mainline();
    rig.set8(0x0104, 1);
    rig.set16(0x0204, 300);
    rig.start();
    assert_eq!(next(&mut rig).analogue_gain, 300);
}

#[test]
fn a_hold_that_is_never_released_stops_the_stream() {
    let mut rig = Rig::streaming();
    rig.set8(0x0104, 1);
    for _ in 0..60 {
        assert!(rig.sensor.frame_start().is_some());
    }
    assert_eq!(rig.sensor.frame_start(), None);
    assert_eq!(rig.fault().violation, Violation::GroupHoldLeftOpen);
}

#[test]
fn holds_that_are_released_do_not_add_up() {
    let mut rig = Rig::streaming();
    for _ in 0..100 {
        rig.set8(0x0104, 1);
        assert!(rig.sensor.frame_start().is_some());
        rig.set8(0x0104, 0);
    }
    assert_eq!(rig.broken(), []);
}

#[test]
fn the_generation_tells_whether_the_picture_changes() {
    let mut rig = Rig::streaming();
    let first = rig.sensor.frame_start().unwrap().generation;
    rig.set16(0x0202, 0x0dc4);
    // A longer frame of the same exposure looks the same.
    rig.set16(0x0340, 4000);
    let frame = rig.sensor.frame_start().unwrap();
    assert_eq!(frame.generation, first);
    assert_eq!(frame.stream.frame_length, 4000);
    rig.set16(0x0202, 100);
    let changed = rig.sensor.frame_start().unwrap().generation;
    assert_ne!(changed, first);
    assert_eq!(rig.sensor.frame_start().unwrap().generation, changed);
}

#[test]
fn a_rule_broken_by_a_latched_value_stops_the_stream_at_that_frame() {
    let mut rig = Rig::streaming();
    rig.set16(0x0202, 3546 - 21);
    assert!(matches!(rig.sensor.stream(), StreamState::Streaming(_)));
    assert_eq!(rig.sensor.frame_start(), None);
    assert_eq!(rig.fault().violation, Violation::ExposureBeyondFrame);
    assert_eq!((rig.fault().value, rig.fault().limit), (3525, 3524));
    // Once.
    assert_eq!(rig.sensor.frame_start(), None);
    assert_eq!(rig.broken(), [(Violation::ExposureBeyondFrame, 1)]);
}

#[test]
fn a_faulted_sensor_recovers_through_standby() {
    let mut rig = Rig::streaming();
    rig.set16(0x0202, 0);
    assert_eq!(rig.sensor.frame_start(), None);
    rig.set16(0x0202, 100);
    assert_eq!(rig.sensor.frame_start(), None);
    rig.stop();
    rig.start();
    assert!(rig.sensor.frame_start().is_some());
}

/// A write that changes nothing.
const NOTHING: (u16, u8) = (0x0104, 0);

#[test]
fn every_frame_latched_register_is_held_and_released() {
    // Register, value, and what has to be set before the start for it to show.
    for (register, value, enable) in [
        (0x0202, 100, NOTHING),
        (0x0204, 100, NOTHING),
        (0x020e, 0x0200, NOTHING),
        (0x0210, 0x0200, NOTHING),
        (0x0212, 0x0200, NOTHING),
        (0x0214, 0x0200, NOTHING),
        (0x0340, 4000, NOTHING),
        (0x0342, 5000, NOTHING),
        (0x0600, 1, NOTHING),
        (0x0602, 0x0555, (0x0601, 1)),
        (0x0604, 0x0555, (0x0601, 1)),
        (0x0606, 0x0555, (0x0601, 1)),
        (0x0608, 0x0555, (0x0601, 1)),
        (0x3032, 0x0200, (0x3030, 1)),
    ] {
        check_held(enable, |rig| rig.set16(register, value), register);
    }
    for (register, value, enable) in [
        (0x3100, 1, (0x0202, 1)),
        (0x3210, 1, NOTHING),
        (0x3ff9, 1, (0x0210, 2)),
    ] {
        check_held(enable, |rig| rig.set8(register, value), register);
    }
    // Shows with an exposure that outgrows the frame.
    let extend = |rig: &mut Rig| {
        rig.set8(0x0350, 1);
        rig.set16(0x0202, 5000);
    };
    check_held(NOTHING, extend, 0x0350);
}

/// Checks that the change of `register` by `write` takes effect at the end of the hold, and not
/// before.
fn check_held(enable: (u16, u8), write: impl Fn(&mut Rig), register: u16) {
    let mut rig = Rig::mainline();
    rig.set8(enable.0, enable.1);
    rig.start();
    let shown = |rig: &mut Rig| {
        let frame = rig.sensor.frame_start().unwrap();
        (frame.settings, frame.stream)
    };
    let before = shown(&mut rig);
    rig.set8(0x0104, 1);
    write(&mut rig);
    assert_eq!(shown(&mut rig), before, "{register:#06x} is not held");
    rig.set8(0x0104, 0);
    assert_ne!(shown(&mut rig), before, "{register:#06x} has no effect");
}

#[test]
fn registers_that_shape_the_stream_are_for_standby() {
    for register in [
        0x0101, 0x0b05, 0x0b06, 0x3030, 0x3040, 0x3041, 0x3f0b, 0x4b81,
    ] {
        let mut rig = Rig::streaming();
        let value = rig.get8(register);
        rig.set8(register, value);
        assert_eq!(rig.fault().violation, Violation::StructuralWhileStreaming);
        assert_eq!(rig.fault().value, u64::from(register));
    }
}

#[test]
fn thermometer_and_second_address_are_switched_at_any_time() {
    let mut rig = Rig::streaming();
    for register in [0x0138, 0x3010, 0x3011] {
        rig.set8(register, 1);
    }
    assert_eq!(rig.get8(0x013a), 42);
    assert!(rig.sensor.frame_start().is_some());
    assert_eq!(rig.broken(), []);
}

#[test]
fn length_and_shift_of_a_long_exposure_change_in_one_frame() {
    let mut rig = Rig::streaming();
    rig.set8(0x0104, 1);
    rig.set16(0x0340, 0xffff);
    rig.set8(0x3210, 7);
    rig.set16(0x0202, 0xffff);
    rig.set8(0x3100, 6);
    let before = rig.sensor.frame_start().unwrap();
    assert_eq!(before.stream.frame_length, 3546);
    rig.set8(0x0104, 0);

    let frame = rig.sensor.frame_start().unwrap();
    assert_eq!(frame.stream.frame_length, 0xffff << 7);
    // 4512 * 8388480 / 480 MHz
    assert_eq!(frame.stream.frame_period_ns, 78_851_712_000);
    // (4512 * 4194240 + 1936) / 480 MHz
    assert_eq!(frame.settings.exposure_ns, 39_425_860_033);
    assert_eq!(rig.broken(), []);
}

#[test]
fn the_longest_line_and_frame_overflow_nothing() {
    let mut rig = Rig::mainline();
    rig.set16(0x0342, 0xffff);
    rig.set16(0x0340, 0xffff);
    rig.set8(0x3210, 7);
    rig.set16(0x0202, 0xfffe);
    rig.set8(0x3100, 7);
    rig.start();
    let frame = rig.sensor.frame_start().unwrap();
    // 65535 * 8388480 / 480 MHz
    assert_eq!(frame.stream.frame_period_ns, 1_145_289_660_000);
    // (65535 * 8388352 + 1936) / 480 MHz
    assert_eq!(frame.settings.exposure_ns, 1_145_272_188_033);
}

#[test]
fn lengths_count_as_written_before_a_frame_has_them() {
    let mut rig = Rig::streaming();
    let latched = rig.description();
    rig.set16(0x0340, 0x1000);
    rig.set16(0x0342, 0x2000);

    let written = rig.sensor.written_lengths();
    assert_eq!(
        (written.line_length, written.frame_length),
        (0x2000, 0x1000)
    );
    assert_eq!(rig.description(), latched);
    let frame = rig.sensor.frame_start().unwrap().stream;
    assert_eq!((frame.line_length, frame.frame_length), (0x2000, 0x1000));
}
