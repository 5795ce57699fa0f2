// SPDX-License-Identifier: GPL-2.0-only

//! The answers to formats and crops that applications request.

mod properties;

use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::readout::negotiate::{for_crop, for_format, CropFlags, Wanted};
use imx412_host::sensor::readout::{Rect, Size, ACTIVE};
use imx412_host::sensor::{Depth, Readout};

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

/// A readout as seen by applications, crop and size; then binning and scaling.
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
fn formats_take_the_requested_crop_or_the_nearest() {
    let off_centre = rect(8, 16, 2000, 1000);
    for (crop, asked, expected) in [
        // The crop can.
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
        // All but less than a step of it: in place.
        (
            rect(8, 16, 1998, 1000),
            (996, 500),
            (rect(8, 16, 1992, 1000), (996, 500), 2, 16),
        ),
        (
            rect(100, 100, 1350, 1012),
            (1348, 1012),
            (rect(100, 100, 1348, 1012), (1348, 1012), 1, 16),
        ),
        // It cannot: a preset.
        (FULL, (1920, 1080), (UHD, (1920, 1080), 2, 16)),
        (FULL, (1280, 720), (UHD, (1280, 720), 1, 48)),
        (FULL, (640, 480), (FOUR_THIRDS, (640, 480), 2, 50)),
        (
            FULL,
            (1332, 990),
            (rect(704, 546, 2664, 1980), (1332, 990), 2, 16),
        ),
        (UHD, (2028, 1520), (FULL, (2028, 1520), 2, 16)),
        (
            off_centre,
            (4056, 2160),
            (rect(8, 456, 4056, 2160), (4056, 2160), 1, 16),
        ),
        // No preset: the nearest, around the same middle as far as the array allows.
        (
            UHD,
            (1012, 760),
            (rect(264, 206, 3542, 2660), (1012, 760), 1, 56),
        ),
        (
            off_centre,
            (644, 480),
            (rect(42, 16, 1932, 1440), (644, 480), 2, 24),
        ),
        // The nearest to the whole array is the widest.
        (FULL, (1280, 960), (FOUR_THIRDS, (1280, 960), 2, 25)),
        (
            FULL,
            (720, 576),
            (rect(146, 24, 3780, 3024), (720, 576), 2, 42),
        ),
        (FULL, (4000, 3000), (FOUR_THIRDS, (4000, 3000), 1, 16)),
        (
            FULL,
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

fn exactly(rect: Rect) -> Wanted {
    asked(
        rect.left.into(),
        rect.top.into(),
        rect.size.width.into(),
        rect.size.height.into(),
    )
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
fn crops_have_the_steps_of_the_array_at_every_depth() {
    for depth in [Depth::Eight, Depth::Ten, Depth::Twelve] {
        let full = Readout::full_frame(depth);
        for (wanted, flags, expected) in [
            (asked(116, 456, 3840, 2160), NEAREST, UHD),
            // Steps: to the nearest, up or down.
            (
                asked(100, 100, 1002, 701),
                NEAREST,
                rect(100, 100, 1002, 700),
            ),
            (
                asked(100, 100, 1001, 703),
                GREATER,
                rect(100, 100, 1002, 704),
            ),
            (asked(100, 100, 1003, 701), LESS, rect(100, 100, 1002, 700)),
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
            let (crop, readout) = for_crop(wanted, flags, &full);
            assert_eq!(crop, expected, "{wanted:?} {flags:?}");
            // Pixel by pixel, as much of it as the depth has steps for.
            let Size { width, height } = expected.size;
            let whole = Size::new(width - width % depth.width_step(), height);
            assert_eq!(readout.output(), whole);
            assert_eq!(
                readout.field_of_view(),
                rect(expected.left, expected.top, whole.width, height)
            );
        }
    }
}

#[test]
fn a_crop_that_can_give_the_frame_leaves_its_size() {
    let hd = for_format(UHD, 1920, 1080, Depth::Ten);
    for (wanted, expected) in [
        (asked(8, 16, 3840, 2160), (rect(8, 16, 3840, 2160), 2, 16)),
        (
            asked(200, 200, 2880, 1620),
            (rect(200, 200, 2880, 1620), 1, 24),
        ),
        (
            asked(200, 200, 1922, 1080),
            (rect(200, 200, 1920, 1080), 1, 16),
        ),
    ] {
        let (crop, readout) = for_crop(wanted, NEAREST, &hd);
        let (view, size, factor, m) = seen(&readout);
        assert_eq!(size, (1920, 1080));
        assert_eq!((view, factor, m), expected);
        assert_eq!((crop.left, crop.top), (view.left, view.top));
    }
    let (crop, readout) = for_crop(asked(8, 16, 3000, 2000), NEAREST, &hd);
    assert_eq!(crop, rect(8, 16, 3000, 2000));
    assert_eq!(readout.output(), Size::new(3000, 2000));
}

#[test]
fn an_image_size_that_is_kept_decides_on_the_crop() {
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
            asked(200, 200, 2900, 1640),
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
        let (crop, readout) = for_crop(wanted, flags, &hd);
        assert_eq!(readout.output(), hd.output());
        let (view, _, factor, m) = seen(&readout);
        assert_eq!((view, factor, m), expected, "{wanted:?} {flags:?}");
        assert_eq!(crop, view);
    }
    // What is less than a step too large will do.
    let (crop, readout) = for_crop(asked(200, 200, 2881, 1621), KEEP_GREATER, &hd);
    assert_eq!(crop, rect(200, 200, 2882, 1622));
    assert_eq!(readout.field_of_view(), rect(200, 200, 2880, 1620));
}

#[test]
fn the_present_crop_changes_nothing() {
    let hd = for_format(UHD, 1920, 1080, Depth::Twelve);
    for flags in [NEAREST, GREATER, LESS, KEEP] {
        let same = for_crop(asked(116, 456, 3840, 2160), flags, &hd);
        assert_eq!(same, (UHD, hd));
    }
}

#[test]
fn every_preset_is_found_by_its_size() {
    for preset in &PRESETS {
        for depth in [Depth::Eight, Depth::Ten, Depth::Twelve] {
            let Size { width, height } = preset.output();
            for crop in [FULL, rect(8, 16, 100, 64)] {
                let readout = for_format(crop, width.into(), height.into(), depth);
                assert_eq!(readout, preset.readout(depth));
            }
        }
    }
}
