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
}

/// Writes `row` to `out`, without the groups that do not fit.
pub(crate) fn pack(row: &[u16], bits: u32, format: MemoryFormat, out: &mut [u8]) {
    match (format, bits) {
        (MemoryFormat::Words, _) => pack_words(row, out),
        (MemoryFormat::Packed, 10) => pack_raw10(row, out),
        (MemoryFormat::Packed, 12) => pack_raw12(row, out),
        (MemoryFormat::Packed, _) => {
            for (byte, value) in out.iter_mut().zip(row) {
                *byte = low_byte(*value);
            }
        }
    }
}

const fn low_byte(value: u16) -> u8 {
    value.to_le_bytes()[0]
}

fn pack_words(row: &[u16], out: &mut [u8]) {
    for (bytes, value) in out.chunks_exact_mut(2).zip(row) {
        bytes.copy_from_slice(&value.to_le_bytes());
    }
}

/// Fills a group of pixels up with black ones.
fn group<const PIXELS: usize>(pixels: &[u16]) -> [u16; PIXELS] {
    let mut group = [0; PIXELS];

    for (to, from) in group.iter_mut().zip(pixels) {
        *to = *from;
    }
    group
}

fn pack_raw10(row: &[u16], out: &mut [u8]) {
    for (bytes, pixels) in out.chunks_exact_mut(5).zip(row.chunks(4)) {
        if let [b0, b1, b2, b3, low] = bytes {
            let [a, b, c, d] = group(pixels);

            *b0 = low_byte(a >> 2);
            *b1 = low_byte(b >> 2);
            *b2 = low_byte(c >> 2);
            *b3 = low_byte(d >> 2);
            *low = low_byte((a & 3) | (b & 3) << 2 | (c & 3) << 4 | (d & 3) << 6);
        }
    }
}

fn pack_raw12(row: &[u16], out: &mut [u8]) {
    for (bytes, pixels) in out.chunks_exact_mut(3).zip(row.chunks(2)) {
        if let [b0, b1, low] = bytes {
            let [a, b] = group(pixels);

            *b0 = low_byte(a >> 4);
            *b1 = low_byte(b >> 4);
            *low = low_byte((a & 15) | (b & 15) << 4);
        }
    }
}
