// SPDX-License-Identifier: GPL-2.0-only

//! Changes of a configuration, one quantity at a time.

use super::{
    Config,
    ConfigError,
    Limits,
    Quantity, //
};
use crate::sensor::{
    setting::{
        black_level::BlackLevel,
        gain::{
            AnalogueGain,
            DigitalGain, //
        },
        sync::Synchronisation,
        test_pattern::{
            Channel,
            TestPattern, //
        }, //
    },
    timing::long, //
};

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
    /// 1 mirrors the picture.
    HorizontalFlip(u32),
    /// 1 turns the picture upside down.
    VerticalFlip(u32),
    /// Value for black in units of the output depth.
    BlackLevel(u32),
    /// 1 lets the sensor correct defective pixels.
    DefectCorrection(u32),
    /// Place in [`Synchronisation::ALL`].
    Synchronisation(u32),
    /// 1 lets the sensor listen to the second address.
    Broadcast(u32),
}

impl Config {
    /// The present value with one change.
    ///
    /// Exposure and vertical blanking become what the part can count that is nearest to what is asked
    /// for.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfRange`] if the new value is not in the present limits.
    pub fn with(self, change: ControlChange) -> Result<Self, ConfigError> {
        let mut next = self;
        match change {
            ControlChange::Exposure(lines) => {
                let lines = self.exposure_limits().check(Quantity::Exposure, lines)?;
                next.exposure = long::nearest(lines);
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
                next.frame_length = long::nearest(lines.saturating_add(self.height()));
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
            ControlChange::HorizontalFlip(value) => {
                next.orientation.horizontal_flip = flag(Quantity::HorizontalFlip, value)?;
            }
            ControlChange::VerticalFlip(value) => {
                next.orientation.vertical_flip = flag(Quantity::VerticalFlip, value)?;
            }
            ControlChange::BlackLevel(level) => {
                next.black_level = BlackLevel::new(level, self.readout.depth()).ok_or(
                    self.black_level_limits()
                        .refuse(Quantity::BlackLevel, level),
                )?;
            }
            ControlChange::DefectCorrection(value) => {
                next.defect_correction = flag(Quantity::DefectCorrection, value)?;
            }
            ControlChange::Synchronisation(code) => {
                next.synchronisation = Synchronisation::new(code)
                    .ok_or(Limits::SYNCHRONISATION.refuse(Quantity::Synchronisation, code))?;
            }
            ControlChange::Broadcast(value) => {
                next.broadcast = flag(Quantity::Broadcast, value)?;
            }
        }
        Ok(next)
    }
}

/// 0 or 1.
fn flag(quantity: Quantity, value: u32) -> Result<bool, ConfigError> {
    Limits::OFF.check(quantity, value).map(|value| value != 0)
}
