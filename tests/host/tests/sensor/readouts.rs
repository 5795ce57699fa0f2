// SPDX-License-Identifier: GPL-2.0-only

//! Geometry: what may be read, what becomes of it, and what is refused.

use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::readout::{Binning, ReadoutError, Rect, Size, ACTIVE, NATIVE, OUTPUT_MIN};
use imx412_host::sensor::{Depth, Readout, Scaling};
use proptest::prelude::*;

use super::strategies::any_readout;

const fn rect(left: u16, top: u16, width: u16, height: u16) -> Rect {
    Rect {
        left,
        top,
        size: Size::new(width, height),
    }
}

fn output(crop: Rect, binning: Binning, m: u16) -> Size {
    let scaling = Scaling::new(m).expect("a ratio");
    Readout::new(crop, binning, None, scaling, Depth::Ten)
        .unwrap_or_else(|error| panic!("{error}"))
        .output()
}

#[test]
fn the_output_follows_from_the_stages() {
    let uhd = rect(108, 440, 3840, 2160);
    assert_eq!(output(uhd, Binning::None, 16), Size::new(3840, 2160));
    assert_eq!(output(uhd, Binning::TwoByTwo, 16), Size::new(1920, 1080));
    assert_eq!(output(uhd, Binning::None, 32), Size::new(1920, 1080));
    assert_eq!(output(uhd, Binning::None, 48), Size::new(1280, 720));
    assert_eq!(output(uhd, Binning::TwoByTwo, 48), Size::new(640, 360));
    assert_eq!(output(uhd, Binning::None, 20), Size::new(3072, 1728));
}

#[test]
fn the_digital_crop_cuts_the_binned_picture() {
    let crop = rect(100, 200, 2000, 1600);
    let digital = rect(10, 20, 640, 480);
    let readout = Readout::new(
        crop,
        Binning::TwoByTwo,
        Some(digital),
        Scaling::NONE,
        Depth::Ten,
    )
    .expect("a readout");
    assert_eq!(readout.output(), digital.size);
    assert_eq!(
        readout.field_of_view(),
        rect(8 + 100 + 20, 16 + 200 + 40, 1280, 960)
    );
}

#[test]
fn refusals_say_what_is_allowed() {
    let new = |crop, binning, digital, m, depth| {
        Readout::new(
            crop,
            binning,
            digital,
            Scaling::new(m).expect("a ratio"),
            depth,
        )
        .expect_err("a refusal")
        .to_string()
    };
    let (none, two) = (Binning::None, Binning::TwoByTwo);
    let vga = rect(0, 0, 640, 480);
    for (found, text) in [
        (
            new(rect(3420, 0, 640, 480), none, None, 16, Depth::Ten),
            "analogue crop (3420, 0)/640x480 is not within the active array of 4056x3040",
        ),
        (
            new(rect(1, 0, 640, 480), none, None, 16, Depth::Ten),
            "analogue crop (1, 0)/640x480 must begin at multiples of 2 and have a size of multiples of 2",
        ),
        (
            new(rect(0, 0, 642, 480), two, None, 16, Depth::Ten),
            "analogue crop (0, 0)/642x480 must begin at multiples of 2 and have a size of multiples of 4",
        ),
        (
            new(vga, two, Some(rect(0, 0, 640, 480)), 16, Depth::Ten),
            "digital crop (0, 0)/640x480 is not within the image of 320x240",
        ),
        (
            new(vga, none, Some(rect(0, 1, 320, 240)), 16, Depth::Ten),
            "digital crop (0, 1)/320x240 must begin at and have a size of multiples of 2",
        ),
        (
            new(vga, none, None, 17, Depth::Ten),
            "640x480 scaled by 16/17 is not a whole number of pixels",
        ),
        (
            new(rect(0, 0, 642, 480), none, None, 16, Depth::Ten),
            "output of 642x480 at 10 bits must have a width of multiples of 4 and a height of multiples of 2",
        ),
        (
            new(rect(0, 0, 640, 62), none, None, 16, Depth::Ten),
            "output of 640x62 is smaller than 64x64",
        ),
    ] {
        assert_eq!(found, text);
    }
}

/// CSI-2 packs 10 bits in groups of four pixels, 12 bits in pairs.
#[test]
fn the_width_steps_with_the_depth() {
    let crop = rect(0, 0, 1002, 700);
    let at = |depth| Readout::new(crop, Binning::None, None, Scaling::NONE, depth);
    assert!(matches!(
        at(Depth::Ten),
        Err(ReadoutError::OutputMisaligned { .. })
    ));
    for depth in [Depth::Eight, Depth::Twelve] {
        assert_eq!(at(depth).map(|readout| readout.output()), Ok(crop.size));
    }
}

#[test]
fn the_scaler_goes_from_one_to_an_eighth() {
    assert_eq!(Scaling::new(16), Some(Scaling::NONE));
    assert_eq!(Scaling::new(128).map(Scaling::m), Some(128));
    for m in [0, 15, 129, u16::MAX] {
        assert_eq!(Scaling::new(m), None);
    }
}

#[test]
fn presets_are_what_the_rules_allow_around_the_middle_of_the_array() {
    for preset in &PRESETS {
        let crop = preset.crop();
        assert_eq!(2 * crop.left + crop.size.width, ACTIVE.size.width);
        assert_eq!(2 * crop.top + crop.size.height, ACTIVE.size.height);
        for depth in [Depth::Eight, Depth::Ten, Depth::Twelve] {
            let readout = preset.readout(depth);
            let same = Readout::new(crop, preset.binning(), None, preset.scaling(), depth);
            assert_eq!(same, Ok(readout));
            assert_eq!(readout.output(), preset.output());
        }
    }
}

#[test]
fn the_presets_have_the_sizes_that_applications_look_for() {
    let sizes: Vec<_> = PRESETS
        .iter()
        .map(|preset| preset.output().to_string())
        .collect();
    assert_eq!(
        sizes,
        [
            "4056x3040",
            "4056x2160",
            "3840x2160",
            "2028x1520",
            "1920x1440",
            "2028x1080",
            "1920x1080",
            "1600x1200",
            "1352x1012",
            "1332x990",
            "1280x720",
            "1024x768",
            "800x600",
            "640x480",
            "640x360",
            "320x240",
        ]
    );
}

proptest! {
    /// Every stage begins with a red pixel and ends with a whole Bayer cell, inside of the one before.
    #[test]
    fn every_readout_keeps_the_bayer_order(readout in any_readout()) {
        let analogue = readout.analogue_crop();
        let digital = readout.digital_crop();
        let factor = readout.binning().factor();
        for rect in [analogue, digital] {
            prop_assert_eq!((rect.left % 2, rect.top % 2), (0, 0));
            prop_assert_eq!((rect.size.width % 2, rect.size.height % 2), (0, 0));
        }
        prop_assert!(analogue.right() < ACTIVE.size.width && analogue.bottom() < ACTIVE.size.height);
        prop_assert!((digital.right() + 1) * factor <= analogue.size.width);
        prop_assert!((digital.bottom() + 1) * factor <= analogue.size.height);
        let Size { width, height } = readout.output();
        prop_assert_eq!((width % readout.depth().width_step(), height % 2), (0, 0));
        prop_assert!(width >= OUTPUT_MIN.width && height >= OUTPUT_MIN.height);
        let m = u32::from(readout.scaling().m());
        prop_assert_eq!(u32::from(width) * m, u32::from(digital.size.width) * 16);
        prop_assert_eq!(u32::from(height) * m, u32::from(digital.size.height) * 16);
    }

    #[test]
    fn the_field_of_view_lies_in_the_active_array(readout in any_readout()) {
        let view = readout.field_of_view();
        prop_assert!(view.left >= ACTIVE.left && view.right() <= ACTIVE.right());
        prop_assert!(view.top >= ACTIVE.top && view.bottom() <= ACTIVE.bottom());
        prop_assert!(ACTIVE.right() < NATIVE.width && ACTIVE.bottom() < NATIVE.height);
    }
}
