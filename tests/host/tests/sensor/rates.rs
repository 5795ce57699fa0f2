// SPDX-License-Identifier: GPL-2.0-only

//! The frame rates that the part is known for, and conversions of time.

use imx412_host::sensor::timing::{Interval, Timing};
use imx412_host::sensor::{Board, Config, ControlChange, Depth, Readout, Variant};

fn config(inck_hz: u32, lanes: u32, link_freq: u64, depth: Depth) -> Config {
    let board = Board::new(inck_hz, lanes, &[link_freq], Variant::Imx412)
        .unwrap_or_else(|error| panic!("{error}"));
    Config::default_for(&board).with_readout(Readout::full_frame(depth))
}

fn fastest(config: Config) -> Config {
    let vblank = ControlChange::VerticalBlanking(config.vertical_blanking_limits().min);
    let hblank = ControlChange::HorizontalBlanking(config.horizontal_blanking_limits().min);
    let config = config.with(vblank).and_then(|config| config.with(hblank));
    config.unwrap_or_else(|error| panic!("{error}"))
}

/// Every INCK at its fastest link, with the published rates of 4 and 2 lanes, 10 and 12 bits.
#[test]
fn the_part_reaches_its_published_rates() {
    let links = [
        (6_000_000, 1_050_000_000),
        (12_000_000, 1_050_000_000),
        (18_000_000, 1_050_000_000),
        (24_000_000, 1_050_000_000),
        (27_000_000, 1_049_625_000),
    ];
    for (inck, link) in links {
        for (lanes, depth, fps) in [
            (4, Depth::Ten, 60.2),
            (4, Depth::Twelve, 43.6),
            (2, Depth::Ten, 30.1),
            (2, Depth::Twelve, 21.8),
        ] {
            let rate = fastest(config(inck, lanes, link, depth))
                .timing()
                .frame_rate_millihertz();
            assert_eq!(
                (rate as f64 / 100.0).round() / 10.0,
                fps,
                "{inck} Hz, {lanes} lanes"
            );
        }
    }
}

/// 60, 30 or 15 frames per second to start with, to the nearest line.
#[test]
fn defaults_are_round_rates() {
    for (inck, lanes, link, depth, fps) in [
        (24_000_000, 4, 1_050_000_000, Depth::Ten, 60.0),
        (27_000_000, 4, 1_049_625_000, Depth::Ten, 60.0),
        (24_000_000, 4, 1_050_000_000, Depth::Twelve, 30.0),
        (24_000_000, 2, 1_050_000_000, Depth::Ten, 30.0),
        (24_000_000, 2, 1_050_000_000, Depth::Twelve, 15.0),
        (24_000_000, 4, 600_000_000, Depth::Ten, 30.0),
    ] {
        let timing = config(inck, lanes, link, depth).timing();
        let rate = timing.frame_rate_millihertz() as f64 / 1000.0;
        let line = rate / f64::from(timing.frame_length);
        assert!((rate - fps).abs() <= line / 2.0 + 0.001, "{fps}: {rate}");
    }
}

/// Mainline's only mode is the default on mainline's boards.
#[test]
fn the_default_on_mainline_boards_is_mainline_s_mode() {
    let config = config(24_000_000, 4, 600_000_000, Depth::Ten);
    assert_eq!(config.pixel_rate(), 480_000_000);
    assert_eq!(config.vertical_blanking(), 506);
    assert_eq!(config.horizontal_blanking(), 456);
    assert_eq!(config.exposure(), 0x0648);
}

#[test]
fn a_link_too_slow_for_the_converters_makes_lines_longer() {
    // 12 bits over 2 lanes of 600 Mbit/s, from a PLL of 1200 MHz.
    let config = config(24_000_000, 2, 300_000_000, Depth::Twelve);
    let pixels = (4056 * 12 * 480_u32).div_ceil(2 * 600);
    assert_eq!(
        config.timing().line_length,
        (pixels + 448).next_multiple_of(4)
    );
}

#[test]
fn times_are_rounded_to_the_nearest() {
    let timing = Timing {
        pixel_rate: 840_000_000,
        line_length: 4512,
        frame_length: 3102,
    };
    assert_eq!(timing.line_time_ns(), 5371);
    assert_eq!(timing.frame_time_us(), 16_663);
    assert_eq!(timing.frame_rate_millihertz(), 60_016);
    assert_eq!(timing.integration_ns(100), 539_448);
    assert_eq!(timing.line_length_inck(24_000_000), 129);
    let sixtieth = Interval {
        numerator: 1,
        denominator: 60,
    };
    assert_eq!(timing.frame_length_for(sixtieth), 3103);
}

#[test]
fn extreme_intervals_do_not_overflow() {
    let timing = Timing {
        pixel_rate: 840_000_000,
        line_length: 0xfff0,
        frame_length: 0xffdc,
    };
    let longest = Interval {
        numerator: u32::MAX,
        denominator: 1,
    };
    let shortest = Interval {
        numerator: 1,
        denominator: u32::MAX,
    };
    let none = Interval {
        numerator: 0,
        denominator: 0,
    };
    assert_eq!(timing.frame_length_for(longest), u32::MAX);
    assert_eq!(timing.frame_length_for(shortest), 0);
    assert_eq!(timing.frame_length_for(none), 0);
    assert_eq!(timing.frame_time_us(), 5_109_000);
}
