// SPDX-License-Identifier: GPL-2.0-only

//! The programs of public drivers stream, at the rates that their authors declare.

use imx412_host::virtual_board::model::part::{IMX378, IMX412, IMX477};
use imx412_host::virtual_board::model::{Surroundings, Violation};

use crate::rig::Rig;
use crate::vectors::{self, Vector};

/// Loads a program, and what its driver writes apart from its table.
fn loaded(vector: &Vector) -> Rig {
    let mut rig = Rig::on(Surroundings::new(&IMX412, vector.inck_hz));
    rig.load(&vector.program());
    if vector.source == "FRAMOS" {
        // Exposure is a control of FRAMOS' driver. The link bit rate stays unwritten there, which
        // this model does not let pass: lanes * 2099.25 Mbps.
        rig.set16(0x0202, 1000);
        let mbps = u64::from(vector.lanes) * 209_925 * 65_536 / 100;
        rig.set32(0x0820, u32::try_from(mbps).unwrap());
    }
    rig
}

#[test]
fn every_public_program_streams_as_declared() {
    let vectors = vectors::all();
    assert_eq!(vectors.len(), 11);
    for vector in vectors {
        let name = format!("{} {}", vector.source, vector.mode);
        let mut rig = loaded(&vector);
        rig.start();
        assert_eq!(rig.broken(), [], "{name}");

        let stream = rig.description();
        assert_eq!(stream.bits, vector.bits, "{name}");
        assert_eq!(stream.lanes, vector.lanes, "{name}");
        if let Some(pixel_rate) = vector.declared.pixel_rate {
            assert_eq!(stream.pixel_rate_hz, pixel_rate, "{name}");
        }
        if let Some(link_freq) = vector.declared.link_freq {
            assert_eq!(stream.link_freq_hz, link_freq, "{name}");
        }
        // FRAMOS' device trees round to whole frames per second.
        let fps = 1e9 / stream.frame_period_ns as f64;
        let tolerance = if vector.source == "FRAMOS" { 0.5 } else { 0.01 };
        assert!(
            (fps - vector.declared.fps).abs() < tolerance,
            "{name}: {fps} fps, declared {}",
            vector.declared.fps
        );
    }
}

/// Returns an IMX477 with one of Raspberry Pi's programs, and the registers that its driver writes
/// apart from it.
fn imx477(vector: &Vector) -> Rig {
    let mut rig = Rig::on(Surroundings::new(&IMX477, vector.inck_hz));
    rig.load(&vector.program());
    // Its controls, and a sensor on its own.
    rig.set16(0x0202, 500);
    rig.load(&[(0x3f0b, 0), (0x3041, 1), (0x3040, 0), (0x4b81, 0)]);
    rig
}

#[test]
fn raspberry_pis_programs_stream_on_an_imx477_as_declared() {
    let vectors = vectors::imx477();
    assert_eq!(vectors.len(), 5);
    for vector in vectors {
        let mut rig = imx477(&vector);
        if vector.mode.starts_with("mode_2028x") {
            // The digital crop of its binned programs is that of an array that is not binned, which the model
            // does not let pass.
            let mut as_written = imx477(&vector);
            as_written.start();
            assert!(as_written
                .broken()
                .iter()
                .any(|(rule, _)| *rule == Violation::DigitalCropOutside));
            rig.set16(0x040c, 2028);
            rig.set16(
                0x040e,
                if vector.mode.contains("1520") {
                    1520
                } else {
                    1080
                },
            );
        }
        rig.start();
        assert_eq!(rig.broken(), [], "{}", vector.mode);
        let stream = rig.description();
        assert_eq!((stream.bits, stream.lanes), (vector.bits, vector.lanes));
        assert_eq!(Some(stream.pixel_rate_hz), vector.declared.pixel_rate);
        assert_eq!(Some(stream.link_freq_hz), vector.declared.link_freq);
        let fps = 1e9 / stream.frame_period_ns as f64;
        assert!(
            (fps - vector.declared.fps).abs() < 0.06,
            "{}: {fps}",
            vector.mode
        );
    }
}

/// Raspberry Pi's table at 900 Mbps, what else its drivers have run with it, and what nobody runs.
#[test]
fn a_dphy_timing_is_the_sensors_own_or_one_that_is_known_for_the_lane_rate() {
    let full_frame = || imx477(&vectors::imx477()[0]);
    let broken = |set: &dyn Fn(&mut Rig)| {
        let mut rig = full_frame();
        set(&mut rig);
        rig.start();
        rig.broken()
    };
    let wrong = vec![(Violation::DphyTimingWrong, 1)];
    // A multiplier of 150 is 900 Mbps.
    let rate = |rig: &mut Rig, multiplier: u16| {
        rig.set16(0x030e, multiplier);
        rig.set32(0x0820, (u32::from(multiplier) * 12) << 16);
    };
    assert_eq!(broken(&|_| ()), []);
    assert_eq!(broken(&|rig| rig.set8(0x0808, 0)), []);
    assert_eq!(broken(&|rig| rig.set8(0x0808, 1)), wrong);
    assert_eq!(broken(&|rig| rig.set16(0x0816, 0x126)), wrong);
    assert_eq!(broken(&|rig| rig.set16(0xe04c, 0x5f)), []);
    assert_eq!(broken(&|rig| rig.set16(0xe04e, 0x5f)), wrong);
    // 453 and 456 MHz.
    assert_eq!(broken(&|rig| rate(rig, 151)), []);
    assert_eq!(broken(&|rig| rate(rig, 152)), []);
    assert_eq!(broken(&|rig| rate(rig, 160)), wrong);
    let elsewhere = |rig: &mut Rig| {
        rate(rig, 160);
        rig.set8(0x0808, 0);
    };
    assert_eq!(broken(&elsewhere), []);
    assert_eq!(IMX378.dphy.len(), IMX477.dphy.len());
    assert!(IMX412.dphy.is_empty());
}

#[test]
fn framos_readouts_have_the_rates_that_their_registers_give() {
    // Output, link frequency, pixel rate, line and frame length, frames per 1000 s.
    let expected = [
        ("mode_4056x3040_10bit_4lane", 4056, 3040, 4512, 3092, 60_189),
        ("mode_4056x3040_10bit_2lane", 4056, 3040, 9024, 3092, 30_094),
        ("mode_4056x3040_12bit_4lane", 4056, 3040, 6224, 3092, 43_633),
        ("mode_3840x2160_10bit_4lane", 3840, 2160, 4512, 2212, 84_134),
        ("mode_3840x2160_12bit_4lane", 3840, 2160, 6224, 2212, 60_992),
        ("mode_scale_hv3_10bit_4lane", 1280, 720, 4512, 3092, 60_189),
        ("mode_scale_hv3_10bit_2lane", 1280, 720, 9024, 3092, 30_094),
        (
            "mode_crop_binning_h2v2_10bit_4lane",
            1920,
            1080,
            2976,
            1132,
            249_256,
        ),
    ];
    for (mode, width, height, line, frame, rate) in expected {
        let mut rig = loaded(&vectors::find("FRAMOS", mode));
        rig.start();
        let stream = rig.description();
        assert_eq!((stream.width, stream.height), (width, height), "{mode}");
        assert_eq!(
            (stream.line_length, stream.frame_length),
            (line, frame),
            "{mode}"
        );
        assert_eq!(stream.pixel_rate_hz, 839_700_000, "{mode}");
        assert_eq!(stream.link_freq_hz, 1_049_625_000, "{mode}");
        let measured = 1e12 / stream.frame_period_ns as f64;
        assert!(
            (measured - f64::from(rate)).abs() < 1.0,
            "{mode}: {measured}"
        );
    }
}

#[test]
fn mainlines_program_streams_unmodified() {
    let vector = vectors::find("mainline", "mode_4056x3040");
    assert!(vector.program().contains(&(0x9232, 0xe2)));
    let mut rig = loaded(&vector);
    rig.start();
    assert_eq!(rig.broken(), []);
    assert_eq!(rig.description().width, 4056);
}

#[test]
fn values_of_9232_that_no_driver_writes_are_refused() {
    for value in [0x00, 0xb3, 0xe3] {
        let mut rig = loaded(&vectors::find("mainline", "mode_4056x3040"));
        rig.set8(0x9232, value);
        rig.start();
        assert_eq!(rig.broken(), [(Violation::GlobalBlockWrong, 1)]);
        assert_eq!((rig.fault().value, rig.fault().limit), (0x9232, 0xb2));
    }
}
