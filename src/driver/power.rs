// SPDX-License-Identifier: GPL-2.0-only

//! Supplies, INCK and XCLR, in the order that the part wants.

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
    time::Delta, //
};

/// From XCLR high until the part answers and may stream.
///
/// 0.6 ms to the first access and 8 ms to the first stream (Raspberry Pi's imx477.c); mainline's
/// imx412.c found modules that need 10 ms.
const SETTLING_TIME: Delta = Delta::from_millis(10);

/// How long INCK runs before XCLR is released: mainline's imx412.c waits for neither, FRAMOS' driver
/// 1 us.
const CLOCK_LEAD: Delta = Delta::from_micros(5);

/// How far up the part is. Going down passes the same stages backwards.
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
    /// Everything: it was up already.
    Kept,
    /// Nothing: it comes out of reset.
    Reset,
    /// Anything: others may have kept it supplied and out of reset.
    Unknown,
}

/// The power of one sensor: off until [`Power::on`], and when dropped.
pub(super) struct Power {
    supplies: Supplies<3>,
    inck: Clk,
    // Active means that the part is held in reset: XCLR is low.
    reset: Option<Output>,
    stage: Stage,
}

impl Power {
    /// Gets the supplies and the reset line; the part is held in reset at once.
    pub(super) fn get(dev: &Device, inck: Clk) -> Result<Self> {
        let reset = Output::get_optional_active(dev, c"reset")
            .map_err(|e| dev_err_probe!(dev, e, "reset-gpios: cannot get the XCLR line\n"))?;
        // Raspberry Pi's tree has names of its own, which count if one of them is there.
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

    /// Powers the part up and waits until it answers. On an error it is off.
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

    /// Supplies are no proof: boards let several devices share them, or leave them on. Nor is a reset
    /// line, unless only this driver controls it.
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
        delay::sleep(CLOCK_LEAD);

        self.set_reset(false)?;
        self.stage = Stage::Running;
        delay::sleep(SETTLING_TIME);
        Ok(())
    }

    /// Powers the part down, as far as the board lets it be.
    pub(super) fn off(&mut self) {
        // What cannot be switched is reported by its own subsystem. Going on with the rest is the
        // safest there is, and an enabled supply is tried again with the next power cycle.
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
