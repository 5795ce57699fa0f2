// SPDX-License-Identifier: GPL-2.0-only

//! The frame rates that the part is known for, and conversions of time.

use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::readout::negotiate::for_format;
use imx412_host::sensor::readout::Size;
use imx412_host::sensor::timing::{Interval, Timing};
use imx412_host::sensor::{Board, Config, Depth, Readout, Setting};

fn config(inck_hz: u32, lanes: u32, link_freq: u64, depth: Depth) -> Config {
    let board =
        Board::new(inck_hz, lanes, &[link_freq], &IMX412).unwrap_or_else(|error| panic!("{error}"));
    Config::default_for(&board).with_readout(Readout::full_frame(depth))
}

/// Returns the fastest frames with lines as they start out.
fn fastest(config: Config) -> Config {
    let vblank = Setting::VerticalBlanking.to(config.limits(Setting::VerticalBlanking).min);
    config
        .with(vblank)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// Frames per second of the preset of this size, to a tenth, at its fastest.
fn rate(board: (u32, u32, u64), width: u16, height: u16, depth: Depth) -> f64 {
    let (inck_hz, lanes, link_freq) = board;
    let preset = PRESETS
        .iter()
        .find(|preset| preset.output() == Size::new(width, height))
        .unwrap_or_else(|| panic!("no preset of {width}x{height}"));
    let config = config(inck_hz, lanes, link_freq, depth).with_readout(preset.readout(depth));
    let rate = fastest(config).timing().frame_rate_millihertz();
    (rate as f64 / 100.0).round() / 10.0
}

/// The published rates, at the fastest link of every INCK.
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
        for (width, height, depth, four, two) in [
            (4056, 3040, Depth::Ten, 60.2, 30.1),
            (4056, 3040, Depth::Twelve, 43.6, 21.8),
            (3840, 2160, Depth::Ten, 84.2, 42.1),
            (3840, 2160, Depth::Twelve, 61.0, 30.5),
            (1920, 1080, Depth::Ten, 249.3, 124.7),
            (1920, 1080, Depth::Twelve, 119.2, 59.6),
            (1280, 720, Depth::Ten, 60.2, 30.1),
        ] {
            for (lanes, expected) in [(4, four), (2, two)] {
                let found = rate((inck, lanes, link), width, height, depth);
                assert!(
                    (found - expected).abs() < 0.11,
                    "{width}x{height} at {} bits over {lanes} lanes from {inck} Hz: {found}",
                    depth.bits(),
                );
            }
        }
    }
}

/// What 27 MHz reaches to the third digit, FRAMOS' own numbers.
#[test]
fn framos_rates_are_met_to_the_last_digit() {
    let at = |lanes, width, height, depth| {
        rate((27_000_000, lanes, 1_049_625_000), width, height, depth)
    };
    assert_eq!(at(4, 4056, 3040, Depth::Ten), 60.2);
    assert_eq!(at(2, 4056, 3040, Depth::Ten), 30.1);
    assert_eq!(at(4, 4056, 3040, Depth::Twelve), 43.6);
    assert_eq!(at(2, 4056, 3040, Depth::Twelve), 21.8);
    assert_eq!(at(4, 3840, 2160, Depth::Ten), 84.1);
    assert_eq!(at(4, 3840, 2160, Depth::Twelve), 61.0);
    assert_eq!(at(4, 1920, 1080, Depth::Ten), 249.3);
    assert_eq!(at(2, 1920, 1080, Depth::Ten), 124.6);
    assert_eq!(at(4, 1280, 720, Depth::Ten), 60.2);
}

/// A second PLL keeps up the pixel rate, so that only what the link cannot carry becomes slower.
#[test]
fn a_slower_link_keeps_the_rate_as_far_as_it_carries() {
    let board = (24_000_000, 4, 750_000_000);
    assert_eq!(rate(board, 1920, 1080, Depth::Ten), 236.6);
    assert_eq!(rate(board, 3840, 2160, Depth::Twelve), 55.0);
    assert_eq!(rate(board, 1920, 1080, Depth::Twelve), 119.2);
    // 4056 * 10 * 840 / 6000 and what packets need.
    let config = config(24_000_000, 4, 750_000_000, Depth::Ten);
    assert_eq!(
        config.timing().line_length,
        (5679_u32 + 448).next_multiple_of(4)
    );
}

/// Applications take the shortest line and the one to start with for one.
#[test]
fn the_shortest_line_is_the_one_to_start_with() {
    let length = |lanes, width: u16, height: u16, depth| {
        let config = config(24_000_000, lanes, 1_050_000_000, depth);
        let readout = for_format(
            config.readout().field_of_view(),
            width.into(),
            height.into(),
            depth,
        );
        let config = config.with_readout(readout);
        let limits = config.limits(Setting::HorizontalBlanking);
        assert_eq!(limits.min, limits.default);
        assert_eq!(config.horizontal_blanking(), limits.min);
        limits.min + u32::from(width)
    };
    assert_eq!(length(4, 4056, 3040, Depth::Ten), 4512);
    assert_eq!(length(2, 4056, 3040, Depth::Ten), 9024);
    assert_eq!(length(2, 4056, 3040, Depth::Twelve), 12448);
    assert_eq!(length(2, 1920, 1080, Depth::Ten), 5952);
    assert_eq!(length(2, 1280, 720, Depth::Ten), 9024);
    assert_eq!(length(2, 640, 480, Depth::Ten), 5952);
    assert_eq!(length(2, 640, 480, Depth::Twelve), 12448);
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
    // 12 bits over 2 lanes of 600 Mbit/s, counted by a PLL of 2100 MHz.
    let config = config(24_000_000, 2, 300_000_000, Depth::Twelve);
    let pixels = (4056 * 12 * 840_u32).div_ceil(2 * 600);
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
    let board = Board::new(24_000_000, 4, &[1_050_000_000], &IMX412).expect("a board");
    assert_eq!(timing.line_length_inck(board.default_link().tree()), 129);
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
