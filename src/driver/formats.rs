// SPDX-License-Identifier: GPL-2.0-only

//! Conversions between readouts and V4L2's media bus codes, formats and rectangles.

use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::subdev::{
            state::{
                Format,
                Rect, //
            },
            SelectionFlags, //
        }, //
    },
    sensor::{
        readout::{
            self,
            negotiate::{
                CropFlags,
                Wanted, //
            }, //
        },
        BayerOrder,
        Depth,
        Part,
        Readout, //
    }, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// All Bayer orders.
const ORDERS: [BayerOrder; 4] = [
    BayerOrder::Rggb,
    BayerOrder::Grbg,
    BayerOrder::Gbrg,
    BayerOrder::Bggr,
];

/// Returns the media bus code of a depth and Bayer order.
pub(super) fn code_of(depth: Depth, order: BayerOrder) -> u32 {
    match (depth, order) {
        (Depth::Eight, BayerOrder::Rggb) => bindings::MEDIA_BUS_FMT_SRGGB8_1X8,
        (Depth::Eight, BayerOrder::Grbg) => bindings::MEDIA_BUS_FMT_SGRBG8_1X8,
        (Depth::Eight, BayerOrder::Gbrg) => bindings::MEDIA_BUS_FMT_SGBRG8_1X8,
        (Depth::Eight, BayerOrder::Bggr) => bindings::MEDIA_BUS_FMT_SBGGR8_1X8,
        (Depth::Ten, BayerOrder::Rggb) => bindings::MEDIA_BUS_FMT_SRGGB10_1X10,
        (Depth::Ten, BayerOrder::Grbg) => bindings::MEDIA_BUS_FMT_SGRBG10_1X10,
        (Depth::Ten, BayerOrder::Gbrg) => bindings::MEDIA_BUS_FMT_SGBRG10_1X10,
        (Depth::Ten, BayerOrder::Bggr) => bindings::MEDIA_BUS_FMT_SBGGR10_1X10,
        (Depth::Twelve, BayerOrder::Rggb) => bindings::MEDIA_BUS_FMT_SRGGB12_1X12,
        (Depth::Twelve, BayerOrder::Grbg) => bindings::MEDIA_BUS_FMT_SGRBG12_1X12,
        (Depth::Twelve, BayerOrder::Gbrg) => bindings::MEDIA_BUS_FMT_SGBRG12_1X12,
        (Depth::Twelve, BayerOrder::Bggr) => bindings::MEDIA_BUS_FMT_SBGGR12_1X12,
    }
}

// The CSI-2 data types in `sensor` equal the kernel's.
const _: () = {
    assert!(Depth::Eight.data_type() as u32 == bindings::MIPI_CSI2_DT_RAW8);
    assert!(Depth::Ten.data_type() as u32 == bindings::MIPI_CSI2_DT_RAW10);
    assert!(Depth::Twelve.data_type() as u32 == bindings::MIPI_CSI2_DT_RAW12);
};

/// Returns the depth and Bayer order of a media bus code, or `None` if the sensor does not support
/// it.
pub(super) fn layout_of(code: u32, part: &Part) -> Option<(Depth, BayerOrder)> {
    for &depth in part.depths {
        for order in ORDERS {
            if code_of(depth, order) == code {
                return Some((depth, order));
            }
        }
    }
    None
}

/// Returns the format of the frames of `readout`.
pub(super) fn format_of(readout: &Readout, order: BayerOrder) -> Format {
    let output = readout.output();

    Format::raw(
        code_of(readout.depth(), order),
        output.width.into(),
        output.height.into(),
    )
}

// The kernel has its own `Display`.
impl fmt::Display for readout::Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for readout::Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

impl From<readout::Rect> for Rect {
    fn from(rect: readout::Rect) -> Self {
        Self {
            left: rect.left.into(),
            top: rect.top.into(),
            width: rect.size.width.into(),
            height: rect.size.height.into(),
        }
    }
}

/// Converts a rectangle of the pixel array back; `EINVAL` if it is out of range.
impl TryFrom<Rect> for readout::Rect {
    type Error = Error;

    fn try_from(rect: Rect) -> Result<Self> {
        Ok(Self {
            left: rect.left.try_into()?,
            top: rect.top.try_into()?,
            size: readout::Size {
                width: rect.width.try_into()?,
                height: rect.height.try_into()?,
            },
        })
    }
}

impl From<Rect> for Wanted {
    fn from(rect: Rect) -> Self {
        Self {
            left: rect.left,
            top: rect.top,
            width: rect.width,
            height: rect.height,
        }
    }
}

impl From<SelectionFlags> for CropFlags {
    fn from(flags: SelectionFlags) -> Self {
        Self {
            greater_or_equal: flags.greater_or_equal,
            less_or_equal: flags.less_or_equal,
            keep_config: flags.keep_config,
        }
    }
}
