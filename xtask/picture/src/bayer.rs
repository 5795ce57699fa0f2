// SPDX-License-Identifier: GPL-2.0-only

//! Raw frames as V4L2 delivers them: one 10- or 12-bit value per photosite, packed or in 16-bit
//! words. (Kernel documentation: userspace-api/media/v4l, pixfmt-srggb10, -srggb12, -srggb10p,
//! -srggb12p.)

use anyhow::{bail, ensure, Result};

/// Pixels per row of a full frame.
pub const WIDTH: usize = 4056;
/// Rows of a full frame.
pub const HEIGHT: usize = 3040;

/// A raw frame, RGGB from the top left: one that the sensor has turned, which starts with another
/// colour then, is turned back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bits per photosite: 8, 10 or 12.
    pub bits: u32,
    /// Values, row by row.
    pub values: Vec<u16>,
    /// The sensor's flips.
    pub flips: Flips,
}

/// Flips of an image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flips {
    /// Left and right are exchanged.
    pub horizontal: bool,
    /// Top and bottom are exchanged.
    pub vertical: bool,
}

impl Flips {
    /// Those that make a mosaic start as a pixel format does, and not with RGGB.
    fn of(pixel_format: &str) -> Self {
        Self {
            horizontal: matches!(
                pixel_format,
                "BA10" | "BG10" | "BA12" | "BG12" | "pgAA" | "pBAA" | "GRBG" | "BA81"
            ),
            vertical: matches!(
                pixel_format,
                "GB10" | "BG10" | "GB12" | "BG12" | "pGAA" | "pBAA" | "GBRG" | "BA81"
            ),
        }
    }

    /// Turns rows of this width.
    pub fn turn<T>(self, values: &mut [T], width: usize) {
        match self {
            Self {
                horizontal: true,
                vertical: true,
            } => values.reverse(),
            Self {
                horizontal: true, ..
            } => values.chunks_exact_mut(width).for_each(<[T]>::reverse),
            Self { vertical: true, .. } => {
                values.reverse();
                values.chunks_exact_mut(width).for_each(<[T]>::reverse);
            }
            Self { .. } => {}
        }
    }
}

impl Raw {
    /// Unpacks a frame from a V4L2 buffer.
    ///
    /// # Errors
    ///
    /// The pixel format is none of ours, or the buffer does not have the size that goes with it.
    pub fn unpack(
        bytes: &[u8],
        pixel_format: &str,
        (width, height): (usize, usize),
        bytes_per_line: usize,
    ) -> Result<Self> {
        let (bits, unpack): (u32, Unpack) = match pixel_format {
            "RG10" | "BA10" | "GB10" | "BG10" => (10, words),
            "RG12" | "BA12" | "GB12" | "BG12" => (12, words),
            "RGGB" | "GRBG" | "GBRG" | "BA81" => (8, bytes_8),
            "pRAA" | "pgAA" | "pGAA" | "pBAA" => (10, packed_10),
            "pRCC" => (12, packed_12),
            other => bail!("{other} is no pixel format of this sensor"),
        };
        let row = match pixel_format {
            "RGGB" | "GRBG" | "GBRG" | "BA81" => width,
            packed if packed.starts_with('p') => width * bits as usize / 8,
            _ => width * 2,
        };
        ensure!(
            bytes_per_line >= row,
            "{bytes_per_line} bytes per line are too few for {row}"
        );
        ensure!(
            bytes.len() == bytes_per_line * height,
            "the frame has {} bytes instead of {}",
            bytes.len(),
            bytes_per_line * height
        );
        let mut values = Vec::with_capacity(width * height);
        for line in bytes.chunks_exact(bytes_per_line) {
            unpack(&line[..row], &mut values);
        }
        let limit = 1 << bits;
        if let Some(value) = values.iter().find(|value| **value >= limit) {
            bail!("the value {value} does not fit {bits} bits");
        }
        let flips = Flips::of(pixel_format);
        flips.turn(&mut values, width);
        Ok(Self {
            width,
            height,
            bits,
            values,
            flips,
        })
    }

    /// Returns the black level: 64 at 10 bits, 256 at 12.
    pub fn black_level(&self) -> u16 {
        1 << (self.bits - 4)
    }

    /// Returns the largest value.
    pub fn white_level(&self) -> u16 {
        (1 << self.bits) - 1
    }
}

/// Appends the values of one row.
type Unpack = fn(&[u8], &mut Vec<u16>);

fn bytes_8(line: &[u8], values: &mut Vec<u16>) {
    values.extend(line.iter().copied().map(u16::from));
}

fn words(line: &[u8], values: &mut Vec<u16>) {
    values.extend(
        line.chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]])),
    );
}

/// Four high bytes, then one with the four pairs of low bits.
fn packed_10(line: &[u8], values: &mut Vec<u16>) {
    for group in line.chunks_exact(5) {
        for (index, high) in group[..4].iter().enumerate() {
            values.push(u16::from(*high) << 2 | u16::from(group[4] >> (2 * index) & 3));
        }
    }
}

/// Two high bytes, then one with both low nibbles.
fn packed_12(line: &[u8], values: &mut Vec<u16>) {
    for group in line.chunks_exact(3) {
        values.push(u16::from(group[0]) << 4 | u16::from(group[2] & 15));
        values.push(u16::from(group[1]) << 4 | u16::from(group[2] >> 4));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_packings_hold_the_same_values() {
        // 0x3ff, 0x001, 0x2a5, 0x100, as the kernel's documentation lays them out.
        let packed = [0xff, 0x00, 0xa9, 0x40, 0b00_01_01_11];
        let raw = Raw::unpack(&packed, "pRAA", (4, 1), 5).unwrap();
        assert_eq!(raw.values, [0x3ff, 0x001, 0x2a5, 0x100]);
        let words = [0xff, 0x03, 0x01, 0x00, 0xa5, 0x02, 0x00, 0x01];
        assert_eq!(Raw::unpack(&words, "RG10", (4, 1), 8).unwrap(), raw);

        let raw = Raw::unpack(&[0xab, 0x12, 0x3c], "pRCC", (2, 1), 3).unwrap();
        assert_eq!(
            (raw.values.as_slice(), raw.black_level()),
            (&[0xabc, 0x123][..], 256)
        );
    }

    #[test]
    fn what_the_sensor_has_turned_is_turned_back() {
        let words = [1, 0, 2, 0, 3, 0, 4, 0];
        for (format, expected) in [
            ("RG10", [1, 2, 3, 4]),
            ("BA10", [2, 1, 4, 3]),
            ("GB10", [3, 4, 1, 2]),
            ("BG10", [4, 3, 2, 1]),
        ] {
            let raw = Raw::unpack(&words, format, (2, 2), 4).unwrap();
            assert_eq!(raw.values, expected, "{format}");
        }
    }

    #[test]
    fn padding_at_the_end_of_lines_is_skipped() {
        let raw = Raw::unpack(&[1, 0, 9, 9, 2, 0, 9, 9], "RG12", (1, 2), 4).unwrap();
        assert_eq!(raw.values, [1, 2]);
    }

    #[test]
    fn wrong_sizes_and_values_are_refused() {
        Raw::unpack(&[0; 7], "RG10", (4, 1), 8).unwrap_err();
        Raw::unpack(&[0; 8], "Y12 ", (4, 1), 8).unwrap_err();
        Raw::unpack(&[0, 4], "RG10", (1, 1), 2).unwrap_err();
    }
}
