// SPDX-License-Identifier: GPL-2.0-only

//! From pixel values to bytes in memory.

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

/// Writes the pairs of `row` to `out`, whose words are filled from their low bytes on. The last word is
/// filled up with zeros.
pub(super) fn pack(row: &[u32], bits: u32, out: &mut [u32]) {
    match bits {
        10 => groups(row, out, raw10),
        12 => groups(row, out, raw12),
        _ => groups(row, out, |[a, b]: &[u32; 2]| [raw8(*a) | raw8(*b) << 16]),
    }
}

/// Writes groups of `PAIRS` pairs as `WORDS` words, the last one filled up with black pixels.
fn groups<const PAIRS: usize, const WORDS: usize>(
    row: &[u32],
    out: &mut [u32],
    write: impl Fn(&[u32; PAIRS]) -> [u32; WORDS],
) {
    let whole = row.chunks_exact(PAIRS);
    let rest = whole.remainder();
    let written = whole.len().saturating_mul(WORDS);

    for (pairs, words) in whole.zip(out.chunks_exact_mut(WORDS)) {
        let words: Result<&mut [u32; WORDS], _> = words.try_into();
        if let (Ok(pairs), Ok(words)) = (pairs.try_into(), words) {
            *words = write(pairs);
        }
    }
    let mut last = [0; PAIRS];
    copy(rest, &mut last);
    copy(&write(&last), out.get_mut(written..).unwrap_or(&mut []));
}

/// Copies as many words as there is room for.
fn copy(from: &[u32], to: &mut [u32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

/// Two bytes of two pixels.
fn raw8(pair: u32) -> u32 {
    pair & 0xff | pair >> 8 & 0xff00
}

/// 20 bytes of 16 pixels.
fn raw10(pairs: &[u32; 8]) -> [u32; 5] {
    // Four pixels: high bytes, and the byte of low bits behind them.
    let high = |a: u32, b: u32| {
        let two = |pair: u32| pair >> 2 & 0xff | pair >> 10 & 0xff00;
        two(a) | two(b) << 16
    };
    let low = |a: u32, b: u32| {
        let two = |pair: u32| pair & 3 | pair >> 14 & 0xc;
        two(a) | two(b) << 4
    };
    let [a, b, c, d, e, f, g, h] = *pairs;
    let (second, third, fourth) = (high(c, d), high(e, f), high(g, h));

    [
        high(a, b),
        low(a, b) | second << 8,
        second >> 24 | low(c, d) << 8 | third << 16,
        third >> 16 | low(e, f) << 16 | fourth << 24,
        fourth >> 8 | low(g, h) << 24,
    ]
}

/// 12 bytes of 8 pixels.
fn raw12(pairs: &[u32; 4]) -> [u32; 3] {
    let three = |pair: u32| {
        pair >> 4 & 0xff | pair >> 12 & 0xff00 | (pair & 15) << 16 | (pair >> 16 & 15) << 20
    };
    let [a, b, c, d] = pairs.map(three);

    [a | b << 24, b >> 8 | c << 16, c >> 16 | d << 8]
}
