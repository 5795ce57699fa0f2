// SPDX-License-Identifier: GPL-2.0-only

//! How a sensor comes back: after a failure of the bus, a loss of its registers, or a frame that takes too long.

use super::Sensor;
use crate::{
    kernel_ext::delay,
    sensor::{
        regs,
        wire::witness::{
            witnesses,
            Run, //
        },
        Activity,
        Config,
        Cursor, //
    }, //
};
use kernel::{
    prelude::*,
    time::Delta, //
};

/// From a software reset until the part answers and may stream: as from XCLR, see `power`.
const RESET_TIME: Delta = Delta::from_millis(10);

/// How often to try to take back a change that failed: a bus that failed once may do so again.
const UNDO_TRIES: u32 = 3;

impl Sensor {
    /// Ends whatever the sensor does, when the bus has failed, the sensor has lost its registers or a
    /// frame takes too long: what comes next begins from cold. One that is to stay powered is reset, and
    /// loses its power only if that fails.
    pub(super) fn cut_off(&mut self, config: &Config) {
        if self.always_on {
            let parked = self
                .reset()
                .and_then(|()| self.bring(config, Activity::Standby));

            if parked.is_ok() {
                return;
            }
        }
        self.cut_power();
        if self.always_on {
            // As good as it gets: the failure that led here is reported, and a start tries again.
            let _ = self.power_on(config);
        }
    }

    /// Puts a sensor back to where it waits for others, after a start with them that failed: what was
    /// written may have arrived.
    pub(super) fn rearm(&mut self, config: &Config) -> Result {
        let rearmed = self.bring(config, Activity::Armed);

        if rearmed.is_ok() && self.await_frame_end() {
            return Ok(());
        }
        self.cut_off(config);
        self.recover(config)
    }

    /// Brings a sensor that was cut off to where it waits for others.
    pub(in crate::driver) fn recover(&mut self, config: &Config) -> Result {
        self.reprogram(config)?;
        self.start(config, Activity::Armed)
    }

    /// Takes back what may have arrived of a live change that failed. Needs no memory.
    ///
    /// Returns whether the sensor does what it did before.
    pub(super) fn undo(&mut self, config: &Config) -> bool {
        if self.activity != Activity::Streaming {
            // What has arrived is forgotten, and written again by the start.
            return true;
        }
        self.compose(config, Activity::Streaming);
        (0..UNDO_TRIES).any(|_| self.send(Cursor::undo()).is_ok())
    }

    /// Returns whether the sensor still holds what was written to it, as far as a few registers show.
    pub(super) fn has_kept_registers(&self) -> bool {
        self.known.is_fresh()
            || witnesses(&self.known)
                .iter()
                .all(|run| self.agrees(run).unwrap_or(false))
    }

    fn agrees(&self, run: &Run) -> Result<bool> {
        let mut bytes = [0; Run::MAX];
        let bytes = bytes.get_mut(..run.bytes).ok_or(EINVAL)?;

        self.bus()?.read(run.address, bytes)?;
        Ok(self.known.agrees(run.address, bytes))
    }

    /// Resets the sensor, which ends whatever it does.
    pub(super) fn reset(&mut self) -> Result {
        let bus = self.bus()?;

        // What a reset does to a frame on its way is undocumented.
        bus.write_u8(&regs::MODE_SEL, 0)?;
        bus.write_u8(&regs::SW_RESET, 1)?;
        delay::sleep(RESET_TIME);
        self.forget();
        Ok(())
    }
}
