// SPDX-License-Identifier: GPL-2.0-only

//! The readout for what an application asks for.
//!
//! Two questions, as V4L2 puts them: a picture of some size ([`for_format`]), and a part of the array
//! ([`for_crop`]). Both are answered by a [`Readout`], from which picture and part can be read back;
//! neither ever fails. An application sees one crop rectangle, in coordinates of
//! [`NATIVE`](super::NATIVE): the readout's field of view.
//!
//! # How far a picture shrinks
//!
//! A crop can give a picture if both sides shrink by the same 16/N, where N is whole: by 16/M through the
//! scaler alone, or by 16/2M through binning and the scaler. From N = 32 on the sensor bins where it can,
//! which is faster and has less noise, and the scaler does the rest; but a size and crop of a preset
//! are read as the preset does (1280x720 is UHD scaled by three, as in FRAMOS fr_imx412.c).
//!
//! # Formats
//!
//! The size is cut to what the array and the steps of the depth allow. Then the first of these that
//! gives exactly this size:
//!
//! 1. the present crop;
//! 2. a preset;
//! 3. the largest crop around the middle of the array: pixel by pixel, every size has one.
//!
//! # Crops
//!
//! A crop is cut to the array and to its steps, to the nearest size or as the flags want it, and moved
//! into the array. If that is the present crop, nothing changes. Otherwise the picture becomes the
//! crop, pixel by pixel. With [`CropFlags::keep_config`] it is the other way round: the picture keeps
//! its size, and the crop is the nearest one that can give it.

use super::{
    Binning,
    Depth,
    Readout,
    Rect,
    Scaling,
    Size, //
    ACTIVE,
    CELL,
    OUTPUT_MIN,
};
use crate::sensor::part::presets::PRESETS;

/// How far a picture can shrink, in 16ths: the scaler's limit behind binning.
const SHRINK_MAX: u16 = Scaling::M_MAX * 2;
/// A picture that does not shrink.
const SHRINK_MIN: u16 = Scaling::NONE.m();

/// A rectangle that an application asks for, in coordinates of [`NATIVE`](super::NATIVE).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// First column.
    pub left: i32,
    /// First line.
    pub top: i32,
    /// Columns.
    pub width: u32,
    /// Lines.
    pub height: u32,
}

/// How a rectangle may be adjusted: the flags `V4L2_SEL_FLAG_*`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CropFlags {
    /// Rather larger than wanted.
    pub greater_or_equal: bool,
    /// Rather smaller than wanted.
    pub less_or_equal: bool,
    /// The picture keeps its size.
    pub keep_config: bool,
}

/// The readout for a picture of `width` by `height` pixels, where the field of view is `crop` now.
///
/// See the module's documentation for the rules.
pub fn for_format(crop: Rect, width: u32, height: u32, depth: Depth) -> Readout {
    let output = Size {
        width: Side::width(depth).below(width),
        height: Side::HEIGHT.below(height),
    };
    from_crop(crop, output, depth)
        .or_else(|| from_presets(output, depth))
        .or_else(|| widest(output, depth))
        .unwrap_or(Readout::full_frame(depth))
}

/// The readout for a part of the array, where `present` is the readout now.
///
/// See the module's documentation for the rules.
pub fn for_crop(wanted: Wanted, flags: CropFlags, present: &Readout) -> Readout {
    let depth = present.depth();
    let size = if flags.keep_config {
        kept(wanted, flags, present)
    } else {
        Size {
            width: Side::width(depth).fit(wanted.width, flags),
            height: Side::HEIGHT.fit(wanted.height, flags),
        }
    };
    let crop = Rect {
        left: place(wanted.left, ACTIVE.left, ACTIVE.size.width, size.width),
        top: place(wanted.top, ACTIVE.top, ACTIVE.size.height, size.height),
        size,
    };
    if crop == present.field_of_view() {
        return *present;
    }
    let output = if flags.keep_config {
        present.output()
    } else {
        crop.size
    };
    from_crop(crop, output, depth).unwrap_or(*present)
}

/// What the present picture can be of: the size of a crop that comes nearest to `wanted`.
fn kept(wanted: Wanted, flags: CropFlags, present: &Readout) -> Size {
    let distance = |size: Size| {
        let width = u32::from(size.width).abs_diff(wanted.width);
        let height = u32::from(size.height).abs_diff(wanted.height);
        let fits = |length: u16, wanted: u32| {
            (!flags.greater_or_equal || u32::from(length) >= wanted)
                && (!flags.less_or_equal || u32::from(length) <= wanted)
        };
        let wrong = !(fits(size.width, wanted.width) && fits(size.height, wanted.height));
        (wrong, u64::from(width).saturating_add(u64::from(height)))
    };
    (SHRINK_MIN..=SHRINK_MAX)
        .filter_map(|sixteenths| grown(present.output(), sixteenths, present.depth()))
        .map(|readout| readout.analogue_crop().size)
        .min_by_key(|size| distance(*size))
        .unwrap_or(present.field_of_view().size)
}

/// The readout of exactly this field of view that makes exactly this picture.
fn from_crop(crop: Rect, output: Size, depth: Depth) -> Option<Readout> {
    let shrink = u32::from(crop.size.width)
        .checked_mul(SHRINK_MIN.into())?
        .checked_div(output.width.into())?;
    let analogue = Rect {
        left: crop.left.checked_sub(ACTIVE.left)?,
        top: crop.top.checked_sub(ACTIVE.top)?,
        size: crop.size,
    };
    shrunk(analogue, output, u16::try_from(shrink).ok()?, depth)
}

/// The preset that makes this picture.
fn from_presets(output: Size, depth: Depth) -> Option<Readout> {
    PRESETS
        .iter()
        .find(|preset| preset.output() == output)
        .map(|preset| preset.readout(depth))
}

/// The readout with the largest field of view that makes this picture.
fn widest(output: Size, depth: Depth) -> Option<Readout> {
    (SHRINK_MIN..=SHRINK_MAX)
        .rev()
        .find_map(|sixteenths| grown(output, sixteenths, depth))
}

/// The readout that makes this picture of `sixteenths`/16 times its size, in the middle of the array.
fn grown(output: Size, sixteenths: u16, depth: Depth) -> Option<Readout> {
    let grow = |length: u16, limit: u16| {
        let scaled = u32::from(length).checked_mul(sixteenths.into())?;
        let grown = u16::try_from(scaled.checked_div(SHRINK_MIN.into())?).ok()?;
        (grown <= limit).then_some(grown)
    };
    let size = Size {
        width: grow(output.width, ACTIVE.size.width)?,
        height: grow(output.height, ACTIVE.size.height)?,
    };
    let middle = |length: u16, size: u16| {
        let margin = length.saturating_sub(size) / 2;
        margin.saturating_sub(margin % CELL)
    };
    let crop = Rect {
        left: middle(ACTIVE.size.width, size.width),
        top: middle(ACTIVE.size.height, size.height),
        size,
    };
    shrunk(crop, output, sixteenths, depth)
}

/// The readout of `crop` (in the active array) that shrinks it by 16/`sixteenths` to exactly `output`.
fn shrunk(crop: Rect, output: Size, sixteenths: u16, depth: Depth) -> Option<Readout> {
    let readout = |binning: Binning, m: u16| {
        let readout = Readout::new(crop, binning, None, Scaling::new(m)?, depth).ok()?;
        (readout.output() == output).then_some(readout)
    };
    from_preset(crop, output, depth)
        .or_else(|| {
            (sixteenths % 2 == 0)
                .then(|| readout(Binning::TwoByTwo, sixteenths / 2))
                .flatten()
        })
        .or_else(|| readout(Binning::None, sixteenths))
}

/// `crop` read as the preset does that makes this picture of a crop of this size.
fn from_preset(crop: Rect, output: Size, depth: Depth) -> Option<Readout> {
    let preset = PRESETS
        .iter()
        .find(|preset| preset.output() == output && preset.crop().size == crop.size)?;
    Readout::new(crop, preset.binning(), None, preset.scaling(), depth).ok()
}

/// The lengths that one side of a picture may have.
struct Side {
    min: u16,
    max: u16,
    step: u16,
}

impl Side {
    const HEIGHT: Self = Self {
        min: OUTPUT_MIN.height,
        max: ACTIVE.size.height,
        step: CELL,
    };

    const fn width(depth: Depth) -> Self {
        Self {
            min: OUTPUT_MIN.width,
            max: ACTIVE.size.width,
            step: depth.width_step(),
        }
    }

    /// The greatest length that is not above `wanted`, if there is one.
    fn below(&self, wanted: u32) -> u16 {
        let wanted = u16::try_from(wanted).unwrap_or(u16::MAX);
        let length = wanted.clamp(self.min, self.max);
        length.saturating_sub(length.checked_rem(self.step).unwrap_or(0))
    }

    /// The length nearest to `wanted` that the flags ask for, if there is one.
    fn fit(&self, wanted: u32, flags: CropFlags) -> u16 {
        let below = self.below(wanted);
        let above = below.saturating_add(self.step).min(self.max);
        let up = match (flags.greater_or_equal, flags.less_or_equal) {
            (true, false) => u32::from(below) < wanted,
            (false, true) => false,
            _ => u32::from(above).abs_diff(wanted) < u32::from(below).abs_diff(wanted),
        };
        if up {
            above
        } else {
            below
        }
    }
}

/// The nearest position to `wanted` at which `length` of `available` pixels can begin, where the first
/// one has the coordinate `origin`.
fn place(wanted: i32, origin: u16, available: u16, length: u16) -> u16 {
    let room = available.saturating_sub(length);
    let last = origin.saturating_add(room.saturating_sub(room % CELL));
    let wanted = wanted.clamp(origin.into(), last.into());
    let position = u16::try_from(wanted).unwrap_or(origin);
    position.saturating_sub(position % CELL)
}
