// SPDX-License-Identifier: GPL-2.0-only

//! The configuration of a sensor: one plain value that is always valid.
//!
//! A change makes a new value. A requested value must be in range; what depends on it follows:
//!
//! | change | what follows |
//! |---|---|
//! | link, depth, readout | default line and frame length; exposure is clamped |
//! | depth | black level, in its units: what is black stays the same |
//! | vertical blanking | exposure is clamped |
//! | horizontal blanking | nothing (exposure counts lines) |
//! | frame interval | vertical blanking, where it must the horizontal one; exposure is clamped |
//!
//! Beyond [`FRAME_LENGTH_MAX`](super::timing::FRAME_LENGTH_MAX) lines the sensor counts in steps; a
//! configuration has what is in effect ([`long`]), so that vertical blanking and exposure may
//! differ from the request.
//!
//! [`Config::limits`] returns the current ranges, which controls get after each change.

mod error;
mod limits;
mod ranges;
mod setting;

use super::{
    board::Board,
    link::Link,
    part::Part,
    readout::Readout,
    setting::{
        black_level::BlackLevel,
        gain::{
            AnalogueGain,
            DigitalGain, //
        },
        orientation::{
            BayerOrder,
            Orientation, //
        },
        strobe::Strobe,
        sync::Synchronisation,
        test_pattern::{
            TestColours,
            TestPattern, //
        }, //
    },
    timing::{
        interval,
        long,
        Interval,
        Timing, //
    }, //
};
pub use error::ConfigError;
pub use limits::Limits;
pub use setting::{
    Change,
    Kind,
    Setting, //
};

/// All settings of a sensor, valid by construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    part: &'static Part,
    link: Link,
    readout: Readout,
    line_length: u32,
    frame_length: u32,
    exposure: u32,
    analogue_gain: AnalogueGain,
    digital_gain: DigitalGain,
    test_pattern: TestPattern,
    test_colours: TestColours,
    orientation: Orientation,
    black_level: BlackLevel,
    defect_correction: bool,
    synchronisation: Synchronisation,
    strobe: Strobe,
    broadcast: bool,
}

impl Config {
    /// Returns the full frame at the default depth over the board's first link.
    pub fn default_for(board: &Board) -> Self {
        let mut config = Self {
            part: board.part(),
            link: board.default_link(),
            readout: Readout::full_frame(board.part().default_depth()),
            line_length: 0,
            frame_length: 0,
            exposure: ranges::EXPOSURE_DEFAULT,
            analogue_gain: AnalogueGain::MIN,
            digital_gain: DigitalGain::MIN,
            test_pattern: TestPattern::Off,
            test_colours: TestColours::WHITE,
            orientation: Orientation::default(),
            black_level: BlackLevel::DEFAULT,
            // As raspberrypi imx477.c starts it.
            defect_correction: true,
            synchronisation: board.synchronisation(),
            strobe: Strobe::DEFAULT,
            broadcast: false,
        };
        config.retime();
        config
    }

    /// Returns the current limits of a setting.
    pub fn limits(&self, setting: Setting) -> Limits {
        setting.limits(self)
    }

    /// Returns the current value of a setting.
    pub fn get(&self, setting: Setting) -> u32 {
        setting.get(self)
    }

    /// Sets a setting to the valid value nearest to `value`.
    pub fn set_nearest(&mut self, setting: Setting, value: u32) {
        let value = self.limits(setting).nearest(value);
        setting.set(self, value);
    }

    /// Returns the current value with one change.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::OutOfRange`] if the new value is not in the current limits.
    pub fn with(mut self, change: Change) -> Result<Self, ConfigError> {
        let Change { setting, value } = change;
        let limits = self.limits(setting);
        if !limits.holds(value) {
            return Err(ConfigError::OutOfRange {
                setting,
                found: value,
                limits,
            });
        }
        setting.set(&mut self, value);
        Ok(self)
    }

    /// Sets the link, to the one at `index` in the list of `board`.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::NoSuchLink`], without a change, past the end of the list.
    pub fn set_link(&mut self, board: &Board, index: usize) -> Result<(), ConfigError> {
        let link = board
            .link(index)
            .ok_or(ConfigError::NoSuchLink { found: index })?;
        if link != self.link {
            self.link = link;
            self.retime();
        }
        Ok(())
    }

    /// Returns the configuration with the link at `index` in the list of `board`.
    ///
    /// # Errors
    ///
    /// As [`Config::set_link`].
    pub fn with_link(mut self, board: &Board, index: usize) -> Result<Self, ConfigError> {
        self.set_link(board, index)?;
        Ok(self)
    }

    /// Sets the readout.
    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    pub fn set_readout(&mut self, readout: &Readout) {
        if *readout != self.readout {
            self.readout = *readout;
            self.retime();
        }
    }

    /// Returns the configuration with another readout.
    pub fn with_readout(mut self, readout: Readout) -> Self {
        self.set_readout(&readout);
        self
    }

    /// Returns the configuration with the frame interval nearest to `wanted` that the readout
    /// allows.
    ///
    /// The vertical blanking is changed, and the horizontal blanking only if necessary; see
    /// [`interval`]. A zero interval requests the default one.
    pub fn with_frame_interval(mut self, wanted: Interval) -> Self {
        let lengths = interval::nearest(
            self.part,
            &self.readout,
            &self.link,
            self.line_length,
            wanted,
        );
        self.line_length = lengths.line;
        self.frame_length = lengths.frame;
        self.clamp_exposure();
        self
    }

    /// Resets the timing to its defaults after a change of link or readout.
    fn retime(&mut self) {
        let lengths = interval::default(self.part, &self.readout, &self.link);
        self.line_length = lengths.line;
        self.frame_length = lengths.frame;
        self.clamp_exposure();
    }

    fn clamp_exposure(&mut self) {
        let limits = self.limits(Setting::Exposure);
        let exposure = self.exposure.max(limits.min).min(limits.max);
        self.exposure = long::exposure_at_most(self.part.shifts, self.frame_length, exposure);
    }

    /// Returns the exposure nearest to `lines` that can be counted.
    fn countable_exposure(&self, lines: u32) -> u32 {
        long::nearest_exposure(self.part.shifts, self.frame_length, lines)
    }

    fn width(&self) -> u32 {
        u32::from(self.readout.output().width)
    }

    fn height(&self) -> u32 {
        u32::from(self.readout.output().height)
    }

    /// Returns whether this configuration and another one have the same registers, except for those
    /// that can be written while streaming or depend on the activity.
    pub fn stands_as(&self, other: &Self) -> bool {
        core::ptr::eq(self.part, other.part)
            && self.link == other.link
            && self.readout == other.readout
            && self.orientation == other.orientation
            && self.defect_correction == other.defect_correction
            && self.strobe == other.strobe
    }

    /// Returns whether this configuration has the same frames and frame interval as another one,
    /// and thereby the same limits.
    pub fn is_paced_as(&self, other: &Self) -> bool {
        core::ptr::eq(self.part, other.part)
            && self.link == other.link
            && self.readout == other.readout
            && self.line_length == other.line_length
            && self.frame_length == other.frame_length
    }

    /// Returns the sensor.
    pub const fn part(&self) -> &'static Part {
        self.part
    }

    /// Returns the current link.
    pub const fn link(&self) -> &Link {
        &self.link
    }

    /// Returns the current readout.
    pub const fn readout(&self) -> &Readout {
        &self.readout
    }

    /// Returns the coarse integration time in lines.
    pub const fn exposure(&self) -> u32 {
        self.exposure
    }

    /// Returns the gain before the converters.
    pub const fn analogue_gain(&self) -> AnalogueGain {
        self.analogue_gain
    }

    /// Returns the gain after the converters.
    pub const fn digital_gain(&self) -> DigitalGain {
        self.digital_gain
    }

    /// Returns the test pattern.
    pub const fn test_pattern(&self) -> TestPattern {
        self.test_pattern
    }

    /// Returns the colour of the solid test pattern.
    pub const fn test_colours(&self) -> TestColours {
        self.test_colours
    }

    /// Returns whether columns are read from right to left.
    pub const fn horizontal_flip(&self) -> bool {
        self.orientation.horizontal_flip
    }

    /// Returns whether lines are read from bottom to top.
    pub const fn vertical_flip(&self) -> bool {
        self.orientation.vertical_flip
    }

    /// Returns the orientation in which the array is read.
    pub const fn orientation(&self) -> Orientation {
        self.orientation
    }

    /// Returns the Bayer order of the image.
    pub const fn bayer_order(&self) -> BayerOrder {
        self.orientation.bayer_order()
    }

    /// Returns the value for black, in units of the output depth, rounded down.
    pub fn black_level(&self) -> u32 {
        u32::from(self.black_level.at(self.readout.depth()))
    }

    /// Returns the value for black, on the scale of 12 bits.
    pub(crate) const fn black_level_code(&self) -> u16 {
        self.black_level.code()
    }

    /// Returns whether the sensor corrects defective pixels.
    pub const fn defect_correction(&self) -> bool {
        self.defect_correction
    }

    /// Returns the source of frame starts.
    pub const fn synchronisation(&self) -> Synchronisation {
        self.synchronisation
    }

    /// Returns the pulse for a flash.
    pub const fn strobe(&self) -> Strobe {
        self.strobe
    }

    /// Returns whether the sensor is to listen to the second address, shared by several sensors.
    pub const fn broadcast(&self) -> bool {
        self.broadcast
    }

    /// Returns line length, frame length and pixel rate.
    pub fn timing(&self) -> Timing {
        Timing {
            pixel_rate: self.pixel_rate(),
            line_length: self.line_length,
            frame_length: self.frame_length,
        }
    }

    /// Returns the `index`th enumerated frame interval of this readout, in seconds, the shortest
    /// first, or `None` past the last.
    pub fn offered_frame_interval(&self, index: usize) -> Option<Interval> {
        interval::offered(self.part, &self.readout, &self.link, index)
    }

    /// Returns the frame interval in seconds.
    pub fn frame_interval(&self) -> Interval {
        self.timing().frame_interval()
    }

    /// Returns the pixel rate in Hz; line lengths count its clocks.
    pub fn pixel_rate(&self) -> u64 {
        self.link.tree().pixel_rate()
    }

    /// Returns the link frequency in Hz.
    pub fn link_freq(&self) -> u64 {
        self.link.tree().link_freq()
    }

    /// Returns the vertical blanking in lines.
    pub fn vertical_blanking(&self) -> u32 {
        self.frame_length.saturating_sub(self.height())
    }

    /// Returns the horizontal blanking in pixel clocks.
    pub fn horizontal_blanking(&self) -> u32 {
        self.line_length.saturating_sub(self.width())
    }
}
