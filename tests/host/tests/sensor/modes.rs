// SPDX-License-Identifier: GPL-2.0-only

//! Sensor modes by number and name.

use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::readout::{modes, Rect, Size};
use imx412_host::sensor::{Depth, Part, Readout};

fn name(number: usize) -> &'static str {
    modes::NAMES[number].to_str().expect("ASCII")
}

#[test]
fn names_say_size_and_depth() {
    for part in Part::ALL {
        assert_eq!(modes::count(part), PRESETS.len() * part.depths.len());
        assert_eq!(name(0), "");
        for number in 1..=modes::count(part) {
            let readout = modes::mode_readout(part, number).expect("a mode");
            let expected = format!("{} {}-bit", readout.output(), readout.depth().bits());
            assert_eq!(name(number), expected);
        }
    }
}

#[test]
fn numbers_lead_to_readouts_and_back() {
    for part in Part::ALL {
        let count = modes::count(part);
        for number in 1..=count {
            let readout = modes::mode_readout(part, number).expect("a mode");
            assert!(part.depths.contains(&readout.depth()));
            assert_eq!(modes::mode_of(&readout), Some(number));
        }
        for none in [0, 1 + count, usize::MAX] {
            assert_eq!(modes::mode_readout(part, none), None);
        }
    }
}

/// The same on both parts: what only one has comes last.
#[test]
fn numbers_go_from_depth_to_depth() {
    let (first, last) = (1, PRESETS.len());
    for (number, expected) in [
        (first, "4056x3040 10-bit"),
        (last, "320x240 10-bit"),
        (first + last, "4056x3040 12-bit"),
        (2 * last, "320x240 12-bit"),
        (first + 2 * last, "4056x3040 8-bit"),
        (3 * last, "320x240 8-bit"),
    ] {
        assert_eq!(name(number), expected);
    }
}

#[test]
fn other_readouts_are_no_mode() {
    let whole = Readout::full_frame(Depth::Twelve);
    assert_eq!(modes::mode_of(&whole), Some(1 + PRESETS.len()));
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
