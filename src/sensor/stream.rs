// SPDX-License-Identifier: GPL-2.0-only

//! The streams that a configuration sends on the link.
//!
//! The driver's frame descriptor, formats and bus configuration, and `imx412-program`, use this
//! list. It currently has one entry; several exposures or embedded data would be further ones.

use super::{
    area::Size,
    config::Config,
    part::Depth, //
};

/// The content of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Pixels of an exposure.
    Image,
}

/// A stream on the link, identified by virtual channel and data type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The content.
    pub kind: Kind,
    /// CSI-2 virtual channel, 0 to 3.
    pub virtual_channel: u8,
    /// CSI-2 data type, as in the packet header (6 bits).
    pub data_type: u8,
    /// Pixels per line and lines per frame.
    pub size: Size,
    /// Bits per pixel.
    pub depth: Depth,
}

impl Stream {
    /// Returns the size of a frame in bytes, packed as on the link.
    pub fn frame_bytes(&self) -> u32 {
        let pixels = u32::from(self.size.width).saturating_mul(self.size.height.into());
        // The largest frame has 148 million bits.
        let bits = pixels.saturating_mul(self.depth.bits().into());
        bits.div_ceil(8)
    }
}

impl Depth {
    /// Returns the CSI-2 data type of pixels: RAW8, RAW10 or RAW12 of the MIPI CSI-2 specification.
    pub const fn data_type(self) -> u8 {
        match self {
            Self::Eight => 0x2a,
            Self::Ten => 0x2b,
            Self::Twelve => 0x2c,
        }
    }
}

/// Returns the streams of a configuration, the image first.
pub fn streams(config: &Config) -> [Stream; 1] {
    let readout = config.readout();
    [Stream {
        kind: Kind::Image,
        virtual_channel: 0,
        data_type: readout.depth().data_type(),
        size: readout.output(),
        depth: readout.depth(),
    }]
}
