// SPDX-License-Identifier: GPL-2.0-only

//! Frame intervals: the nearest that is possible, and what is offered.

use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::timing::{self, long, Interval};
use imx412_host::sensor::{Board, Config, Setting};
use proptest::prelude::*;

use super::strategies::{configured, interval};

fn config(lanes: u32) -> Config {
    let board = Board::new(24_000_000, lanes, &[1_050_000_000], &IMX412)
        .unwrap_or_else(|error| panic!("{error}"));
    Config::default_for(&board)
}

const fn every(numerator: u32, denominator: u32) -> Interval {
    Interval {
        numerator,
        denominator,
    }
}

fn lengths(config: &Config) -> (u32, u32) {
    let timing = config.timing();
    (timing.line_length, timing.frame_length)
}

fn seconds(interval: Interval) -> f64 {
    f64::from(interval.numerator) / f64::from(interval.denominator)
}

#[test]
fn the_nearest_frame_length_is_taken() {
    let start = config(4);
    for (wanted, frame) in [
        (every(1, 60), 3103),
        (every(1, 30), 6206),
        (every(1, 25), 7447),
        (every(2, 25), 14894),
        // Faster than possible: the fastest.
        (every(1, 1000), 3092),
        (every(1, u32::MAX), 3092),
    ] {
        let found = start.with_frame_interval(wanted);
        assert_eq!(lengths(&found), (4512, frame), "{wanted:?}");
    }
}

#[test]
fn an_interval_without_a_duration_is_the_one_to_start_with() {
    let start = config(4);
    let slow = start.with_frame_interval(every(1, 10));
    for wanted in [every(0, 0), every(0, 1), every(1, 0)] {
        assert_eq!(slow.with_frame_interval(wanted), start);
    }
}

#[test]
fn lines_grow_only_for_what_the_longest_frame_does_not_reach() {
    let start = config(4);
    assert_eq!(lengths(&start.with_frame_interval(every(1, 3))).0, 4512);
    // A long frame, in steps of four lines.
    assert_eq!(
        lengths(&start.with_frame_interval(every(1, 1))),
        (4512, 186_172)
    );
    // 840 MHz in frames of 65500 lines, 128 times.
    let slow = start.with_frame_interval(every(60, 1));
    assert_eq!(lengths(&slow), (6012, 8_383_232));
    let slowest = start.with_frame_interval(every(1000, 1));
    assert_eq!(lengths(&slowest), (0xfff0, 0xffdc << 7));
    // What these lines reach leaves them alone, the rest goes back to the line to start with.
    assert_eq!(
        lengths(&slow.with_frame_interval(every(1, 15))),
        (6012, 9315)
    );
    assert_eq!(
        lengths(&slow.with_frame_interval(every(1, 60))),
        (4512, 3103)
    );
}

#[test]
fn lines_that_somebody_chose_stay() {
    let longer = config(4).with(Setting::HorizontalBlanking.to(1000));
    let longer = longer.expect("a longer line");
    assert_eq!(lengths(&longer.with_frame_interval(every(1, 30))).0, 5056);
    assert_eq!(
        lengths(&longer.with_frame_interval(every(1, 99))),
        (4512, 3092)
    );
}

#[test]
fn a_shorter_interval_cuts_the_exposure() {
    let slow = config(4).with_frame_interval(every(1, 10));
    let exposed = slow
        .with(Setting::Exposure.to(10_000))
        .expect("in a long frame");
    let fast = exposed.with_frame_interval(every(1, 60));
    assert_eq!(fast.exposure(), 3103 - timing::EXPOSURE_MARGIN);
}

#[test]
fn round_rates_are_offered_between_the_fastest_and_the_slowest() {
    let mut offered: Vec<_> = (0..)
        .map_while(|index| config(4).offered_frame_interval(index))
        .map(seconds)
        .collect();
    // 65500 lines, 128 times, of 65520 pck.
    let slowest = offered.pop().expect("the slowest");
    assert_eq!(slowest.round(), 654.0);
    let rates: Vec<_> = offered
        .iter()
        .map(|seconds| (10.0 / seconds).round() / 10.0)
        .collect();
    assert_eq!(
        rates,
        [60.2, 60.0, 50.0, 48.0, 40.0, 30.0, 25.0, 24.0, 15.0, 10.0, 5.0, 2.0, 1.0]
    );
}

proptest! {
    /// What is reported is true, and nothing else at this line length is nearer.
    #[test]
    fn the_interval_found_is_the_nearest((_, config) in configured(), wanted in interval()) {
        let found = config.with_frame_interval(wanted);
        prop_assert_eq!(found.link(), config.link());
        prop_assert_eq!(found.readout(), config.readout());
        prop_assume!(wanted.numerator > 0 && wanted.denominator > 0);
        let lines = |config: &Config, lines: u32| {
            let timing = config.timing();
            f64::from(timing.line_length) * f64::from(lines) / timing.pixel_rate as f64
        };
        let error = |config: &Config| {
            (lines(config, config.timing().frame_length) - seconds(wanted)).abs()
        };
        let limits = found.limits(Setting::VerticalBlanking);
        let step = 1 << long::Lines::of(found.timing().frame_length).shift;
        // Whole lines come first, steps of several after that.
        let line = if step > 1 { lines(&found, 1) } else { 0.0 };
        let rounding = seconds(wanted) * 1e-12 + line;
        for other in [found.vertical_blanking() - step, found.vertical_blanking() + step] {
            if (limits.min..=limits.max).contains(&other) {
                let other = found.with(Setting::VerticalBlanking.to(other)).expect("within limits");
                prop_assert!(error(&found) <= error(&other) + rounding);
            }
        }
        // Neither is the interval that was there before, unless within a step.
        prop_assert!(
            error(&found) <= error(&config) + rounding || error(&found) < lines(&found, step),
        );
    }

    /// All that is offered is met exactly, and it becomes slower from one to the next.
    #[test]
    fn what_is_offered_is_met((_, config) in configured()) {
        let start = config.with_frame_interval(Interval { numerator: 0, denominator: 0 });
        let mut last = 0.0;
        for index in 0.. {
            let Some(offered) = config.offered_frame_interval(index) else {
                prop_assert!(index >= 2);
                break;
            };
            prop_assert!(seconds(offered) > last);
            last = seconds(offered);
            prop_assert_eq!(start.with_frame_interval(offered).frame_interval(), offered);
        }
    }
}
