// SPDX-License-Identifier: GPL-2.0-only

//! Sensor modes by number and name.

use imx412_host::sensor::readout::{modes, Rect, Size};
use imx412_host::sensor::{Depth, Readout, Variant};

fn name(variant: Variant, number: usize) -> &'static str {
    modes::names(variant)[number].to_str().expect("ASCII")
}

#[test]
fn names_say_size_and_depth() {
    for variant in [Variant::Imx412, Variant::Imx577] {
        let names = modes::names(variant);
        assert_eq!(names.len(), 1 + 16 * variant.depths().len());
        assert_eq!(name(variant, 0), "");
        for number in 1..names.len() {
            let readout = modes::mode_readout(variant, number).expect("a mode");
            let expected = format!("{} {}-bit", readout.output(), readout.depth().bits());
            assert_eq!(name(variant, number), expected);
        }
    }
}

#[test]
fn numbers_lead_to_readouts_and_back() {
    for variant in [Variant::Imx412, Variant::Imx577] {
        let count = modes::names(variant).len();
        for number in 1..count {
            let readout = modes::mode_readout(variant, number).expect("a mode");
            assert!(variant.depths().contains(&readout.depth()));
            assert_eq!(modes::mode_of(&readout), Some(number));
        }
        for none in [0, count, usize::MAX] {
            assert_eq!(modes::mode_readout(variant, none), None);
        }
    }
}

/// The same on both parts: what only one has comes last.
#[test]
fn numbers_go_from_depth_to_depth() {
    for (number, expected) in [
        (1, "4056x3040 10-bit"),
        (16, "320x240 10-bit"),
        (17, "4056x3040 12-bit"),
        (32, "320x240 12-bit"),
        (33, "4056x3040 8-bit"),
        (48, "320x240 8-bit"),
    ] {
        assert_eq!(name(Variant::Imx577, number), expected);
    }
}

#[test]
fn other_readouts_are_no_mode() {
    let whole = Readout::full_frame(Depth::Twelve);
    assert_eq!(modes::mode_of(&whole), Some(17));
    let elsewhere = Rect {
        left: 0,
        top: 0,
        size: Size::new(3840, 2160),
    };
    let readout = Readout::new(
        elsewhere,
        whole.binning(),
        None,
        whole.scaling(),
        Depth::Ten,
    );
    assert_eq!(modes::mode_of(&readout.expect("a readout")), None);
}
