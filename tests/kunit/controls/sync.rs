// SPDX-License-Identifier: GPL-2.0-only

//! Synchronisation, and a sensor that stays powered for others on its XVS.

use crate::{
    kernel_ext::{
        bindings::V4L2_CID_FSM_IMX412_SYNCHRONISATION,
        media::v4l2::ctrls::Id,
        pm_runtime, //
    },
    sensor::{
        part::IMX412,
        regs,
        Activity,
        Board,
        Config,
        Synchronisation, //
    },
    tests::fixture::{
        ensure,
        ensure_eq,
        overlay,
        Fixture, //
    },
    virtual_board::faults::{
        Fault,
        FaultKind, //
    }, //
};
use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

const SYNCHRONISATION: Id = Id(V4L2_CID_FSM_IMX412_SYNCHRONISATION);

/// Longer than the driver's autosuspend delay of one second.
const IDLE: Delta = Delta::from_millis(1500);

impl Fixture {
    /// MC_MODE, MASTER_SLAVE_SEL, XVS_IO_CTRL and EXTOUT_EN.
    fn role(&self) -> [u8; 4] {
        [
            regs::MC_MODE,
            regs::MASTER_SLAVE_SEL,
            regs::XVS_IO_CTRL,
            regs::EXTOUT_EN,
        ]
        .map(|register| self.board.register(register.address))
    }
}

/// Returns the default configuration for tests/kunit/boards/always-on-source.dtso.
fn source() -> Result<Config> {
    let mut board =
        Board::new(24_000_000, 4, &[1_050_000_000, 600_000_000], &IMX412).map_err(|_| EINVAL)?;

    board.set_synchronisation(Synchronisation::Source);
    Ok(Config::default_for(&board))
}

#[kunit_tests(imx412_controls_sync)]
mod tests {
    use super::*;

    #[test]
    fn each_role_is_set_up_and_its_outputs_are_parked() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            ensure_eq!(subdev.user_control(SYNCHRONISATION)?, 0);
            for (value, streaming, parked) in [
                (0, [0, 1, 0, 0], [0, 1, 0, 0]),
                (1, [1, 1, 1, 1], [1, 1, 0, 0]),
                (2, [1, 0, 0, 0], [1, 0, 0, 0]),
            ] {
                subdev.user_set_controls(&[(SYNCHRONISATION, value)])?;
                subdev.user_enable()?;
                ensure_eq!(fixture.role(), streaming);
                let refused = subdev.user_set_controls(&[(SYNCHRONISATION, 0)]);
                subdev.user_disable()?;
                ensure_eq!(refused, Err(EBUSY));
                ensure_eq!(fixture.role(), parked);
            }
            ensure_eq!(
                subdev.user_set_controls(&[(SYNCHRONISATION, 3)]),
                Err(ERANGE)
            );
            Ok(())
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn the_device_tree_has_the_default() -> Result {
        let fixture = Fixture::new(overlay!("sync-sink"))?;

        fixture.with_subdev(|subdev| {
            ensure_eq!(subdev.user_control(SYNCHRONISATION)?, 2);
            ensure_eq!(subdev.user_range(SYNCHRONISATION)?.default, 2);
            subdev.user_enable()?;
            ensure_eq!(fixture.role(), [1, 0, 0, 0]);
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn an_unknown_synchronisation_is_refused() -> Result {
        let fixture = Fixture::new(overlay!("sync-unknown"))?;

        ensure!(!fixture.is_bound());
        ensure!(fixture.is_powered_down()?);
        Ok(())
    }

    #[test]
    fn a_sensor_that_stays_powered_is_parked_from_probe_to_unbind() -> Result {
        let fixture = Fixture::new(overlay!("always-on-source"))?;
        let config = source()?;

        fixture.expect_program(&config, Activity::Standby)?;
        fsleep(IDLE);
        ensure!(!fixture.is_powered_down()?);
        ensure!(pm_runtime::Usage::if_in_use(&*fixture.client()?).is_some());

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            fixture.expect_program(&config, Activity::Streaming)?;
            subdev.user_disable()
        })?;
        fsleep(IDLE);
        ensure!(!fixture.is_powered_down()?);
        fixture.expect_program(&config, Activity::Standby)?;

        fixture.unbind()?;
        ensure!(fixture.is_powered_down()?);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_failed_stop_leaves_it_powered_and_parked() -> Result {
        let fixture = Fixture::new(overlay!("always-on-source"))?;
        let config = source()?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            fixture.board.set_fault(Some(Fault {
                message: 1,
                kind: FaultKind::Nack,
            }));
            subdev.user_disable()?;
            ensure!(!fixture.is_streaming());
            ensure!(!fixture.is_powered_down()?);
            fixture.expect_program(&config, Activity::Standby)?;
            subdev.user_enable()?;
            fixture.expect_program(&config, Activity::Streaming)?;
            subdev.user_disable()
        })
    }

    #[test]
    fn a_bus_failure_while_it_is_parked_fails_the_probe() -> Result {
        let fixture = Fixture::new(overlay!("always-on"))?;

        for message in [3, 10, 30] {
            fixture.rebind_with(Some(Fault {
                message,
                kind: FaultKind::Io,
            }))?;
            ensure!(fixture.board.fault().is_none());
            ensure!(!fixture.is_bound());
            ensure!(fixture.is_powered_down()?);
        }
        fixture.rebind()?;
        ensure!(fixture.is_bound());
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }
}
