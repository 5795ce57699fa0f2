// SPDX-License-Identifier: GPL-2.0-only

//! Raw Bayer formats: on the bus, and in memory.

use anyhow::{bail, ensure, Context, Result};
use serde::{Deserialize, Serialize};

/// Bayer order: colours of the first two pixels of the first two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Order {
    /// Red, green; green, blue.
    Rggb,
    /// Green, red; blue, green.
    Grbg,
    /// Green, blue; red, green.
    Gbrg,
    /// Blue, green; green, red.
    Bggr,
}

/// A colour of the filter on a pixel, and which of the two greens it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Colour {
    /// The red ones.
    Red,
    /// Green in lines of red.
    GreenRed,
    /// Green in lines of blue.
    GreenBlue,
    /// The blue ones.
    Blue,
}

impl Order {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Rggb, Self::Grbg, Self::Gbrg, Self::Bggr];

    /// Returns the colours of a cell, line by line.
    pub const fn cell(self) -> [Colour; 4] {
        use Colour::{Blue, GreenBlue, GreenRed, Red};
        match self {
            Self::Rggb => [Red, GreenRed, GreenBlue, Blue],
            Self::Grbg => [GreenRed, Red, Blue, GreenBlue],
            Self::Gbrg => [GreenBlue, Blue, Red, GreenRed],
            Self::Bggr => [Blue, GreenBlue, GreenRed, Red],
        }
    }

    /// Returns the colour of a pixel.
    pub const fn at(self, x: usize, y: usize) -> Colour {
        self.cell()[(y % 2) * 2 + x % 2]
    }

    /// Returns the order after moving by that many pixels.
    pub fn moved(self, x: usize, y: usize) -> Self {
        let first = self.at(x, y);
        Self::ALL
            .into_iter()
            .find(|order| order.at(0, 0) == first)
            .unwrap_or(self)
    }

    /// In capitals, as RGGB.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rggb => "RGGB",
            Self::Grbg => "GRBG",
            Self::Gbrg => "GBRG",
            Self::Bggr => "BGGR",
        }
    }
}

/// A raw format of the bus: `MEDIA_BUS_FMT_S*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bus {
    /// `MEDIA_BUS_FMT_*`.
    pub code: u32,
    /// The colours of the first two pixels of the first two lines.
    pub order: Order,
    /// Bits of a pixel.
    pub bits: u32,
}

const BUS: [Bus; 12] = [
    bus(0x3014, Order::Rggb, 8),
    bus(0x3002, Order::Grbg, 8),
    bus(0x3013, Order::Gbrg, 8),
    bus(0x3001, Order::Bggr, 8),
    bus(0x300f, Order::Rggb, 10),
    bus(0x300a, Order::Grbg, 10),
    bus(0x300e, Order::Gbrg, 10),
    bus(0x3007, Order::Bggr, 10),
    bus(0x3012, Order::Rggb, 12),
    bus(0x3011, Order::Grbg, 12),
    bus(0x3010, Order::Gbrg, 12),
    bus(0x3008, Order::Bggr, 12),
];

const fn bus(code: u32, order: Order, bits: u32) -> Bus {
    Bus { code, order, bits }
}

/// Returns the media bus codes of raw frames.
pub fn bus_codes() -> impl Iterator<Item = u32> {
    BUS.iter().map(|bus| bus.code)
}

impl Bus {
    /// Returns the format of this code.
    ///
    /// # Errors
    ///
    /// It is none of a raw sensor with 8, 10 or 12 bits.
    pub fn of_code(code: u32) -> Result<Self> {
        BUS.into_iter()
            .find(|bus| bus.code == code)
            .with_context(|| {
                format!("media bus code {code:#06x} is no raw Bayer format of 8, 10 or 12 bits")
            })
    }

    /// Returns the format of this order and depth.
    ///
    /// # Errors
    ///
    /// The depth is not 8, 10 or 12.
    pub fn of(order: Order, bits: u32) -> Result<Self> {
        BUS.into_iter()
            .find(|bus| bus.order == order && bus.bits == bits)
            .with_context(|| format!("there is no depth of {bits} bits, but 8, 10 and 12"))
    }
}

/// Layout of pixels in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// A byte each.
    Bytes,
    /// A little-endian word of 16 bits each, in the lower bits.
    Words,
    /// The same in the upper bits, as unicam's and rp1-cfe's 16-bit formats have it.
    UpperWords,
    /// As on a CSI-2 link: the upper 8 bits of some pixels, then the lower ones of all of them.
    Packed,
}

/// A pixel format of a video node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Its four characters, `V4L2_PIX_FMT_*`.
    pub fourcc: [u8; 4],
    /// The colours of the first two pixels of the first two lines.
    pub order: Order,
    /// Bits of a pixel.
    pub bits: u32,
    /// The layout of pixels in bytes.
    pub layout: Layout,
}

const fn memory(fourcc: &[u8; 4], order: Order, bits: u32, layout: Layout) -> Memory {
    Memory {
        fourcc: *fourcc,
        order,
        bits,
        layout,
    }
}

/// In the order in which they are taken for a bus format.
const MEMORY: [Memory; 24] = [
    memory(b"RGGB", Order::Rggb, 8, Layout::Bytes),
    memory(b"GRBG", Order::Grbg, 8, Layout::Bytes),
    memory(b"GBRG", Order::Gbrg, 8, Layout::Bytes),
    memory(b"BA81", Order::Bggr, 8, Layout::Bytes),
    memory(b"RG10", Order::Rggb, 10, Layout::Words),
    memory(b"BA10", Order::Grbg, 10, Layout::Words),
    memory(b"GB10", Order::Gbrg, 10, Layout::Words),
    memory(b"BG10", Order::Bggr, 10, Layout::Words),
    memory(b"RG12", Order::Rggb, 12, Layout::Words),
    memory(b"BA12", Order::Grbg, 12, Layout::Words),
    memory(b"GB12", Order::Gbrg, 12, Layout::Words),
    memory(b"BG12", Order::Bggr, 12, Layout::Words),
    memory(b"pRAA", Order::Rggb, 10, Layout::Packed),
    memory(b"pgAA", Order::Grbg, 10, Layout::Packed),
    memory(b"pGAA", Order::Gbrg, 10, Layout::Packed),
    memory(b"pBAA", Order::Bggr, 10, Layout::Packed),
    memory(b"pRCC", Order::Rggb, 12, Layout::Packed),
    memory(b"pgCC", Order::Grbg, 12, Layout::Packed),
    memory(b"pGCC", Order::Gbrg, 12, Layout::Packed),
    memory(b"pBCC", Order::Bggr, 12, Layout::Packed),
    memory(b"RG16", Order::Rggb, 16, Layout::UpperWords),
    memory(b"GR16", Order::Grbg, 16, Layout::UpperWords),
    memory(b"GB16", Order::Gbrg, 16, Layout::UpperWords),
    memory(b"BYR2", Order::Bggr, 16, Layout::UpperWords),
];

/// Returns the four characters of a pixel format.
pub fn fourcc_text(fourcc: u32) -> String {
    String::from_utf8_lossy(&fourcc.to_le_bytes()).into_owned()
}

impl Memory {
    /// Returns the format of these four characters.
    ///
    /// # Errors
    ///
    /// This program cannot read it.
    pub fn of_fourcc(fourcc: &str) -> Result<Self> {
        MEMORY
            .into_iter()
            .find(|memory| memory.fourcc == fourcc.as_bytes())
            .with_context(|| format!("this program cannot read the pixel format {fourcc}"))
    }

    /// Formats that can hold frames of `bus`, the easiest to read first.
    pub fn of_bus(bus: Bus) -> impl Iterator<Item = Self> {
        MEMORY.into_iter().filter(move |memory| {
            memory.order == bus.order
                && (memory.bits == bus.bits
                    || (memory.layout == Layout::UpperWords && bus.bits > 8))
        })
    }

    /// Returns the four characters.
    pub fn name(self) -> String {
        String::from_utf8_lossy(&self.fourcc).into_owned()
    }

    /// Returns the number that V4L2 has for it.
    pub const fn number(self) -> u32 {
        u32::from_le_bytes(self.fourcc)
    }
}

/// Takes the pixels of a frame out of its memory: `width` x `height` values of `bits` bits.
///
/// # Errors
///
/// There are fewer bytes than the frame has.
pub fn unpack(
    bytes: &[u8],
    memory: Memory,
    bits: u32,
    (width, height): (usize, usize),
    stride: usize,
) -> Result<Vec<u16>> {
    let (group, pixels) = match memory.layout {
        Layout::Bytes => (1, 1),
        Layout::Words | Layout::UpperWords => (2, 1),
        Layout::Packed if memory.bits == 10 => (5, 4),
        Layout::Packed => (3, 2),
    };
    let row = width.div_ceil(pixels) * group;
    ensure!(
        stride >= row,
        "lines of {stride} bytes are too short for {width} pixels in {}, which take {row}",
        memory.name()
    );
    let needed = stride * height.saturating_sub(1) + row;
    if bytes.len() < needed {
        bail!(
            "the frame has {} bytes, and {width}x{height} in {} takes {needed}",
            bytes.len(),
            memory.name()
        );
    }
    let mut values = Vec::with_capacity(width * height);
    for line in bytes.chunks(stride).take(height) {
        let before = values.len();
        for group in line[..row].chunks_exact(group) {
            match (memory.layout, group) {
                (Layout::Bytes, &[value]) => values.push(value.into()),
                (Layout::Words, &[low, high]) => values.push(u16::from_le_bytes([low, high])),
                (Layout::UpperWords, &[low, high]) => {
                    values.push(u16::from_le_bytes([low, high]) >> (16 - bits.min(16)));
                }
                (_, &[a, b, c, d, low]) => {
                    for (at, high) in [a, b, c, d].into_iter().enumerate() {
                        values.push(u16::from(high) << 2 | u16::from(low >> (2 * at) & 3));
                    }
                }
                (_, &[a, b, low]) => {
                    values.push(u16::from(a) << 4 | u16::from(low & 15));
                    values.push(u16::from(b) << 4 | u16::from(low >> 4));
                }
                _ => {}
            }
        }
        values.truncate(before + width);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layout_gives_the_same_pixels() {
        let values: [u16; 4] = [0x123, 0x3ff, 0x000, 0x155];
        let words: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let upper: Vec<u8> = values.iter().flat_map(|v| (v << 6).to_le_bytes()).collect();
        let mut packed: Vec<u8> = values.iter().map(|v| (v >> 2) as u8).collect();
        packed.push(
            values
                .iter()
                .enumerate()
                .map(|(at, v)| ((v & 3) as u8) << (2 * at))
                .sum(),
        );
        for (fourcc, bytes) in [("RG10", &words), ("RG16", &upper), ("pRAA", &packed)] {
            let memory = Memory::of_fourcc(fourcc).unwrap();
            let found = unpack(bytes, memory, 10, (4, 1), bytes.len()).unwrap();
            assert_eq!(found, values, "{fourcc}");
        }
    }

    #[test]
    fn twelve_bits_come_in_pairs_and_lines_may_be_padded() {
        let memory = Memory::of_fourcc("pRCC").unwrap();
        // Two lines of three pixels: 6 bytes of which the last is filled up, and two of padding.
        let line = [0x12, 0xab, 0xc3, 0xff, 0x00, 0x01, 9, 9];
        let bytes = [line, line].concat();
        let found = unpack(&bytes, memory, 12, (3, 2), 8).unwrap();
        assert_eq!(found, [0x123, 0xabc, 0xff1, 0x123, 0xabc, 0xff1]);
    }

    #[test]
    fn a_short_frame_is_an_error() {
        let memory = Memory::of_fourcc("RG10").unwrap();
        let error = unpack(&[0; 10], memory, 10, (4, 2), 8).unwrap_err();
        assert!(error.to_string().contains("10 bytes"), "{error}");
    }

    #[test]
    fn orders_move() {
        assert_eq!(Order::Rggb.moved(1, 0), Order::Grbg);
        assert_eq!(Order::Rggb.moved(0, 1), Order::Gbrg);
        assert_eq!(Order::Grbg.moved(1, 1), Order::Gbrg);
    }
}
