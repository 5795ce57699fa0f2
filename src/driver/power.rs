// SPDX-License-Identifier: GPL-2.0-only

//! Power sequence of supplies, INCK and XCLR.

use crate::{
    dev_err_probe,
    kernel_ext::{
        delay,
        gpio::consumer::Output,
        regulator_bulk::Supplies, //
    }, //
};
use kernel::{
    clk::Clk,
    device::Device,
    prelude::*,
    time::{
        delay::udelay,
        Delta, //
    }, //
};

/// Time from XCLR high to the first register access and stream.
///
/// Raspberry Pi's imx477.c has 0.6 ms to the first access and 8 ms to the first stream; mainline's
/// imx412.c waits 10 ms, which some modules need.
const SETTLING_TIME: Delta = Delta::from_millis(10);

/// Time from INCK running to XCLR high. FRAMOS' driver waits 1 us, mainline's imx412.c does not
/// wait.
const CLOCK_LEAD: Delta = Delta::from_micros(5);

/// Stage of the power sequence. Powering down passes the stages in reverse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Stage {
    Off,
    Supplied,
    Clocked,
    Running,
}

/// State of the registers after powering up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    /// Unchanged: the sensor was powered already.
    Kept,
    /// Reset values.
    Reset,
    /// Arbitrary: another device may have kept the sensor supplied and out of reset.
    Unknown,
}

/// The power supply of one sensor: off until [`Power::on`], and after the drop.
pub(super) struct Power {
    supplies: Supplies<3>,
    inck: Clk,
    // Active while the sensor is in reset: XCLR is low.
    reset: Option<Output>,
    stage: Stage,
}

impl Power {
    /// Gets the supplies and the reset line, and puts the sensor in reset. Reports errors.
    pub(super) fn get(dev: &Device, inck: Clk) -> Result<Self> {
        let reset = Output::get_optional_active(dev, c"reset")
            .map_err(|e| dev_err_probe!(dev, e, "reset-gpios: cannot get the XCLR line\n"))?;
        // Raspberry Pi's tree has other names, which are used if one of them is present.
        let names = [c"VDDL", c"VANA", c"VDIG"];
        let properties = [c"VDDL-supply", c"VANA-supply", c"VDIG-supply"];
        let has_own_names = dev.fwnode().is_some_and(|node| {
            let mut properties = properties.into_iter();
            properties.any(|name| node.property_present(name))
        });
        let names = if has_own_names {
            names
        } else {
            [c"dovdd", c"avdd", c"dvdd"]
        };
        let supplies = Supplies::get(dev, names).map_err(|e| {
            dev_err_probe!(
                dev,
                e,
                "cannot get dovdd-supply, avdd-supply and dvdd-supply, or VDDL-, VANA- and VDIG-supply\n"
            )
        })?;

        Ok(Self {
            supplies,
            inck,
            reset,
            stage: Stage::Off,
        })
    }

    /// Powers the sensor up and waits until it is ready. It is off if that fails.
    ///
    /// Returns the state of its registers.
    pub(super) fn on(&mut self) -> Result<Contents> {
        if self.stage == Stage::Running {
            return Ok(Contents::Kept);
        }
        let result = self.ascend();

        if result.is_err() {
            self.off();
        }
        result.map(|()| self.contents())
    }

    /// Returns the state of the registers after powering up.
    ///
    /// Only a reset line that this driver controls exclusively ensures reset values: supplies may
    /// be shared with other devices, or always on.
    fn contents(&self) -> Contents {
        match &self.reset {
            Some(reset) if !reset.is_shared() => Contents::Reset,
            _ => Contents::Unknown,
        }
    }

    fn ascend(&mut self) -> Result {
        self.supplies.enable()?;
        self.stage = Stage::Supplied;

        self.inck.prepare_enable()?;
        self.stage = Stage::Clocked;
        // Too short to sleep: that takes longer than the delay.
        udelay(CLOCK_LEAD);

        self.set_reset(false)?;
        self.stage = Stage::Running;
        delay::sleep(SETTLING_TIME);
        Ok(())
    }

    /// Powers the sensor down, as far as the board allows.
    pub(super) fn off(&mut self) {
        // Failures are reported by the subsystems. The sequence continues regardless, and the next
        // power cycle tries again.
        if self.stage >= Stage::Clocked {
            let _ = self.set_reset(true);
            self.inck.disable_unprepare();
        }
        if self.stage >= Stage::Supplied {
            let _ = self.supplies.disable();
        }
        self.stage = Stage::Off;
    }

    fn set_reset(&self, active: bool) -> Result {
        self.reset
            .as_ref()
            .map_or(Ok(()), |reset| reset.set(active))
    }
}

impl Drop for Power {
    fn drop(&mut self) {
        self.off();
    }
}
