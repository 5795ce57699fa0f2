// SPDX-License-Identifier: GPL-2.0-only

//! The properties of negotiation, after any history of requests.

use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::readout::negotiate::{
    for_crop, for_format, shown_crop, CropFlags, Wanted,
};
use imx412_host::sensor::readout::{Binning, Rect, Size};
use imx412_host::sensor::{Depth, Readout};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::strategies::{any_readout, depth, flags, wanted};
use super::{asked, exactly, FULL, NEAREST};

/// The crop requested last, and the readout that an application's requests have led to.
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
