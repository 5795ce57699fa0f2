// SPDX-License-Identifier: GPL-2.0-only

//! The sensor's sub-device: formats, timing, exposure and gain in physical units.

use crate::controls::{self, id};
use crate::formats::Bus;
use crate::sys::abi::{BusCode, BusFormat, FrameInterval, FrameSize, Selection, SubdevFormat};
use crate::sys::Device;
use crate::units::{Fps, Gain, Seconds, Size};
use anyhow::{Context, Result};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// `V4L2_SUBDEV_FORMAT_ACTIVE`, `V4L2_FIELD_NONE`.
const ACTIVE: u32 = 1;
const FIELD_NONE: u32 = 1;
/// `V4L2_SEL_TGT_CROP`.
const CROP: u32 = 0;
/// Pixel clocks that the sensor adds to an exposure, and lines that a frame is longer: of FRAMOS' and
/// mainline's drivers, see docs/controls.md.
const EXPOSURE_OFFSET: f64 = 1936.0;
const EXPOSURE_MARGIN: i64 = 22;
/// Codes of gain 1, and how an analogue gain is made of its code: docs/controls.md.
const GAIN_UNIT: f64 = 1024.0;
const DIGITAL_UNIT: f64 = 256.0;

/// The sub-device of a sensor.
#[derive(Debug)]
pub struct Sensor {
    device: Device,
    path: PathBuf,
}

/// Durations of lines and frames.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Timing {
    /// Pixel clocks per second.
    pub pixel_rate: f64,
    /// Pixel clocks per line.
    pub line: f64,
    /// Lines per frame.
    pub frame: f64,
}

impl Timing {
    /// Frames per second.
    pub fn fps(&self) -> Fps {
        Fps(self.pixel_rate / (self.line * self.frame))
    }

    /// Returns the duration of an exposure of `lines`.
    pub fn exposure(&self, lines: i64) -> Seconds {
        Seconds((lines as f64 * self.line + EXPOSURE_OFFSET) / self.pixel_rate)
    }

    /// Returns the lines that come nearest to a time.
    pub fn lines(&self, exposure: Seconds) -> i64 {
        ((exposure.0 * self.pixel_rate - EXPOSURE_OFFSET) / self.line).round() as i64
    }

    /// Returns the frame length in lines of a rate.
    pub fn frame_of(&self, fps: Fps) -> i64 {
        (self.pixel_rate / (self.line * fps.0)).round() as i64
    }
}

/// Returns the gain of an analogue code.
pub fn analogue(code: i64) -> Gain {
    Gain(GAIN_UNIT / (GAIN_UNIT - code as f64))
}

/// Returns the gain of a digital code.
pub fn digital(code: i64) -> Gain {
    Gain(code as f64 / DIGITAL_UNIT)
}

/// Returns the codes, analogue and digital, that make a gain: as much of it as there is comes
/// before the converters.
pub fn gain_codes(gain: Gain, most_analogue: i64, most_digital: i64) -> (i64, i64) {
    let code = (GAIN_UNIT - GAIN_UNIT / gain.0).round() as i64;
    let code = code.clamp(0, most_analogue);
    let rest = gain.0 / analogue(code).0;
    // The rounding error of the analogue code is not made up by a digital gain.
    let rest = if code < most_analogue { 1.0 } else { rest };
    let digital = (rest * DIGITAL_UNIT).round() as i64;
    (code, digital.clamp(DIGITAL_UNIT as i64, most_digital))
}

/// Current settings of the sensor.
#[derive(Debug, Clone, Serialize)]
pub struct State {
    /// The frame's.
    pub size: Size,
    /// Bits of a pixel.
    pub bits: u32,
    /// The colours of the first two pixels of the first two lines; it follows the flips.
    pub order: crate::formats::Order,
    /// `MEDIA_BUS_FMT_*`.
    #[serde(skip)]
    pub code: u32,
    /// The exposure time.
    pub exposure: Seconds,
    /// Before the converters.
    pub analogue_gain: Gain,
    /// After them.
    pub digital_gain: Gain,
    /// Frames per second by the sensor's controls.
    pub fps: Fps,
    /// Half of the data rate of a lane, Hz.
    pub link_frequency: Option<u64>,
    /// The value of a pixel without light.
    pub black_level: Option<i64>,
    /// The lengths of lines and frames.
    #[serde(skip)]
    pub timing: Timing,
}

/// A size at a depth, and how fast it can be had.
#[derive(Debug, Clone, Serialize)]
pub struct Mode {
    /// The frame's.
    pub size: Size,
    /// Bits of a pixel.
    pub bits: u32,
    /// The highest rate at the present link frequency.
    pub fastest: Option<Fps>,
}

impl Sensor {
    /// Opens the node.
    ///
    /// # Errors
    ///
    /// No right, or it is gone.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self {
            device: Device::open(path).with_context(|| {
                format!(
                    "cannot open {}: is this user in the group that owns it (often video)?",
                    path.display()
                )
            })?,
            path: path.to_owned(),
        })
    }

    /// Returns the node.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the open node, for controls.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Returns the active format of pad 0.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn format(&self) -> Result<BusFormat> {
        let mut format = SubdevFormat {
            which: ACTIVE,
            ..SubdevFormat::default()
        };
        self.device
            .get_pad_format(&mut format)
            .with_context(|| format!("cannot read the format of {}", self.path.display()))?;
        Ok(format.format)
    }

    /// Sets the format: of the presets' way to make the size, if there is one. Returns what it
    /// became; the order of colours is that of the flips.
    ///
    /// # Errors
    ///
    /// EBUSY while a stream runs.
    pub fn set_format(&self, code: u32, size: Size) -> Result<BusFormat> {
        // A crop that can make the size as it is would go before the preset's. This one cannot.
        let mut crop = Selection {
            which: ACTIVE,
            target: CROP,
            left: 8,
            top: 16,
            width: 64,
            height: 64,
            ..Selection::default()
        };
        // A sensor without crops has nothing to be reset.
        let _ = self.device.set_selection(&mut crop);
        let mut format = SubdevFormat {
            which: ACTIVE,
            format: BusFormat {
                width: size.width,
                height: size.height,
                code,
                field: FIELD_NONE,
                ..BusFormat::default()
            },
            ..SubdevFormat::default()
        };
        self.device.set_pad_format(&mut format).with_context(|| {
            format!(
                "cannot set {size} on {}; does another program stream?",
                self.path.display()
            )
        })?;
        Ok(format.format)
    }

    /// Returns the media bus codes that it can send.
    pub fn codes(&self) -> Vec<u32> {
        let mut codes = Vec::new();
        let mut code = BusCode {
            which: ACTIVE,
            ..BusCode::default()
        };
        while self.device.enumerate_code(&mut code).is_ok() {
            codes.push(code.code);
            code.index += 1;
        }
        codes
    }

    /// Returns the code of this depth in the current order of colours.
    ///
    /// # Errors
    ///
    /// The sensor does not have this depth.
    pub fn code(&self, bits: u32) -> Result<u32> {
        let codes = self.codes();
        let depth = |code: &u32| Bus::of_code(*code).map(|bus| bus.bits).ok();
        codes
            .iter()
            .copied()
            .find(|code| depth(code) == Some(bits))
            .with_context(|| {
                let depths: Vec<_> = codes.iter().filter_map(depth).collect();
                let depths: Vec<_> = depths.iter().map(u32::to_string).collect();
                format!(
                    "the sensor does not send {bits} bits, but {}",
                    depths.join(" and ")
                )
            })
    }

    /// Sizes of a code that are ready-made.
    pub fn sizes(&self, code: u32) -> Vec<Size> {
        let mut sizes = Vec::new();
        let mut size = FrameSize {
            code,
            which: ACTIVE,
            ..FrameSize::default()
        };
        while self.device.enumerate_size(&mut size).is_ok() {
            sizes.push(Size {
                width: size.max_width,
                height: size.max_height,
            });
            size.index += 1;
        }
        sizes
    }

    /// Returns all ready-made modes.
    pub fn modes(&self) -> Vec<Mode> {
        let mut modes = Vec::new();
        for code in self.codes() {
            let Ok(bus) = Bus::of_code(code) else {
                continue;
            };
            for size in self.sizes(code) {
                modes.push(Mode {
                    size,
                    bits: bus.bits,
                    fastest: self.fastest(code, size),
                });
            }
        }
        modes
    }

    fn fastest(&self, code: u32, size: Size) -> Option<Fps> {
        let mut interval = FrameInterval {
            code,
            width: size.width,
            height: size.height,
            which: ACTIVE,
            ..FrameInterval::default()
        };
        let mut fastest: Option<f64> = None;
        while self.device.enumerate_interval(&mut interval).is_ok() {
            if interval.numerator > 0 {
                let fps = f64::from(interval.denominator) / f64::from(interval.numerator);
                fastest = Some(fastest.map_or(fps, |known| known.max(fps)));
            }
            interval.index += 1;
        }
        fastest.map(Fps)
    }

    /// Returns true if it streams. A driver that does not say so, as mainline's, has a sensor that does
    /// not.
    pub fn is_streaming(&self) -> bool {
        // A stream grabs the controls that need standby.
        controls::query(&self.device, id::LINK_FREQ).is_ok_and(|control| control.grabbed)
    }

    /// Returns the value of a control.
    ///
    /// # Errors
    ///
    /// There is none of this number, or the bus fails.
    pub fn get(&self, id: u32) -> Result<i64> {
        controls::get(&self.device, id)
            .with_context(|| format!("cannot read control {id:#010x} of {}", self.path.display()))
    }

    /// Sets controls in one change.
    ///
    /// # Errors
    ///
    /// See [`controls::try_set`].
    pub fn set(&self, values: &[(u32, i64)]) -> Result<()> {
        controls::set(&self.device, values)
    }

    /// Returns the current timing.
    ///
    /// # Errors
    ///
    /// It is no raw sensor: controls are missing.
    pub fn timing(&self) -> Result<Timing> {
        let format = self.format()?;
        Ok(Timing {
            pixel_rate: self.get(id::PIXEL_RATE)? as f64,
            line: f64::from(format.width) + self.get(id::HBLANK)? as f64,
            frame: f64::from(format.height) + self.get(id::VBLANK)? as f64,
        })
    }

    /// Returns all of it in units.
    ///
    /// # Errors
    ///
    /// It is no raw sensor: controls are missing.
    pub fn state(&self) -> Result<State> {
        let format = self.format()?;
        let bus = Bus::of_code(format.code)?;
        let timing = self.timing()?;
        let gain = |id, unit: fn(i64) -> Gain| self.get(id).map(unit).unwrap_or(Gain(1.0));
        Ok(State {
            size: Size {
                width: format.width,
                height: format.height,
            },
            bits: bus.bits,
            order: bus.order,
            code: format.code,
            exposure: timing.exposure(self.get(id::EXPOSURE)?),
            analogue_gain: gain(id::ANALOGUE_GAIN, analogue),
            digital_gain: gain(id::DIGITAL_GAIN, digital),
            fps: timing.fps(),
            link_frequency: self.link_frequency(),
            black_level: self.get(id::BLACK_LEVEL).ok(),
            timing,
        })
    }

    /// Returns the current link frequency in Hz.
    pub fn link_frequency(&self) -> Option<u64> {
        let control = controls::query(&self.device, id::LINK_FREQ).ok()?;
        let value = control.value?;
        let (_, text) = control.items.iter().find(|(index, _)| *index == value)?;
        text.parse().ok()
    }

    /// Sets frame rate, exposure and gain in one change. A frame is as long as its exposure needs
    /// where no rate is asked for.
    ///
    /// # Errors
    ///
    /// Controls are missing, or the bus fails.
    pub fn expose(
        &self,
        fps: Option<Fps>,
        exposure: Option<Seconds>,
        gain: Option<Gain>,
    ) -> Result<()> {
        let format = self.format()?;
        let timing = self.timing()?;
        let height = i64::from(format.height);
        let mut values = Vec::new();
        let lines = exposure.map(|time| timing.lines(time).max(1));
        match (fps, lines) {
            (Some(fps), _) => {
                let frame = timing.frame_of(fps);
                values.push((id::VBLANK, (frame - height).max(0)));
            }
            (None, Some(lines)) => {
                let least = lines.saturating_add(EXPOSURE_MARGIN);
                if least > timing.frame as i64 {
                    values.push((id::VBLANK, least - height));
                }
            }
            _ => {}
        }
        if let Some(lines) = lines {
            values.push((id::EXPOSURE, lines));
        }
        if let Some(gain) = gain {
            let most = |id| controls::query(&self.device, id).map(|control| control.maximum);
            let analogue = most(id::ANALOGUE_GAIN)
                .context("the sensor has no analogue gain: is another driver bound to it?")?;
            // Mainline's driver has no digital gain.
            let digital = most(id::DIGITAL_GAIN).ok();
            let (code, rest) = gain_codes(gain, analogue, digital.unwrap_or(DIGITAL_UNIT as i64));
            values.push((id::ANALOGUE_GAIN, code));
            if digital.is_some() {
                values.push((id::DIGITAL_GAIN, rest));
            }
        }
        self.set(&values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Timing = Timing {
        pixel_rate: 840e6,
        line: 4512.0,
        frame: 3103.0,
    };

    #[test]
    fn rates_and_exposures_are_those_of_the_documentation() {
        assert!((FULL.fps().0 - 59.998).abs() < 0.01);
        assert_eq!(FULL.frame_of(Fps(20.0)), 9309);
        let lines = FULL.lines(Seconds(0.01));
        assert_eq!(lines, 1861);
        assert!((FULL.exposure(lines).0 - 0.01).abs() < 4512.0 / 840e6);
    }

    #[test]
    fn gain_is_analogue_as_far_as_it_goes() {
        assert_eq!(gain_codes(Gain(1.0), 978, 4095), (0, 256));
        assert_eq!(gain_codes(Gain(2.0), 978, 4095), (512, 256));
        assert_eq!(gain_codes(Gain(1.001), 978, 4095), (1, 256));
        let (analogue_code, digital_code) = gain_codes(Gain(100.0), 978, 4095);
        assert_eq!(analogue_code, 978);
        let reached = analogue(analogue_code).0 * digital(digital_code).0;
        assert!((reached / 100.0 - 1.0).abs() < 0.01, "{reached}");
        assert_eq!(gain_codes(Gain(1e9), 978, 4095), (978, 4095));
        assert_eq!(gain_codes(Gain(0.1), 978, 4095), (0, 256));
    }
}
