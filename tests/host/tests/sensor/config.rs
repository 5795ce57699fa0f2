// SPDX-License-Identifier: GPL-2.0-only

//! Ranges that follow each other, over the whole configuration space.

use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::timing::long;
use imx412_host::sensor::{
    Board, Change, Config, ConfigError, Depth, Limits, Part, Readout, Setting,
};
use proptest::prelude::*;

use super::decode::{assert_close, lines, rates, registers_of, value};
use super::strategies::{board, configured, step};

fn fast_board() -> Board {
    Board::new(24_000_000, 4, &[1_050_000_000, 600_000_000], &IMX412).expect("a board")
}

fn with(config: Config, change: Change) -> Config {
    config
        .with(change)
        .unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn exposure_is_bound_by_the_frame() {
    let config = Config::default_for(&fast_board());
    assert_eq!(config.timing().frame_length, 3103);
    let Limits {
        min,
        max,
        step,
        default,
    } = config.limits(Setting::Exposure);
    assert_eq!((min, max, step, default), (8, 3103 - 22, 1, 0x0648));
    let config = with(config, Setting::VerticalBlanking.to(1000));
    assert_eq!(config.limits(Setting::Exposure).max, 4040 - 22);
}

#[test]
fn a_shorter_frame_cuts_the_exposure() {
    let config = Config::default_for(&fast_board());
    let config = with(config, Setting::VerticalBlanking.to(1000));
    let config = with(config, Setting::Exposure.to(4018));
    let config = with(config, Setting::VerticalBlanking.to(52));
    assert_eq!(config.exposure(), 3092 - 22);
}

#[test]
fn a_longer_line_leaves_the_exposure_in_lines() {
    let config = Config::default_for(&fast_board());
    let longer = with(config, Setting::HorizontalBlanking.to(4456));
    assert_eq!(longer.exposure(), config.exposure());
    assert_eq!(
        longer.limits(Setting::Exposure),
        config.limits(Setting::Exposure)
    );
    assert_eq!(
        longer.limits(Setting::VerticalBlanking),
        config.limits(Setting::VerticalBlanking)
    );
    assert_eq!(longer.timing().line_length, 8512);
}

#[test]
fn blanking_limits_are_those_of_format_and_link() {
    let board = fast_board();
    let ten = Config::default_for(&board);
    let twelve = ten.with_readout(Readout::full_frame(Depth::Twelve));
    let slow = ten.with_link(&board, 1).expect("the second link");
    assert_eq!(ten.limits(Setting::HorizontalBlanking).min, 4512 - 4056);
    assert_eq!(twelve.limits(Setting::HorizontalBlanking).min, 6224 - 4056);
    assert_eq!(ten.limits(Setting::HorizontalBlanking).max, 0xfff0 - 4056);
    assert_eq!(ten.limits(Setting::VerticalBlanking).min, 52);
    assert_eq!(
        ten.limits(Setting::VerticalBlanking).max,
        (0xffdc << 7) - 3040
    );
    assert_eq!(
        (ten.pixel_rate(), slow.pixel_rate()),
        (840_000_000, 480_000_000)
    );
    assert_eq!(
        (ten.link_freq(), slow.link_freq()),
        (1_050_000_000, 600_000_000)
    );
}

#[test]
fn a_new_format_or_link_starts_from_its_defaults() {
    let board = fast_board();
    let start = Config::default_for(&board);
    let changed = with(start, Setting::VerticalBlanking.to(5000));
    let changed = with(changed, Setting::HorizontalBlanking.to(4456));
    let twelve = changed.with_readout(Readout::full_frame(Depth::Twelve));
    assert_eq!(
        twelve.vertical_blanking(),
        twelve.limits(Setting::VerticalBlanking).default
    );
    assert_eq!(
        twelve.horizontal_blanking(),
        twelve.limits(Setting::HorizontalBlanking).default
    );
    let slow = changed.with_link(&board, 1).expect("the second link");
    assert_eq!(slow.vertical_blanking(), 506);
    assert_eq!(slow.horizontal_blanking(), 456);
    // What stays the same leaves everything as it was.
    assert_eq!(changed.with_readout(*changed.readout()), changed);
    assert_eq!(changed.with_link(&board, 0), Ok(changed));
}

#[test]
fn a_link_that_the_board_does_not_have_is_refused() {
    let board = fast_board();
    let error = Config::default_for(&board)
        .with_link(&board, 2)
        .expect_err("a refusal");
    assert_eq!(error, ConfigError::NoSuchLink { found: 2 });
    assert_eq!(error.to_string(), "there is no link frequency number 2");
}

#[test]
fn refusals_say_what_is_allowed() {
    let config = Config::default_for(&fast_board());
    for (change, text) in [
        (
            Setting::Exposure.to(7),
            "exposure of 7 is not in 8 to 3081 in steps of 1",
        ),
        (
            Setting::AnalogueGain.to(979),
            "analogue gain of 979 is not in 0 to 978 in steps of 1",
        ),
        (
            Setting::DigitalGain.to(255),
            "digital gain of 255 is not in 256 to 4095 in steps of 1",
        ),
        (
            Setting::TestPattern.to(5),
            "test pattern of 5 is not in 0 to 4 in steps of 1",
        ),
        (
            Setting::TestRed.to(0x1000),
            "test pattern red of 4096 is not in 0 to 4095 in steps of 1",
        ),
        (
            Setting::HorizontalBlanking.to(458),
            "horizontal blanking of 458 is not in 456 to 61464 in steps of 4",
        ),
        (
            Setting::VerticalBlanking.to(51),
            "vertical blanking of 51 is not in 52 to 8380960 in steps of 1",
        ),
    ] {
        assert_eq!(
            config.with(change).expect_err("a refusal").to_string(),
            text
        );
    }
}

/// Returns the register that shifts the frame length, the fewest blank lines, the shortest exposure
/// and the shortest line at 12 bits, from the sources.
fn limits_of(part: &Part) -> (u16, u32, u32, u32) {
    match part.label {
        "IMX412" | "IMX577" => (0x3210, 52, 8, 6224),
        _ => (0x3100, 48, 4, 5932),
    }
}

proptest! {
    #[test]
    fn announced_ranges_are_what_is_accepted((_, config) in configured()) {
        for &setting in Setting::ALL {
            let limits = config.limits(setting);
            let Limits { min, max, step, default } = limits;
            prop_assert!(min <= default && default <= max && (default - min) % step == 0);
            for inside in [min, default, min + (max - min) / step * step] {
                prop_assert!(config.with(setting.to(inside)).is_ok(), "{} {}", setting, inside);
            }
            let between = (step > 1).then_some(min + 1);
            let outside = [min.checked_sub(1), max.checked_add(1), Some(u32::MAX), between];
            for found in outside.into_iter().flatten() {
                let refused = config.with(setting.to(found));
                let Err(ConfigError::OutOfRange { setting: what, found: value, limits }) = refused else {
                    return Err(TestCaseError::fail(format!("{setting} {found}: {refused:?}")));
                };
                prop_assert_eq!((what, value), (setting, found));
                prop_assert_eq!((limits.min, limits.max, limits.step), (min, max, step));
            }
        }
    }

    /// Whatever is asked for, the nearest that is allowed is, and it is no further than any other.
    #[test]
    fn the_nearest_allowed_value_is_accepted(
        (_, config) in configured(), wanted in prop_oneof![0u32..10_000, any::<u32>()],
    ) {
        for &setting in Setting::ALL {
            let limits = config.limits(setting);
            let nearest = limits.nearest(wanted);
            prop_assert!(config.with(setting.to(nearest)).is_ok(), "{setting} {nearest}");
            for other in [nearest.checked_sub(limits.step), nearest.checked_add(limits.step)] {
                if let Some(other) = other.filter(|v| (limits.min..=limits.max).contains(v)) {
                    prop_assert!(nearest.abs_diff(wanted) <= other.abs_diff(wanted));
                }
            }
        }
    }

    /// No change leads out of the widest limits, and their steps meet every value.
    /// So that a change of exposure or gain needs no look at them.
    #[test]
    fn limits_and_programs_of_time_stay_while_the_pace_does(
        (board, config) in configured(), step in step(),
    ) {
        let next = step.apply(&board, config);
        prop_assert!(config.is_paced_as(&config));
        if next.is_paced_as(&config) {
            for &setting in Setting::ALL {
                prop_assert_eq!(next.limits(setting), config.limits(setting));
            }
            prop_assert_eq!(next.timing(), config.timing());
        }
    }

    #[test]
    fn the_widest_limits_hold_all_others((_, config) in configured()) {
        for &setting in Setting::ALL {
            let present = config.limits(setting);
            let widest = setting.widest_limits(config.part());
            prop_assert!(widest.min <= present.min && present.max <= widest.max, "{setting}");
            prop_assert_eq!((present.min - widest.min) % widest.step, 0, "{}", setting);
            prop_assert_eq!(present.step % widest.step, 0, "{}", setting);
        }
    }

    #[test]
    fn a_configuration_stays_within_its_own_limits((_, config) in configured()) {
        for &setting in Setting::ALL {
            let (limits, value) = (config.limits(setting), config.get(setting));
            prop_assert!((limits.min..=limits.max).contains(&value));
            prop_assert_eq!((value - limits.min) % limits.step, 0);
        }
    }

    #[test]
    fn setting_one_thing_reads_back_and_keeps_the_rest((_, config) in configured()) {
        let max = config.limits(Setting::VerticalBlanking).max;
        let longest = with(config, Setting::VerticalBlanking.to(max));
        prop_assert_eq!(longest.vertical_blanking(), max);
        let undone = with(longest, Setting::VerticalBlanking.to(config.vertical_blanking()));
        // Where one shift is for both, the exposure came in the steps of the longest frame.
        let undone = with(undone, Setting::Exposure.to(config.exposure()));
        prop_assert_eq!(undone, config);
        let gain = with(config, Setting::AnalogueGain.to(100));
        prop_assert_eq!(gain.analogue_gain().code(), 100);
        let code = u32::from(config.analogue_gain().code());
        prop_assert_eq!(with(gain, Setting::AnalogueGain.to(code)), config);
    }

    /// The link carries each line, the frame holds the exposure, and what is announced is what the
    /// registers say.
    #[test]
    fn programs_keep_to_the_part_s_limits_and_say_what_is_announced((board, config) in configured()) {
        let registers = registers_of(&config);
        let get = |address, bytes| value(&registers, address, bytes);
        let rates = rates(&registers, board.inck().hz());
        assert_close("pixel rate", config.pixel_rate() as f64, rates.pixel_rate);
        assert_close("link frequency", config.link_freq() as f64, rates.lane_rate / 2.0);
        let interval = config.frame_interval();
        let fps = f64::from(interval.denominator) / f64::from(interval.numerator);
        assert_close("frame rate", fps, rates.fps);

        let lanes = get(0x0114, 1) + 1;
        let bits = get(0x0309, 1);
        let line_time = f64::from(get(0x0342, 2)) / rates.pixel_rate;
        let line_bits = f64::from(get(0x034C, 2) * bits);
        prop_assert!(line_bits / (f64::from(lanes) * rates.lane_rate) < line_time);
        let binned = get(0x0900, 1) == 1;
        let converters = match (bits, binned) {
            (12, _) => limits_of(config.part()).3,
            (_, true) => 2976,
            (_, false) => 4512,
        };
        prop_assert!(get(0x0342, 2) >= converters);
        let read = match get(0x0401, 1) {
            0 => get(0x034A, 2) + 1 - get(0x0346, 2),
            _ => 3040,
        };
        let (shift, blanking, shortest, _) = limits_of(config.part());
        let frame = lines(&registers, 0x0340, shift);
        let exposure = lines(&registers, 0x0202, 0x3100);
        prop_assert!(frame >= read / (1 + u32::from(binned)) + blanking);
        prop_assert!(exposure >= shortest && exposure + 22 <= frame);
        let size = (get(0x034C, 2), get(0x034E, 2));
        prop_assert_eq!(get(0x0342, 2), size.0 + config.horizontal_blanking());
        prop_assert_eq!(frame, size.1 + config.vertical_blanking());
        prop_assert_eq!(exposure, config.exposure());

        // The sensor is set up for the INCK that it knows.
        let nominal_hz = f64::from(board.inck().nominal_hz());
        let off = f64::from(board.inck().hz()) / nominal_hz;
        prop_assert_eq!(f64::from(get(0x0136, 2)) / 256.0, nominal_hz / 1e6);
        let mbps = f64::from(lanes) * rates.lane_rate / off / 1e6;
        prop_assert!((f64::from(get(0x0820, 4)) / 65536.0 - mbps).abs() < 1e-5);
        let inck_periods = (line_time * off * nominal_hz - 1e-6).ceil();
        prop_assert_eq!(f64::from(get(0x3F56, 2)), inck_periods);
    }

    /// Intervals are exact where 32 bits hold them, and otherwise less than one millionth off.
    #[test]
    fn frame_intervals_lead_back_to_the_frame_length((_, config) in configured()) {
        let timing = config.timing();
        let interval = timing.frame_interval();
        let pck = u64::from(timing.line_length) * u64::from(timing.frame_length);
        let found = u128::from(interval.numerator) * u128::from(timing.pixel_rate);
        let expected = u128::from(interval.denominator) * u128::from(pck);
        if pck <= u64::from(u32::MAX) {
            prop_assert_eq!(found, expected);
        }
        prop_assert!(found.abs_diff(expected) < expected / 1_000_000 || found == expected);
        let lines = timing.frame_length_for(interval);
        prop_assert_eq!(long::nearest(lines), timing.frame_length);
    }

    #[test]
    fn every_board_starts_with_a_valid_configuration(board in board()) {
        let config = Config::default_for(&board);
        prop_assert_eq!(config.link(), &board.default_link());
        prop_assert_eq!(config.horizontal_blanking(), config.limits(Setting::HorizontalBlanking).default);
    }

    /// libcamera takes the shortest line and the least gain for what a sensor starts with.
    #[test]
    fn what_applications_multiply_starts_at_its_minimum(board in board()) {
        let config = Config::default_for(&board);
        for setting in [Setting::HorizontalBlanking, Setting::AnalogueGain, Setting::DigitalGain] {
            let limits = config.limits(setting);
            prop_assert_eq!((config.get(setting), limits.default), (limits.min, limits.min));
        }
    }
}
