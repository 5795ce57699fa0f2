// SPDX-License-Identifier: GPL-2.0-only

//! Random boards and configurations.

use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::readout::negotiate::{for_crop, for_format, CropFlags, Wanted};
use imx412_host::sensor::readout::{Binning, Rect, Size, ACTIVE, OUTPUT_MIN};
use imx412_host::sensor::regs::Phase;
use imx412_host::sensor::{
    Activity, Board, Config, Depth, Inck, Interval, Limits, Part, Readout, Scaling, Setting,
    Synchronisation,
};
use imx412_host::virtual_board::model::{Part as EmulatedPart, Surroundings};
use proptest::prelude::*;
use proptest::sample::{select, Index};

/// The limits of a sensor's clocks in Hz: video PLL, link PLL, lane, and the link dividers.
type Clocks = ((u64, u64), (u64, u64), (u64, u64), &'static [u64]);

/// Returns the limits of a sensor's clocks, from the sources.
fn clocks(part: &Part) -> Clocks {
    let pll = (1_200_000_000, 2_100_000_000);
    match part.label {
        "IMX412" => (pll, pll, (300_000_000, 2_100_000_000), &[1, 2, 4]),
        "IMX577" => (
            (900_000_000, 2_100_000_000),
            (600_000_000, 2_100_000_000),
            (300_000_000, 2_100_000_000),
            &[1, 2, 4],
        ),
        "IMX477" | "IMX378" => (pll, pll, (600_000_000, 2_100_000_000), &[1, 2]),
        other => panic!("the limits of {other} are not here"),
    }
}

/// Returns every link frequency that a sensor reaches from an INCK, by trying all dividers and
/// multipliers.
///
/// The second PLL reaches what the first does, and more where its floor is lower.
pub fn reachable(part: &Part, inck_hz: u32) -> Vec<u64> {
    let (_, link_pll, lane, dividers) = clocks(part);
    let inck = u64::from(inck_hz);
    let mut found = Vec::new();
    for pre in [1, 2, 3, 4] {
        if !(6_000_000 * pre..=12_000_000 * pre).contains(&inck) {
            continue;
        }
        for multiplier in 1..=400 {
            let pll = inck * multiplier / pre;
            if (inck * multiplier) % pre != 0 || !(link_pll.0..=link_pll.1).contains(&pll) {
                continue;
            }
            for divider in dividers {
                let rate = pll / divider;
                if pll % (divider * 2) == 0 && (lane.0..=lane.1).contains(&rate) {
                    found.push(rate / 2);
                }
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

pub fn inck() -> impl Strategy<Value = u32> {
    select(&Inck::SUPPORTED_HZ[..])
}

/// Returns the emulated sensor for a board.
pub fn emulated(board: &Board) -> Surroundings {
    let name = board.part().name.to_str().expect("ASCII");
    let part = EmulatedPart::ALL
        .into_iter()
        .find(|part| part.compatible.to_str() == Ok(&format!("sony,{name}")))
        .unwrap_or_else(|| panic!("no model of {name}"));
    Surroundings::new(part, board.inck().hz())
}

/// Returns an input clock near one of `nominal_hz`.
fn off_by_rounding(nominal_hz: u32) -> impl Strategy<Value = u32> {
    let tolerance = nominal_hz / 100 * Inck::TOLERANCE_PERCENT;
    prop_oneof![
        Just(nominal_hz),
        nominal_hz - tolerance..=nominal_hz + tolerance
    ]
}

/// Returns a board with one to eight link frequencies.
pub fn board() -> impl Strategy<Value = Board> {
    let part = select(&Part::ALL[..]);
    let sync = select(&Synchronisation::ALL[..]);
    (inck(), select(&[2, 4][..]), part, sync).prop_flat_map(|(inck_hz, lanes, part, sync)| {
        let link_freqs = select(reachable(part, inck_hz));
        let link_freqs = prop::collection::vec(link_freqs, 1..=Board::MAX_LINKS);
        (off_by_rounding(inck_hz), link_freqs).prop_map(move |(inck_hz, link_freqs)| {
            let mut board = Board::new(inck_hz, lanes, &link_freqs, part)
                .unwrap_or_else(|error| panic!("{error}"));
            board.set_synchronisation(sync);
            board
        })
    })
}

pub fn depth() -> impl Strategy<Value = Depth> {
    select(&[Depth::Eight, Depth::Ten, Depth::Twelve][..])
}

/// Returns any rectangle as a request, possible or not.
pub fn wanted() -> impl Strategy<Value = Wanted> {
    (-100i32..4200, -100i32..3200, 0u32..4500, 0u32..3500).prop_map(|(left, top, width, height)| {
        Wanted {
            left,
            top,
            width,
            height,
        }
    })
}

pub fn flags() -> impl Strategy<Value = CropFlags> {
    any::<[bool; 3]>().prop_map(|[greater_or_equal, less_or_equal, keep_config]| CropFlags {
        greater_or_equal,
        less_or_equal,
        keep_config,
    })
}

/// Returns an even number in a range.
fn even(least: u16, most: u16) -> impl Strategy<Value = u16> {
    (least / 2..=most / 2).prop_map(|half| half * 2)
}

/// One side of a readout: analogue position and size, digital position and size.
fn side(array: u16, least: u16, step: u16, factor: u16, m: u16) -> BoxedStrategy<[u16; 4]> {
    let outputs: Vec<_> = (least..=array / factor)
        .filter(|output| {
            let sixteenths = u32::from(*output) * u32::from(m);
            output % step == 0
                && sixteenths % 32 == 0
                && sixteenths / 16 <= u32::from(array / factor)
        })
        .collect();
    select(outputs)
        .prop_flat_map(move |output| {
            let digital = (u32::from(output) * u32::from(m) / 16) as u16;
            let binned = even(digital, array / factor);
            (Just(digital), binned)
        })
        .prop_flat_map(move |(digital, binned)| {
            let analogue = even(0, array - binned * factor);
            (
                analogue,
                Just(binned * factor),
                even(0, binned - digital),
                Just(digital),
            )
        })
        .prop_map(|(analogue, size, offset, digital)| [analogue, size, offset, digital])
        .boxed()
}

/// Any readout that the rules allow.
pub fn readout() -> impl Strategy<Value = Readout> {
    let binning = select(&[Binning::None, Binning::TwoByTwo][..]);
    // Ratios with enough outputs to choose from.
    let m = select(&[16u16, 17, 20, 24, 32, 40, 48, 50, 64, 100, 128][..]);
    (depth(), binning, m)
        .prop_flat_map(|(depth, binning, m)| {
            let factor = binning.factor();
            let Size { width, height } = ACTIVE.size;
            let x = side(width, OUTPUT_MIN.width, depth.width_step(), factor, m);
            let y = side(height, OUTPUT_MIN.height, 2, factor, m);
            (Just((depth, binning, m)), x, y)
        })
        .prop_map(|((depth, binning, m), x, y)| {
            let rect = |side: usize| Rect {
                left: x[side],
                top: y[side],
                size: Size::new(x[side + 1], y[side + 1]),
            };
            let scaling = Scaling::new(m).expect("an allowed ratio");
            Readout::new(rect(0), binning, Some(rect(2)), scaling, depth)
                .unwrap_or_else(|error| panic!("{error}"))
        })
}

/// Returns a readout that negotiation leads to.
fn negotiated() -> impl Strategy<Value = Readout> {
    let format = (0u32..4500, 0u32..3500);
    let start = (depth(), format, wanted(), flags());
    (start, any::<bool>()).prop_map(|((depth, (width, height), wanted, flags), crop_first)| {
        let full = Readout::full_frame(depth);
        let (crop, _) = for_crop(wanted, flags, &full);
        let formatted = for_format(crop, width, height, depth);
        if crop_first {
            formatted
        } else {
            for_crop(wanted, flags, &formatted).1
        }
    })
}

/// Returns a readout by any of the ways to one.
pub fn any_readout() -> impl Strategy<Value = Readout> {
    let preset = (select(&PRESETS[..]), depth()).prop_map(|(preset, depth)| preset.readout(depth));
    prop_oneof![readout(), negotiated(), preset]
}

/// A change to a configuration.
#[derive(Clone, Debug)]
pub enum Step {
    Link(Index),
    Readout(Readout),
    /// A setting, at a place between the limits that it has then.
    Set(Setting, Index),
    FrameInterval(Interval),
}

impl Step {
    /// Takes the step.
    pub fn apply(&self, board: &Board, config: Config) -> Config {
        match self {
            Self::Link(place) => {
                let index = place.index(board.trees().count());
                config.with_link(board, index).expect("a link of the board")
            }
            Self::Readout(readout) if board.part().depths.contains(&readout.depth()) => {
                config.with_readout(*readout)
            }
            // The sensor cannot do this one.
            Self::Readout(_) => config,
            Self::FrameInterval(interval) => config.with_frame_interval(*interval),
            Self::Set(setting, place) => {
                let change = setting.to(pick(config.limits(*setting), place));
                let next = config.with(change);
                next.unwrap_or_else(|error| panic!("{change:?}: {error}"))
            }
        }
    }
}

/// Returns a value that `limits` allow; of a wide range more often a small one, since most frames
/// are short.
fn pick(limits: Limits, place: &Index) -> u32 {
    let steps = (limits.max - limits.min) / limits.step;
    let whole = 1 << 24;
    let share = place.index(whole + 1) as f64 / whole as f64;
    let share = if steps > 1 << 16 {
        share.powi(5)
    } else {
        share
    };
    let step = (share * f64::from(steps)).round() as u32;
    limits.min + step * limits.step
}

/// Returns any frame interval as a request, sensible ones more often.
pub fn interval() -> impl Strategy<Value = Interval> {
    let interval = |(numerator, denominator)| Interval {
        numerator,
        denominator,
    };
    prop_oneof![
        (1u32..10, 1u32..500).prop_map(interval),
        any::<(u32, u32)>().prop_map(interval),
    ]
}

/// Returns a setting that does or does not need the sensor in standby.
fn setting(standby: bool) -> impl Strategy<Value = Step> {
    let needs_standby = |setting: &Setting| {
        let phase = setting.register().phase();
        phase.is_some_and(Phase::needs_standby)
    };
    let settings: Vec<_> = Setting::ALL
        .iter()
        .copied()
        .filter(|setting| needs_standby(setting) == standby)
        .collect();
    (select(settings), any::<Index>()).prop_map(|(setting, place)| Step::Set(setting, place))
}

/// Returns a step that the sensor takes while streaming.
pub fn live_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        9 => setting(false),
        1 => interval().prop_map(Step::FrameInterval),
    ]
}

/// Any step.
pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        9 => live_step(),
        2 => setting(true),
        1 => any::<Index>().prop_map(Step::Link),
        2 => any_readout().prop_map(Step::Readout),
    ]
}

/// In standby or streaming.
pub fn activity() -> impl Strategy<Value = Activity> {
    select(&[Activity::Standby, Activity::Streaming][..])
}

/// Returns a board and a configuration that some steps lead to.
pub fn configured() -> impl Strategy<Value = (Board, Config)> {
    (board(), prop::collection::vec(step(), 0..12)).prop_map(|(board, steps)| {
        let start = Config::default_for(&board);
        let config = steps
            .iter()
            .fold(start, |config, step| step.apply(&board, config));
        (board, config)
    })
}
