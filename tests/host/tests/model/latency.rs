// SPDX-License-Identifier: GPL-2.0-only

//! Latency from a write to the frame that shows it.

use imx412_host::virtual_board::model::part::{IMX412, IMX577};
use imx412_host::virtual_board::model::{Frame, Latency, Surroundings};

use crate::rig::{Rig, MS};
use crate::vectors;

/// Streaming mainline's full frame with these latencies.
fn streaming(latency: Latency) -> Rig {
    let mut rig = Rig::with_latency(Surroundings {
        latency,
        ..Surroundings::new(&IMX412, 24_000_000)
    });
    rig.power_on();
    rig.now += 8 * MS;
    rig.load(&vectors::find("mainline", "mode_4056x3040").program());
    rig.start();
    rig.description();
    rig
}

/// Exposure, gains, black level, frame and line length, written between two frame starts.
fn change(rig: &mut Rig) {
    rig.set8(0x0104, 1);
    rig.set16(0x0202, 100);
    rig.set16(0x0204, 512);
    rig.set16(0x020e, 0x0200);
    rig.set16(0x0340, 0x1000);
    rig.set16(0x0342, 0x2000);
    rig.set8(0x0104, 0);
}

/// Returns the frames, counted from the one in which everything was written, that first show
/// exposure, analogue gain, digital gain, frame length and line length.
fn first_shown(latency: Latency) -> [usize; 5] {
    let mut rig = streaming(latency);
    let shows: [fn(&Frame) -> bool; 5] = [
        |frame| frame.stream.exposure_lines == 100,
        |frame| frame.settings.analogue_gain == 512,
        |frame| frame.settings.digital_gains.gr == 0x0200,
        |frame| frame.stream.frame_length == 0x1000,
        |frame| frame.stream.line_length == 0x2000,
    ];
    let before = rig.sensor.frame_start().unwrap();
    change(&mut rig);
    let mut frames = vec![before];
    frames.extend((0..6).map(|_| rig.sensor.frame_start().unwrap()));
    assert_eq!(rig.broken(), []);
    shows.map(|shown| {
        let first = frames.iter().position(shown).unwrap();
        assert!(frames[first..].iter().all(shown));
        first
    })
}

#[test]
fn what_was_written_shows_two_frames_later_and_all_of_it_at_once() {
    assert_eq!(
        Surroundings::new(&IMX412, 24_000_000).latency,
        Latency::IMX477
    );
    assert_eq!(
        Surroundings::new(&IMX577, 24_000_000).latency,
        Latency::IMX477
    );
    // A length shows in the start of the frame behind the one that has it: 3, as libcamera counts.
    assert_eq!(first_shown(Latency::IMX477), [2, 2, 2, 2, 2]);
}

#[test]
fn each_latency_is_its_own() {
    assert_eq!(first_shown(Latency::NEXT_FRAME), [1, 1, 1, 1, 1]);
    let latency = Latency {
        exposure: 1,
        gain: 3,
        frame_length: 3,
        line_length: 5,
    };
    assert!(latency.is_valid());
    assert_eq!(first_shown(latency), [1, 3, 3, 2, 4]);
}

#[test]
fn frames_tell_whether_more_is_to_come() {
    let mut rig = streaming(Latency::IMX477);
    assert!(!rig.sensor.frame_start().unwrap().pending);
    change(&mut rig);
    assert!(rig.sensor.frame_start().unwrap().pending);
    assert!(!rig.sensor.frame_start().unwrap().pending);
}

#[test]
fn a_start_has_all_values_from_its_first_frame() {
    let mut rig = streaming(Latency::IMX477);
    rig.stop();
    change(&mut rig);
    rig.start();
    let frame = rig.sensor.frame_start().unwrap();
    assert_eq!(frame.stream.exposure_lines, 100);
    assert_eq!(frame.stream.frame_length, 0x1000);
    assert!(!frame.pending);
}

#[test]
fn latencies_have_limits() {
    for (exposure, frame_length, valid) in [
        (0, 2, false),
        (1, 1, false),
        (1, 2, true),
        (4, 5, true),
        (5, 5, false),
        (4, 6, false),
    ] {
        let latency = Latency {
            exposure,
            frame_length,
            ..Latency::NEXT_FRAME
        };
        assert_eq!(latency.is_valid(), valid, "{latency:?}");
    }
}
