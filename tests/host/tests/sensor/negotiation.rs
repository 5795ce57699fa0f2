// SPDX-License-Identifier: GPL-2.0-only

//! What becomes of the formats and crops that applications ask for.

use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::readout::negotiate::{for_crop, for_format, CropFlags, Wanted};
use imx412_host::sensor::readout::{Binning, Rect, Size, ACTIVE};
use imx412_host::sensor::{Depth, Readout};
use proptest::prelude::*;

use super::strategies::{any_readout, depth, flags, wanted};

const NEAREST: CropFlags = CropFlags {
    greater_or_equal: false,
    less_or_equal: false,
    keep_config: false,
};
const GREATER: CropFlags = CropFlags {
    greater_or_equal: true,
    ..NEAREST
};
const LESS: CropFlags = CropFlags {
    less_or_equal: true,
    ..NEAREST
};
const KEEP: CropFlags = CropFlags {
    keep_config: true,
    ..NEAREST
};
const KEEP_GREATER: CropFlags = CropFlags {
    greater_or_equal: true,
    ..KEEP
};
const KEEP_LESS: CropFlags = CropFlags {
    less_or_equal: true,
    ..KEEP
};

const fn rect(left: u16, top: u16, width: u16, height: u16) -> Rect {
    Rect {
        left,
        top,
        size: Size::new(width, height),
    }
}

const FULL: Rect = ACTIVE;
const UHD: Rect = rect(116, 456, 3840, 2160);
const FOUR_THIRDS: Rect = rect(36, 36, 4000, 3000);

/// What an application sees of a readout: crop and size; then how it is made.
type Seen = (Rect, (u16, u16), u16, u16);

fn seen(readout: &Readout) -> Seen {
    let Size { width, height } = readout.output();
    (
        readout.field_of_view(),
        (width, height),
        readout.binning().factor(),
        readout.scaling().m(),
    )
}

#[test]
fn formats_take_the_present_crop_or_the_widest() {
    let off_centre = rect(8, 16, 2000, 1000);
    for (crop, asked, expected) in [
        // The present crop can.
        (FULL, (4056, 3040), (FULL, (4056, 3040), 1, 16)),
        (FULL, (2028, 1520), (FULL, (2028, 1520), 2, 16)),
        (
            FULL,
            (1352, 1012),
            (rect(8, 18, 4056, 3036), (1352, 1012), 1, 48),
        ),
        (UHD, (3840, 2160), (UHD, (3840, 2160), 1, 16)),
        (UHD, (1920, 1080), (UHD, (1920, 1080), 2, 16)),
        (UHD, (1280, 720), (UHD, (1280, 720), 1, 48)),
        (UHD, (640, 360), (UHD, (640, 360), 2, 48)),
        (UHD, (3072, 1728), (UHD, (3072, 1728), 1, 20)),
        (off_centre, (1000, 500), (off_centre, (1000, 500), 2, 16)),
        (off_centre, (500, 250), (off_centre, (500, 250), 2, 32)),
        // It cannot: a preset.
        (FULL, (1920, 1080), (UHD, (1920, 1080), 2, 16)),
        (FULL, (1280, 720), (UHD, (1280, 720), 1, 48)),
        (FULL, (640, 480), (FOUR_THIRDS, (640, 480), 2, 50)),
        (UHD, (2028, 1520), (FULL, (2028, 1520), 2, 16)),
        (
            off_centre,
            (4056, 2160),
            (rect(8, 456, 4056, 2160), (4056, 2160), 1, 16),
        ),
        (
            off_centre,
            (1332, 990),
            (rect(704, 546, 2664, 1980), (1332, 990), 2, 16),
        ),
        // No preset: the widest crop.
        (FULL, (1280, 960), (FOUR_THIRDS, (1280, 960), 2, 25)),
        (
            FULL,
            (720, 576),
            (rect(146, 24, 3780, 3024), (720, 576), 2, 42),
        ),
        (UHD, (4000, 3000), (FOUR_THIRDS, (4000, 3000), 1, 16)),
        (
            UHD,
            (1000, 1000),
            (rect(536, 36, 3000, 3000), (1000, 1000), 2, 24),
        ),
        // Cut to what there is.
        (UHD, (u32::MAX, u32::MAX), (FULL, (4056, 3040), 1, 16)),
        (
            FULL,
            (0, 0),
            (rect(1524, 1024, 1024, 1024), (64, 64), 2, 128),
        ),
        (UHD, (1923, 1081), (UHD, (1920, 1080), 2, 16)),
    ] {
        let readout = for_format(crop, asked.0, asked.1, Depth::Ten);
        assert_eq!(seen(&readout), expected, "{crop}: {asked:?}");
    }
}

#[test]
fn a_preset_is_read_its_way_wherever_its_crop_lies() {
    let corner = rect(8, 16, 3840, 2160);
    let readout = for_format(corner, 1280, 720, Depth::Ten);
    assert_eq!(seen(&readout), (corner, (1280, 720), 1, 48));
}

#[test]
fn odd_sizes_are_cut_to_the_steps_of_the_depth() {
    let size = |depth| for_format(FULL, 1003, 701, depth).output();
    assert_eq!(size(Depth::Ten), Size::new(1000, 700));
    assert_eq!(size(Depth::Twelve), Size::new(1002, 700));
    assert_eq!(size(Depth::Eight), Size::new(1002, 700));
}

fn asked(left: i32, top: i32, width: u32, height: u32) -> Wanted {
    Wanted {
        left,
        top,
        width,
        height,
    }
}

#[test]
fn a_crop_becomes_the_picture() {
    let full = Readout::full_frame(Depth::Ten);
    for (wanted, flags, expected) in [
        (asked(116, 456, 3840, 2160), NEAREST, UHD),
        // Steps: to the nearest, up or down.
        (
            asked(100, 100, 1002, 701),
            NEAREST,
            rect(100, 100, 1000, 700),
        ),
        (
            asked(100, 100, 1003, 703),
            NEAREST,
            rect(100, 100, 1004, 702),
        ),
        (
            asked(100, 100, 1001, 701),
            GREATER,
            rect(100, 100, 1004, 702),
        ),
        (asked(100, 100, 1003, 701), LESS, rect(100, 100, 1000, 700)),
        // Odd positions go to the Bayer cell that they lie in.
        (
            asked(101, 103, 1000, 700),
            NEAREST,
            rect(100, 102, 1000, 700),
        ),
        // Into the active array, at its size at most and the smallest at least.
        (asked(0, 0, 4072, 3176), NEAREST, FULL),
        (asked(0, 0, 4072, 3176), GREATER, FULL),
        (
            asked(-50, 5000, 1000, 700),
            NEAREST,
            rect(8, 2356, 1000, 700),
        ),
        (
            asked(4000, 3000, 640, 480),
            NEAREST,
            rect(3424, 2576, 640, 480),
        ),
        (asked(8, 16, 0, 0), NEAREST, rect(8, 16, 64, 64)),
        (asked(8, 16, 10, 10), LESS, rect(8, 16, 64, 64)),
        (asked(i32::MIN, i32::MAX, u32::MAX, u32::MAX), NEAREST, FULL),
    ] {
        let readout = for_crop(wanted, flags, &full);
        assert_eq!(readout.field_of_view(), expected, "{wanted:?} {flags:?}");
        assert_eq!(readout.output(), expected.size);
    }
}

#[test]
fn a_picture_that_is_kept_decides_on_the_crop() {
    let hd = for_format(UHD, 1920, 1080, Depth::Ten);
    for (wanted, flags, expected) in [
        // Moved, as it is.
        (
            asked(8, 16, 3840, 2160),
            KEEP,
            (rect(8, 16, 3840, 2160), 2, 16),
        ),
        // Pixel by pixel.
        (
            asked(1000, 1000, 1900, 1100),
            KEEP,
            (rect(1000, 1000, 1920, 1080), 1, 16),
        ),
        // Between the two: 24/16 is the nearest, 28/16 the least that is not smaller (26/16 of 1080 is odd).
        (
            asked(200, 200, 2900, 1620),
            KEEP,
            (rect(200, 200, 2880, 1620), 1, 24),
        ),
        (
            asked(200, 200, 2881, 1621),
            KEEP_GREATER,
            (rect(200, 200, 3360, 1890), 1, 28),
        ),
        (
            asked(200, 200, 3100, 1700),
            KEEP_LESS,
            (rect(200, 200, 2880, 1620), 1, 24),
        ),
        // Nothing is large or small enough.
        (
            asked(0, 0, 4056, 3040),
            KEEP_GREATER,
            (rect(8, 16, 3840, 2160), 2, 16),
        ),
        (
            asked(8, 16, 100, 100),
            KEEP_LESS,
            (rect(8, 16, 1920, 1080), 1, 16),
        ),
    ] {
        let readout = for_crop(wanted, flags, &hd);
        assert_eq!(readout.output(), hd.output());
        let (view, _, factor, m) = seen(&readout);
        assert_eq!((view, factor, m), expected, "{wanted:?} {flags:?}");
    }
}

#[test]
fn the_present_crop_changes_nothing() {
    let hd = for_format(UHD, 1920, 1080, Depth::Twelve);
    for flags in [NEAREST, GREATER, LESS, KEEP] {
        let same = for_crop(asked(116, 456, 3840, 2160), flags, &hd);
        assert_eq!(same, hd);
    }
}

#[test]
fn every_preset_is_found_by_its_size() {
    for preset in &PRESETS {
        for depth in [Depth::Eight, Depth::Ten, Depth::Twelve] {
            let Size { width, height } = preset.output();
            let elsewhere = rect(8, 16, 100, 64);
            let readout = for_format(elsewhere, width.into(), height.into(), depth);
            assert_eq!(readout, preset.readout(depth));
        }
    }
}

proptest! {
    /// The size is given if the steps of the depth allow it at all.
    #[test]
    fn every_size_on_the_steps_is_met(
        present in any_readout(), depth in depth(), width in 16u32..=1014, height in 32u32..=1520,
    ) {
        let (width, height) = (width * 4, height * 2);
        let readout = for_format(present.field_of_view(), width, height, depth);
        prop_assert_eq!(u32::from(readout.output().width), width.max(64));
        prop_assert_eq!(u32::from(readout.output().height), height);
        prop_assert_eq!(readout.depth(), depth);
    }

    /// A crop that can give the picture stays; what was negotiated stays as it is.
    #[test]
    fn negotiation_is_stable(
        present in any_readout(), (width, height) in (0u32..4500, 0u32..3500), depth in depth(),
    ) {
        let view = present.field_of_view();
        let first = for_format(view, width, height, depth);
        let Size { width, height } = first.output();
        let again = for_format(first.field_of_view(), width.into(), height.into(), depth);
        prop_assert_eq!(again, first);
    }

    /// No crop in the middle of the array that gives the picture is wider.
    #[test]
    fn the_widest_field_of_view_is_chosen(width in 16u32..=1014, height in 32u32..=1520) {
        let (width, height) = (width * 4, height * 2);
        let is_preset = PRESETS.iter().any(|preset| {
            (u32::from(preset.output().width), u32::from(preset.output().height)) == (width, height)
        });
        prop_assume!(!is_preset);
        let found = for_format(rect(8, 16, 100, 64), width, height, Depth::Ten);
        let possible = (16..=128).flat_map(|m| [(m, 1), (m, 2)])
            .filter(|(m, _)| width * m % 32 == 0 && height * m % 32 == 0)
            .map(|(m, binned)| (width * m * binned / 16, height * m * binned / 16))
            .filter(|(width, height)| *width <= 4056 && *height <= 3040)
            .max();
        let view = found.field_of_view().size;
        prop_assert_eq!(Some((view.width.into(), view.height.into())), possible);
    }

    /// A crop keeps to its flags wherever the array and the picture allow it.
    #[test]
    fn crops_keep_to_their_flags(present in any_readout(), wanted in wanted(), flags in flags()) {
        let readout = for_crop(wanted, flags, &present);
        let view = readout.field_of_view();
        prop_assert_eq!(readout.depth(), present.depth());
        if flags.keep_config {
            prop_assert_eq!(readout.output(), present.output());
        } else if readout != present {
            prop_assert_eq!(readout.output(), view.size);
            prop_assert_eq!(readout.binning(), Binning::None);
            for (found, wanted, least, most) in [
                (view.size.width, wanted.width, 64, 4056),
                (view.size.height, wanted.height, 64, 3040),
            ] {
                let found = u32::from(found);
                if (least..=most).contains(&wanted) {
                    prop_assert!(found.abs_diff(wanted) < 4);
                    prop_assert!(!flags.greater_or_equal || flags.less_or_equal || found >= wanted);
                    prop_assert!(!flags.less_or_equal || flags.greater_or_equal || found <= wanted);
                }
            }
        }
        // What comes out is possible, so asking for it changes nothing.
        let exactly = Wanted {
            left: view.left.into(),
            top: view.top.into(),
            width: view.size.width.into(),
            height: view.size.height.into(),
        };
        prop_assert_eq!(for_crop(exactly, flags, &readout), readout);
    }

    /// Crop and format alone tell the readout: that is all that a V4L2 state holds.
    #[test]
    fn crop_and_format_tell_the_readout(
        present in any_readout(), wanted in wanted(), flags in flags(), format in (0u32..4500, 0u32..3500),
    ) {
        let first = for_format(present.field_of_view(), format.0, format.1, present.depth());
        let readout = for_crop(wanted, flags, &first);
        let Size { width, height } = readout.output();
        let told = for_format(readout.field_of_view(), width.into(), height.into(), readout.depth());
        prop_assert_eq!(told, readout);
    }
}
