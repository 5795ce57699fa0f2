// SPDX-License-Identifier: GPL-2.0-only

//! Everything that decides what the sensor does, as one plain value that is always valid.
//!
//! A change makes a new value. What is asked for must be in range; what depends on it follows:
//!
//! | change | what follows |
//! |---|---|
//! | link, depth, readout | default line and frame length; exposure is clamped |
//! | vertical blanking | exposure is clamped |
//! | horizontal blanking | nothing (exposure counts lines) |
//! | frame interval | vertical blanking, where it must the horizontal one; exposure is clamped |
//!
//! The `*_limits` functions tell the present ranges, for controls to take over after each change.

use core::fmt;

use super::board::{Board, Link};
use super::gain::{AnalogueGain, DigitalGain};
use super::readout::{Depth, Readout};
use super::test_pattern::{Channel, TestColours, TestPattern};
use super::timing::{self, Interval, Timing};

/// Exposure to start with, in lines (mainline imx412.c).
const EXPOSURE_DEFAULT: u32 = 0x0648;

/// What a control may be set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Smallest value.
    pub min: u32,
    /// Largest value.
    pub max: u32,
    /// Distance of allowed values, from the smallest on.
    pub step: u32,
    /// Value to start with.
    pub default: u32,
}

impl Limits {
    fn check(&self, quantity: Quantity, found: u32) -> Result<u32, ConfigError> {
        let inside = (self.min..=self.max).contains(&found);
        let on_step = found.wrapping_sub(self.min) % self.step.max(1) == 0;
        if inside && on_step {
            Ok(found)
        } else {
            Err(self.refuse(quantity, found))
        }
    }

    fn refuse(&self, quantity: Quantity, found: u32) -> ConfigError {
        ConfigError::OutOfRange {
            quantity,
            found,
            limits: *self,
        }
    }
}

/// One change of a [`Config`], in the units of the V4L2 control of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlChange {
    /// Coarse integration time in lines.
    Exposure(u32),
    /// Code of [`AnalogueGain`].
    AnalogueGain(u32),
    /// Code of [`DigitalGain`].
    DigitalGain(u32),
    /// Lines that a frame has beyond those of the picture.
    VerticalBlanking(u32),
    /// Pixel clocks that a line has beyond the pixels of the picture.
    HorizontalBlanking(u32),
    /// Place in [`TestPattern::ALL`].
    TestPattern(u32),
    /// One component of the solid test pattern.
    TestColour(Channel, u32),
}

/// What the sensor is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    link: Link,
    readout: Readout,
    line_length: u32,
    frame_length: u32,
    exposure: u32,
    analogue_gain: AnalogueGain,
    digital_gain: DigitalGain,
    test_pattern: TestPattern,
    test_colours: TestColours,
    streaming: bool,
}

impl Config {
    /// The full frame at 10 bits over the board's first link, not streaming.
    pub fn default_for(board: &Board) -> Self {
        let config = Self {
            link: board.default_link(),
            readout: Readout::full_frame(Depth::Ten),
            line_length: 0,
            frame_length: 0,
            exposure: EXPOSURE_DEFAULT,
            analogue_gain: AnalogueGain::MIN,
            digital_gain: DigitalGain::MIN,
            test_pattern: TestPattern::Off,
            test_colours: TestColours::WHITE,
            streaming: false,
        };
        config.retimed()
    }

    /// Runs another of the board's links.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoSuchLink`] past the end of the board's list.
    pub fn with_link(self, board: &Board, index: usize) -> Result<Self, ConfigError> {
        let link = board
            .link(index)
            .ok_or(ConfigError::NoSuchLink { found: index })?;
        Ok(if link == self.link {
            self
        } else {
            Self { link, ..self }.retimed()
        })
    }

    /// Reads the array in another way.
    pub fn with_readout(self, readout: Readout) -> Self {
        if readout == self.readout {
            self
        } else {
            Self { readout, ..self }.retimed()
        }
    }

    /// Frames at the interval nearest to `wanted` that the readout allows.
    ///
    /// The vertical blanking follows, and the horizontal blanking only where it must; see
    /// [`timing::interval`]. An interval without a duration stands for the one to start with.
    pub fn with_frame_interval(self, wanted: Interval) -> Self {
        let lengths =
            timing::interval::nearest(&self.readout, &self.link, self.line_length, wanted);
        Self {
            line_length: lengths.line,
            frame_length: lengths.frame,
            ..self
        }
        .with_exposure_clamped()
    }

    /// Starts or stops streaming.
    pub fn with_streaming(self, streaming: bool) -> Self {
        Self { streaming, ..self }
    }

    /// The present value with one change.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfRange`] if the new value is not in the present limits.
    pub fn with(self, change: ControlChange) -> Result<Self, ConfigError> {
        let mut next = self;
        match change {
            ControlChange::Exposure(lines) => {
                next.exposure = self.exposure_limits().check(Quantity::Exposure, lines)?;
            }
            ControlChange::AnalogueGain(code) => {
                next.analogue_gain = AnalogueGain::new(code)
                    .ok_or(Self::analogue_gain_limits().refuse(Quantity::AnalogueGain, code))?;
            }
            ControlChange::DigitalGain(code) => {
                next.digital_gain = DigitalGain::new(code)
                    .ok_or(Self::digital_gain_limits().refuse(Quantity::DigitalGain, code))?;
            }
            ControlChange::VerticalBlanking(lines) => {
                let lines = self
                    .vertical_blanking_limits()
                    .check(Quantity::VerticalBlanking, lines)?;
                next.frame_length = lines.saturating_add(self.height());
                next = next.with_exposure_clamped();
            }
            ControlChange::HorizontalBlanking(pck) => {
                let pck = self
                    .horizontal_blanking_limits()
                    .check(Quantity::HorizontalBlanking, pck)?;
                next.line_length = pck.saturating_add(self.width());
            }
            ControlChange::TestPattern(code) => {
                next.test_pattern = TestPattern::new(code)
                    .ok_or(Self::test_pattern_limits().refuse(Quantity::TestPattern, code))?;
            }
            ControlChange::TestColour(channel, value) => {
                let colours = self.test_colours.with(channel, value);
                next.test_colours = colours
                    .ok_or(Self::test_colour_limits().refuse(Quantity::TestColour, value))?;
            }
        }
        Ok(next)
    }

    /// Timing anew, after what it depends on has changed.
    fn retimed(self) -> Self {
        let line_length = timing::line_length_default(&self.readout, &self.link);
        let frame_length =
            timing::frame_length_default(&self.readout, self.pixel_rate(), line_length);
        Self {
            line_length,
            frame_length,
            ..self
        }
        .with_exposure_clamped()
    }

    fn with_exposure_clamped(self) -> Self {
        let limits = self.exposure_limits();
        Self {
            exposure: self.exposure.clamp(limits.min, limits.max),
            ..self
        }
    }

    fn width(&self) -> u32 {
        u32::from(self.readout.output().width)
    }

    fn height(&self) -> u32 {
        u32::from(self.readout.output().height)
    }

    /// The link in use.
    pub const fn link(&self) -> &Link {
        &self.link
    }

    /// How the array is read.
    pub const fn readout(&self) -> &Readout {
        &self.readout
    }

    /// Whether the sensor sends frames.
    pub const fn streaming(&self) -> bool {
        self.streaming
    }

    /// Coarse integration time in lines.
    pub const fn exposure(&self) -> u32 {
        self.exposure
    }

    /// Gain before the converters.
    pub const fn analogue_gain(&self) -> AnalogueGain {
        self.analogue_gain
    }

    /// Gain after the converters.
    pub const fn digital_gain(&self) -> DigitalGain {
        self.digital_gain
    }

    /// What is sent instead of the scene.
    pub const fn test_pattern(&self) -> TestPattern {
        self.test_pattern
    }

    /// Colour of the solid test pattern.
    pub const fn test_colours(&self) -> TestColours {
        self.test_colours
    }

    /// Line and frame length, with the rate that they count.
    pub fn timing(&self) -> Timing {
        Timing {
            pixel_rate: self.pixel_rate(),
            line_length: self.line_length,
            frame_length: self.frame_length,
        }
    }

    /// Time from one frame to the next.
    pub fn frame_interval(&self) -> Interval {
        self.timing().frame_interval()
    }

    /// Pixel clocks per second, the unit of line lengths.
    pub fn pixel_rate(&self) -> u64 {
        self.link.tree().pixel_rate()
    }

    /// Link frequency in Hz.
    pub fn link_freq(&self) -> u64 {
        self.link.tree().link_freq()
    }

    /// Lines that a frame has beyond those of the picture.
    pub fn vertical_blanking(&self) -> u32 {
        self.frame_length.saturating_sub(self.height())
    }

    /// Pixel clocks that a line has beyond the pixels of the picture.
    pub fn horizontal_blanking(&self) -> u32 {
        self.line_length.saturating_sub(self.width())
    }

    /// Lines, up to the frame length less [`timing::EXPOSURE_MARGIN`].
    pub fn exposure_limits(&self) -> Limits {
        let min = timing::EXPOSURE_MIN;
        let max = self
            .frame_length
            .saturating_sub(timing::EXPOSURE_MARGIN)
            .max(min);
        Limits {
            min,
            max,
            step: 1,
            default: EXPOSURE_DEFAULT.clamp(min, max),
        }
    }

    /// Lines, from the readout's shortest frame on.
    pub fn vertical_blanking_limits(&self) -> Limits {
        let height = self.height();
        let line = timing::line_length_default(&self.readout, &self.link);
        let default = timing::frame_length_default(&self.readout, self.pixel_rate(), line);
        Limits {
            min: timing::frame_length_floor(&self.readout).saturating_sub(height),
            max: timing::FRAME_LENGTH_MAX.saturating_sub(height),
            step: 1,
            default: default.saturating_sub(height),
        }
    }

    /// Pixel clocks, from the shortest line of the readout on this link on.
    pub fn horizontal_blanking_limits(&self) -> Limits {
        let width = self.width();
        let floor = timing::line_length_floor(&self.readout, &self.link);
        let default = timing::line_length_default(&self.readout, &self.link);
        Limits {
            min: floor.saturating_sub(width),
            max: timing::LINE_LENGTH_MAX.saturating_sub(width),
            step: timing::LINE_LENGTH_STEP,
            default: default.saturating_sub(width),
        }
    }

    /// Codes of [`AnalogueGain`].
    pub fn analogue_gain_limits() -> Limits {
        let min = u32::from(AnalogueGain::MIN.code());
        Limits {
            min,
            max: u32::from(AnalogueGain::MAX.code()),
            step: 1,
            default: min,
        }
    }

    /// Codes of [`DigitalGain`].
    pub fn digital_gain_limits() -> Limits {
        let min = u32::from(DigitalGain::MIN.code());
        Limits {
            min,
            max: u32::from(DigitalGain::MAX.code()),
            step: 1,
            default: min,
        }
    }

    /// Places in [`TestPattern::ALL`].
    pub fn test_pattern_limits() -> Limits {
        Limits {
            min: u32::from(TestPattern::Off.code()),
            max: u32::from(TestPattern::Pn9.code()),
            step: 1,
            default: u32::from(TestPattern::Off.code()),
        }
    }

    /// A component of the solid test pattern.
    pub fn test_colour_limits() -> Limits {
        let max = u32::from(TestColours::MAX);
        Limits {
            min: 0,
            max,
            step: 1,
            default: max,
        }
    }
}

/// What a value that is out of range was meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Coarse integration time in lines.
    Exposure,
    /// Code of the analogue gain.
    AnalogueGain,
    /// Code of the digital gain.
    DigitalGain,
    /// Blank lines.
    VerticalBlanking,
    /// Blank pixel clocks.
    HorizontalBlanking,
    /// Number of the test pattern.
    TestPattern,
    /// Component of the solid test pattern.
    TestColour,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Exposure => "exposure",
            Self::AnalogueGain => "analogue gain",
            Self::DigitalGain => "digital gain",
            Self::VerticalBlanking => "vertical blanking",
            Self::HorizontalBlanking => "horizontal blanking",
            Self::TestPattern => "test pattern",
            Self::TestColour => "test pattern colour",
        })
    }
}

/// Why a change cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// A value outside its limits, or between their steps.
    OutOfRange {
        /// What it was meant for.
        quantity: Quantity,
        /// The value.
        found: u32,
        /// Its limits.
        limits: Limits,
    },
    /// The board has no link of this number.
    NoSuchLink {
        /// The number.
        found: usize,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange {
                quantity,
                found,
                limits: Limits { min, max, step, .. },
            } => write!(
                f,
                "{quantity} of {found} is not in {min} to {max} in steps of {step}"
            ),
            Self::NoSuchLink { found } => write!(f, "there is no link frequency number {found}"),
        }
    }
}
