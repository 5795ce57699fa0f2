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

/// Pitch of the photosites in nm (Sony's public brief of the IMX477 family: 1.55 um).
const UNIT_CELL_NM: u32 = 1550;

/// Test patterns by the values of the register, named as in mainline's imx219.c and imx477 drivers.
const TEST_PATTERNS: &[&CStr] = &[
    c"Disabled",
    c"Solid Color",
    c"100% Color Bars",
    c"Fade To Grey Color Bars",
    c"PN9",
];

/// How a control looks to applications.
enum Kind {
    /// A number.
    Integer,
    /// One of these, by its place.
    Menu(&'static [&'static CStr]),
}

/// A control whose value is part of the configuration.
struct Row {
    id: Id,
    kind: Kind,
    limits: fn(&Config) -> Limits,
    value: fn(&Config) -> u32,
    change: fn(u32) -> ControlChange,
}

/// One component of the solid test pattern.
const fn colour_row(id: u32, value: fn(&Config) -> u32, change: fn(u32) -> ControlChange) -> Row {
    Row {
        id: Id(id),
        kind: Kind::Integer,
        limits: |_| Config::test_colour_limits(),
        value,
        change,
    }
}

/// All such controls, each behind those that limit it.
const ROWS: [Row; 10] = [
    Row {
        id: Id(bindings::V4L2_CID_HBLANK),
        kind: Kind::Integer,
        limits: Config::horizontal_blanking_limits,
        value: Config::horizontal_blanking,
        change: ControlChange::HorizontalBlanking,
    },
    Row {
        id: Id(bindings::V4L2_CID_VBLANK),
        kind: Kind::Integer,
        limits: Config::vertical_blanking_limits,
        value: Config::vertical_blanking,
        change: ControlChange::VerticalBlanking,
    },
    Row {
        id: Id(bindings::V4L2_CID_EXPOSURE),
        kind: Kind::Integer,
        limits: Config::exposure_limits,
        value: Config::exposure,
        change: ControlChange::Exposure,
    },
    Row {
        id: Id(bindings::V4L2_CID_ANALOGUE_GAIN),
        kind: Kind::Integer,
        limits: |_| Config::analogue_gain_limits(),
        value: |config| u32::from(config.analogue_gain().code()),
        change: ControlChange::AnalogueGain,
    },
    Row {
        id: Id(bindings::V4L2_CID_DIGITAL_GAIN),
        kind: Kind::Integer,
        limits: |_| Config::digital_gain_limits(),
        value: |config| u32::from(config.digital_gain().code()),
        change: ControlChange::DigitalGain,
    },
    Row {
        id: Id(bindings::V4L2_CID_TEST_PATTERN),
        kind: Kind::Menu(TEST_PATTERNS),
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

        match row.kind {
            Kind::Integer => add.integer(row.id, limits.into())?,
            Kind::Menu(items) => add.menu(row.id, items, u8::try_from(limits.default)?)?,
        }
    }

    let mut link_freqs = KVec::new();
    for link in board.links() {
        link_freqs.push(i64::try_from(link.tree().link_freq())?, GFP_KERNEL)?;
    }
    add.integer_menu(LINK_FREQ, link_freqs, 0)?;
    add.read_only(PIXEL_RATE, pixel_rates(board)?)?;
    add.unit_cell_size(UNIT_CELL_NM, UNIT_CELL_NM)?;
    add.mounting(mounting)
}

/// The pixel rates of all links. Applications may take a range that they have read for lasting, as
/// v4l2-compliance does, so this one does not move when the link changes.
fn pixel_rates(board: &Board) -> Result<Range> {
    let rates = || board.links().map(|link| link.tree().pixel_rate());
    let default = board.default_link().tree().pixel_rate();

    Ok(Range {
        min: i64::try_from(rates().min().unwrap_or(default))?,
        max: i64::try_from(rates().max().unwrap_or(default))?,
        step: 1,
        default: i64::try_from(default)?,
    })
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
pub(super) fn publish(config: &Config, board: &Board, controls: &Locked<'_>) -> Result {
    // What a menu offers, and which of it was chosen, depends on nothing else.
    for row in ROWS.iter().filter(|row| matches!(row.kind, Kind::Integer)) {
        controls.publish(
            row.id,
            (row.limits)(config).into(),
            (row.value)(config).into(),
        )?;
    }
    controls.publish(
        PIXEL_RATE,
        pixel_rates(board)?,
        i64::try_from(config.pixel_rate())?,
    )
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
        publish(&next, &self.board, controls)
    }
}
