// SPDX-License-Identifier: GPL-2.0-only

//! The limits of each setting, by the sensor and by the rest of a configuration.

use super::{
    Config,
    Limits, //
};
use crate::sensor::{
    arithmetic::up_to_multiple,
    clock::Inck,
    part::{
        Depth,
        Part, //
        ACTIVE,
        EXPOSURE_MARGIN,
        LINE_LENGTH_MAX,
        LINE_LENGTH_STEP,
    },
    readout::{
        Readout, //
        OUTPUT_MIN,
    },
    setting::{
        black_level::BlackLevel,
        gain::{
            AnalogueGain,
            DigitalGain, //
        },
        strobe::Strobe,
        sync::Synchronisation,
        test_pattern::{
            TestColours,
            TestPattern, //
        }, //
    },
    timing::{
        self,
        interval,
        long, //
    }, //
};

/// Default exposure in lines (mainline imx412.c).
pub(super) const EXPOSURE_DEFAULT: u32 = 0x0648;

impl Config {
    /// Returns the limits in lines, up to the frame length less [`EXPOSURE_MARGIN`].
    pub(super) fn exposure_limits(&self) -> Limits {
        let shifts = self.part.shifts;
        let longest = self.frame_length.saturating_sub(EXPOSURE_MARGIN);
        let step = long::exposure_step(shifts, self.frame_length, 0);
        let min = up_to_multiple(self.part.timing.exposure_min, step);
        let max = long::exposure_at_most(shifts, self.frame_length, longest).max(min);
        Limits::new(min, max, EXPOSURE_DEFAULT.max(min).min(max))
    }

    /// Returns the limits in lines, from the shortest frame of the readout on.
    pub(super) fn vertical_blanking_limits(&self) -> Limits {
        let height = self.height();
        let default = interval::default(self.part, &self.readout, &self.link);
        Limits::new(
            timing::frame_length_floor(self.part, &self.readout).saturating_sub(height),
            long::LINES_MAX.saturating_sub(height),
            default.frame.saturating_sub(height),
        )
    }

    /// Returns the limits in pixel clocks, from the shortest line of the readout on this link on,
    /// which is the default.
    pub(super) fn horizontal_blanking_limits(&self) -> Limits {
        let width = self.width();
        let line = timing::line_length_min(self.part, &self.readout, &self.link);
        let min = line.saturating_sub(width);
        Limits {
            min,
            max: LINE_LENGTH_MAX.saturating_sub(width),
            step: LINE_LENGTH_STEP,
            default: min,
        }
    }
}

/// Returns the limits in lines, of all frames.
pub(super) fn widest_exposure(part: &Part) -> Limits {
    Limits::new(
        part.timing.exposure_min,
        long::at_most(long::LINES_MAX.saturating_sub(EXPOSURE_MARGIN)),
        EXPOSURE_DEFAULT,
    )
}

/// Returns the limits in lines, of all readouts.
pub(super) fn widest_vertical_blanking(part: &Part) -> Limits {
    let min = part.timing.vertical_blanking_min;
    let max = long::LINES_MAX.saturating_sub(OUTPUT_MIN.height.into());
    Limits::new(min, max, min)
}

/// Returns the limits in pixel clocks, of all readouts and links.
pub(super) fn widest_horizontal_blanking(part: &Part) -> Limits {
    // The widest image leaves the least of a line, and the converters are at their fastest for it.
    let full = timing::line_of_converters(part, &Readout::full_frame(Depth::Ten));
    let min = full.saturating_sub(ACTIVE.size.width.into());
    Limits {
        min,
        max: LINE_LENGTH_MAX.saturating_sub(OUTPUT_MIN.width.into()),
        // Lines come in steps of four, images in steps of two.
        step: 2,
        default: min,
    }
}

/// Returns the limits of the gain code.
pub(super) fn analogue_gains(part: &Part) -> Limits {
    let min = AnalogueGain::MIN.code().into();
    Limits::new(min, part.gains.analogue_max.into(), min)
}

/// Returns the limits of the gain code.
pub(super) fn digital_gains(part: &Part) -> Limits {
    let min = DigitalGain::MIN.code().into();
    Limits::new(min, part.gains.digital_max.into(), min)
}

/// Returns the values of a component of the solid test pattern.
pub(super) const fn test_colours() -> Limits {
    let max = TestColours::MAX as u32;
    Limits::new(0, max, max)
}

/// Returns the codes of [`Synchronisation`].
pub(super) const fn synchronisations() -> Limits {
    let standalone = Synchronisation::Standalone.code();
    Limits::new(standalone, Synchronisation::Sink.code(), standalone)
}

/// Returns the widths of a pulse in microseconds with this INCK.
pub(super) fn strobe_durations(inck: Inck) -> Limits {
    Limits::new(1, Strobe::duration_max(inck), Strobe::DEFAULT.duration_us)
}

/// Returns the limits of the delay of a pulse, in lines.
pub(super) fn strobe_delays() -> Limits {
    Limits::new(0, u16::MAX.into(), Strobe::DEFAULT.delay_lines.into())
}

/// Returns the black levels at one depth, with the default at another.
pub(super) fn black_levels(depth: Depth, default: Depth) -> Limits {
    let max = BlackLevel::MAX.at(depth).into();
    Limits::new(0, max, BlackLevel::DEFAULT.at(default).into())
}

/// Returns the codes of [`TestPattern`].
pub(super) fn test_patterns() -> Limits {
    let off = TestPattern::Off.code().into();
    Limits::new(off, TestPattern::Pn9.code().into(), off)
}
