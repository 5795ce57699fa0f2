// SPDX-License-Identifier: GPL-2.0-only

//! The clock solver, against a search of all settings.

use imx412_host::sensor::part::{Part, Pll, IMX412, IMX477, IMX577};
use imx412_host::sensor::{ClockTree, Inck};
use proptest::prelude::*;
use proptest::sample::select;

use super::strategies::{inck, reachable};

fn solve(inck_hz: u32, link_freq: u64) -> ClockTree {
    let inck = Inck::new(inck_hz).expect("a supported INCK");
    ClockTree::solve(&IMX412, inck, link_freq).unwrap_or_else(|error| panic!("{error}"))
}

const fn pll(pre_divider: u8, multiplier: u16) -> Pll {
    Pll {
        pre_divider,
        multiplier,
    }
}

/// Asserts that one PLL does it all.
#[track_caller]
fn assert_one(tree: ClockTree, video: Pll, link_divider: u8) {
    assert_eq!(
        (tree.pll(), tree.link_pll(), tree.link_divider()),
        (video, None, link_divider)
    );
}

/// Asserts that the link has its own PLL.
#[track_caller]
fn assert_two(tree: ClockTree, video: Pll, link: Pll, link_divider: u8) {
    assert_eq!(
        (tree.pll(), tree.link_pll(), tree.link_divider()),
        (video, Some(link), link_divider)
    );
}

#[test]
fn only_the_documented_incks_are_supported() {
    for mhz in 0..=60 {
        let supported = [6, 12, 18, 24, 27].contains(&mhz);
        assert_eq!(Inck::new(mhz * 1_000_000).is_some(), supported, "{mhz} MHz");
    }
}

/// Boards and clock drivers round.
#[test]
fn an_inck_within_one_per_cent_stands_for_the_supported_one() {
    for (found, nominal) in [
        (23_999_999, Some(24_000_000)),
        (23_880_000, Some(24_000_000)),
        (23_760_000, Some(24_000_000)),
        (23_759_999, None),
        (24_240_000, Some(24_000_000)),
        (24_240_001, None),
        (5_940_000, Some(6_000_000)),
        (27_270_000, Some(27_000_000)),
        (u32::MAX, None),
    ] {
        let inck = Inck::new(found);
        assert_eq!(inck.map(Inck::nominal_hz), nominal, "{found}");
        assert_eq!(inck.map(Inck::hz), nominal.map(|_| found));
    }
}

#[test]
fn rates_follow_the_true_inck_and_settings_the_nominal_one() {
    let exact = solve(24_000_000, 1_050_000_000);
    let tree = solve(23_880_000, 1_050_000_000);
    assert_eq!(
        (tree.pll(), tree.link_pll(), tree.link_divider()),
        (exact.pll(), exact.link_pll(), exact.link_divider())
    );
    assert_eq!(tree.nominal(), exact);
    assert_eq!(tree.is_known_good(), exact.is_known_good());
    assert_eq!(tree.pixel_rate(), 835_800_000);
    assert_eq!(tree.lane_rate(), 2_089_500_000);
    assert_eq!(tree.link_freq(), 1_044_750_000);
    assert_eq!(tree.pll_hz(), 2_089_500_000);
    // One hertz short: 839999965 and 599999975 to the nearest.
    assert_eq!(solve(23_999_999, 1_050_000_000).pixel_rate(), 839_999_965);
    assert_eq!(solve(23_999_999, 600_000_000).link_freq(), 599_999_975);
}

/// Known-good trees come first, even where two PLLs would have a higher pixel rate.
#[test]
fn trees_of_public_drivers_are_preferred() {
    assert_one(solve(24_000_000, 600_000_000), pll(4, 200), 1);
    assert_one(solve(24_000_000, 726_000_000), pll(4, 242), 1);
    assert_one(solve(24_000_000, 1_050_000_000), pll(4, 350), 1);
    assert_one(solve(27_000_000, 1_049_625_000), pll(4, 311), 1);
    assert_two(solve(24_000_000, 450_000_000), pll(4, 350), pll(2, 150), 2);
    for (inck, link) in [(24_000_000, 600_000_000), (24_000_000, 450_000_000)] {
        assert!(solve(inck, link).is_known_good());
    }
    assert!(!solve(24_000_000, 750_000_000).is_known_good());
}

#[test]
fn every_inck_makes_the_fastest_link_with_one_pll() {
    assert_one(solve(6_000_000, 1_050_000_000), pll(1, 350), 1);
    assert_one(solve(12_000_000, 1_050_000_000), pll(2, 350), 1);
    assert_one(solve(18_000_000, 1_050_000_000), pll(3, 350), 1);
    assert_eq!(reachable(&IMX412, 27_000_000).last(), Some(&1_049_625_000));
}

/// The pixel rate does not follow a slow link.
#[test]
fn a_second_pll_keeps_the_pixel_rate_up() {
    let tree = solve(24_000_000, 750_000_000);
    assert_two(tree, pll(4, 350), pll(2, 125), 1);
    assert_eq!(tree.pixel_rate(), 840_000_000);
    assert_eq!(tree.link_pll_hz(), 1_500_000_000);
    let tree = solve(27_000_000, 600_750_000);
    assert_two(tree, pll(4, 311), pll(4, 178), 1);
    assert_eq!(tree.pixel_rate(), 839_700_000);
    // A pre-divider of 1, which no public driver uses, only where nothing else does it.
    assert_two(solve(12_000_000, 600_000_000), pll(2, 350), pll(2, 200), 1);
    assert_two(solve(6_000_000, 600_000_000), pll(1, 350), pll(1, 200), 1);
}

#[test]
fn a_high_comparison_frequency_is_preferred_among_the_unknown() {
    // 1440 MHz from 12, 8 or 6 MHz, all exact: the first.
    assert_two(solve(24_000_000, 720_000_000), pll(4, 350), pll(2, 120), 1);
    assert_two(solve(24_000_000, 360_000_000), pll(4, 350), pll(2, 120), 2);
}

/// A line of 4056 pixels of 12 bits must be counted in 65520 pixel clocks, over two lanes too.
#[test]
fn the_slowest_links_lower_the_pixel_rate() {
    let tree = solve(24_000_000, 150_000_000);
    assert_two(tree, pll(2, 167), pll(2, 100), 4);
    assert_eq!(tree.pixel_rate(), 801_600_000);
    assert_eq!(solve(24_000_000, 157_500_000).pixel_rate(), 840_000_000);
}

#[test]
fn rates_follow_from_the_settings() {
    let tree = solve(27_000_000, 1_049_625_000);
    assert_eq!(tree.pll_hz(), 2_099_250_000);
    assert_eq!(tree.pixel_rate(), 839_700_000);
    assert_eq!(tree.lane_rate(), 2_099_250_000);
}

/// Asserts that a PLL keeps to its limits, and returns what it puts out.
fn output(inck_hz: u32, pll: Pll) -> f64 {
    let comparison = f64::from(inck_hz) / f64::from(pll.pre_divider);
    let output = comparison * f64::from(pll.multiplier);
    assert!((6e6..=12e6).contains(&comparison), "{pll:?}");
    assert!((1.2e9..=2.1e9).contains(&output), "{pll:?}");
    output
}

fn solve_for(part: &Part, link_freq: u64) -> ClockTree {
    let inck = Inck::new(24_000_000).expect("a supported INCK");
    ClockTree::solve(part, inck, link_freq).unwrap_or_else(|error| panic!("{error}"))
}

/// What a product runs is no floor: AMD's headset, on an IMX577.
#[test]
fn the_imx577_runs_the_trees_of_a_product() {
    let tree = solve_for(&IMX577, 525_000_000);
    assert_one(tree, pll(4, 175), 1);
    assert_eq!(
        (tree.pixel_rate(), tree.is_known_good()),
        (420_000_000, true)
    );
    let tree = solve_for(&IMX577, 150_000_000);
    assert_two(tree, pll(4, 150), pll(4, 100), 2);
    assert_eq!((tree.pixel_rate(), tree.video_divider()), (180_000_000, 4));
    // Between the ranges of the IMX412.
    assert_eq!(solve_for(&IMX577, 552_000_000).lane_rate(), 1_104_000_000);
    let inck = Inck::new(24_000_000).expect("a supported INCK");
    assert!(ClockTree::solve(&IMX412, inck, 552_000_000).is_err());
}

/// Steps of 3 MHz with two PLLs, at the full pixel rate.
#[test]
fn the_imx477_reaches_links_in_steps_of_3_mhz() {
    for link_freq in (300_000_000..=525_000_000).step_by(3_000_000) {
        let tree = solve_for(&IMX477, link_freq);
        assert_eq!(tree.pixel_rate(), 840_000_000, "{link_freq}");
        assert_eq!(tree.link_freq(), link_freq);
    }
    assert_two(solve_for(&IMX477, 450_000_000), pll(4, 350), pll(2, 150), 2);
    assert_eq!(solve_for(&IMX477, 750_000_000).link_divider(), 1);
}

proptest! {
    #[test]
    fn every_reachable_link_frequency_is_made_exactly(
        (inck_hz, link_freq) in inck().prop_flat_map(|inck| (Just(inck), select(reachable(&IMX412, inck))))
    ) {
        let tree = solve(inck_hz, link_freq);
        let video = output(inck_hz, tree.pll());
        let link = tree.link_pll().map_or(video, |pll| output(inck_hz, pll));
        prop_assert_eq!(link / f64::from(tree.link_divider()) / 2.0, link_freq as f64);
        prop_assert_eq!(tree.link_freq(), link_freq);
        prop_assert_eq!(tree.pll_hz() as f64, video);
        prop_assert_eq!(tree.link_pll_hz() as f64, link);
        prop_assert_eq!(tree.pixel_rate() as f64, video * 0.4);
    }

    /// Nothing that the part can do gives a higher pixel rate, unless a public driver gives a lower one.
    #[test]
    fn the_pixel_rate_is_as_high_as_allowed(
        (inck_hz, link_freq) in inck().prop_flat_map(|inck| (Just(inck), select(reachable(&IMX412, inck))))
    ) {
        let tree = solve(inck_hz, link_freq);
        prop_assume!(!tree.is_known_good());
        let line_max = |pixel_rate: f64| {
            4056.0 * 12.0 * pixel_rate / (4.0 * link_freq as f64) + 448.0 <= 65520.0
        };
        let rates = (1..=4u32).flat_map(|pre| (100..=350u32).map(move |multiplier| (pre, multiplier)))
            .filter(|(pre, _)| (6_000_000 * pre..=12_000_000 * pre).contains(&inck_hz))
            .map(|(pre, multiplier)| f64::from(inck_hz) / f64::from(pre) * f64::from(multiplier))
            .filter(|pll| (1.2e9..=2.1e9).contains(pll))
            .map(|pll| pll * 0.4)
            .filter(|rate| line_max(*rate));
        prop_assert_eq!(tree.pixel_rate() as f64, rates.fold(0.0, f64::max));
    }

    #[test]
    fn what_cannot_be_made_is_refused_with_its_true_neighbours(
        inck_hz in inck(), link_freq in 100_000_000u64..1_200_000_000,
    ) {
        let all = reachable(&IMX412, inck_hz);
        prop_assume!(!all.contains(&link_freq));
        let inck = Inck::new(inck_hz).expect("a supported INCK");
        let error = ClockTree::solve(&IMX412, inck, link_freq).expect_err("a refusal");
        let above = all.partition_point(|&reachable| reachable < link_freq);
        prop_assert_eq!(error.below, above.checked_sub(1).map(|below| all[below]));
        prop_assert_eq!(error.above, all.get(above).copied());
        prop_assert_eq!((error.inck, error.link_freq), (inck, link_freq));
    }
}
