// SPDX-License-Identifier: GPL-2.0-only

//! Operations of the sub-device: formats, selections, streams, status.

use super::{
    device::{
        Custom,
        Imx412,
        Progress, //
        Request,
    },
    formats::{
        code_of,
        format_of,
        layout_of, //
    }, //
};
use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::{
            ctrls::{
                Held,
                Locked, //
            },
            subdev::{
                state::{
                    Format,
                    Fraction,
                    Rect,
                    State,
                    StreamId, //
                },
                BusConfig,
                FrameDescriptor,
                FrameEntry,
                FrameSizes,
                Operations,
                SelectionFlags,
                Which, //
            }, //
        }, //
    },
    sensor::{
        part::presets::PRESETS,
        readout::{
            self,
            negotiate, //
        },
        stream::streams,
        Activity,
        BayerOrder,
        Config,
        Depth,
        Readout, //
    }, //
};
use kernel::prelude::*;

/// The only stream, of the only pad.
pub(super) const SOURCE: StreamId = StreamId::new(0, 0);

#[vtable]
impl Operations for Imx412 {
    fn init_state(&self, state: &mut State) -> Result {
        let config = self.config();
        let readout = Readout::full_frame(self.board.part().default_depth());

        self.store(
            state,
            readout::ACTIVE,
            &config.with_readout(readout),
            config.bayer_order(),
        )
    }

    fn media_bus_code(&self, state: &mut State, _at: StreamId, index: u32) -> Result<u32> {
        let depths = self.board.part().depths;
        let depth = depths.get(usize::try_from(index)?).ok_or(EINVAL)?;
        let (_, order) = self.layout_in(state)?;

        Ok(code_of(*depth, order))
    }

    fn frame_size(
        &self,
        state: &mut State,
        _at: StreamId,
        code: u32,
        index: u32,
    ) -> Result<FrameSizes> {
        self.offered_depth(state, code)?;

        let preset = PRESETS.get(usize::try_from(index)?).ok_or(EINVAL)?;
        let output = preset.output();

        Ok(FrameSizes {
            width: (output.width.into(), output.width.into()),
            height: (output.height.into(), output.height.into()),
        })
    }

    fn set_format(
        &self,
        state: &mut State,
        which: Which<'_>,
        _at: StreamId,
        format: &mut Format,
    ) -> Result {
        let (_, present) = self.layout_in(state)?;
        let request = self.request();
        let config = &request.config;
        let (depth, order) = match layout_of(format.code(), self.board.part()) {
            // The format of a try state does not follow the flips.
            Some((depth, order)) if order == config.bayer_order() => (depth, order),
            Some((depth, _)) => (depth, present),
            None => (self.board.part().default_depth(), present),
        };
        let crop = requested_crop(state)?;
        let readout = negotiate::for_format(crop, format.width(), format.height(), depth);

        self.adopt(state, which, crop, &request, &readout, order)?;
        *format = format_of(&readout, order);
        Ok(())
    }

    fn selection(&self, state: &mut State, _at: StreamId, target: u32) -> Result<Rect> {
        match target {
            bindings::V4L2_SEL_TGT_CROP => state.crop(SOURCE),
            bindings::V4L2_SEL_TGT_CROP_DEFAULT | bindings::V4L2_SEL_TGT_CROP_BOUNDS => {
                Ok(readout::ACTIVE.into())
            }
            bindings::V4L2_SEL_TGT_NATIVE_SIZE => Ok(readout::Rect {
                left: 0,
                top: 0,
                size: readout::NATIVE,
            }
            .into()),
            _ => Err(EINVAL),
        }
    }

    fn set_selection(
        &self,
        state: &mut State,
        which: Which<'_>,
        _at: StreamId,
        target: u32,
        flags: SelectionFlags,
        rect: &mut Rect,
    ) -> Result {
        if target != bindings::V4L2_SEL_TGT_CROP {
            return Err(EINVAL);
        }

        let request = self.request();
        let present = self.readout_of(state, &which, &request.config)?;
        let (_, order) = self.layout_in(state)?;
        let (crop, readout) = negotiate::for_crop((*rect).into(), flags.into(), &present);

        self.adopt(state, which, crop, &request, &readout, order)?;
        *rect = crop.into();
        Ok(())
    }

    fn offered_frame_interval(
        &self,
        state: &mut State,
        _at: StreamId,
        code: u32,
        size: (u32, u32),
        index: u32,
    ) -> Result<Fraction> {
        self.offered_interval(state, code, size, index)
    }

    fn frame_interval(
        &self,
        state: &mut State,
        which: Which<'_>,
        _at: StreamId,
    ) -> Result<Fraction> {
        self.interval(state, which)
    }

    fn set_frame_interval(
        &self,
        state: &mut State,
        which: Which<'_>,
        _at: StreamId,
        interval: &mut Fraction,
    ) -> Result {
        self.set_interval(state, which, interval)
    }

    fn enable_streams(&self, controls: &mut Held<'_>, _pad: u32, _streams: u64) -> Result {
        self.start_stream(controls)
    }

    fn disable_streams(&self, controls: &mut Held<'_>, _pad: u32, _streams: u64) -> Result {
        self.stop_stream(controls);
        Ok(())
    }

    fn bus_config(&self, _pad: u32) -> Result<BusConfig> {
        Ok(BusConfig {
            lanes: self.board.lanes().count(),
            link_freq: self.config().link_freq(),
        })
    }

    fn frame_descriptor(&self, _pad: u32, descriptor: &mut FrameDescriptor) -> Result {
        let config = self.config();
        let [image] = streams(&config);

        descriptor.push(&FrameEntry {
            stream: SOURCE.stream,
            code: code_of(image.depth, config.bayer_order()),
            virtual_channel: image.virtual_channel,
            data_type: image.data_type,
            max_bytes: image.frame_bytes(),
        })
    }

    fn log_status(&self) {
        let config = self.config();
        let activity = self.sensor.lock().activity();
        let tree = config.link().tree();
        let readout = config.readout();
        let timing = config.timing();

        dev_info!(
            self.dev,
            "{} at {} bits over {} lanes at {} Hz, INCK {} Hz\n",
            match activity {
                Activity::Standby => "idle",
                Activity::Armed => "waiting",
                Activity::Streaming => "streaming",
            },
            readout.depth().bits(),
            self.board.lanes().count(),
            config.link_freq(),
            tree.inck().hz(),
        );
        dev_info!(
            self.dev,
            "{}, binned by {}, scaled by 16/{}: {}\n",
            readout.field_of_view(),
            readout.binning().factor(),
            readout.scaling().m(),
            readout.output(),
        );
        dev_info!(
            self.dev,
            "{} pixels/s, {} per line, {} lines per frame: {} mHz\n",
            config.pixel_rate(),
            timing.line_length,
            timing.frame_length,
            timing.frame_rate_millihertz(),
        );
    }

    fn unbind(&self) {
        self.leave();
    }
}

impl Imx412 {
    /// Returns the depth and Bayer order of the format in `state`.
    ///
    /// The order of a state's format applies to all formats that are enumerated, tried and set in
    /// it. The active state follows the flips; a try state does not, as another handle may set them
    /// at any time.
    fn layout_in(&self, state: &mut State) -> Result<(Depth, BayerOrder)> {
        layout_of(state.format(SOURCE)?.code(), self.board.part()).ok_or(EINVAL)
    }

    /// Returns the depth of `code`; `EINVAL` if it is not enumerated for `state`.
    pub(super) fn offered_depth(&self, state: &mut State, code: u32) -> Result<Depth> {
        let (_, offered) = self.layout_in(state)?;

        match layout_of(code, self.board.part()) {
            Some((depth, order)) if order == offered => Ok(depth),
            _ => Err(EINVAL),
        }
    }

    /// Returns the readout of the active state, from `config`, or that of a try state.
    pub(super) fn readout_of(
        &self,
        state: &mut State,
        which: &Which<'_>,
        config: &Config,
    ) -> Result<Readout> {
        if let Which::Active(_) = which {
            return Ok(*config.readout());
        }

        let crop = requested_crop(state)?;
        let (depth, _) = self.layout_in(state)?;
        let format = state.format(SOURCE)?;

        Ok(negotiate::for_format(
            crop,
            format.width(),
            format.height(),
            depth,
        ))
    }

    /// Stores `readout` and the requested `crop` in `state`. In the active state, whose request was
    /// `request`, also applies them to the sensor.
    fn adopt(
        &self,
        state: &mut State,
        which: Which<'_>,
        crop: readout::Rect,
        request: &Request,
        readout: &Readout,
        order: BayerOrder,
    ) -> Result {
        let stays = *readout == self.readout_of(state, &which, &request.config)?;
        let mut next = request.config;

        next.set_readout(readout);
        if let Which::Active(controls) = &which {
            self.set_readout(crop, request, &next, controls)?;
        }
        // An unchanged readout keeps its frame interval.
        let interval = state.interval(SOURCE)?;

        self.store(state, crop, &next, order)?;
        if stays {
            state.set_interval(SOURCE, interval)?;
        }
        Ok(())
    }

    /// Stores the requested `crop`, the readout of `config` and the Bayer order `order` in `state`.
    pub(super) fn store(
        &self,
        state: &mut State,
        crop: readout::Rect,
        config: &Config,
        order: BayerOrder,
    ) -> Result {
        let readout = config.readout();

        *state.format(SOURCE)? = format_of(readout, order);
        state.set_compose(SOURCE, crop.into())?;
        state.set_crop(SOURCE, negotiate::shown_crop(crop, readout).into())?;
        self.store_default_interval(state, config)
    }

    /// Applies the readout of `next` and updates the controls; `EBUSY` if it differs while a stream
    /// is requested.
    fn set_readout(
        &self,
        crop: readout::Rect,
        request: &Request,
        next: &Config,
        controls: &Locked<'_>,
    ) -> Result {
        let readout = *next.readout();
        let stays = readout == *request.config.readout();

        if !stays && request.stream != Progress::Off {
            return Err(EBUSY);
        }
        self.update(|request| request.custom = Custom { crop, readout });
        if stays {
            return Ok(());
        }
        self.apply(request, *next, None, controls)
    }
}

/// Returns the crop that was last requested in `state`, by default the whole array.
///
/// A format can move the reported crop, and the next format must not depend on that. The requested
/// crop is stored in the compose rectangle of the state, which is otherwise unused and not
/// reported.
pub(super) fn requested_crop(state: &mut State) -> Result<readout::Rect> {
    state.compose(SOURCE)?.try_into()
}
