// SPDX-License-Identifier: GPL-2.0-only

//! What the driver makes of boards, right and wrong.

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    Fixture, //
};
use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::ctrls::Id, //
    },
    virtual_board::faults::{
        Fault,
        FaultKind, //
    }, //
};
use kernel::prelude::*;

/// Fails unless the driver turns a board down and leaves its sensor without power.
fn expect_refusal(overlay: &[u8]) -> Result {
    let fixture = Fixture::new(overlay)?;

    ensure!(!fixture.is_bound());
    ensure!(fixture.is_powered_down()?);
    ensure_eq!(fixture.board.violations(), 0);
    Ok(())
}

#[kunit_tests(imx412_probe)]
mod tests {
    use super::*;

    #[test]
    fn four_lanes_bind_and_power_down() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        ensure!(fixture.is_bound());
        ensure_eq!(fixture.board.violations(), 0);
        fixture.with_subdev(|subdev| {
            ensure!(subdev.user_is_bound());
            ensure_eq!(
                subdev.user_control(Id(bindings::V4L2_CID_CAMERA_SENSOR_ROTATION))?,
                180
            );
            Ok(())
        })
    }

    #[test]
    fn two_lanes_bind() -> Result {
        let fixture = Fixture::new(overlay!("two-lanes"))?;

        ensure!(fixture.is_bound());
        Ok(())
    }

    #[test]
    fn imx577_binds() -> Result {
        let fixture = Fixture::new(overlay!("imx577"))?;

        ensure!(fixture.is_bound());
        Ok(())
    }

    #[test]
    fn inck_of_27_mhz_binds() -> Result {
        let fixture = Fixture::new(overlay!("inck-27-four-lanes"))?;

        ensure!(fixture.is_bound());
        Ok(())
    }

    #[test]
    fn an_imx477_is_refused() -> Result {
        expect_refusal(overlay!("wrong-id"))
    }

    #[test]
    fn no_answer_is_an_error() -> Result {
        expect_refusal(overlay!("wrong-address"))
    }

    #[test]
    fn no_endpoint_is_an_error() -> Result {
        expect_refusal(overlay!("no-endpoint"))
    }

    #[test]
    fn three_lanes_are_refused() -> Result {
        expect_refusal(overlay!("three-lanes"))
    }

    #[test]
    fn inck_of_25_mhz_is_refused() -> Result {
        expect_refusal(overlay!("inck-25"))
    }

    #[test]
    fn an_unreachable_link_frequency_is_refused() -> Result {
        expect_refusal(overlay!("link-unreachable"))
    }

    #[test]
    fn no_clock_is_an_error() -> Result {
        expect_refusal(overlay!("no-clock"))
    }

    #[test]
    fn a_bus_failure_at_any_message_is_an_error_and_no_more() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let mut failures = 0;

        for kind in [
            FaultKind::Nack,
            FaultKind::Timeout,
            FaultKind::Arbitration,
            FaultKind::Io,
        ] {
            for message in 1.. {
                fixture.board.set_fault(Some(Fault { message, kind }));
                fixture.rebind()?;
                if fixture.board.fault().is_some() {
                    // The probe has fewer messages than that, and went through.
                    ensure!(fixture.is_bound());
                    break;
                }
                ensure!(!fixture.is_bound());
                ensure!(fixture.is_powered_down()?);
                failures += 1;
            }
            fixture.board.set_fault(None);
        }
        ensure!(failures >= 4);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }
}
