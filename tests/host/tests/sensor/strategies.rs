// SPDX-License-Identifier: GPL-2.0-only

//! Random boards and configurations.

use imx412_host::sensor::{
    Board, Channel, Config, ControlChange, Depth, Inck, Limits, Readout, Variant,
};
use proptest::prelude::*;
use proptest::sample::{select, Index};

/// Every link frequency that one PLL reaches from an INCK, by trying all dividers and multipliers.
pub fn reachable(inck_hz: u32) -> Vec<u64> {
    let inck = u64::from(inck_hz);
    let mut found = Vec::new();
    for pre in [1, 2, 3, 4] {
        if !(6_000_000 * pre..=12_000_000 * pre).contains(&inck) {
            continue;
        }
        for multiplier in 1..=400 {
            let pll = inck * multiplier / pre;
            if !(1_200_000_000..=2_100_000_000).contains(&pll) {
                continue;
            }
            for divider in [1, 2, 4] {
                if (inck * multiplier) % (pre * divider * 2) == 0 {
                    found.push(pll / divider / 2);
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

/// A board with one to eight link frequencies.
pub fn board() -> impl Strategy<Value = Board> {
    (inck(), select(&[2, 4][..])).prop_flat_map(|(inck_hz, lanes)| {
        prop::collection::vec(select(reachable(inck_hz)), 1..=Board::MAX_LINKS).prop_map(
            move |link_freqs| {
                Board::new(inck_hz, lanes, &link_freqs, Variant::Imx412)
                    .unwrap_or_else(|error| panic!("{error}"))
            },
        )
    })
}

/// A change to a configuration, with a place between the limits of whatever it changes.
#[derive(Clone, Debug)]
pub enum Step {
    Link(Index),
    Depth(Depth),
    Exposure(Index),
    AnalogueGain(Index),
    DigitalGain(Index),
    VerticalBlanking(Index),
    HorizontalBlanking(Index),
    TestPattern(Index),
    TestColour(Channel, Index),
    Streaming(bool),
}

impl Step {
    /// Takes the step.
    pub fn apply(&self, board: &Board, config: Config) -> Config {
        let change = match self {
            Self::Link(place) => {
                let index = place.index(board.links().count());
                return config.with_link(board, index).expect("a link of the board");
            }
            Self::Depth(depth) => return config.with_readout(Readout::full_frame(*depth)),
            Self::Streaming(streaming) => return config.with_streaming(*streaming),
            Self::Exposure(place) => ControlChange::Exposure(pick(config.exposure_limits(), place)),
            Self::AnalogueGain(place) => {
                ControlChange::AnalogueGain(pick(Config::analogue_gain_limits(), place))
            }
            Self::DigitalGain(place) => {
                ControlChange::DigitalGain(pick(Config::digital_gain_limits(), place))
            }
            Self::VerticalBlanking(place) => {
                ControlChange::VerticalBlanking(pick(config.vertical_blanking_limits(), place))
            }
            Self::HorizontalBlanking(place) => {
                ControlChange::HorizontalBlanking(pick(config.horizontal_blanking_limits(), place))
            }
            Self::TestPattern(place) => {
                ControlChange::TestPattern(pick(Config::test_pattern_limits(), place))
            }
            Self::TestColour(channel, place) => {
                ControlChange::TestColour(*channel, pick(Config::test_colour_limits(), place))
            }
        };
        let next = config.with(change);
        next.unwrap_or_else(|error| panic!("{change:?}: {error}"))
    }
}

/// A value that `limits` allow.
fn pick(limits: Limits, place: &Index) -> u32 {
    let steps = (limits.max - limits.min) / limits.step;
    let step = u32::try_from(place.index(steps as usize + 1)).expect("32 bits");
    limits.min + step * limits.step
}

/// A step that the sensor takes while streaming.
pub fn live_step() -> impl Strategy<Value = Step> {
    let place = any::<Index>;
    let channel = select(
        &[
            Channel::Red,
            Channel::GreenRed,
            Channel::Blue,
            Channel::GreenBlue,
        ][..],
    );
    prop_oneof![
        place().prop_map(Step::Exposure),
        place().prop_map(Step::AnalogueGain),
        place().prop_map(Step::DigitalGain),
        place().prop_map(Step::VerticalBlanking),
        place().prop_map(Step::HorizontalBlanking),
        place().prop_map(Step::TestPattern),
        (channel, place()).prop_map(|(channel, place)| Step::TestColour(channel, place)),
    ]
}

/// Any step.
pub fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        7 => live_step(),
        1 => any::<Index>().prop_map(Step::Link),
        1 => select(&[Depth::Ten, Depth::Twelve][..]).prop_map(Step::Depth),
        1 => any::<bool>().prop_map(Step::Streaming),
    ]
}

/// A board and a configuration that some steps lead to.
pub fn configured() -> impl Strategy<Value = (Board, Config)> {
    (board(), prop::collection::vec(step(), 0..12)).prop_map(|(board, steps)| {
        let start = Config::default_for(&board);
        let config = steps
            .iter()
            .fold(start, |config, step| step.apply(&board, config));
        (board, config)
    })
}
