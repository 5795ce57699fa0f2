// SPDX-License-Identifier: GPL-2.0-only

//! What becomes of the formats and crops that applications ask for.

use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::readout::negotiate::{
    for_crop, for_format, shown_crop, CropFlags, Wanted,
};
use imx412_host::sensor::readout::{Binning, Rect, Size, ACTIVE};
use imx412_host::sensor::{Depth, Readout};
use proptest::prelude::*;
use proptest::sample::select;

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

/// What an application's requests have led to.
#[derive(Clone, Debug, PartialEq)]
struct History {
    requested: Rect,
    readout: Readout,
}

impl History {
    fn with_format(&self, width: u32, height: u32, depth: Depth) -> Self {
        Self {
            requested: self.requested,
            readout: for_format(self.requested, width, height, depth),
        }
    }

    fn with_crop(&self, wanted: Wanted, flags: CropFlags) -> Self {
        let (requested, readout) = for_crop(wanted, flags, &self.readout);
        Self { requested, readout }
    }

    fn shown(&self) -> Rect {
        shown_crop(self.requested, &self.readout)
    }
}

/// Up to six formats and crops, after which an application asks for something.
fn history() -> impl Strategy<Value = History> {
    let format = (0u32..4500, 0u32..3500, depth());
    let crop = (wanted(), flags());
    let preset = (select(&PRESETS[..]), depth()).prop_map(|(preset, depth)| {
        let Size { width, height } = preset.output();
        (width.into(), height.into(), depth)
    });
    let request = prop_oneof![format.prop_map(Ok), preset.prop_map(Ok), crop.prop_map(Err)];
    let start = History {
        requested: FULL,
        readout: Readout::full_frame(Depth::Ten),
    };
    prop::collection::vec(request, 0..6).prop_map(move |requests| {
        requests
            .into_iter()
            .fold(start.clone(), |history, request| match request {
                Ok((width, height, depth)) => history.with_format(width, height, depth),
                Err((wanted, flags)) => history.with_crop(wanted, flags),
            })
    })
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

    /// What was negotiated stays as it is, whether it is asked for by the requested crop or the shown one.
    #[test]
    fn formats_are_idempotent(
        history in history(), (width, height) in (0u32..4500, 0u32..3500), depth in depth(),
    ) {
        let first = for_format(history.requested, width, height, depth);
        let Size { width, height } = first.output();
        let again = for_format(history.requested, width.into(), height.into(), depth);
        prop_assert_eq!(again, first);
        let shown = shown_crop(history.requested, &first);
        prop_assert_eq!(for_format(shown, width.into(), height.into(), depth), first);
        prop_assert_eq!(shown_crop(shown, &first), shown);
    }

    #[test]
    fn crops_are_idempotent(history in history(), wanted in wanted(), flags in flags()) {
        let (crop, readout) = for_crop(wanted, flags, &history.readout);
        prop_assert_eq!(shown_crop(crop, &readout), crop);
        prop_assert_eq!(for_crop(wanted, flags, &readout), (crop, readout));
        prop_assert_eq!(for_crop(exactly(crop), flags, &readout), (crop, readout));
    }

    /// A crop and a format end the same after any history, in either order, and often enough in both.
    #[test]
    fn a_crop_and_a_format_give_the_same_after_any_history(
        (one, other) in (history(), history()),
        wanted in wanted(),
        (width, height) in (0u32..4500, 0u32..3500),
        depth in depth(),
    ) {
        let crop_first = |history: &History| {
            let history = history.with_crop(wanted, NEAREST);
            history.with_format(width, height, depth)
        };
        let format_first = |history: &History| {
            let history = history.with_format(width, height, depth);
            history.with_crop(wanted, NEAREST)
        };
        let (crop_then, format_then) = (crop_first(&one), format_first(&one));
        prop_assert_eq!(&crop_first(&other), &crop_then);
        prop_assert_eq!(&format_first(&other), &format_then);
        // Twice the same is once.
        prop_assert_eq!(&crop_first(&crop_then), &crop_then);
        prop_assert_eq!(&format_first(&format_then), &format_then);
        // The crop can give the frame: the order makes no difference.
        if crop_then.shown() == crop_then.requested {
            prop_assert_eq!(&format_then, &crop_then);
        }
    }

    /// A depth that packs in larger steps trims the frame, and the other one brings it back.
    #[test]
    fn a_change_of_depth_leaves_the_crop_alone(
        history in history(), (left, top) in (8i32..2000, 16i32..1500),
        (width, height) in (32u32..1000, 32u32..700),
    ) {
        let wanted = asked(left, top, width * 2, height * 2);
        let twelve = history
            .with_format(4056, 3040, Depth::Twelve)
            .with_crop(wanted, NEAREST);
        let ten = twelve.with_format(width * 2, height * 2, Depth::Ten);
        let back = ten.with_format(width * 2, height * 2, Depth::Twelve);
        prop_assert_eq!(ten.shown(), twelve.shown());
        let (view, shown) = (ten.readout.field_of_view(), ten.shown());
        prop_assert_eq!((view.left, view.top), (shown.left, shown.top));
        prop_assert!(shown.size.width - view.size.width < 4);
        prop_assert_eq!(shown.size.height, view.size.height);
        prop_assert_eq!(back, twelve);
    }

    /// A frame leaves less than one of its steps of a crop that it is of.
    #[test]
    fn frames_trim_a_crop_by_less_than_a_step(history in history()) {
        let (shown, view) = (history.shown(), history.readout.field_of_view());
        let shrink = history.readout.scaling().m() * history.readout.binning().factor();
        prop_assert!(shown.left <= view.left && view.right() <= shown.right());
        prop_assert!(shown.top <= view.top && view.bottom() <= shown.bottom());
        let step = u32::from(shrink) * u32::from(history.readout.depth().width_step());
        prop_assert!(u32::from(shown.size.width - view.size.width) * 16 < step);
        prop_assert!(u32::from(shown.size.height - view.size.height) * 16 < u32::from(shrink) * 2);
    }

    /// Nothing that gives the frame is nearer in size to the requested crop.
    #[test]
    fn the_fall_back_is_the_nearest(
        history in history(), width in 16u32..=1014, height in 32u32..=1520,
    ) {
        let (width, height) = (width * 4, height * 2);
        let crop = history.requested;
        let is_preset = PRESETS.iter().any(|preset| {
            (u32::from(preset.output().width), u32::from(preset.output().height)) == (width, height)
        });
        prop_assume!(!is_preset);
        let readout = for_format(crop, width, height, Depth::Ten);
        let distance = |size: (u32, u32)| {
            size.0.abs_diff(crop.size.width.into()) + size.1.abs_diff(crop.size.height.into())
        };
        let possible = (16..=256u32)
            .filter(|n| width * n % 32 == 0 && height * n % 32 == 0)
            .filter(|n| n % 2 == 0 || *n <= 128)
            .filter(|n| *n <= 128 || (width * n % 64 == 0 && height * n % 64 == 0))
            .map(|n| (width * n / 16, height * n / 16))
            .filter(|(width, height)| *width <= 4056 && *height <= 3040)
            .map(distance)
            .min();
        let Size { width, height } = readout.field_of_view().size;
        let found = distance((width.into(), height.into()));
        if shown_crop(crop, &readout) == crop {
            prop_assert!(Some(found) >= possible);
        } else {
            prop_assert_eq!(Some(found), possible);
        }
    }

    /// No crop in the middle of the array that gives the frame is wider.
    #[test]
    fn the_widest_field_of_view_is_chosen(width in 16u32..=1014, height in 32u32..=1520) {
        let (width, height) = (width * 4, height * 2);
        let is_preset = PRESETS.iter().any(|preset| {
            (u32::from(preset.output().width), u32::from(preset.output().height)) == (width, height)
        });
        prop_assume!(!is_preset);
        let found = for_format(FULL, width, height, Depth::Ten);
        prop_assume!(shown_crop(FULL, &found) != FULL);
        let possible = (16..=128).flat_map(|m| [(m, 1), (m, 2)])
            .filter(|(m, _)| width * m % 32 == 0 && height * m % 32 == 0)
            .map(|(m, binned)| (width * m * binned / 16, height * m * binned / 16))
            .filter(|(width, height)| *width <= 4056 && *height <= 3040)
            .max();
        let view = found.field_of_view().size;
        prop_assert_eq!(Some((view.width.into(), view.height.into())), possible);
    }

    /// A crop keeps to its flags wherever the array and the frame allow it.
    #[test]
    fn crops_keep_to_their_flags(history in history(), wanted in wanted(), flags in flags()) {
        let present = history.readout;
        let (crop, readout) = for_crop(wanted, flags, &present);
        prop_assert_eq!(readout.depth(), present.depth());
        if flags.keep_config {
            prop_assert_eq!(readout.output(), present.output());
            return Ok(());
        }
        for (found, wanted, least, most) in [
            (crop.size.width, wanted.width, 64, 4056),
            (crop.size.height, wanted.height, 64, 3040),
        ] {
            let found = u32::from(found);
            if (least..=most).contains(&wanted) {
                prop_assert!(found.abs_diff(wanted) < 2);
                prop_assert!(!flags.greater_or_equal || flags.less_or_equal || found >= wanted);
                prop_assert!(!flags.less_or_equal || flags.greater_or_equal || found <= wanted);
            }
        }
        if readout.output() != present.output() {
            let step = readout.depth().width_step();
            prop_assert_eq!(readout.binning(), Binning::None);
            prop_assert_eq!(readout.output().width, crop.size.width / step * step);
            prop_assert_eq!(readout.output().height, crop.size.height);
        }
    }
}
