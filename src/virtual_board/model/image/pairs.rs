// SPDX-License-Identifier: GPL-2.0-only

//! Rows of pixels, two neighbours in a word: the loops that a frame's cost is made of.
//!
//! The first pixel of a pair is the word's low half. Pixels have 12 bits at most, so that sixteen of
//! them can be added in their halves: pairs are added like numbers.

use crate::virtual_board::model::program::readout::ARRAY_WIDTH;

/// Pairs of a row of the active array.
pub(super) const LINE_PAIRS: usize = ARRAY_WIDTH as usize / 2;
/// Pairs of scene codes that there are.
pub(super) const CODE_PAIRS: usize = 1 << 16;

/// The pixels for each pair of scene codes, the left one the index' low byte.
pub(super) type PairTable = [u32; CODE_PAIRS];
/// The same for the first two of four packed pixels of 10 bits: their low bits are far behind the
/// high ones.
pub(super) type HeadTable = [u64; CODE_PAIRS];

/// Samples per axis that the scaler averages at most: 4 x 4 of 12 bits add up in 16 bits.
pub(super) const SAMPLES_MAX: u32 = 4;
const SAMPLES: usize = SAMPLES_MAX as usize;

/// Words that a loop handles in a turn, so that turns cost little.
const TURN: usize = 8;

/// Joins two pixels.
pub(super) fn pair(first: u16, second: u16) -> u32 {
    u32::from(first) | u32::from(second) << 16
}

/// Returns `pair` with `pixel` in place of its first or second one.
pub(super) fn with_pixel(pair: u32, second: bool, pixel: u16) -> u32 {
    if second {
        pair & 0xffff | u32::from(pixel) << 16
    } else {
        pair & 0xffff_0000 | u32::from(pixel)
    }
}

/// Fills `table` with what each pair of neighbours shows, of which the left one shows `left` by its
/// code and the right one `right`; `reversed` is the order in which they are read, and in which
/// `join` gets them.
pub(super) fn fill_table<T>(
    left: &[u16],
    right: &[u16],
    reversed: bool,
    join: impl Fn(u16, u16) -> T,
    table: &mut [T; CODE_PAIRS],
) {
    for (table, right) in table.chunks_exact_mut(256).zip(right) {
        let pairs = table.iter_mut().zip(left);
        if reversed {
            pairs.for_each(|(pixels, left)| *pixels = join(*right, *left));
        } else {
            pairs.for_each(|(pixels, left)| *pixels = join(*left, *right));
        }
    }
}

/// Returns what `table` has for a pair of codes.
pub(super) fn look_up<T: Copy + Default>(table: &[T; CODE_PAIRS], codes: u16) -> T {
    table.get(usize::from(codes)).copied().unwrap_or_default()
}

/// Looks up the pixels of `codes`, which are read from the last to the first if `reversed`.
pub(super) fn expose(codes: &[u16], reversed: bool, table: &PairTable, pixels: &mut [u32]) {
    let mut turns = pixels.chunks_exact_mut(TURN);

    if reversed {
        let codes = codes.rchunks_exact(TURN);
        let rest = codes.remainder();
        for (pixels, codes) in turns.by_ref().zip(codes) {
            for (pixels, codes) in pixels.iter_mut().zip(codes.iter().rev()) {
                *pixels = look_up(table, *codes);
            }
        }
        for (pixels, codes) in turns.into_remainder().iter_mut().zip(rest.iter().rev()) {
            *pixels = look_up(table, *codes);
        }
    } else {
        let codes = codes.chunks_exact(TURN);
        let rest = codes.remainder();
        for (pixels, codes) in turns.by_ref().zip(codes) {
            for (pixels, codes) in pixels.iter_mut().zip(codes) {
                *pixels = look_up(table, *codes);
            }
        }
        for (pixels, codes) in turns.into_remainder().iter_mut().zip(rest) {
            *pixels = look_up(table, *codes);
        }
    }
}

/// The same for a binned row, of two rows of the array: a pixel is the mean, rounded down, of the four
/// photosites of its colour in a cell of 4 x 4.
pub(super) fn expose_binned(
    codes: [&[u16]; 2],
    reversed: bool,
    table: &PairTable,
    pixels: &mut [u32],
) {
    let mean = |upper: &[u16], lower: &[u16]| {
        let sum = upper
            .iter()
            .chain(lower)
            .fold(0u32, |sum, codes| sum.wrapping_add(look_up(table, *codes)));
        sum >> 2 & 0x3fff_3fff
    };
    let [upper, lower] = codes;

    if reversed {
        let cells = upper.rchunks_exact(2).zip(lower.rchunks_exact(2));
        for (pixels, (upper, lower)) in pixels.iter_mut().zip(cells) {
            *pixels = mean(upper, lower);
        }
    } else {
        let cells = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        for (pixels, (upper, lower)) in pixels.iter_mut().zip(cells) {
            *pixels = mean(upper, lower);
        }
    }
}

/// The pairs that the scaler averages for each one of its output: the first, and how many there are.
fn spans(m: u32) -> impl Iterator<Item = (usize, usize)> {
    let place = |position: u32| usize::try_from(position / 16).unwrap_or(usize::MAX);
    let mut position = 0u32;

    core::iter::repeat_with(move || {
        let start = place(position);
        position = position.saturating_add(m);
        (start, place(position).saturating_sub(start).max(1))
    })
}

/// Adds to each pair of `sums` its samples of `line`.
pub(super) fn add_scaled(line: &[u32], m: u32, sums: &mut [u32]) {
    for (sum, (start, span)) in sums.iter_mut().zip(spans(m)) {
        let line = line.get(start..).unwrap_or(&[]);

        if span <= SAMPLES {
            for pixels in line.get(..span).unwrap_or(&[]) {
                *sum = sum.wrapping_add(*pixels);
            }
            continue;
        }
        for n in 0..SAMPLES {
            let pixels = line.get(n.saturating_mul(span) / SAMPLES);
            *sum = sum.wrapping_add(pixels.copied().unwrap_or(0));
        }
    }
}

/// Turns sums over `rows` rows into means, rounded down.
pub(super) fn divide_scaled(rows: u32, m: u32, sums: &mut [u32]) {
    for (sum, (_, span)) in sums.iter_mut().zip(spans(m)) {
        let columns = u32::try_from(span.min(SAMPLES)).unwrap_or(1);
        let mean = |sum: u32| sum.checked_div(rows.saturating_mul(columns)).unwrap_or(0);

        *sum = mean(*sum & 0xffff) | mean(*sum >> 16) << 16;
    }
}
