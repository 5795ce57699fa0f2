// SPDX-License-Identifier: GPL-2.0-only

//! Formats, selections, frame intervals and streams of the sensor, as V4L2 asks for them.

use super::{
    broadcast::Place,
    controls,
    formats::{
        code_of,
        format_of,
        layout_of, //
    },
    sensor::{
        Custom,
        Sensor, //
    }, //
};
use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::{
            ctrls::Locked,
            subdev::{
                state::{
                    Format,
                    Fraction,
                    Rect,
                    State, //
                },
                BusConfig,
                FrameSizes,
                Operations,
                SelectionFlags,
                Which, //
            }, //
        },
        pm_runtime::Usage, //
    },
    sensor::{
        part::presets::PRESETS,
        readout::{
            self,
            negotiate, //
        },
        stream::streams,
        BayerOrder,
        Board,
        Config,
        Depth,
        Readout, //
    }, //
};
use kernel::{
    device::Device,
    new_mutex,
    prelude::*,
    sync::{
        aref::ARef,
        Mutex, //
    }, //
};

/// The only pad: the source of frames.
pub(super) const SOURCE: u32 = 0;

/// An IMX412 or IMX577 behind its sub-device.
#[pin_data]
pub struct Imx412 {
    pub(super) dev: ARef<Device>,
    pub(super) board: Board,
    // In the group of its bus, if the device tree gives it the second address.
    pub(super) place: Option<Place>,
    #[pin]
    pub(super) sensor: Mutex<Sensor>,
}

impl Imx412 {
    pub(super) fn new(
        dev: ARef<Device>,
        board: Board,
        place: Option<Place>,
        sensor: Sensor,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            dev,
            board,
            place,
            sensor <- new_mutex!(sensor),
        })
    }

    /// Powers the sensor up, with its outputs parked if it is to stay powered.
    pub(super) fn power_on(&self) -> Result {
        self.sensor.lock().power_on()
    }

    pub(super) fn power_off(&self) {
        self.sensor.lock().power_off();
    }
}

impl Operations for Imx412 {
    fn init_state(&self, state: &mut State) -> Result {
        state.set_compose(SOURCE, readout::ACTIVE.into())?;
        self.store(
            state,
            &Readout::full_frame(self.default_depth()),
            self.bayer_order(),
        )
    }

    fn media_bus_code(&self, state: &mut State, index: u32) -> Result<u32> {
        let depths = self.board.part().depths;
        let depth = depths.get(usize::try_from(index)?).ok_or(EINVAL)?;
        let (_, order) = self.layout_in(state)?;

        Ok(code_of(*depth, order))
    }

    fn frame_size(&self, state: &mut State, code: u32, index: u32) -> Result<FrameSizes> {
        self.offered_depth(state, code)?;

        let preset = PRESETS.get(usize::try_from(index)?).ok_or(EINVAL)?;
        let output = preset.output();

        Ok(FrameSizes {
            width: (output.width.into(), output.width.into()),
            height: (output.height.into(), output.height.into()),
        })
    }

    fn set_format(&self, state: &mut State, which: Which<'_>, format: &mut Format) -> Result {
        let (_, present) = self.layout_in(state)?;
        let current = self.bayer_order();
        let (depth, order) = match layout_of(format.code(), self.board.part()) {
            // A try state does not follow the flips by itself.
            Some((depth, order)) if order == current => (depth, order),
            Some((depth, _)) => (depth, present),
            None => (self.default_depth(), present),
        };
        let crop = requested_crop(state)?;
        let readout = negotiate::for_format(crop, format.width(), format.height(), depth);

        self.adopt(state, which, crop, &readout, order)?;
        *format = format_of(&readout, order);
        Ok(())
    }

    fn selection(&self, state: &mut State, target: u32) -> Result<Rect> {
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
        target: u32,
        flags: SelectionFlags,
        rect: &mut Rect,
    ) -> Result {
        if target != bindings::V4L2_SEL_TGT_CROP {
            return Err(EINVAL);
        }

        let present = self.readout_of(state, &which)?;
        let (_, order) = self.layout_in(state)?;
        let (crop, readout) = negotiate::for_crop((*rect).into(), flags.into(), &present);

        self.adopt(state, which, crop, &readout, order)?;
        *rect = crop.into();
        Ok(())
    }

    fn offered_frame_interval(
        &self,
        state: &mut State,
        code: u32,
        size: (u32, u32),
        index: u32,
    ) -> Result<Fraction> {
        self.offered_interval(state, code, size, index)
    }

    fn frame_interval(&self, state: &mut State, which: Which<'_>) -> Result<Fraction> {
        self.interval(state, which)
    }

    fn set_frame_interval(
        &self,
        state: &mut State,
        which: Which<'_>,
        interval: &mut Fraction,
    ) -> Result {
        self.set_interval(state, which, interval)
    }

    fn enable_streams(&self, controls: &Locked<'_>) -> Result {
        // Before the lock: powering up takes it.
        let usage = Usage::resume(&self.dev)
            .inspect_err(|e| dev_err!(self.dev, "cannot power the sensor up: {e:?}\n"))?;

        self.start(usage, controls)
            .inspect_err(|e| dev_err!(self.dev, "cannot start the stream: {e:?}\n"))?;
        controls::grab(self, controls, true)
    }

    fn disable_streams(&self, controls: &Locked<'_>) -> Result {
        let mut sensor = self.sensor.lock();

        // Not so when the device was unbound meanwhile, which has stopped it.
        if sensor.is_streaming() {
            if let Err(e) = sensor.stop() {
                // No error for the receiver: V4L2 would take the stream for running for ever.
                dev_err!(
                    self.dev,
                    "cannot stop the stream: {e:?}; the sensor was powered down\n"
                );
            }
        }
        controls::grab(self, controls, false)
    }

    fn bus_config(&self) -> Result<BusConfig> {
        let sensor = self.sensor.lock();
        let config = sensor.config();
        let [image] = streams(config);

        Ok(BusConfig {
            lanes: self.board.lanes().count(),
            link_freq: config.link_freq(),
            code: code_of(image.depth, config.bayer_order()),
            data_type: image.data_type,
            frame_bytes: image.frame_bytes(),
        })
    }

    fn log_status(&self) {
        let sensor = self.sensor.lock();
        let config = sensor.config();
        let tree = config.link().tree();
        let readout = config.readout();
        let timing = config.timing();

        dev_info!(
            self.dev,
            "{} at {} bits over {} lanes at {} Hz, INCK {} Hz\n",
            if sensor.is_streaming() {
                "streaming"
            } else {
                "idle"
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
        self.sensor.lock().unbind();
    }
}

impl Imx412 {
    /// The colours that pictures begin with, as the flips are now.
    fn bayer_order(&self) -> BayerOrder {
        self.sensor.lock().config().bayer_order()
    }

    /// Measures the temperature of the sensor, in degrees Celsius, and powers it up if need be.
    ///
    /// The handler's lock may be held: nothing that runtime PM calls takes it.
    pub(super) fn temperature(&self) -> Result<i32> {
        // Before the lock, as in `enable_streams`. Kept until the sensor was read.
        let _usage = Usage::resume(&self.dev)?;

        Ok(self.sensor.lock().measure_temperature()?.into())
    }

    /// The depth of who asks for none that there is.
    fn default_depth(&self) -> Depth {
        let depths = self.board.part().depths;

        depths.first().copied().unwrap_or(Depth::Ten)
    }

    /// Returns the depth and Bayer order of the format in `state`.
    ///
    /// The order of a state's format applies to all formats that are enumerated, tried and set in it. The
    /// active state follows the flips; a try state does not, as another handle may set them at any time.
    fn layout_in(&self, state: &mut State) -> Result<(Depth, BayerOrder)> {
        layout_of(state.format(SOURCE)?.code(), self.board.part()).ok_or(EINVAL)
    }

    /// Returns the depth of `code`; `EINVAL` if it is not one of those that are enumerated for `state`.
    pub(super) fn offered_depth(&self, state: &mut State, code: u32) -> Result<Depth> {
        let (_, offered) = self.layout_in(state)?;

        match layout_of(code, self.board.part()) {
            Some((depth, order)) if order == offered => Ok(depth),
            _ => Err(EINVAL),
        }
    }

    /// Returns the readout of the active state, or of a try state.
    pub(super) fn readout_of(&self, state: &mut State, which: &Which<'_>) -> Result<Readout> {
        if let Which::Active(_) = which {
            return Ok(*self.sensor.lock().config().readout());
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

    /// Stores `readout` in `state`, where `crop` is the requested crop; in the active state the sensor gets
    /// it, too.
    fn adopt(
        &self,
        state: &mut State,
        which: Which<'_>,
        crop: readout::Rect,
        readout: &Readout,
        order: BayerOrder,
    ) -> Result {
        let stays = *readout == self.readout_of(state, &which)?;

        if let Which::Active(controls) = &which {
            self.set_readout(
                Custom {
                    crop,
                    readout: *readout,
                },
                controls,
            )?;
        }
        state.set_compose(SOURCE, crop.into())?;
        // The frame interval stays with a readout that stays.
        let interval = state.interval(SOURCE)?;

        self.store(state, readout, order)?;
        if stays {
            state.set_interval(SOURCE, interval)?;
        }
        Ok(())
    }

    /// Stores a readout and Bayer order in `state`.
    pub(super) fn store(&self, state: &mut State, readout: &Readout, order: BayerOrder) -> Result {
        let crop = negotiate::shown_crop(requested_crop(state)?, readout);

        *state.format(SOURCE)? = format_of(readout, order);
        state.set_crop(SOURCE, crop.into())?;
        self.store_default_interval(state, readout)
    }

    /// Makes the readout of `custom` the one in use; the controls follow. Not while streaming.
    fn set_readout(&self, custom: Custom, controls: &Locked<'_>) -> Result {
        let readout = custom.readout;
        let next = {
            let mut sensor = self.sensor.lock();

            if readout != *sensor.config().readout() && sensor.is_streaming() {
                return Err(EBUSY);
            }
            sensor.set_custom(custom);
            if readout == *sensor.config().readout() {
                return Ok(());
            }
            sensor.config().with_readout(readout)
        };
        self.configure(next, controls)
    }

    /// Starts the stream; that of a member of a group together with those of the others.
    fn start(&self, usage: Usage, controls: &Locked<'_>) -> Result {
        let mut sensor = self.sensor.lock();

        if !self.shares(sensor.config()) {
            return sensor.start(usage);
        }
        sensor.arm(usage)?;
        drop(sensor);

        self.start_together(controls).inspect_err(|_| {
            // Nothing is left to do about a stop that fails: it powers the sensor down.
            let _ = self.sensor.lock().stop();
        })
    }

    /// Takes over a new configuration; the controls follow.
    pub(super) fn configure(&self, next: Config, controls: &Locked<'_>) -> Result {
        self.sensor.lock().configure(next)?;
        controls::publish(&next, &self.board, controls)
    }
}

/// Returns the crop that was last requested in `state`, by default the whole array.
///
/// A format can move the reported crop, and the next format must not depend on that. The requested crop is
/// kept in the compose rectangle of the state, which this sensor has no other use for and does not report.
pub(super) fn requested_crop(state: &mut State) -> Result<readout::Rect> {
    state.compose(SOURCE)?.try_into()
}
