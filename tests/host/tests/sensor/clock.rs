// SPDX-License-Identifier: GPL-2.0-only

//! The clock solver, against a search of all settings.

use imx412_host::sensor::clock::Pll;
use imx412_host::sensor::{ClockTree, Inck};
use proptest::prelude::*;
use proptest::sample::select;

use super::strategies::{inck, reachable};

fn solve(inck_hz: u32, link_freq: u64) -> ClockTree {
    let inck = Inck::new(inck_hz).expect("a supported INCK");
    ClockTree::solve(inck, link_freq).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn assert_pll(tree: ClockTree, pre_divider: u8, multiplier: u16, link_divider: u8) {
    let pll = Pll {
        pre_divider,
        multiplier,
    };
    assert_eq!((tree.pll(), tree.link_divider()), (pll, link_divider));
}

#[test]
fn only_the_documented_incks_are_supported() {
    for mhz in 0..=60 {
        let supported = [6, 12, 18, 24, 27].contains(&mhz);
        assert_eq!(Inck::new(mhz * 1_000_000).is_some(), supported, "{mhz} MHz");
    }
    assert_eq!(Inck::new(24_000_001), None);
}

#[test]
fn settings_of_public_drivers_are_preferred() {
    assert_pll(solve(24_000_000, 600_000_000), 4, 200, 1);
    assert_pll(solve(24_000_000, 726_000_000), 4, 242, 1);
    assert_pll(solve(24_000_000, 1_050_000_000), 4, 350, 1);
    assert_pll(solve(27_000_000, 1_049_625_000), 4, 311, 1);
}

#[test]
fn every_inck_makes_the_fastest_link() {
    assert_pll(solve(6_000_000, 1_050_000_000), 1, 350, 1);
    assert_pll(solve(12_000_000, 1_050_000_000), 2, 350, 1);
    assert_pll(solve(18_000_000, 1_050_000_000), 3, 350, 1);
    assert_eq!(reachable(27_000_000).last(), Some(&1_049_625_000));
}

#[test]
fn a_high_comparison_frequency_is_preferred_among_the_unknown() {
    // 1080 MHz doubled: of 12, 8 and 6 MHz, all exact, the first.
    assert_pll(solve(24_000_000, 720_000_000), 2, 120, 1);
    // A pre-divider of 1, which no public driver uses, only where nothing else does it.
    assert_pll(solve(12_000_000, 600_000_000), 2, 200, 1);
    assert_pll(solve(6_000_000, 600_000_000), 1, 200, 1);
}

#[test]
fn slow_links_divide_the_pll() {
    assert_pll(solve(24_000_000, 450_000_000), 2, 150, 2);
    assert_pll(solve(24_000_000, 150_000_000), 4, 200, 4);
    assert_eq!(solve(24_000_000, 450_000_000).pixel_rate(), 720_000_000);
}

#[test]
fn rates_follow_from_the_settings() {
    let tree = solve(27_000_000, 1_049_625_000);
    assert_eq!(tree.pll_hz(), 2_099_250_000);
    assert_eq!(tree.pixel_rate(), 839_700_000);
    assert_eq!(tree.lane_rate(), 2_099_250_000);
}

proptest! {
    #[test]
    fn every_reachable_link_frequency_is_made_exactly(
        (inck_hz, link_freq) in inck().prop_flat_map(|inck| (Just(inck), select(reachable(inck))))
    ) {
        let tree = solve(inck_hz, link_freq);
        let Pll { pre_divider, multiplier } = tree.pll();
        let comparison = f64::from(inck_hz) / f64::from(pre_divider);
        let pll = comparison * f64::from(multiplier);
        prop_assert!((6e6..=12e6).contains(&comparison));
        prop_assert!((1.2e9..=2.1e9).contains(&pll));
        prop_assert_eq!(pll / f64::from(tree.link_divider()) / 2.0, link_freq as f64);
        prop_assert_eq!(tree.link_freq(), link_freq);
        prop_assert_eq!(tree.pll_hz() as f64, pll);
        prop_assert_eq!(tree.pixel_rate() as f64, pll * 0.4);
    }

    #[test]
    fn what_cannot_be_made_is_refused_with_its_true_neighbours(
        inck_hz in inck(), link_freq in 100_000_000u64..1_200_000_000,
    ) {
        let all = reachable(inck_hz);
        prop_assume!(!all.contains(&link_freq));
        let inck = Inck::new(inck_hz).expect("a supported INCK");
        let error = ClockTree::solve(inck, link_freq).expect_err("a refusal");
        let above = all.partition_point(|&reachable| reachable < link_freq);
        prop_assert_eq!(error.below, above.checked_sub(1).map(|below| all[below]));
        prop_assert_eq!(error.above, all.get(above).copied());
        prop_assert_eq!((error.inck, error.link_freq), (inck, link_freq));
    }
}
