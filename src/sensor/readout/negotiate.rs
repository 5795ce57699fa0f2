// SPDX-License-Identifier: GPL-2.0-only

//! The readout for a requested format or crop.
//!
//! V4L2 has two requests: a frame of a size ([`for_format`]), and a part of the array
//! ([`for_crop`]). Both result in a [`Readout`] and never fail. All crops are in coordinates of
//! [`NATIVE`](super::NATIVE).
//!
//! The result depends on the requests only: that of a format on the last requested crop, that of a
//! crop on the last format. So the same two requests result in the same readout from every state,
//! and in either order, as long as the crop can give the frame.
//!
//! # Reduction
//!
//! A crop can give a frame if both sides shrink by the same 16/N, where N is whole: by 16/M through
//! the scaler only, or by 16/2M through binning and the scaler. From N = 32 on, the sensor bins if
//! possible, which is faster and has less noise, and the scaler does the rest; but a size and crop
//! of a preset are read like the preset (1280x720 is UHD scaled by three, as in FRAMOS
//! fr_imx412.c).
//!
//! A crop has the steps of the array at every depth, a frame those of its depth. So a frame need
//! not fill the crop: what it falls short by, of less than one step of the frame, is cut from the
//! crop's right and lower edges.
//!
//! # Formats
//!
//! The size is cut to what the array and the steps of the depth allow. Then the first of these that
//! gives exactly this size:
//!
//! 1. the requested crop, which is the whole array to start with (and that has to be filled
//!    exactly, where
//!    there is a preset);
//! 2. a preset, which applications that do not use crops expect for its size;
//! 3. the crop nearest in size to the requested one, around the same middle: pixel by pixel, every
//!    size
//!    has one. From the whole array that is the largest that can.
//!
//! # Crops
//!
//! A crop is cut to the array and to its steps, to the nearest size or as the flags request, and
//! moved into the array. If it can give the current frame size, the frame keeps it. Otherwise the
//! frame becomes the crop, pixel by pixel. With [`CropFlags::keep_config`] the frame always keeps
//! its size, and the crop is the nearest one that can give it.

use super::{
    Binning,
    Depth,
    Preset,
    Readout,
    Rect,
    Scaling,
    Size, //
    ACTIVE,
    CELL,
    OUTPUT_MIN,
};

/// Strongest reduction of a frame, in 16ths: the scaler's limit after binning.
const SHRINK_MAX: u16 = Scaling::M_MAX * 2;
/// A frame that does not shrink.
const SHRINK_MIN: u16 = Scaling::NONE.m();

/// A requested rectangle, in coordinates of [`NATIVE`](super::NATIVE).
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

/// Constraints on the adjustment of a rectangle (`V4L2_SEL_FLAG_*`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CropFlags {
    /// Not smaller than requested, where the array allows.
    pub greater_or_equal: bool,
    /// Not larger than requested, where the smallest crop allows.
    pub less_or_equal: bool,
    /// The frame keeps its size.
    pub keep_config: bool,
}

/// Returns the readout for a frame of `width` by `height` pixels, where `crop` is the requested
/// crop.
///
/// See the module's documentation for the rules.
pub fn for_format(crop: Rect, width: u32, height: u32, depth: Depth) -> Readout {
    let output = below(width, height, depth.width_step());
    if let Some(readout) = filling(crop, output, depth) {
        return readout;
    }
    if let Some(preset) = Preset::of(output) {
        return preset.readout(depth);
    }
    let wanted = (crop.size.width.into(), crop.size.height.into());
    nearest(crop, wanted, CropFlags::default(), true, output, depth)
        .unwrap_or(Readout::full_frame(depth))
}

/// Returns the crop for a requested part of the array, and its readout, where `present` is the
/// current readout.
///
/// See the module's documentation for the rules.
pub fn for_crop(wanted: Wanted, flags: CropFlags, present: &Readout) -> (Rect, Readout) {
    let depth = present.depth();
    let crop = at(wanted.left, wanted.top, fitted(wanted, flags));
    if let Some(readout) = filling(crop, present.output(), depth) {
        return (crop, readout);
    }
    let (crop, output) = if flags.keep_config {
        let output = present.output();
        let size = nearest(
            ACTIVE,
            (wanted.width, wanted.height),
            flags,
            false,
            output,
            depth,
        )
        .map_or(present.field_of_view().size, |kept| {
            kept.analogue_crop().size
        });
        (at(wanted.left, wanted.top, size), output)
    } else {
        let Size { width, height } = crop.size;
        let pixel_by_pixel = below(width.into(), height.into(), depth.width_step());
        (crop, pixel_by_pixel)
    };
    match filling(crop, output, depth) {
        Some(readout) => (crop, readout),
        None => (present.field_of_view(), *present),
    }
}

/// Returns the crop to report for `readout`: the requested one if `readout` fills it, else the
/// field of view of `readout`.
pub fn shown_crop(requested: Rect, readout: &Readout) -> Rect {
    if filling(requested, readout.output(), readout.depth()) == Some(*readout) {
        requested
    } else {
        readout.field_of_view()
    }
}

/// Returns the readout of this crop that gives exactly this frame, if the frame is short of the
/// crop by less than one of its own steps.
fn filling(crop: Rect, output: Size, depth: Depth) -> Option<Readout> {
    let Size { width, height } = crop.size;
    let mut sixteenths = shrink(width, output.width).min(shrink(height, output.height));
    loop {
        let size = grown(output, sixteenths);
        let readout = size.and_then(|size| {
            let crop = at(crop.left.into(), crop.top.into(), size);
            shrunk(crop, output, sixteenths, depth)
        });
        if readout.is_some() && size == Some(crop.size) {
            return readout;
        }
        // Of the whole array, presets leave more out where that suits the scaler.
        if crop == ACTIVE && Preset::of(output).is_some() {
            return None;
        }
        if sixteenths < SHRINK_MIN
            || !falls_short(width, output.width, depth.width_step(), sixteenths)
            || !falls_short(height, output.height, CELL, sixteenths)
        {
            return None;
        }
        if readout.is_some() {
            return readout;
        }
        sixteenths = sixteenths.saturating_sub(1);
    }
}

/// Returns the strongest reduction, in 16ths, of `cropped` pixels to `output` pixels, up to
/// [`SHRINK_MAX`].
fn shrink(cropped: u16, output: u16) -> u16 {
    let sixteenths = u32::from(cropped)
        .saturating_mul(SHRINK_MIN.into())
        .checked_div(output.into());
    let sixteenths = sixteenths.unwrap_or(u32::MAX).min(SHRINK_MAX.into());
    u16::try_from(sixteenths).unwrap_or(SHRINK_MAX)
}

/// Returns whether `output` pixels are short of `cropped` ones by less than a step of the output,
/// when 16 pixels of the output are `sixteenths` pixels of the crop.
fn falls_short(cropped: u16, output: u16, step: u16, sixteenths: u16) -> bool {
    let next = u32::from(output).saturating_add(step.into());
    u32::from(cropped).saturating_mul(SHRINK_MIN.into()) < next.saturating_mul(sixteenths.into())
}

/// Returns the readout of this frame, around the middle of `crop`, whose size is nearest to `wanted`
/// of those that the flags allow, or the nearest of all. Of two as near as each other it is the
/// `larger` or the smaller.
fn nearest(
    crop: Rect,
    (width, height): (u32, u32),
    flags: CropFlags,
    larger: bool,
    output: Size,
    depth: Depth,
) -> Option<Readout> {
    let fits = |length: u16, wanted: u32| {
        (!flags.greater_or_equal || u32::from(length) >= wanted)
            && (!flags.less_or_equal || u32::from(length) <= wanted)
    };
    let middle = |start: u16, length: u16, wanted: u16| {
        let margin = i32::from(length).saturating_sub(wanted.into()) / 2;
        i32::from(start).saturating_add(margin)
    };
    let mut best = None;
    // From the smallest on.
    for sixteenths in SHRINK_MIN..=SHRINK_MAX {
        let Some(size) = grown(output, sixteenths) else {
            break;
        };
        let wrong = !(fits(size.width, width) && fits(size.height, height));
        let distance = u64::from(u32::from(size.width).abs_diff(width))
            .saturating_add(u32::from(size.height).abs_diff(height).into());
        let found = (wrong, distance);
        if best.is_some_and(|(held, _)| found > held || (found == held && !larger)) {
            continue;
        }
        let left = middle(crop.left, crop.size.width, size.width);
        let top = middle(crop.top, crop.size.height, size.height);
        if let Some(readout) = shrunk(at(left, top, size), output, sixteenths, depth) {
            best = Some((found, readout));
        }
    }
    best.map(|(_, readout)| readout)
}

/// Returns the size that shrinks by 16/`sixteenths` to `output`, or `None` if the array is smaller.
fn grown(output: Size, sixteenths: u16) -> Option<Size> {
    let grow = |length: u16, limit: u16| {
        let scaled = u32::from(length).checked_mul(sixteenths.into())?;
        let grown = u16::try_from(scaled.checked_div(SHRINK_MIN.into())?).ok()?;
        (grown <= limit).then_some(grown)
    };
    Some(Size {
        width: grow(output.width, ACTIVE.size.width)?,
        height: grow(output.height, ACTIVE.size.height)?,
    })
}

/// Returns the readout of `crop` that shrinks it by 16/`sixteenths` to
/// exactly `output`.
fn shrunk(crop: Rect, output: Size, sixteenths: u16, depth: Depth) -> Option<Readout> {
    let read = Rect {
        left: crop.left.saturating_sub(ACTIVE.left),
        top: crop.top.saturating_sub(ACTIVE.top),
        size: crop.size,
    };
    // As the preset of these sizes, if there is one; otherwise binned, if that gives this output.
    let preset = Preset::of(output).filter(|preset| preset.crop().size == crop.size);
    let first = preset.map_or(Binning::TwoByTwo, Preset::binning);
    for binning in [first, Binning::TwoByTwo, Binning::None] {
        // Half of an odd number is cut, and does not come out even.
        let m = sixteenths.checked_div(binning.factor());
        if let Some(scaling) = m.and_then(Scaling::new) {
            let readout = Readout::uncut(read, binning, scaling, output, depth);
            if readout.check().is_ok() {
                return Some(readout);
            }
        }
    }
    None
}

/// Returns the largest size in these steps that is not larger than requested, or the smallest.
fn below(width: u32, height: u32, width_step: u16) -> Size {
    let length = |wanted: u32, min: u16, max: u16, step: u16| {
        let wanted = u16::try_from(wanted).unwrap_or(u16::MAX);
        // `clamp()` would panic if the limits were crossed.
        let length = wanted.max(min).min(max);
        length.saturating_sub(length.checked_rem(step).unwrap_or(0))
    };
    Size {
        width: length(width, OUTPUT_MIN.width, ACTIVE.size.width, width_step),
        height: length(height, OUTPUT_MIN.height, ACTIVE.size.height, CELL),
    }
}

/// Returns the size of a crop nearest to `wanted` of those that the flags allow, or the nearest of
/// all.
fn fitted(wanted: Wanted, flags: CropFlags) -> Size {
    // Only odd lengths are no steps, and as near to the one below as to the one above.
    const { assert!(CELL == 2) };
    let up = u32::from(flags.greater_or_equal && !flags.less_or_equal);
    below(
        wanted.width.saturating_add(up),
        wanted.height.saturating_add(up),
        CELL,
    )
}

/// Returns the crop of `size` whose position is nearest to this one.
fn at(left: i32, top: i32, size: Size) -> Rect {
    Rect {
        left: place(left, ACTIVE.left, ACTIVE.size.width, size.width),
        top: place(top, ACTIVE.top, ACTIVE.size.height, size.height),
        size,
    }
}

/// Returns the position nearest to `wanted` at which `length` of `available` pixels can begin, when
/// the first one has the coordinate `origin`.
fn place(wanted: i32, origin: u16, available: u16, length: u16) -> u16 {
    let room = available.saturating_sub(length);
    let last = origin.saturating_add(room.saturating_sub(room % CELL));
    let wanted = wanted.clamp(origin.into(), last.into());
    let position = u16::try_from(wanted).unwrap_or(origin);
    position.saturating_sub(position % CELL)
}
