// SPDX-License-Identifier: GPL-2.0-only

//! From pixel values to bytes in memory.

use super::pairs::{
    fill_table,
    look_up,
    HeadTable,
    PairTable, //
};
use core::array::TryFromSliceError;

/// Layout of a row of pixels in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryFormat {
    /// 16-bit little-endian words, value in the low bits (V4L2 RG10, RG12 and their flips).
    Words,
    /// As on the link: RAW8 one byte each; RAW10 four pixels in five bytes, high bytes first,
    /// then the four low pairs with the first pixel's lowest (V4L2 pRAA); RAW12 two pixels in
    /// three bytes, high bytes, then both low nibbles with the first pixel's low (V4L2 pRCC). The
    /// last group of a row is filled up with black pixels.
    Packed,
}

impl MemoryFormat {
    /// Returns the bytes of a row of `width` pixels of `bits` bits: whole groups of pixels.
    pub const fn row_bytes(self, width: u32, bits: u32) -> u32 {
        let (pixels, bytes) = match (self, bits) {
            (MemoryFormat::Words, _) => (1, 2),
            (MemoryFormat::Packed, 10) => (4, 5),
            (MemoryFormat::Packed, 12) => (2, 3),
            (MemoryFormat::Packed, _) => (1, 1),
        };
        width.div_ceil(pixels).saturating_mul(bytes)
    }

    /// Returns the 32-bit words that hold such a row.
    pub const fn row_words(self, width: u32, bits: u32) -> usize {
        self.row_bytes(width, bits).div_ceil(4) as usize
    }
}

/// Codes of a row of the scene, and what each pair of them is in a packed row.
pub(super) struct Coded<'a> {
    /// Pairs of codes, in the array's order.
    pub(super) codes: &'a [u16],
    /// They are read from the last to the first.
    pub(super) reversed: bool,
    /// Filled by [`fill_tables`].
    pub(super) table: &'a PairTable,
    /// The same.
    pub(super) heads: &'a HeadTable,
}

/// Fills the tables for packed rows of `bits` bits, otherwise as [`fill_table`] does.
pub(super) fn fill_tables(
    (left, right): (&[u16], &[u16]),
    reversed: bool,
    bits: u32,
    table: &mut PairTable,
    heads: &mut HeadTable,
) {
    match bits {
        10 => {
            fill_table(left, right, reversed, head10, heads);
            fill_table(left, right, reversed, |a, b| word(tail10(a, b)), table);
        }
        12 => fill_table(left, right, reversed, |a, b| word(pair12(a, b)), table),
        _ => fill_table(left, right, reversed, |a, b| word(pair8(a, b)), table),
    }
}

/// Writes `row`'s codes as pixels of `bits` bits to `out`, whose words are filled from their low bytes
/// on. The last word is filled up with zeros.
pub(super) fn pack_codes(row: &Coded<'_>, bits: u32, out: &mut [u32]) {
    let Coded {
        codes,
        reversed,
        table,
        heads,
    } = *row;
    let find = |codes| look_up(table, codes).into();
    let head = |codes| look_up(heads, codes);

    match bits {
        10 => groups(codes, reversed, out, |pairs| raw10(pairs, head, find)),
        12 => groups(codes, reversed, out, |pairs| raw12(pairs, find)),
        _ => groups(codes, reversed, out, |pairs| raw8(pairs, find)),
    }
}

/// The same with the pairs of `row`.
pub(super) fn pack(row: &[u32], bits: u32, out: &mut [u32]) {
    match bits {
        10 => groups(row, false, out, |pairs| {
            raw10(pairs, split(head10), split(tail10))
        }),
        12 => groups(row, false, out, |pairs| raw12(pairs, split(pair12))),
        _ => groups(row, false, out, |pairs| raw8(pairs, split(pair8))),
    }
}

/// Makes a function of a pair of one of two pixels.
fn split(of: impl Fn(u16, u16) -> u64) -> impl Fn(u32) -> u64 {
    move |pair| of((pair & 0xffff) as u16, (pair >> 16) as u16)
}

/// A pair, or none: two black pixels that fill a group up.
type Pair<T> = Option<T>;

/// Writes groups of `PAIRS` pairs as `WORDS` words.
fn groups<T: Copy, const PAIRS: usize, const WORDS: usize>(
    pairs: &[T],
    reversed: bool,
    out: &mut [u32],
    write: impl Fn([Pair<T>; PAIRS]) -> [u32; WORDS],
) {
    let written = pairs.chunks_exact(PAIRS).len().saturating_mul(WORDS);
    let Some((whole, last)) = out.split_at_mut_checked(written) else {
        return;
    };
    let whole = whole.chunks_exact_mut(WORDS);
    let mut rest = [None; PAIRS];

    if reversed {
        let groups = pairs.rchunks_exact(PAIRS);
        fill(&mut rest, groups.remainder().iter().rev());
        for (pairs, words) in groups.zip(whole) {
            if let (Ok(mut pairs), Ok(words)) = (array(pairs), words.try_into()) {
                pairs.reverse();
                let words: &mut [u32; WORDS] = words;
                *words = write(pairs.map(Some));
            }
        }
    } else {
        let groups = pairs.chunks_exact(PAIRS);
        fill(&mut rest, groups.remainder().iter());
        for (pairs, words) in groups.zip(whole) {
            if let (Ok(pairs), Ok(words)) = (array(pairs), words.try_into()) {
                let words: &mut [u32; WORDS] = words;
                *words = write(pairs.map(Some));
            }
        }
    }
    for (out, word) in last.iter_mut().zip(write(rest)) {
        *out = word;
    }
}

fn array<T: Copy, const PAIRS: usize>(pairs: &[T]) -> Result<[T; PAIRS], TryFromSliceError> {
    pairs.try_into()
}

fn fill<'a, T: Copy + 'a>(group: &mut [Pair<T>], pairs: impl Iterator<Item = &'a T>) {
    for (to, from) in group.iter_mut().zip(pairs) {
        *to = Some(*from);
    }
}

/// The low half.
fn word(bits: u64) -> u32 {
    bits as u32
}

/// Two of two bytes.
fn pair8(left: u16, right: u16) -> u64 {
    u64::from(left) | u64::from(right) << 8
}

/// Three bytes.
fn pair12(left: u16, right: u16) -> u64 {
    let (left, right) = (u64::from(left), u64::from(right));

    left >> 4 | right >> 4 << 8 | (left & 15) << 16 | (right & 15) << 20
}

/// The first two of four pixels in five bytes.
fn head10(left: u16, right: u16) -> u64 {
    let (left, right) = (u64::from(left), u64::from(right));

    left >> 2 | right >> 2 << 8 | (left & 3) << 32 | (right & 3) << 34
}

/// The other two, two bytes too low: so they fit a word.
fn tail10(left: u16, right: u16) -> u64 {
    let (left, right) = (u64::from(left), u64::from(right));

    left >> 2 | right >> 2 << 8 | (left & 3) << 20 | (right & 3) << 22
}

/// 8 bytes of 8 pixels.
fn raw8<T>(pairs: [Pair<T>; 4], find: impl Fn(T) -> u64) -> [u32; 2] {
    let [a, b, c, d] = pairs.map(|pair| pair.map_or(0, &find));

    [word(a | b << 16), word(c | d << 16)]
}

/// 12 bytes of 8 pixels.
fn raw12<T>(pairs: [Pair<T>; 4], find: impl Fn(T) -> u64) -> [u32; 3] {
    let [a, b, c, d] = pairs.map(|pair| pair.map_or(0, &find));

    [
        word(a | b << 24),
        word(b >> 8 | c << 16),
        word(c >> 16 | d << 8),
    ]
}

/// 20 bytes of 16 pixels.
fn raw10<T>(
    [a, b, c, d, e, f, g, h]: [Pair<T>; 8],
    head: impl Fn(T) -> u64,
    tail: impl Fn(T) -> u64,
) -> [u32; 5] {
    let four =
        |first: Pair<T>, second: Pair<T>| first.map_or(0, &head) | second.map_or(0, &tail) << 16;
    let [a, b, c, d] = [four(a, b), four(c, d), four(e, f), four(g, h)];

    [
        word(a),
        word(a >> 32 | b << 8),
        word(b >> 24 | c << 16),
        word(c >> 16 | d << 24),
        word(d >> 8),
    ]
}
