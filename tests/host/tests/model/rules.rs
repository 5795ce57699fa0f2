// SPDX-License-Identifier: GPL-2.0-only

//! Every rule can be violated, by itself where possible, and has a name.

use std::collections::HashSet;

use imx412_host::virtual_board::model::part::IMX412;
use imx412_host::virtual_board::model::{Line, StreamState, Surroundings, SyncRole, Violation};

use crate::rig::{Rig, MS};
use crate::vectors;

/// Returns a rig in which `violation` has just happened, and those that necessarily go with it.
fn provoke(violation: Violation) -> (Rig, &'static [Violation]) {
    use Violation::*;

    let mut alone: &[Violation] = &[];
    let mut rig = match violation {
        InckBeforeSupplies | XclrBeforeSupplies | XclrBeforeInck => {
            return (power_up_wrongly(violation), alone);
        }
        SupplyOffWhileInckOn | SupplyOffWhileXclrHigh | InckOffWhileXclrHigh => {
            return power_down_wrongly(violation);
        }
        StreamBeforeSettled => {
            let mut rig = Rig::mainline();
            rig.line(Line::Xclr, false);
            rig.line(Line::Xclr, true);
            rig.now += MS;
            rig.load(&vectors::find("mainline", "mode_4056x3040").program());
            rig
        }
        PowerOffWhileStreaming | StructuralWhileStreaming | GroupHoldLeftOpen | ReadOnlyWritten => {
            Rig::streaming()
        }
        XvsDrivenInStandby | XvsDrivenTwice => source(),
        _ => Rig::mainline(),
    };
    match violation {
        PowerOffWhileStreaming => rig.line(Line::Xclr, false),
        ReadOnlyWritten => rig.set8(0x013a, 1),
        StructuralWhileStreaming => rig.set8(0x0112, 0x0a),
        GroupHoldLeftOpen => {
            rig.set8(0x0104, 1);
            while rig.sensor.frame_start().is_some() {}
        }
        XvsDrivenInStandby => rig.stop(),
        ThermometerOnAtStart => {
            rig.set8(0x3f0b, 1);
            rig.set8(0x3040, 1);
            rig.set8(0x4b81, 1);
            rig.set8(0x0138, 1);
        }
        XvsDrivenTwice => rig.sensor.collide(),
        ExckFreqWrong => rig.set16(0x0136, 0x1b00),
        ClockDividerInvalid => {
            rig.set8(0x0305, 6);
            rig.set16(0x0306, 300);
        }
        VtPllOutOfRange => {
            rig.set16(0x0306, 199);
            rig.set32(0x0820, 4776 << 16);
        }
        OpPllOutOfRange => {
            rig.set8(0x0310, 1);
            rig.set16(0x030e, 99);
            rig.set32(0x0820, 4752 << 16);
        }
        LaneRateTooHigh => {
            alone = &[VtPllOutOfRange];
            rig.set16(0x0306, 351);
            rig.set32(0x0820, 8424 << 16);
        }
        LinkBitRateWrong => rig.set32(0x0820, 0x12c0_0002),
        DphyTimingWrong => rig.set8(0x0808, 2),
        LaneModeInvalid => {
            alone = &[LinkBitRateWrong, LineTooShortForLink];
            rig.set8(0x0114, 2);
        }
        CsiFormatInvalid => rig.set16(0x0112, 0x0a08),
        OpPixelDividerWrong => rig.set8(0x0309, 12),
        AdcDepthWrong => rig.set8(0x3f0d, 1),
        LineTooShortForLink => {
            // 4056 * 10 bits on 2 * 1.2 Gbps take 8112 pck of 480 MHz and a bit.
            rig.set8(0x0114, 1);
            rig.set32(0x0820, 2400 << 16);
            rig.set16(0x0342, 8112);
        }
        LineTooShortForAdc => rig.set16(0x0342, 4511),
        FrameTooShort => {
            rig.set16(0x0340, 3091);
            rig.set16(0x0202, 100);
        }
        ExposureZero => rig.set16(0x0202, 0),
        ExposureBeyondFrame => rig.set16(0x0202, 3525),
        LengthShiftInvalid => rig.set8(0x3210, 8),
        AnalogueGainInvalid => rig.set16(0x0204, 979),
        DigitalGainInvalid => rig.set16(0x0214, 0x00ff),
        TestPatternInvalid => rig.set16(0x0600, 5),
        BlackLevelInvalid => {
            rig.set8(0x3030, 1);
            rig.set16(0x3032, 1024);
        }
        DefectCorrectionInvalid => rig.set8(0x0b06, 0),
        // The width is 0.
        StrobeInvalid => {
            rig.set8(0x0c12, 1);
            rig.set8(0x0c1a, 3);
            rig.set8(0x0c1b, 1);
        }
        SyncRoleInvalid => rig.set8(0x3040, 1),
        CropOutsideArray => {
            rig.set16(0x0344, 2);
            rig.set16(0x0348, 4057);
        }
        CropMisaligned => {
            rig.set16(0x0344, 1);
            rig.set16(0x040c, 4054);
            rig.set16(0x034c, 4054);
        }
        SubsamplingUnsupported => rig.set8(0x0387, 3),
        BinningInvalid => rig.set16(0x0900, 0x0244),
        ScalerInvalid => rig.set8(0x0401, 3),
        DigitalCropOutside => rig.set16(0x0408, 2),
        DigitalCropMisaligned => {
            rig.set16(0x040c, 4055);
            rig.set16(0x034c, 4054);
        }
        OutputSizeWrong => rig.set16(0x034c, 4054),
        GlobalBlockWrong => rig.set8(0x938d, 0x42),
        ReadoutBlockWrong => rig.set8(0x3c23, 0x0b),
        DolNotEmulated => rig.set8(0x00e3, 1),
        InckBeforeSupplies
        | XclrBeforeSupplies
        | XclrBeforeInck
        | SupplyOffWhileInckOn
        | SupplyOffWhileXclrHigh
        | InckOffWhileXclrHigh
        | StreamBeforeSettled => {}
    }
    if rig.sensor.stream() == StreamState::Standby && violation != PowerOffWhileStreaming {
        rig.start();
    }
    (rig, alone)
}

/// Streams as the source of frame starts for others.
fn source() -> Rig {
    let mut rig = Rig::mainline();
    rig.set8(0x3f0b, 1);
    rig.set8(0x3040, 1);
    rig.set8(0x4b81, 1);
    rig.start();
    rig
}

fn power_up_wrongly(violation: Violation) -> Rig {
    let mut rig = Rig::off(Surroundings::new(&IMX412, 24_000_000));
    let order: &[Line] = match violation {
        Violation::InckBeforeSupplies => &[Line::Avdd, Line::Dovdd, Line::Inck],
        // The clock has to come before XCLR and after the supplies, of which one is lost.
        Violation::XclrBeforeSupplies => &[Line::Dvdd, Line::Avdd, Line::Dovdd, Line::Inck],
        _ => &[Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Xclr],
    };
    for line in order {
        rig.line(*line, true);
    }
    if violation == Violation::XclrBeforeSupplies {
        rig.line(Line::Inck, false);
        rig.line(Line::Avdd, false);
        rig.line(Line::Inck, true);
        rig.sensor.clear_violations();
        rig.line(Line::Xclr, true);
    }
    rig
}

fn power_down_wrongly(violation: Violation) -> (Rig, &'static [Violation]) {
    let mut rig = Rig::on(Surroundings::new(&IMX412, 24_000_000));
    match violation {
        Violation::SupplyOffWhileInckOn => {
            rig.line(Line::Xclr, false);
            rig.line(Line::Dvdd, false);
            (rig, &[])
        }
        Violation::SupplyOffWhileXclrHigh => {
            rig.line(Line::Dvdd, false);
            (rig, &[Violation::SupplyOffWhileInckOn])
        }
        _ => {
            rig.line(Line::Inck, false);
            (rig, &[])
        }
    }
}

#[test]
fn every_rule_fires_and_no_other_with_it() {
    for violation in Violation::ALL {
        let (rig, companions) = provoke(*violation);
        let broken: Vec<_> = rig.broken().into_iter().map(|(broken, _)| broken).collect();
        assert!(broken.contains(violation), "{violation}: got {broken:?}");
        for other in broken {
            assert!(
                other == *violation || companions.contains(&other),
                "{violation}: {other} fired too"
            );
        }
    }
}

#[test]
fn a_broken_rule_of_the_program_stops_the_stream() {
    use Violation::*;
    let of_power = [
        InckBeforeSupplies,
        XclrBeforeSupplies,
        XclrBeforeInck,
        SupplyOffWhileInckOn,
        SupplyOffWhileXclrHigh,
        InckOffWhileXclrHigh,
        PowerOffWhileStreaming,
    ];
    for violation in Violation::ALL {
        let (mut rig, _) = provoke(*violation);
        assert_eq!(rig.sensor.frame_start(), None, "{violation}");
        if of_power.contains(violation) {
            assert_eq!(rig.sensor.stream(), StreamState::Standby, "{violation}");
        } else {
            rig.fault();
        }
    }
}

#[test]
fn names_are_in_kebab_case_and_unique() {
    let names: HashSet<_> = Violation::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(names.len(), Violation::ALL.len());
    for name in names {
        assert!(name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
    }
}

#[test]
fn a_finding_prints_its_name_and_figures() {
    let (rig, _) = provoke(Violation::LineTooShortForAdc);
    assert_eq!(
        rig.fault().to_string(),
        "line-too-short-for-adc: value 4511 (0x119f), limit 4512 (0x11a0)"
    );
    assert_eq!(rig.sensor.violations().last(), Some(rig.fault()));
}

#[test]
fn counts_add_up_and_can_be_cleared() {
    let mut rig = Rig::mainline();
    rig.set8(0x0000, 1);
    rig.set8(0x0000, 1);
    rig.set16(0x0204, 979);
    rig.start();
    let violations = rig.sensor.violations();
    assert_eq!(violations.count(Violation::ReadOnlyWritten), 2);
    assert_eq!(violations.count(Violation::AnalogueGainInvalid), 1);
    assert_eq!(violations.total(), 3);
    rig.sensor.clear_violations();
    assert_eq!(rig.broken(), []);
    assert_eq!(rig.sensor.violations().last(), None);
}

/// Starts mainline's program with one 16-bit register changed; whether it streams.
fn streams_with(address: u16, value: u16) -> bool {
    let mut rig = Rig::mainline();
    rig.set16(address, value);
    rig.start();
    matches!(rig.sensor.stream(), StreamState::Streaming(_))
}

#[test]
fn limits_themselves_are_allowed() {
    // Exposure, gains, line and frame length on the last value that the part takes.
    for (address, value) in [
        (0x0202, 1),
        (0x0202, 3524),
        (0x0204, 978),
        (0x020e, 0x0100),
        (0x020e, 0xffff),
        (0x0342, 4512),
        (0x0342, 0xfff0),
        (0x0340, 0xffff),
        (0x0600, 4),
        (0x0b05, 0x0000),
    ] {
        assert!(streams_with(address, value), "{address:#06x} = {value}");
    }
    let mut rig = Rig::mainline();
    rig.set16(0x0202, 3092 - 22);
    rig.set16(0x0340, 3092);
    rig.start();
    rig.description();

    let mut rig = Rig::mainline();
    rig.set8(0x3030, 1);
    rig.set16(0x3032, 1023);
    rig.start();
    rig.description();
}

#[test]
fn an_automatic_black_level_is_none_of_the_registers() {
    assert!(streams_with(0x3032, 0xffff));
}

#[test]
fn the_roles_that_public_drivers_write_are_taken_and_no_others() {
    for settings in 0u8..16 {
        let bit = |n: u8| settings >> n & 1;
        let mut rig = Rig::mainline();
        rig.set8(0x3f0b, bit(3));
        rig.set8(0x3041, bit(2));
        rig.set8(0x3040, bit(1));
        rig.set8(0x4b81, bit(0));
        rig.start();
        let role = match settings {
            0b0100 => SyncRole::Alone,
            0b0111 | 0b1111 => SyncRole::Source,
            0b0000 | 0b1000 => SyncRole::Sink,
            _ => {
                assert_eq!(rig.broken(), [(Violation::SyncRoleInvalid, 1)]);
                continue;
            }
        };
        assert_eq!(rig.description().sync, role);
    }
}

#[test]
fn outputs_that_are_parked_after_the_stream_are_in_order() {
    let mut rig = source();
    rig.stop();
    rig.set8(0x4b81, 0);
    rig.set8(0x3040, 0);
    // On again for the next stream.
    rig.set8(0x3040, 1);
    rig.set8(0x4b81, 1);
    rig.start();
    rig.description();
    rig.stop();
    rig.set8(0x3040, 0);
    rig.set8(0x4b81, 0);
    rig.line(Line::Xclr, false);
    assert_eq!(rig.broken(), []);
}

#[test]
fn a_thermometer_that_is_on_behind_the_start_is_in_order() {
    let mut rig = source();
    rig.set8(0x0138, 1);
    rig.description();
    rig.stop();
    rig.set8(0x3040, 0);
    rig.set8(0x4b81, 0);
    // A sensor that sends no pulses may have it on all the time.
    let mut alone = Rig::mainline();
    alone.set8(0x0138, 1);
    alone.start();
    alone.description();
    assert_eq!((rig.broken(), alone.broken()), (vec![], vec![]));
}

#[test]
fn outputs_that_are_on_when_power_goes_are_found_out() {
    let mut rig = source();
    rig.stop();
    // One of the two.
    rig.set8(0x4b81, 0);
    rig.line(Line::Xclr, false);
    assert_eq!(rig.broken(), [(Violation::XvsDrivenInStandby, 1)]);
}

#[test]
fn the_line_floor_follows_depth_and_binning() {
    let program = |mode: &str| {
        let mut rig = Rig::on(Surroundings::new(&IMX412, 27_000_000));
        rig.load(&vectors::find("FRAMOS", mode).program());
        rig.set16(0x0202, 100);
        rig.set32(0x0820, 8397 << 16);
        rig
    };
    for (mode, floor) in [
        ("mode_4056x3040_10bit_4lane", 4512),
        ("mode_4056x3040_12bit_4lane", 6224),
        ("mode_crop_binning_h2v2_10bit_4lane", 2976),
    ] {
        let mut rig = program(mode);
        rig.set16(0x0342, floor);
        rig.start();
        rig.description();

        let mut rig = program(mode);
        rig.set16(0x0342, floor - 1);
        rig.start();
        assert_eq!(rig.broken(), [(Violation::LineTooShortForAdc, 1)], "{mode}");
        assert_eq!(rig.fault().limit, u64::from(floor));
    }
}

/// FRAMOS' binned mode, on its shortest line.
fn binned() -> Rig {
    let mut rig = Rig::on(Surroundings::new(&IMX412, 27_000_000));
    let mode = "mode_crop_binning_h2v2_10bit_4lane";
    rig.load(&vectors::find("FRAMOS", mode).program());
    rig.set16(0x0202, 100);
    rig.set32(0x0820, 8397 << 16);
    rig
}

#[test]
fn binning_in_12_bit_needs_the_12_bit_line() {
    for (line, broken) in [
        (6223, vec![(Violation::LineTooShortForAdc, 1)]),
        (6224, vec![]),
    ] {
        let mut rig = binned();
        rig.set16(0x0112, 0x0c0c);
        rig.set8(0x0309, 12);
        rig.set8(0x3f0d, 1);
        rig.set16(0x0342, line);
        rig.start();
        assert_eq!(rig.broken(), broken);
    }
}

#[test]
fn the_adc_block_follows_depth_and_binning() {
    let full = |bits: u8| {
        let mut rig = Rig::mainline();
        rig.set16(0x0342, 6224);
        rig.set16(0x0112, u16::from_be_bytes([bits, bits]));
        rig.set8(0x0309, bits);
        rig.set8(0x3f0d, u8::from(bits == 12));
        rig
    };
    for (mut rig, right) in [
        (full(10), [0x03, 0xbf]),
        (full(12), [0x03, 0x85]),
        (binned(), [0x01, 0x7f]),
    ] {
        for block in [[0x03, 0xbf], [0x03, 0x85], [0x01, 0x7f]] {
            rig.sensor.clear_violations();
            rig.stop();
            rig.set16(0x3f4a, u16::from_be_bytes(block));
            rig.start();
            let wrong = rig.sensor.violations().count(Violation::ReadoutBlockWrong);
            assert_eq!(wrong == 0, block == right, "{block:x?} for {right:x?}");
        }
    }
}

#[test]
fn the_frame_floor_counts_the_lines_read() {
    // 1080 binned lines, and 2160 unscaled ones.
    for (mode, floor) in [
        ("mode_crop_binning_h2v2_10bit_4lane", 1132),
        ("mode_scale_hv3_10bit_4lane", 2212),
    ] {
        for (lines, streams) in [(floor, true), (floor - 1, false)] {
            let mut rig = Rig::on(Surroundings::new(&IMX412, 27_000_000));
            rig.load(&vectors::find("FRAMOS", mode).program());
            rig.set16(0x0202, 100);
            rig.set32(0x0820, 8397 << 16);
            rig.set16(0x0340, lines);
            rig.start();
            let state = rig.sensor.stream();
            assert_eq!(matches!(state, StreamState::Streaming(_)), streams);
        }
    }
}

/// Each sensor has its own weights of binned pixels.
#[test]
fn weights_of_another_sensor_are_refused() {
    let mut rig = Rig::mainline();
    rig.set8(0x0902, 1);
    rig.start();
    assert_eq!(rig.broken(), [(Violation::BinningInvalid, 1)]);
}
