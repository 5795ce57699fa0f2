// SPDX-License-Identifier: GPL-2.0-only

//! Present ranges of everything that can be set, and the widest that they can ever be.

use super::{
    Config,
    ConfigError,
    Quantity, //
    EXPOSURE_DEFAULT,
};
use crate::sensor::{
    board::Board,
    part::Part,
    readout::{
        Depth,
        Readout, //
        ACTIVE,
        OUTPUT_MIN,
    },
    setting::{
        black_level::BlackLevel,
        gain::{
            AnalogueGain,
            DigitalGain, //
        },
        sync::Synchronisation,
        test_pattern::{
            TestColours,
            TestPattern, //
        }, //
    },
    timing::{
        self,
        long, //
    }, //
};

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
    /// Off (0) and on (1), off to start with.
    pub const OFF: Self = Self::new(0, 1, 0);
    /// Off (0) and on (1), on to start with.
    pub const ON: Self = Self::new(0, 1, 1);
    /// Places in [`Synchronisation::ALL`].
    pub(crate) const SYNCHRONISATION: Self = Self::new(
        Synchronisation::Standalone.code(),
        Synchronisation::Sink.code(),
        Synchronisation::Standalone.code(),
    );

    /// All values from `min` to `max`.
    const fn new(min: u32, max: u32, default: u32) -> Self {
        Self {
            min,
            max,
            step: 1,
            default,
        }
    }

    /// The allowed value nearest to `value`, of two the larger.
    pub fn nearest(&self, value: u32) -> u32 {
        let step = self.step.max(1);
        let offset = value.max(self.min).min(self.max).saturating_sub(self.min);
        let span = self.max.saturating_sub(self.min);
        let whole = |offset: u32| offset.saturating_sub(offset.checked_rem(step).unwrap_or(0));
        let nearest = whole(offset.saturating_add(step / 2)).min(whole(span));
        self.min.saturating_add(nearest)
    }

    pub(crate) fn check(&self, quantity: Quantity, found: u32) -> Result<u32, ConfigError> {
        let inside = (self.min..=self.max).contains(&found);
        let on_step = found.wrapping_sub(self.min) % self.step.max(1) == 0;
        if inside && on_step {
            Ok(found)
        } else {
            Err(self.refuse(quantity, found))
        }
    }

    pub(crate) fn refuse(&self, quantity: Quantity, found: u32) -> ConfigError {
        ConfigError::OutOfRange {
            quantity,
            found,
            limits: *self,
        }
    }
}

impl Config {
    /// Lines, up to the frame length less [`timing::EXPOSURE_MARGIN`].
    pub fn exposure_limits(&self) -> Limits {
        let min = self.part.timing.exposure_min;
        let longest = self.frame_length.saturating_sub(timing::EXPOSURE_MARGIN);
        let max = long::at_most(longest).max(min);
        Limits::new(min, max, EXPOSURE_DEFAULT.max(min).min(max))
    }

    /// Lines, from the readout's shortest frame on.
    pub fn vertical_blanking_limits(&self) -> Limits {
        let height = self.height();
        let line = timing::line_length_default(self.part, &self.readout, &self.link);
        let default =
            timing::frame_length_default(self.part, &self.readout, self.pixel_rate(), line);
        Limits::new(
            timing::frame_length_floor(self.part, &self.readout).saturating_sub(height),
            long::LINES_MAX.saturating_sub(height),
            default.saturating_sub(height),
        )
    }

    /// Pixel clocks, from the shortest line of the readout on this link on.
    pub fn horizontal_blanking_limits(&self) -> Limits {
        let width = self.width();
        let floor = timing::line_length_floor(self.part, &self.readout, &self.link);
        let default = timing::line_length_default(self.part, &self.readout, &self.link);
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
        Limits::new(min, u32::from(AnalogueGain::MAX.code()), min)
    }

    /// Codes of [`DigitalGain`].
    pub fn digital_gain_limits() -> Limits {
        let min = u32::from(DigitalGain::MIN.code());
        Limits::new(min, u32::from(DigitalGain::MAX.code()), min)
    }

    /// Places in [`TestPattern::ALL`].
    pub fn test_pattern_limits() -> Limits {
        let off = u32::from(TestPattern::Off.code());
        Limits::new(off, u32::from(TestPattern::Pn9.code()), off)
    }

    /// A component of the solid test pattern.
    pub fn test_colour_limits() -> Limits {
        let max = u32::from(TestColours::MAX);
        Limits::new(0, max, max)
    }

    /// Off and on, for both directions.
    pub fn flip_limits() -> Limits {
        Limits::OFF
    }

    /// Units of the output depth.
    pub fn black_level_limits(&self) -> Limits {
        let at = |level: BlackLevel| u32::from(level.at(self.readout.depth()));
        Limits::new(0, at(BlackLevel::MAX), at(BlackLevel::DEFAULT))
    }

    /// Off and on.
    pub fn defect_correction_limits() -> Limits {
        Limits::ON
    }

    /// Places in [`Synchronisation::ALL`]; the board tells which one to start with.
    pub fn synchronisation_limits(board: &Board) -> Limits {
        Limits {
            default: board.synchronisation().code(),
            ..Limits::SYNCHRONISATION
        }
    }

    /// Off and on.
    pub fn broadcast_limits() -> Limits {
        Limits::OFF
    }

    /// What holds all values that a configuration of any board can allow.
    ///
    /// One change can move the limits of the next. Who checks several before the first is made has no
    /// present limits to go by, and takes these: a value outside will be refused whatever comes first.
    /// Their default is the one to start with.
    pub fn widest_limits(part: &Part, quantity: Quantity) -> Limits {
        let height_min = u32::from(OUTPUT_MIN.height);
        match quantity {
            Quantity::Exposure => Limits::new(
                part.timing.exposure_min,
                long::at_most(long::LINES_MAX.saturating_sub(timing::EXPOSURE_MARGIN)),
                EXPOSURE_DEFAULT,
            ),
            Quantity::VerticalBlanking => Limits::new(
                part.timing.vertical_blanking_min,
                long::LINES_MAX.saturating_sub(height_min),
                part.timing.vertical_blanking_min,
            ),
            Quantity::HorizontalBlanking => {
                // The widest picture leaves the least of a line, and the converters are at their
                // fastest for it.
                let full = timing::line_of_converters(part, &Readout::full_frame(Depth::Ten));
                let min = full.saturating_sub(u32::from(ACTIVE.size.width));
                Limits {
                    min,
                    max: timing::LINE_LENGTH_MAX.saturating_sub(u32::from(OUTPUT_MIN.width)),
                    // Lines come in steps of four, pictures in steps of two.
                    step: 2,
                    default: min,
                }
            }
            Quantity::AnalogueGain => Self::analogue_gain_limits(),
            Quantity::DigitalGain => Self::digital_gain_limits(),
            Quantity::TestPattern => Self::test_pattern_limits(),
            Quantity::TestColour => Self::test_colour_limits(),
            Quantity::HorizontalFlip | Quantity::VerticalFlip => Self::flip_limits(),
            Quantity::BlackLevel => Limits::new(
                0,
                u32::from(BlackLevel::MAX.at(Depth::Twelve)),
                u32::from(BlackLevel::DEFAULT.at(Depth::Ten)),
            ),
            Quantity::DefectCorrection => Self::defect_correction_limits(),
            Quantity::Synchronisation => Limits::SYNCHRONISATION,
            Quantity::Broadcast => Self::broadcast_limits(),
        }
    }
}
