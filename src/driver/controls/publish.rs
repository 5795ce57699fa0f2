// SPDX-License-Identifier: GPL-2.0-only

//! The configuration as control values and ranges.

use super::table::rows;
use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::{
            ctrls::{
                cluster::Builder,
                Id,
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
        Config,
        Kind, //
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
const PIXEL_RATE: Id = Id(bindings::V4L2_CID_PIXEL_RATE);

/// Pitch of the photosites in nm (Sony's public brief of the IMX477 family: 1.55 um).
const UNIT_CELL_NM: u32 = 1550;

/// Adds all controls, with the values of `config`; with `grouped`, also the broadcast control.
#[inline(never)]
pub(in crate::driver) fn add(
    add: &mut Builder<'_, '_>,
    config: &Config,
    board: &Board,
    mounting: &Mounting,
    grouped: bool,
) -> Result {
    for row in rows(grouped) {
        let value = config.get(row.setting);

        match row.setting.kind() {
            Kind::Number | Kind::Level => {
                add.integer(row.name, row.range(config).ok_or(EINVAL)?)?;
            }
            Kind::Switch => add.boolean(row.name, value != 0)?,
            Kind::Menu(items) => add.menu(row.name, items.iter().copied(), value)?,
        }
        if row.setting.modifies_layout() {
            add.modifies_layout(row.name.id())?;
        }
    }

    let modes = modes::names(board.part()).iter().copied();
    add.menu(
        SENSOR_MODE,
        // Initialisers have a method of this name, too.
        Iterator::chain(modes, [c"Custom"]),
        mode_of(config, board)?,
    )?;
    add.modifies_layout(SENSOR_MODE.id())?;
    add.volatile(TEMPERATURE, temperatures())?;

    let mut link_freqs = KVec::new();
    for link in board.links() {
        link_freqs.push(i64::try_from(link.tree().link_freq())?, GFP_KERNEL)?;
    }
    add.integer_menu(LINK_FREQ, link_freqs, 0)?;
    add.read_only(PIXEL_RATE, pixel_rates(board)?)?;
    add.unit_cell_size(UNIT_CELL_NM, UNIT_CELL_NM)?;
    add.mounting(mounting)
}

/// Returns the range of the thermometer in degrees Celsius. The default, 0, is the value before the
/// first measurement.
fn temperatures() -> Range {
    Range {
        min: temperature::MIN.into(),
        max: temperature::MAX.into(),
        step: 1,
        default: 0,
    }
}

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
    modes::names(board.part()).len()
}

/// Returns the range of the pixel rates of all links, in Hz. It does not depend on the current
/// link, as applications, v4l2-compliance among them, assume ranges to be constant.
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
            Some(range) => controls.publish(row.name.id(), range, value)?,
            None => controls.publish_value(row.name.id(), value)?,
        }
    }
    if limits_stay {
        return Ok(());
    }
    controls.publish_value(SENSOR_MODE.id(), mode_of(config, board)?.into())?;
    controls.publish(
        PIXEL_RATE,
        pixel_rates(board)?,
        i64::try_from(config.pixel_rate())?,
    )
}

/// Grabs or releases the controls that can only be set in standby; with `grouped`, also the
/// broadcast control.
pub(in crate::driver) fn grab(grouped: bool, controls: &Locked<'_>, grabbed: bool) -> Result {
    controls.grab(LINK_FREQ.id(), grabbed)?;
    controls.grab(SENSOR_MODE.id(), grabbed)?;
    for row in rows(grouped).filter(|row| !row.setting.is_live()) {
        controls.grab(row.name.id(), grabbed)?;
    }
    Ok(())
}
