// SPDX-License-Identifier: GPL-2.0-only

//! Frames and exposures beyond 16 bits: requested, current and register values.

use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::timing::{self, long, Timing};
use imx412_host::sensor::{Board, Change, Config, Setting};
use proptest::prelude::*;

use super::decode::{registers_of, value};
use super::strategies::configured;

fn default_config() -> Config {
    let board = Board::new(24_000_000, 4, &[1_050_000_000], &IMX412).expect("a board");
    Config::default_for(&board)
}

fn with(config: Config, change: Change) -> Config {
    config
        .with(change)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn with_frame(config: Config, lines: u32) -> Config {
    let height = u32::from(config.readout().output().height);
    with(config, Setting::VerticalBlanking.to(lines - height))
}

/// Values around every change of the shift.
fn boundaries() -> impl Iterator<Item = u32> {
    (0..8).flat_map(|shift| {
        let most = 0xFFDC << shift;
        most - 300..(most + 301).min(long::LINES_MAX + 1)
    })
}

/// The largest shift on its own register, after FRAMOS fr_imx412.c: 0x3210 for the frame length,
/// 0x3100 for the exposure.
#[test]
fn frame_and_exposure_have_a_shift_each() {
    for (frame, exposure, registers) in [
        (0xFFDC, 0xFFDC - 22, [0xFFDC, 0, 0xFFDC - 22, 0]),
        (0xFFDE, 8, [0x7FEF, 1, 8, 0]),
        (65_502, 65_480, [32_751, 1, 65_480, 0]),
        (131_000, 70_000, [65_500, 1, 35_000, 1]),
        (1 << 20, 1 << 18, [1 << 15, 5, 1 << 15, 3]),
        (0xFFDC << 7, 100_000, [0xFFDC, 7, 50_000, 1]),
    ] {
        let config = with(
            with_frame(default_config(), frame),
            Setting::Exposure.to(exposure),
        );
        let written = registers_of(&config);
        let found = [(0x0340, 2), (0x3210, 1), (0x0202, 2), (0x3100, 1)]
            .map(|(address, bytes)| value(&written, address, bytes));
        assert_eq!(found, registers, "{frame} {exposure}");
    }
}

#[test]
fn what_cannot_be_counted_becomes_the_nearest_that_can() {
    for (wanted, counted) in [
        (8, 8),
        (65_500, 65_500),
        (65_501, 65_502),
        (65_502, 65_502),
        (131_001, 131_000),
        (131_002, 131_004),
        (131_003, 131_004),
        (8_383_999, 8_384_000),
        (u32::MAX, 8_384_000),
    ] {
        assert_eq!(long::nearest(wanted), counted, "{wanted}");
    }
}

/// Around every change of the shift: never back, never further than half of the next step.
#[test]
fn nothing_jumps_where_the_shift_changes() {
    let mut last = 0;
    for wanted in boundaries() {
        let found = long::nearest(wanted);
        let step = 1 << long::Lines::of(wanted.max(found)).shift;
        assert!(
            found.abs_diff(wanted) <= step / 2,
            "{wanted} became {found}"
        );
        assert!(found >= last, "{found} after {last}");
        assert_eq!(long::at_most(found), found);
        let below = long::at_most(wanted);
        assert!(below <= wanted && wanted - below < step);
        last = found;
    }
    assert_eq!(last, long::LINES_MAX);
}

#[test]
fn the_longest_exposure_lasts_for_minutes() {
    let config = with(
        default_config(),
        Setting::HorizontalBlanking.to(0xFFF0 - 4056),
    );
    let config = with_frame(config, long::LINES_MAX);
    let limits = config.limits(Setting::Exposure);
    assert_eq!(limits.max, (0xFFDC << 7) - 128);
    let config = with(config, Setting::Exposure.to(limits.max));
    let timing = config.timing();
    let pck = 65_520 * 8_384_000_u64;
    assert_eq!(timing.frame_time_us(), (pck * 1000).div_ceil(840_000));
    assert_eq!(timing.frame_time_us() / 1_000_000, 653);
    assert_eq!(timing.frame_rate_millihertz(), 2);
    let light = u128::from(pck - 65_520 * 128 + 0x0790) * 1_000_000_000;
    assert_eq!(
        u128::from(timing.integration_ns(config.exposure())),
        (light + 420_000_000) / 840_000_000
    );
    // The interval does not fit 32 bits as it is.
    let interval = timing.frame_interval();
    let seconds = f64::from(interval.numerator) / f64::from(interval.denominator);
    assert!(
        (seconds * 840e6 / pck as f64 - 1.0).abs() < 1e-6,
        "{seconds}"
    );
}

/// Whatever a caller fills in, nothing overflows.
#[test]
fn times_of_any_lengths_are_finite() {
    for (pixel_rate, length) in [(0, 0), (1, u32::MAX), (u64::MAX, u32::MAX), (u64::MAX, 1)] {
        let timing = Timing {
            pixel_rate,
            line_length: length,
            frame_length: length,
        };
        let interval = timing.frame_interval();
        assert!(length == 0 || (interval.numerator, interval.denominator) != (0, 0));
        let _ = (timing.frame_time_us(), timing.integration_ns(u32::MAX));
        let _ = (timing.frame_rate_millihertz(), timing.line_time_ns());
    }
}

proptest! {
    #[test]
    fn the_nearest_is_countable_and_the_nearest(wanted in 0..=long::LINES_MAX) {
        let found = long::nearest(wanted);
        let lines = long::Lines::of(found);
        prop_assert_eq!(lines.register << lines.shift, found);
        prop_assert!(lines.register <= timing::FRAME_LENGTH_MAX && lines.shift <= 7);
        // The smallest shift that serves.
        prop_assert!(lines.shift == 0 || found > timing::FRAME_LENGTH_MAX << (lines.shift - 1));
        for other in [long::at_most(found.saturating_sub(1)), long::nearest(found + (1 << lines.shift))] {
            prop_assert!(found.abs_diff(wanted) <= other.abs_diff(wanted));
        }
    }

    #[test]
    fn more_lines_never_become_fewer(a in 0..=long::LINES_MAX, b in 0..=long::LINES_MAX) {
        let (a, b) = (a.min(b), a.max(b));
        prop_assert!(long::nearest(a) <= long::nearest(b));
        prop_assert!(long::at_most(a) <= long::at_most(b));
    }

    /// A value reads back within half a step, the current value can be set again, and the exposure
    /// always fits.
    #[test]
    fn blanking_and_exposure_are_what_is_in_force(
        (_, config) in configured(), frame in any::<u32>(), exposure in any::<u32>(),
    ) {
        let limits = config.limits(Setting::VerticalBlanking);
        let wanted = limits.nearest(frame % (limits.max + 1));
        let config = with(config, Setting::VerticalBlanking.to(wanted));
        let step = 1 << long::Lines::of(config.timing().frame_length).shift;
        prop_assert!(config.vertical_blanking().abs_diff(wanted) <= step / 2);
        let again = with(config, Setting::VerticalBlanking.to(config.vertical_blanking()));
        prop_assert_eq!(again, config);

        let limits = config.limits(Setting::Exposure);
        let wanted = limits.nearest(exposure % (limits.max + 1));
        let config = with(config, Setting::Exposure.to(wanted));
        let shifts = config.part().shifts;
        let step = long::exposure_step(shifts, config.timing().frame_length, config.exposure());
        prop_assert!(config.exposure().abs_diff(wanted) <= step / 2);
        prop_assert!(config.exposure() + 22 <= config.timing().frame_length);
        prop_assert_eq!(with(config, Setting::Exposure.to(config.exposure())), config);

        let longest = with(config, Setting::Exposure.to(limits.max));
        prop_assert_eq!(longest.exposure(), limits.max);
        prop_assert!(limits.max + 22 <= config.timing().frame_length);

        // A shorter frame takes with it no more of the exposure than it must.
        let shortest = config.limits(Setting::VerticalBlanking).min;
        let shorter = with(config, Setting::VerticalBlanking.to(shortest));
        let limits = shorter.limits(Setting::Exposure);
        prop_assert_eq!(shorter.exposure(), config.exposure().min(limits.max));
    }
}
