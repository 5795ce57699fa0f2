// SPDX-License-Identifier: GPL-2.0-only

//! The pixel formats of the video node, and what arrives on the link for each.

use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::video_device::ioctl::{
            PixelFormat,
            SizeRange, //
        }, //
    },
    virtual_board::model::{
        BayerOrder,
        MemoryFormat, //
        ARRAY_HEIGHT,
        ARRAY_WIDTH,
    }, //
};
use BayerOrder::{
    Bggr,
    Gbrg,
    Grbg,
    Rggb, //
};

/// A pixel format.
#[derive(Debug)]
pub(crate) struct Format {
    /// `V4L2_PIX_FMT_*`.
    pub(crate) fourcc: u32,
    /// `MEDIA_BUS_FMT_*`.
    pub(crate) code: u32,
    /// Bits per pixel on the link.
    pub(crate) bits: u32,
    /// The order of colours.
    pub(crate) order: BayerOrder,
    /// Layout of rows in memory.
    pub(crate) memory: MemoryFormat,
}

/// As the macro `v4l2_fourcc()`.
const fn fourcc(code: &[u8; 4]) -> u32 {
    u32::from_le_bytes(*code)
}

const fn words(code: &[u8; 4], bus: u32, bits: u32, order: BayerOrder) -> Format {
    Format {
        fourcc: fourcc(code),
        code: bus,
        bits,
        order,
        memory: MemoryFormat::Words,
    }
}

const fn packed(code: &[u8; 4], bus: u32, bits: u32, order: BayerOrder) -> Format {
    Format {
        memory: MemoryFormat::Packed,
        ..words(code, bus, bits, order)
    }
}

/// All formats; the first is the default.
const FORMATS: &[Format] = &[
    words(b"RG10", bindings::MEDIA_BUS_FMT_SRGGB10_1X10, 10, Rggb),
    words(b"BA10", bindings::MEDIA_BUS_FMT_SGRBG10_1X10, 10, Grbg),
    words(b"GB10", bindings::MEDIA_BUS_FMT_SGBRG10_1X10, 10, Gbrg),
    words(b"BG10", bindings::MEDIA_BUS_FMT_SBGGR10_1X10, 10, Bggr),
    packed(b"pRAA", bindings::MEDIA_BUS_FMT_SRGGB10_1X10, 10, Rggb),
    packed(b"pgAA", bindings::MEDIA_BUS_FMT_SGRBG10_1X10, 10, Grbg),
    packed(b"pGAA", bindings::MEDIA_BUS_FMT_SGBRG10_1X10, 10, Gbrg),
    packed(b"pBAA", bindings::MEDIA_BUS_FMT_SBGGR10_1X10, 10, Bggr),
    words(b"RG12", bindings::MEDIA_BUS_FMT_SRGGB12_1X12, 12, Rggb),
    words(b"BA12", bindings::MEDIA_BUS_FMT_SGRBG12_1X12, 12, Grbg),
    words(b"GB12", bindings::MEDIA_BUS_FMT_SGBRG12_1X12, 12, Gbrg),
    words(b"BG12", bindings::MEDIA_BUS_FMT_SBGGR12_1X12, 12, Bggr),
    packed(b"pRCC", bindings::MEDIA_BUS_FMT_SRGGB12_1X12, 12, Rggb),
    packed(b"pgCC", bindings::MEDIA_BUS_FMT_SGRBG12_1X12, 12, Grbg),
    packed(b"pGCC", bindings::MEDIA_BUS_FMT_SGBRG12_1X12, 12, Gbrg),
    packed(b"pBCC", bindings::MEDIA_BUS_FMT_SBGGR12_1X12, 12, Bggr),
    packed(b"RGGB", bindings::MEDIA_BUS_FMT_SRGGB8_1X8, 8, Rggb),
    packed(b"GRBG", bindings::MEDIA_BUS_FMT_SGRBG8_1X8, 8, Grbg),
    packed(b"GBRG", bindings::MEDIA_BUS_FMT_SGBRG8_1X8, 8, Gbrg),
    packed(b"BA81", bindings::MEDIA_BUS_FMT_SBGGR8_1X8, 8, Bggr),
];

const DEFAULT: &Format = &FORMATS[0];

/// Sizes that a frame in memory can have: whole Bayer cells. Packed rows are filled up to whole groups
/// of pixels, so that any width of a sensor fits.
pub(crate) const SIZES: SizeRange = SizeRange {
    min: (16, 16),
    max: (ARRAY_WIDTH, ARRAY_HEIGHT),
    step: (2, 2),
};

impl Format {
    /// Returns the CSI-2 data type of the pixels: RAW8, RAW10, RAW12.
    pub(crate) fn data_type(&self) -> u8 {
        match self.bits {
            8 => 0x2a,
            12 => 0x2c,
            _ => 0x2b,
        }
    }

    /// Returns the format of this fourcc.
    pub(crate) fn find(fourcc: u32) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.fourcc == fourcc)
    }

    /// Returns the `index`th format that holds frames of `code`, or of any code.
    pub(crate) fn nth(index: u32, code: Option<u32>) -> Option<&'static Self> {
        FORMATS
            .iter()
            .filter(|format| code.is_none_or(|code| code == format.code))
            .nth(usize::try_from(index).ok()?)
    }

    /// Returns the format that `code` on the bus stands for.
    pub(crate) fn of_code(code: u32) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.code == code)
    }
}

/// Returns the whole array in the default format.
pub(crate) fn default_format() -> PixelFormat {
    lay_out(DEFAULT, ARRAY_WIDTH, ARRAY_HEIGHT)
}

/// Returns the format for a request: a known pixel format, a size in range, no padding beyond whole
/// groups of pixels.
pub(crate) fn adjust(wanted: PixelFormat) -> PixelFormat {
    let format = Format::find(wanted.fourcc).unwrap_or(DEFAULT);
    let width = wanted.width.clamp(SIZES.min.0, SIZES.max.0);
    let height = wanted.height.clamp(SIZES.min.1, SIZES.max.1);

    lay_out(format, width & !1, height & !1)
}

fn lay_out(format: &Format, width: u32, height: u32) -> PixelFormat {
    let bytes_per_line = format.memory.row_bytes(width, format.bits);

    PixelFormat {
        width,
        height,
        fourcc: format.fourcc,
        bytes_per_line,
        size: bytes_per_line.saturating_mul(height),
    }
}

/// Returns a frame without padding, in no order of colours: that of its memory does not depend on it.
pub(crate) fn unpadded(memory: MemoryFormat, bits: u32, width: u32, height: u32) -> PixelFormat {
    let format = FORMATS
        .iter()
        .find(|format| format.bits == bits && format.memory == memory)
        .unwrap_or(DEFAULT);

    lay_out(format, width, height)
}
