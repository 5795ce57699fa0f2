// SPDX-License-Identifier: GPL-2.0-only

//! V4L2 controls as changes of the configuration, and the configuration as control values.

mod table;

use self::table::{
    rows,
    Row, //
};
use super::{
    sensor::Sensor,
    subdev::{
        Imx412,
        SOURCE, //
    }, //
};
use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::{
            ctrls::{
                Builder,
                Controls,
                Id,
                Locked,
                Name,
                Range, //
            },
            fwnode::Mounting,
            subdev::state::State, //
        }, //
    },
    sensor::{
        readout::{
            self,
            modes, //
        },
        setting::temperature,
        Board,
        Config,
        Kind, //
    }, //
};
use kernel::prelude::*;

const LINK_FREQ: Name = Name::standard(bindings::V4L2_CID_LINK_FREQ);
const SENSOR_MODE: Name = Name::private(bindings::V4L2_CID_FSM_IMX412_SENSOR_MODE, c"Sensor Mode");
const TEMPERATURE: Name = Name::private(
    bindings::V4L2_CID_FSM_IMX412_TEMPERATURE,
    c"Sensor Temperature",
);
const PIXEL_RATE: Id = Id(bindings::V4L2_CID_PIXEL_RATE);

/// Pitch of the photosites in nm (Sony's public brief of the IMX477 family: 1.55 um).
const UNIT_CELL_NM: u32 = 1550;

/// Adds all controls, with the values of `config`. A sensor that is `grouped` gets one more.
pub(super) fn add(
    add: &mut Builder<'_>,
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

/// What the thermometer can tell. Before it is asked, V4L2 takes it to be at 0.
fn temperatures() -> Range {
    Range {
        min: temperature::MIN.into(),
        max: temperature::MAX.into(),
        step: 1,
        default: 0,
    }
}

/// The number of the mode that `config` is in.
fn mode_of(config: &Config, board: &Board) -> Result<u32> {
    let number = modes::mode_of(config.readout()).unwrap_or(custom_mode(board));

    Ok(number.try_into()?)
}

/// The number of what is no mode.
///
/// It is the last one, so that whoever goes through the whole menu, as v4l2-compliance does, ends with
/// the format that was there before, and with the ranges that belong to it.
fn custom_mode(board: &Board) -> usize {
    modes::names(board.part()).len()
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

/// `config` with what `controls` ask for among `rows`.
///
/// The order in which an application names them makes no difference: what limits others comes first,
/// and each number is cut to what the whole change allows.
fn requested(
    config: &Config,
    rows: impl Iterator<Item = Row>,
    controls: &Locked<'_>,
) -> Result<Config> {
    let mut next = *config;

    for row in rows {
        if let Some(value) = controls.asked(row.name.id())? {
            let value = row.nearest(&next, value)?;

            next = next.with(row.setting.to(value)).map_err(|_| EINVAL)?;
        }
    }
    Ok(next)
}

/// Tells applications the values and limits of `config`.
pub(super) fn publish(config: &Config, board: &Board, controls: &Locked<'_>) -> Result {
    for row in rows(false) {
        // What a menu or a switch is depends on nothing else.
        if let Some(range) = row.range(config) {
            controls.publish(row.name.id(), range, config.get(row.setting).into())?;
        }
    }
    controls.publish_value(SENSOR_MODE.id(), mode_of(config, board)?.into())?;
    controls.publish(
        PIXEL_RATE,
        pixel_rates(board)?,
        i64::try_from(config.pixel_rate())?,
    )
}

/// Keeps applications from changing what needs the sensor in standby, or lets them again.
pub(super) fn grab(sensor: &Imx412, controls: &Locked<'_>, streaming: bool) -> Result {
    controls.grab(LINK_FREQ.id(), streaming)?;
    controls.grab(SENSOR_MODE.id(), streaming)?;
    for row in sensor.rows().filter(|row| !row.setting.is_live()) {
        controls.grab(row.name.id(), streaming)?;
    }
    Ok(())
}

impl Imx412 {
    fn rows(&self) -> impl Iterator<Item = Row> {
        rows(self.place.is_some())
    }

    /// What `controls` ask for, starting from what `sensor` is to do.
    fn requested(&self, sensor: &Sensor, controls: &Locked<'_>) -> Result<Config> {
        let mut next = *sensor.config();

        if let Some(index) = controls.asked(LINK_FREQ.id())? {
            next = next
                .with_link(&self.board, usize::try_from(index)?)
                .map_err(|_| EINVAL)?;
        }
        if let Some(mode) = controls.asked(SENSOR_MODE.id())? {
            let mode = modes::mode_readout(self.board.part(), usize::try_from(mode)?);

            next = next.with_readout(mode.unwrap_or(sensor.custom().readout));
        }
        requested(&next, self.rows(), controls)
    }

    /// Goes from `config` to `next`, with the other members of the group if it is of one.
    fn change(&self, config: &Config, next: Config, controls: &Locked<'_>) -> Result {
        if self.shares(&next) {
            let activity = self.sensor.lock().activity();

            return self.configure_all(controls, (next, activity), |other, activity| {
                let shared = rows(false).filter(|row| row.setting.is_live());

                Ok((requested(other, shared, controls)?, activity))
            });
        }

        self.sensor.lock().configure(next)?;
        if self.shares(config) {
            // The others may have waited for this one alone, which has left even if they do not start.
            self.start_others(controls);
        }
        Ok(())
    }
}

impl Controls for Imx412 {
    fn try_controls(&self, controls: &Locked<'_>) -> Result {
        let next = self.requested(&self.sensor.lock(), controls)?;

        for row in self.rows() {
            controls.adjust(row.name.id(), next.get(row.setting).into())?;
        }
        controls.adjust(SENSOR_MODE.id(), mode_of(&next, &self.board)?.into())
    }

    fn set_controls(&self, state: &mut State, controls: &Locked<'_>) -> Result {
        let (config, custom, next) = {
            let sensor = self.sensor.lock();

            (
                *sensor.config(),
                *sensor.custom(),
                self.requested(&sensor, controls)?,
            )
        };

        self.change(&config, next, controls)?;
        if next.readout() != config.readout() {
            // A mode is the same as the format of its size when no crop was requested.
            let crop = if *next.readout() == custom.readout {
                custom.crop
            } else {
                readout::ACTIVE
            };

            state.set_compose(SOURCE, crop.into())?;
        }
        self.store(state, next.readout(), next.bayer_order())?;
        publish(&next, &self.board, controls)
    }

    fn volatile_value(&self, id: Id) -> Result<i32> {
        if id == TEMPERATURE.id() {
            self.temperature()
        } else {
            Err(EINVAL)
        }
    }
}
