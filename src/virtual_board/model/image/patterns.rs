// SPDX-License-Identifier: GPL-2.0-only

//! The test patterns of TP_MODE.
//!
//! A pattern takes the place of the finished image: exposure, gains, black level, crop, binning
//! and scaling do not touch it, and its coordinates are those of the image sent (`x` from 0 to
//! `width` - 1, `y` from 0 to `height` - 1). The colour of a pixel is that of the Bayer order of
//! the image sent, so a flip swaps colours inside a Bayer cell and mirrors nothing. With `max` =
//! 2^bits - 1:
//!
//! | TP_MODE | pixel |
//! |---|---|
//! | 1 solid | the colour's test data (TD_R, TD_GR, TD_B, TD_GB), low 12 bits, shifted right by 12 - bits |
//! | 2 bars | bar x * 8 / width of white, yellow, cyan, green, magenta, red, blue, black; `max` for a colour that the bar has, else 0 |
//! | 3 fading bars | the same bars; a colour that the bar has falls from `max`: max - (max - mid) * y / (height - 1); one that it lacks rises from 0: mid * y / (height - 1); mid = 2^(bits - 1); divisions round down |
//! | 4 PN9 | the next `bits` bits of the PN9 sequence, most significant first |
//!
//! PN9 is the sequence of x^9 + x^5 + 1 with a seed of ones: bits 0 to 8 are 1, bit n is bit
//! n - 9 xor bit n - 5, and it repeats after 511 bits. It runs through the image in raster order
//! without a gap and restarts with each frame.
//!
//! Names and registers are those of Raspberry Pi's imx477.c and FRAMOS' fr_imx412.c; how bars and
//! bits are laid out in detail is this model's choice, in the spirit of MIPI CCS.

use super::{
    level::{
        from_12_bit,
        full_scale, //
    },
    pairs::pair, //
};
use crate::virtual_board::model::{
    program::bayer::{
        BayerOrder,
        Colour, //
    },
    registers::{
        map::*,
        view::Registers, //
    }, //
};

/// Bits until PN9 repeats.
const PN9_BITS: usize = 511;

/// The test pattern that the sensor sends in place of the scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// None: the scene.
    Off,
    /// One value per colour, in the depth of the frame.
    Solid {
        /// Red.
        r: u16,
        /// Green in a row with red.
        gr: u16,
        /// Blue.
        b: u16,
        /// Green in a row with blue.
        gb: u16,
    },
    /// 100 % colour bars.
    Bars,
    /// Colour bars that fade to grey from top to bottom.
    FadeToGrey,
    /// Pseudo-random bits.
    Pn9,
}

impl Pattern {
    /// Returns the pattern as TP_MODE has it.
    pub const fn code(self) -> u8 {
        match self {
            Pattern::Off => 0,
            Pattern::Solid { .. } => 1,
            Pattern::Bars => 2,
            Pattern::FadeToGrey => 3,
            Pattern::Pn9 => 4,
        }
    }

    pub(crate) fn new(registers: &Registers<'_>, bits: u32) -> Self {
        let data = |address| from_12_bit(registers.u16(address) & 0x0fff, bits);
        match registers.u16(TP_MODE) {
            1 => Pattern::Solid {
                r: data(TD_R),
                gr: data(TD_GR),
                b: data(TD_B),
                gb: data(TD_GB),
            },
            2 => Pattern::Bars,
            3 => Pattern::FadeToGrey,
            4 => Pattern::Pn9,
            _ => Pattern::Off,
        }
    }
}

/// Row `y` of a solid image.
pub(super) fn fill_solid(
    row: &mut [u32],
    value: impl Fn(Colour) -> u16,
    order: BayerOrder,
    y: u32,
) {
    row.fill(pair(value(order.colour(0, y)), value(order.colour(1, y))));
}

/// Returns whether bar `bar` (0 white to 7 black) has `colour`.
const fn bar_has(bar: u32, colour: Colour) -> bool {
    let lacks = match colour {
        Colour::Gr | Colour::Gb => bar & 4,
        Colour::R => bar & 2,
        Colour::B => bar & 1,
    };
    lacks == 0
}

/// Row `y` of eight bars, in which a colour that the bar has is `on`, and one that it lacks `off`.
pub(super) fn fill_bars(row: &mut [u32], (on, off): (u16, u16), order: BayerOrder, y: u32) {
    let width = u32::try_from(row.len()).unwrap_or(0).saturating_mul(2);
    let pixel = |x: u32| {
        let bar = x.saturating_mul(8).checked_div(width).unwrap_or(0);
        if bar_has(bar, order.colour(x, y)) {
            on
        } else {
            off
        }
    };
    for (x, pixels) in (0..width).step_by(2).zip(row) {
        *pixels = pair(pixel(x), pixel(x | 1));
    }
}

/// Returns what `on` and `off` are in row `y` of `height` rows of fading bars.
pub(super) fn faded(bits: u32, y: u32, height: u32) -> (u16, u16) {
    let max = full_scale(bits);
    let mid = (max >> 1).saturating_add(1);
    let last = height.saturating_sub(1);
    let part = |range: u16| {
        let value = u32::from(range)
            .saturating_mul(y.min(last))
            .checked_div(last)
            .unwrap_or(0);
        u16::try_from(value).unwrap_or(u16::MAX)
    };
    let on = max.saturating_sub(part(max.saturating_sub(mid)));
    (on, part(mid))
}

/// Fills `table` with the pixel of `bits` bits that starts at each bit of PN9.
pub(super) fn fill_pn9_table(table: &mut [u16], bits: u32) {
    // The nine bits from bit n on, bit n on top: bit n + 9 is bit n xor bit n + 4.
    let step = |state: u16| (state << 1 | (state >> 8 ^ state >> 4) & 1) & 0x1ff;
    let mut state = 0x1ff;
    for entry in table.iter_mut().take(PN9_BITS) {
        let mut bits_from_here = state;
        let mut pixel = 0;
        for _ in 0..bits {
            pixel = pixel << 1 | bits_from_here >> 8;
            bits_from_here = step(bits_from_here);
        }
        *entry = pixel;
        state = step(state);
    }
}

/// Row `y` of PN9 from the `table` of [`fill_pn9_table`].
pub(super) fn fill_pn9(row: &mut [u32], table: &[u16], bits: u32, y: u32) {
    let (Ok(bits), Ok(y)) = (usize::try_from(bits), usize::try_from(y)) else {
        return;
    };
    let before = row.len().saturating_mul(2).saturating_mul(y);
    let mut position = before.saturating_mul(bits) % PN9_BITS;
    let mut next = || {
        let pixel = table.get(position).copied().unwrap_or(0);
        position = position.saturating_add(bits);
        if position >= PN9_BITS {
            position = position.saturating_sub(PN9_BITS);
        }
        pixel
    };
    for pixels in row {
        *pixels = pair(next(), next());
    }
}
