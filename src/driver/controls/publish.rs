// SPDX-License-Identifier: GPL-2.0-only

//! The configuration as control values and ranges.

use super::table::{
    self,
    rows, //
};
use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::{
            ctrls::{
                Builder,
                Locked,
                Name,
                Range, //
            },
            fwnode::Mounting, //
        }, //
    },
    sensor::{
        readout::modes,
        setting::temperature,
        Board,
        Config, //
    }, //
};
use kernel::prelude::*;

pub(super) const LINK_FREQ: Name = Name::standard(bindings::V4L2_CID_LINK_FREQ);
pub(super) const SENSOR_MODE: Name =
    Name::private(bindings::V4L2_CID_FSM_IMX412_SENSOR_MODE, c"Sensor Mode");
pub(super) const TEMPERATURE: Name = Name::private(
    bindings::V4L2_CID_FSM_IMX412_TEMPERATURE,
    c"Sensor Temperature",
);
const PIXEL_RATE: Name = Name::standard(bindings::V4L2_CID_PIXEL_RATE);

/// Pitch of the photosites in nm (Sony's public brief of the IMX477 family: 1.55 um).
const UNIT_CELL_NM: u32 = 1550;

/// Adds all controls, with the values of `config`; with `grouped`, also the broadcast control.
#[inline(never)]
pub(in crate::driver) fn add(
    add: &mut Builder<'_>,
    config: &Config,
    board: &Board,
    mounting: &Mounting,
    grouped: bool,
) -> Result {
    // The writable ones.
    add.cluster(|add| {
        for row in rows(grouped) {
            let value = config.get(row.setting);

            match row.range(config) {
                Some(range) => add.uncut_integer(row.name(), &range)?,
                None if row.items().is_empty() => add.boolean(row.name(), value != 0)?,
                None => add.menu(row.name(), row.items(), 0, value)?,
            }
            if row.setting.modifies_layout() {
                add.modifies_layout()?;
            }
        }

        let mut link_freqs = KVec::with_capacity(Board::MAX_LINKS, GFP_KERNEL)?;
        for tree in board.trees() {
            link_freqs.push_within_capacity(i64::try_from(tree.link_freq())?)?;
        }
        add.integer_menu(LINK_FREQ, link_freqs, 0)?;

        // Modes count from 1.
        add.menu(
            SENSOR_MODE,
            table::modes(board.part()),
            1,
            mode_of(config, board)?,
        )?;
        add.modifies_layout()
    })?;
    add.volatile(TEMPERATURE, &TEMPERATURES)?;
    add.read_only(PIXEL_RATE, &pixel_rates(board)?)?;
    add.unit_cell_size(UNIT_CELL_NM, UNIT_CELL_NM)?;
    add.mounting(mounting)
}

/// Range of the thermometer in degrees Celsius. The default, 0, is the value before the first
/// measurement.
const TEMPERATURES: Range = Range {
    min: temperature::MIN as i64,
    max: temperature::MAX as i64,
    step: 1,
    default: 0,
};

/// Returns the index in the menu of the mode that `config` matches.
pub(super) fn mode_of(config: &Config, board: &Board) -> Result<u32> {
    let number = modes::mode_of(config.readout()).unwrap_or(custom_mode(board));

    Ok(number.try_into()?)
}

/// Returns the index of the menu item for readouts that are not a mode.
///
/// It is the last item, so that setting all items one by one, as v4l2-compliance does, ends with
/// the original format and ranges.
fn custom_mode(board: &Board) -> usize {
    modes::count(board.part()).saturating_add(1)
}

/// Returns the range of the pixel rates of all links, in Hz. It does not depend on the current
/// link, as applications, v4l2-compliance among them, assume ranges to be constant.
fn pixel_rates(board: &Board) -> Result<Range> {
    let default = board.default_link().tree().pixel_rate();
    let (mut min, mut max) = (default, default);

    for tree in board.trees() {
        let rate = tree.pixel_rate();

        (min, max) = (min.min(rate), max.max(rate));
    }
    Ok(Range {
        min: i64::try_from(min)?,
        max: i64::try_from(max)?,
        step: 1,
        default: i64::try_from(default)?,
    })
}

/// Updates values and ranges of the controls from those of `before` to those of `config`.
pub(in crate::driver) fn publish(
    before: &Config,
    config: &Config,
    board: &Board,
    controls: &Locked<'_>,
) -> Result {
    let limits_stay = config.is_paced_as(before);

    for row in rows(false) {
        if limits_stay && config.get(row.setting) == before.get(row.setting) {
            continue;
        }

        let value = config.get(row.setting).into();

        match row.range(config) {
            Some(range) => controls.publish(row.id, &range, value)?,
            None => controls.publish_value(row.id, value)?,
        }
    }
    if limits_stay {
        return Ok(());
    }
    controls.publish_value(SENSOR_MODE.id(), mode_of(config, board)?.into())?;
    controls.publish(
        PIXEL_RATE.id(),
        &pixel_rates(board)?,
        i64::try_from(config.pixel_rate())?,
    )
}

/// Grabs or releases the controls that can only be set in standby; with `grouped`, also the
/// broadcast control.
pub(in crate::driver) fn grab(grouped: bool, controls: &Locked<'_>, grabbed: bool) {
    controls.grab(LINK_FREQ.id(), grabbed);
    controls.grab(SENSOR_MODE.id(), grabbed);
    for row in rows(grouped).iter().filter(|row| !row.setting.is_live()) {
        controls.grab(row.id, grabbed);
    }
}
