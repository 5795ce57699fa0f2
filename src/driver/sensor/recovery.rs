// SPDX-License-Identifier: GPL-2.0-only

//! Recovery of a sensor after an error of the bus, a loss of its registers, or during a very long
//! frame.

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
        Config, //
    }, //
};
use kernel::{
    prelude::*,
    time::Delta, //
};

/// Time from a software reset to the first access and stream: as after XCLR, see `power`.
const RESET_TIME: Delta = Delta::from_millis(10);

/// Number of attempts to undo a failed change, as the bus may fail again.
const UNDO_TRIES: u32 = 3;

impl Sensor {
    /// Stops the sensor after an error of the bus, a loss of its registers or during a very long
    /// frame; the next start begins from cold. An always-on sensor is reset, and loses its power
    /// only if that fails.
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
            // An error can be ignored: the failure that led here is reported, and the next start
            // tries again.
            let _ = self.power_on(config);
        }
    }

    /// Arms the sensor again after a failed joint start, whose writes may have reached it.
    pub(super) fn rearm(&mut self, config: &Config) -> Result {
        let rearmed = self.bring(config, Activity::Armed);

        if rearmed.is_ok() && self.await_frame_end() {
            return Ok(());
        }
        self.cut_off(config);
        self.recover(config)
    }

    /// Programs and arms the sensor after [`Sensor::cut_off`].
    pub(in crate::driver) fn recover(&mut self, config: &Config) -> Result {
        self.reprogram(config)?;
        self.start(config, Activity::Armed)
    }

    /// Undoes a failed live change, some of which may have reached the sensor. Does not allocate.
    ///
    /// Returns whether the sensor is at `config`, its previous configuration, again.
    pub(super) fn undo(&mut self, config: &Config) -> bool {
        if self.activity != Activity::Streaming {
            // The registers concerned count as unknown, and the start writes them.
            return true;
        }
        self.compose(config, Activity::Streaming);
        (0..UNDO_TRIES).any(|_| self.take_back().is_ok())
    }

    /// Writes the image, of the previous configuration, after a failed change.
    fn take_back(&mut self) -> Result {
        let bus = self.bus()?;
        let result = bus.write_each(self.image.diff(&self.known).undo(bus.limit()));

        self.acknowledge(result)
    }

    /// Returns whether the sensor still holds its registers, as far as a sample of them shows.
    pub(super) fn has_kept_registers(&self) -> bool {
        self.programmed.is_none()
            || witnesses(&self.known)
                .iter()
                .all(|run| self.agrees(run).unwrap_or(false))
    }

    fn agrees(&self, run: &Run) -> Result<bool> {
        let mut bytes = [0; Run::MAX];
        let bytes = bytes.get_mut(..run.bytes).ok_or(EINVAL)?;

        self.bus()?.read(run.register.address, bytes)?;
        Ok(self.known.agrees(&run.register, bytes))
    }

    /// Puts the sensor in standby and resets it.
    pub(super) fn reset(&mut self) -> Result {
        let bus = self.bus()?;

        // Standby first, as the effect of a reset on the current frame is undocumented.
        bus.write_u8(&regs::MODE_SEL, regs::STANDBY)?;
        bus.write_u8(&regs::SW_RESET, 1)?;
        delay::sleep(RESET_TIME);
        self.forget();
        Ok(())
    }
}
