// SPDX-License-Identifier: GPL-2.0-only

//! V4L2 controls as changes of the configuration, and the configuration as control values.

use super::subdev::Imx412;
use crate::{
    kernel_ext::{
        bindings,
        v4l2_ctrls::{Builder, Controls, Id, Locked, Range},
        v4l2_fwnode::Mounting,
    },
    sensor::{Board, Channel, Config, ControlChange, Limits},
};
use kernel::prelude::*;

pub(super) const LINK_FREQ: Id = Id(bindings::V4L2_CID_LINK_FREQ);
const PIXEL_RATE: Id = Id(bindings::V4L2_CID_PIXEL_RATE);
const TEST_PATTERN: Id = Id(bindings::V4L2_CID_TEST_PATTERN);

/// Pitch of the photosites in nm (Sony's public brief of the IMX477 family: 1.55 um).
const UNIT_CELL_NM: u32 = 1550;

/// Test patterns by the values of the register, named as in mainline's imx219.c and imx477 drivers.
const TEST_PATTERNS: [&CStr; 5] = [
    c"Disabled",
    c"Solid Color",
    c"100% Color Bars",
    c"Fade To Grey Color Bars",
    c"PN9",
];

/// A control whose value is part of the configuration.
struct Row {
    id: Id,
    limits: fn(&Config) -> Limits,
    value: fn(&Config) -> u32,
    change: fn(u32) -> ControlChange,
}

/// One component of the solid test pattern.
const fn colour_row(id: u32, value: fn(&Config) -> u32, change: fn(u32) -> ControlChange) -> Row {
    Row {
        id: Id(id),
        limits: |_| Config::test_colour_limits(),
        value,
        change,
    }
}

/// All such controls, each behind those that limit it.
const ROWS: [Row; 10] = [
    Row {
        id: Id(bindings::V4L2_CID_HBLANK),
        limits: Config::horizontal_blanking_limits,
        value: Config::horizontal_blanking,
        change: ControlChange::HorizontalBlanking,
    },
    Row {
        id: Id(bindings::V4L2_CID_VBLANK),
        limits: Config::vertical_blanking_limits,
        value: Config::vertical_blanking,
        change: ControlChange::VerticalBlanking,
    },
    Row {
        id: Id(bindings::V4L2_CID_EXPOSURE),
        limits: Config::exposure_limits,
        value: Config::exposure,
        change: ControlChange::Exposure,
    },
    Row {
        id: Id(bindings::V4L2_CID_ANALOGUE_GAIN),
        limits: |_| Config::analogue_gain_limits(),
        value: |config| u32::from(config.analogue_gain().code()),
        change: ControlChange::AnalogueGain,
    },
    Row {
        id: Id(bindings::V4L2_CID_DIGITAL_GAIN),
        limits: |_| Config::digital_gain_limits(),
        value: |config| u32::from(config.digital_gain().code()),
        change: ControlChange::DigitalGain,
    },
    Row {
        id: TEST_PATTERN,
        limits: |_| Config::test_pattern_limits(),
        value: |config| u32::from(config.test_pattern().code()),
        change: ControlChange::TestPattern,
    },
    colour_row(
        bindings::V4L2_CID_TEST_PATTERN_RED,
        |config| u32::from(config.test_colours().get(Channel::Red)),
        |value| ControlChange::TestColour(Channel::Red, value),
    ),
    colour_row(
        bindings::V4L2_CID_TEST_PATTERN_GREENR,
        |config| u32::from(config.test_colours().get(Channel::GreenRed)),
        |value| ControlChange::TestColour(Channel::GreenRed, value),
    ),
    colour_row(
        bindings::V4L2_CID_TEST_PATTERN_BLUE,
        |config| u32::from(config.test_colours().get(Channel::Blue)),
        |value| ControlChange::TestColour(Channel::Blue, value),
    ),
    colour_row(
        bindings::V4L2_CID_TEST_PATTERN_GREENB,
        |config| u32::from(config.test_colours().get(Channel::GreenBlue)),
        |value| ControlChange::TestColour(Channel::GreenBlue, value),
    ),
];

impl From<Limits> for Range {
    fn from(limits: Limits) -> Self {
        Self {
            min: limits.min.into(),
            max: limits.max.into(),
            step: limits.step.into(),
            default: limits.default.into(),
        }
    }
}

/// Adds all controls, with the values of `config`.
pub(super) fn add(
    add: &mut Builder<'_>,
    config: &Config,
    board: &Board,
    mounting: &Mounting,
) -> Result {
    for row in &ROWS {
        let limits = (row.limits)(config);

        if row.id == TEST_PATTERN {
            add.menu(row.id, &TEST_PATTERNS, u8::try_from(limits.default)?)?;
        } else {
            add.integer(row.id, limits.into())?;
        }
    }

    let mut link_freqs = KVec::new();
    for link in board.links() {
        link_freqs.push(i64::try_from(link.tree().link_freq())?, GFP_KERNEL)?;
    }
    add.integer_menu(LINK_FREQ, link_freqs, 0)?;
    add.read_only(
        PIXEL_RATE,
        Range::fixed(i64::try_from(config.pixel_rate())?),
    )?;
    add.unit_cell_size(UNIT_CELL_NM, UNIT_CELL_NM)?;
    add.mounting(mounting)
}

/// What `controls` ask for, starting from `config`. What a change pushes out of range is clamped, as
/// V4L2 does it with what an application asks for.
fn requested(config: &Config, board: &Board, controls: &Locked<'_>) -> Result<Config> {
    let mut next = *config;

    if let Some(index) = controls.changed_value(LINK_FREQ)? {
        next = next
            .with_link(board, usize::try_from(index)?)
            .map_err(|_| EINVAL)?;
    }
    for row in &ROWS {
        if let Some(value) = controls.changed_value(row.id)? {
            let limits = (row.limits)(&next);
            let value = u32::try_from(value)?.clamp(limits.min, limits.max);

            next = next.with((row.change)(value)).map_err(|_| EINVAL)?;
        }
    }
    Ok(next)
}

/// Tells applications the values and limits of `config`.
pub(super) fn publish(config: &Config, controls: &Locked<'_>) -> Result {
    for row in &ROWS {
        controls.publish(
            row.id,
            (row.limits)(config).into(),
            (row.value)(config).into(),
        )?;
    }
    let pixel_rate = i64::try_from(config.pixel_rate())?;

    controls.publish(PIXEL_RATE, Range::fixed(pixel_rate), pixel_rate)
}

impl Controls for Imx412 {
    fn try_controls(&self, controls: &Locked<'_>) -> Result {
        let next = requested(self.sensor.lock().config(), &self.board, controls)?;

        for row in &ROWS {
            controls.adjust(row.id, (row.value)(&next).into())?;
        }
        Ok(())
    }

    fn set_controls(&self, controls: &Locked<'_>) -> Result {
        let next = {
            let mut sensor = self.sensor.lock();
            let next = requested(sensor.config(), &self.board, controls)?;

            sensor.configure(next)?;
            next
        };
        publish(&next, controls)
    }
}
