// SPDX-License-Identifier: GPL-2.0-only

//! V4L2 controls as changes of the configuration.

pub(super) mod publish;
pub(crate) mod table;

use self::{
    publish::{
        mode_of,
        LINK_FREQ,
        SENSOR_MODE,
        TEMPERATURE, //
    },
    table::{
        rows,
        Row, //
    }, //
};
use super::{
    device::{
        Imx412,
        Request, //
    },
    subdev::requested_crop, //
};
use crate::{
    kernel_ext::media::v4l2::{
        ctrls::{
            cluster::Controls,
            Held,
            Id,
            Locked, //
        },
        subdev::state::State, //
    },
    sensor::{
        readout::{
            self,
            modes, //
        },
        Config, //
    }, //
};
use kernel::prelude::*;

/// Changes `config` to the values that `controls` request of the settings in `rows`; with `live`
/// only of those that can be set while streaming.
///
/// The order in the application's request makes no difference: controls that limit others come
/// first in [`rows`], and each number is clamped to the range that the whole change allows.
fn take_over(config: &mut Config, rows: &[Row], live: bool, controls: &Locked<'_>) {
    for row in rows {
        if live && !row.setting.is_live() {
            continue;
        }
        if let Some(value) = controls.requested(row.id) {
            // As V4L2 itself does it, which has refused invalid values of menus and switches.
            let value = u32::try_from(value.max(0)).unwrap_or(u32::MAX);

            config.set_nearest(row.setting, value);
        }
    }
}

impl Imx412 {
    /// Changes `next`, which are the settings of `request`, to what `controls` request.
    fn take_over(&self, next: &mut Config, request: &Request, controls: &Locked<'_>) -> Result {
        if let Some(index) = controls.requested(LINK_FREQ.id()) {
            next.set_link(&self.board, usize::try_from(index)?)
                .map_err(|_| EINVAL)?;
        }
        if let Some(mode) = controls.requested(SENSOR_MODE.id()) {
            let mode = modes::mode_readout(self.board.part(), usize::try_from(mode)?);

            next.set_readout(mode.as_ref().unwrap_or(&request.custom.readout));
        }
        take_over(next, rows(self.place.is_some()), false, controls);
        Ok(())
    }
}

impl Controls for Imx412 {
    fn try_controls(&self, controls: &Locked<'_>) -> Result {
        let request = self.request();
        let config = &request.config;
        let mut next = *config;

        self.take_over(&mut next, &request, controls)?;
        for row in rows(self.place.is_some()) {
            // Those that are not set have this value already.
            controls.adjust(row.id, next.get(row.setting).into())?;
        }
        if next.readout() != config.readout() || controls.requested(SENSOR_MODE.id()).is_some() {
            controls.adjust(SENSOR_MODE.id(), mode_of(&next, &self.board)?.into())?;
        }
        Ok(())
    }

    fn set_controls(&self, state: &mut State, controls: &Locked<'_>) -> Result {
        let request = self.request();
        let mut next = request.config;

        self.take_over(&mut next, &request, controls)?;

        let follow = |other: &mut Config| take_over(other, rows(false), true, controls);

        self.apply(
            &request,
            next,
            self.shares(&next).then_some(&follow),
            controls,
        )?;
        if !next.is_paced_as(&request.config) || next.orientation() != request.config.orientation()
        {
            // A mode equals the format of its size without a requested crop.
            let crop = if next.readout() == request.config.readout() {
                requested_crop(state)?
            } else if *next.readout() == request.custom.readout {
                request.custom.crop
            } else {
                readout::ACTIVE
            };

            self.store(state, crop, &next, next.bayer_order())?;
        }
        if self.shares(&request.config) {
            // The others may have waited for this sensor, which has left the group, or for the bus
            // to recover.
            self.start_waiting(controls);
        }
        Ok(())
    }

    fn volatile_value(&self, id: Id, controls: &mut Held<'_>) -> Result<i32> {
        if id == TEMPERATURE.id() {
            // Powering up and measuring take 10 ms each, and other sensors may share the lock.
            controls.unlocked(|| self.temperature())
        } else {
            Err(EINVAL)
        }
    }
}
