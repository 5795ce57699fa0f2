// SPDX-License-Identifier: GPL-2.0-only

//! Compares what the driver advertises with what the sensor does.
//!
//! A real receiver sets up its PHY and its line buffers by what the driver advertises, and shows
//! garbage, or nothing, when the sensor does something else. This one compares the two.

use super::formats::Format;
use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::remote::{
            Csi2Stream,
            RemoteSubdev, //
        }, //
    },
    virtual_board::{
        mismatch::{
            Mismatch,
            MismatchKind, //
        },
        model::{
            Content,
            Finding,
            StreamDescription,
            StreamState,
            WrittenLengths, //
        }, //
    }, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// A finding of the model, for kernel messages: the model knows only the `Display` of `core`.
pub(crate) struct Shown(pub(crate) Finding);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        core::fmt::Display::fmt(&self.0, f)
    }
}

/// The stream as the driver advertises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Advertised {
    width: u32,
    height: u32,
    code: u32,
    packets: Csi2Stream,
    lanes: Option<u32>,
    link_frequency: u64,
    pixel_rate: Option<i64>,
    hblank: Option<i64>,
    vblank: Option<i64>,
}

impl Advertised {
    /// Asks the driver. `board_lanes` is how many lanes the board connects, and `packets` are those that the
    /// receiver takes.
    pub(crate) fn ask(
        sensor: &RemoteSubdev,
        pad: u32,
        board_lanes: u32,
        packets: Csi2Stream,
    ) -> Result<Self> {
        let format = sensor.active_format(pad)?;
        let lanes = sensor.csi2_lanes(pad);
        let bits = Format::of_code(format.code).ok_or(EPIPE)?.bits;

        Ok(Self {
            width: format.width,
            height: format.height,
            code: format.code,
            packets,
            lanes,
            link_frequency: sensor.link_frequency(pad, bits, lanes.unwrap_or(board_lanes))?,
            pixel_rate: sensor.control(bindings::V4L2_CID_PIXEL_RATE),
            hblank: sensor.control(bindings::V4L2_CID_HBLANK),
            vblank: sensor.control(bindings::V4L2_CID_VBLANK),
        })
    }

    /// Compares with what the sensor sends, and with the lengths that were written to it: those that
    /// wait for the next frame are advertised already.
    pub(crate) fn compare(
        &self,
        actual: &StreamState,
        written: WrittenLengths,
        board_lanes: u32,
    ) -> Result<(), Mismatch> {
        match actual {
            StreamState::Streaming(stream) => self.compare_stream(stream, written, board_lanes),
            StreamState::Standby => Err(Mismatch::new(MismatchKind::NotStreaming, 1, 0)),
            StreamState::Faulted(finding) => Err(Mismatch::new(
                MismatchKind::Faulted,
                finding.limit,
                finding.value,
            )),
        }
    }

    fn compare_stream(
        &self,
        stream: &StreamDescription,
        written: WrittenLengths,
        board_lanes: u32,
    ) -> Result<(), Mismatch> {
        let (bits, order) = match Format::of_code(self.code) {
            Some(format) => (format.bits, Some(format.order)),
            None => (0, None),
        };
        let total = |size: u32, blank: Option<i64>, actual: u32| match blank {
            Some(blank) => u64::from(size).saturating_add_signed(blank),
            None => actual.into(),
        };

        if !stream.carries_image(self.packets.virtual_channel, self.packets.data_type) {
            let number = |virtual_channel: u8, data_type: u8| {
                u64::from(virtual_channel) << 8 | u64::from(data_type)
            };
            let image = stream
                .packets()
                .find(|packets| packets.content == Content::Image);
            return Err(Mismatch::new(
                MismatchKind::Packets,
                number(self.packets.virtual_channel, self.packets.data_type),
                image.map_or(0, |image| number(image.virtual_channel, image.data_type)),
            ));
        }
        same(MismatchKind::Width, self.width, stream.width)?;
        same(MismatchKind::Height, self.height, stream.height)?;
        same(MismatchKind::Depth, bits, stream.bits)?;
        if order != Some(stream.bayer_order) {
            return Err(Mismatch::new(
                MismatchKind::BayerOrder,
                order.map_or(0, |order| order as u64),
                stream.bayer_order as u64,
            ));
        }
        same(
            MismatchKind::Lanes,
            self.lanes.unwrap_or(stream.lanes),
            stream.lanes,
        )?;
        same(MismatchKind::BoardLanes, board_lanes, stream.lanes)?;
        same(
            MismatchKind::LinkFrequency,
            self.link_frequency,
            stream.link_freq_hz,
        )?;
        same(
            MismatchKind::PixelRate,
            self.pixel_rate.map_or(0, |rate| rate.unsigned_abs()),
            stream.pixel_rate_hz,
        )?;
        same(
            MismatchKind::LineLength,
            total(self.width, self.hblank, written.line_length),
            u64::from(written.line_length),
        )?;
        same(
            MismatchKind::FrameLength,
            total(self.height, self.vblank, written.frame_length),
            u64::from(written.frame_length),
        )
    }
}

fn same<T: Into<u64> + PartialEq>(
    kind: MismatchKind,
    advertised: T,
    actual: T,
) -> Result<(), Mismatch> {
    if advertised == actual {
        return Ok(());
    }
    Err(Mismatch::new(kind, advertised.into(), actual.into()))
}
