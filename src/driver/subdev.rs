// SPDX-License-Identifier: GPL-2.0-only

//! Formats, selections, frame intervals and streams of the sensor, as V4L2 asks for them.

use super::{
    broadcast::Place,
    controls,
    formats::{
        code_of,
        data_type_of,
        depth_of,
        format_of, //
    },
    sensor::Sensor, //
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
        self.store(
            state,
            &Readout::full_frame(self.default_depth()),
            self.bayer_order(),
        )
    }

    fn media_bus_code(&self, _state: &mut State, index: u32) -> Result<u32> {
        let depths = self.board.part().depths;
        let depth = depths.get(usize::try_from(index)?).ok_or(EINVAL)?;

        Ok(code_of(*depth, self.bayer_order()))
    }

    fn frame_size(&self, _state: &mut State, code: u32, index: u32) -> Result<FrameSizes> {
        let depth = depth_of(code, self.board.part()).ok_or(EINVAL)?;

        if code != code_of(depth, self.bayer_order()) {
            return Err(EINVAL);
        }
        let preset = PRESETS.get(usize::try_from(index)?).ok_or(EINVAL)?;
        let output = preset.output();

        Ok(FrameSizes {
            width: (output.width.into(), output.width.into()),
            height: (output.height.into(), output.height.into()),
        })
    }

    fn set_format(&self, state: &mut State, which: Which<'_>, format: &mut Format) -> Result {
        let depth = depth_of(format.code(), self.board.part());
        let readout = negotiate::for_format(
            state.crop(SOURCE)?.try_into()?,
            format.width(),
            format.height(),
            depth.unwrap_or(self.default_depth()),
        );

        self.adopt(state, which, readout)?;
        *format = format_of(&readout, self.bayer_order());
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

        let present = self.readout_of(state)?;
        let readout = negotiate::for_crop((*rect).into(), flags.into(), &present);

        self.adopt(state, which, readout)?;
        *rect = readout.field_of_view().into();
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
        let readout = config.readout();
        let output = readout.output();
        let bits = u32::from(readout.depth().bits());

        Ok(BusConfig {
            lanes: self.board.lanes().count(),
            link_freq: config.link_freq(),
            code: code_of(readout.depth(), config.bayer_order()),
            data_type: u8::try_from(data_type_of(readout.depth()))?,
            frame_bytes: u32::from(output.width)
                .saturating_mul(output.height.into())
                .checked_mul(bits)
                .ok_or(EOVERFLOW)?
                .div_ceil(8),
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

    /// The readout that a state holds: its crop and its format tell it.
    pub(super) fn readout_of(&self, state: &mut State) -> Result<Readout> {
        let crop = state.crop(SOURCE)?.try_into()?;
        let format = state.format(SOURCE)?;
        let depth = depth_of(format.code(), self.board.part()).ok_or(EINVAL)?;

        Ok(negotiate::for_format(
            crop,
            format.width(),
            format.height(),
            depth,
        ))
    }

    /// Puts `readout` into `state`; for the active one into the sensor as well.
    fn adopt(&self, state: &mut State, which: Which<'_>, readout: Readout) -> Result {
        match which {
            Which::Active(controls) => self.set_readout(readout, &controls)?,
            // As in the sensor, the frame interval stays with a readout that stays.
            Which::Try if readout == self.readout_of(state)? => {
                *state.format(SOURCE)? = format_of(&readout, self.bayer_order());
                return Ok(());
            }
            Which::Try => {}
        }
        self.store(state, &readout, self.bayer_order())
    }

    /// Puts a readout into `state`, and the colours that its picture begins with.
    pub(super) fn store(&self, state: &mut State, readout: &Readout, order: BayerOrder) -> Result {
        *state.format(SOURCE)? = format_of(readout, order);
        state.set_crop(SOURCE, readout.field_of_view().into())?;
        self.store_default_interval(state, readout)
    }

    /// Makes `readout` the one in use; the controls follow. Not while streaming.
    fn set_readout(&self, readout: Readout, controls: &Locked<'_>) -> Result {
        let next = {
            let mut sensor = self.sensor.lock();

            if readout != *sensor.config().readout() && sensor.is_streaming() {
                return Err(EBUSY);
            }
            sensor.set_custom_readout(readout);
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
