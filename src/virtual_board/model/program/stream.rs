// SPDX-License-Identifier: GPL-2.0-only

//! The stream that a receiver can expect on the link.

use super::{
    bayer::BayerOrder,
    strobe::Strobe,
    sync::SyncRole, //
};

/// Payload of the packets of one virtual channel and data type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Lines of register values ahead of the image.
    EmbeddedData,
    /// The image.
    Image,
}

/// Packets on the link that a receiver distinguishes from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packets {
    /// CSI-2 virtual channel.
    pub virtual_channel: u8,
    /// CSI-2 data type.
    pub data_type: u8,
    /// Their payload.
    pub content: Content,
}

/// Embedded 8-bit data of the CSI-2 specification.
const DATA_TYPE_EMBEDDED: u8 = 0x12;

/// The stream as the registers describe it, for a receiver to compare with what the driver
/// advertised.
///
/// Everything here is computed from the register file and the real INCK. Frame and line length,
/// exposure and flips can change from frame to frame; the description is that of the frame that
/// the sensor sends now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamDescription {
    /// Pixels per line.
    pub width: u32,
    /// Lines of image data.
    pub height: u32,
    /// Bits per pixel on the link: 8, 10 or 12.
    pub bits: u32,
    /// The order of colours.
    pub bayer_order: BayerOrder,
    /// CSI-2 data lanes: 2 or 4.
    pub lanes: u32,
    /// Bits per second and lane, to the nearest integer.
    pub lane_rate_bps: u64,
    /// Half the lane rate, what V4L2_CID_LINK_FREQ means, in Hz to the nearest integer.
    pub link_freq_hz: u64,
    /// VT pixel rate, what V4L2_CID_PIXEL_RATE means, in Hz to the nearest integer. It is the
    /// clock that counts `line_length`.
    pub pixel_rate_hz: u64,
    /// Line length in pck.
    pub line_length: u32,
    /// Frame length in lines, FLL_LSHIFT and the automatic extension (0x0350) included.
    pub frame_length: u32,
    /// Integration time in whole lines, CIT_LSHIFT included; the sensor adds FINE_INTEG_TIME.
    pub exposure_lines: u32,
    /// Frame start to frame start in ns, rounded down.
    pub frame_period_ns: u64,
    /// From a frame start until all of its lines have been read, with the least blanking, in ns
    /// rounded down.
    pub readout_ns: u64,
    /// The analogue crop in coordinates of the active array: left, top, width, height.
    pub analogue_crop: (u32, u32, u32, u32),
    /// Embedded data lines before the image (data type 0x12): 0 or 2.
    pub embedded_lines: u32,
    /// The clock lane stops between frames (0xE000 = 1).
    pub clock_stops_in_blanking: bool,
    /// True if frame starts are sent to, or wait for, the XVS pin: then the owner of the model
    /// decides when they come.
    pub sync: SyncRole,
    /// The pulses on FSTROBE.
    pub strobe: Option<Strobe>,
    /// When 0x0100 was set, in ns.
    pub started_ns: u64,
    /// Counts stream starts since the model was made: a change is a restart that happened
    /// between two looks.
    pub epoch: u32,
}

impl StreamDescription {
    /// Returns the packets of a frame, in the order of the link. All are on the first channel: others carry the
    /// exposures of DOL-HDR, which is not emulated.
    pub fn packets(&self) -> impl Iterator<Item = Packets> {
        let on_the_first = |data_type, content| Packets {
            virtual_channel: 0,
            data_type,
            content,
        };
        let embedded = (self.embedded_lines > 0)
            .then(|| on_the_first(DATA_TYPE_EMBEDDED, Content::EmbeddedData));
        // RAW8, RAW10, RAW12 of the CSI-2 specification.
        let raw = match self.bits {
            8 => 0x2a,
            12 => 0x2c,
            _ => 0x2b,
        };
        embedded
            .into_iter()
            .chain([on_the_first(raw, Content::Image)])
    }

    /// Returns whether the packets of this channel and type carry the image.
    pub fn carries_image(&self, virtual_channel: u8, data_type: u8) -> bool {
        self.packets().any(|packets| {
            (packets.virtual_channel, packets.data_type) == (virtual_channel, data_type)
                && packets.content == Content::Image
        })
    }

    /// Returns the same of a sensor whose INCK has `real_hz` where its surroundings say `said_hz`:
    /// all that it does takes another time.
    pub(crate) fn paced(self, said_hz: u32, real_hz: u32) -> Self {
        // In kHz, so that frames of 19 minutes do not overflow.
        let time = |ns: u64| {
            ns.saturating_mul(u64::from(said_hz / 1000))
                .checked_div(u64::from(real_hz / 1000))
                .unwrap_or(ns)
        };

        Self {
            frame_period_ns: time(self.frame_period_ns),
            readout_ns: time(self.readout_ns),
            ..self
        }
    }
}
