// SPDX-License-Identifier: GPL-2.0-only

//! Formats, selections and streams of the sensor, as V4L2 asks for them.

use super::{
    controls::{self, LINK_FREQ},
    sensor::Sensor,
};
use crate::{
    kernel_ext::{
        bindings,
        pm_runtime::Usage,
        v4l2_ctrls::Locked,
        v4l2_subdev::{BusConfig, FrameSizes, Operations, Which},
        v4l2_subdev_state::{Format, Rect, State},
    },
    sensor::{readout, Board, Depth, Readout},
};
use kernel::{
    device::Device,
    new_mutex,
    prelude::*,
    sync::{aref::ARef, Mutex},
};

/// The only pad: the source of frames.
const SOURCE: u32 = 0;

/// The depths to choose from, the default first.
const DEPTHS: [Depth; 2] = [Depth::Ten, Depth::Twelve];

/// An IMX412 or IMX577 behind its sub-device.
#[pin_data]
pub struct Imx412 {
    dev: ARef<Device>,
    pub(super) board: Board,
    #[pin]
    pub(super) sensor: Mutex<Sensor>,
}

impl Imx412 {
    pub(super) fn new(
        dev: ARef<Device>,
        board: Board,
        sensor: Sensor,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            dev,
            board,
            sensor <- new_mutex!(sensor),
        })
    }

    pub(super) fn power_on(&self) -> Result {
        self.sensor.lock().power_on()
    }

    pub(super) fn power_off(&self) {
        self.sensor.lock().power_off();
    }
}

/// The media bus code of a depth. The picture always begins with a red photosite.
fn code_of(depth: Depth) -> u32 {
    match depth {
        Depth::Ten => bindings::MEDIA_BUS_FMT_SRGGB10_1X10,
        Depth::Twelve => bindings::MEDIA_BUS_FMT_SRGGB12_1X12,
    }
}

/// The CSI-2 data type of a depth.
fn data_type_of(depth: Depth) -> u32 {
    match depth {
        Depth::Ten => bindings::MIPI_CSI2_DT_RAW10,
        Depth::Twelve => bindings::MIPI_CSI2_DT_RAW12,
    }
}

/// The depth of a media bus code, if the sensor has it.
fn depth_of(code: u32) -> Option<Depth> {
    DEPTHS.into_iter().find(|&depth| code_of(depth) == code)
}

fn format_of(readout: &Readout) -> Format {
    let output = readout.output();

    Format::raw(
        code_of(readout.depth()),
        output.width.into(),
        output.height.into(),
    )
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

impl Operations for Imx412 {
    fn init_state(&self, state: &mut State) -> Result {
        *state.format(SOURCE)? = format_of(&Readout::full_frame(Depth::Ten));
        Ok(())
    }

    fn media_bus_code(&self, _state: &mut State, index: u32) -> Result<u32> {
        let depth = DEPTHS.get(usize::try_from(index)?).ok_or(EINVAL)?;

        Ok(code_of(*depth))
    }

    fn frame_size(&self, _state: &mut State, code: u32, index: u32) -> Result<FrameSizes> {
        let depth = depth_of(code).ok_or(EINVAL)?;

        if index > 0 {
            return Err(EINVAL);
        }
        let output = Readout::full_frame(depth).output();

        Ok(FrameSizes {
            width: (output.width.into(), output.width.into()),
            height: (output.height.into(), output.height.into()),
        })
    }

    fn set_format(&self, state: &mut State, which: Which<'_>, format: &mut Format) -> Result {
        let [default, ..] = DEPTHS;
        let readout = Readout::full_frame(depth_of(format.code()).unwrap_or(default));

        if let Which::Active(controls) = which {
            self.set_readout(readout, &controls)?;
        }
        *format = format_of(&readout);
        *state.format(SOURCE)? = format_of(&readout);
        Ok(())
    }

    fn selection(&self, _state: &mut State, target: u32) -> Result<Rect> {
        match target {
            // The whole active array is read, and nothing else can be.
            bindings::V4L2_SEL_TGT_CROP
            | bindings::V4L2_SEL_TGT_CROP_DEFAULT
            | bindings::V4L2_SEL_TGT_CROP_BOUNDS => Ok(readout::ACTIVE.into()),
            bindings::V4L2_SEL_TGT_NATIVE_SIZE => Ok(readout::Rect {
                left: 0,
                top: 0,
                size: readout::NATIVE,
            }
            .into()),
            _ => Err(EINVAL),
        }
    }

    fn enable_streams(&self, controls: &Locked<'_>) -> Result {
        // Before the lock: powering up takes it.
        let usage = Usage::resume(&self.dev)
            .inspect_err(|e| dev_err!(self.dev, "cannot power the sensor up: {e:?}\n"))?;

        self.sensor
            .lock()
            .start(usage)
            .inspect_err(|e| dev_err!(self.dev, "cannot start the stream: {e:?}\n"))?;
        controls.grab(LINK_FREQ, true)
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
        controls.grab(LINK_FREQ, false)
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
            code: code_of(readout.depth()),
            data_type: u8::try_from(data_type_of(readout.depth()))?,
            frame_bytes: (u32::from(output.width) * u32::from(output.height))
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
    /// Makes `readout` the one in use; the controls follow.
    fn set_readout(&self, readout: Readout, controls: &Locked<'_>) -> Result {
        let next = {
            let mut sensor = self.sensor.lock();
            let next = sensor.config().with_readout(readout);

            if next == *sensor.config() {
                return Ok(());
            }
            if sensor.is_streaming() {
                return Err(EBUSY);
            }
            sensor.configure(next)?;
            next
        };
        controls::publish(&next, &self.board, controls)
    }
}
