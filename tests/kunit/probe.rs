// SPDX-License-Identifier: GPL-2.0-only

//! Probes with right and wrong boards.

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
    virtual_board::{
        faults::{
            Fault,
            FaultKind, //
        },
        model::StreamState, //
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

    /// With the supplies named as in Raspberry Pi's tree.
    #[test]
    fn imx477_binds() -> Result {
        let fixture = Fixture::new(overlay!("imx477"))?;

        ensure!(fixture.is_bound());
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn imx378_binds() -> Result {
        let fixture = Fixture::new(overlay!("imx378"))?;

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
    fn an_imx477_is_refused_as_an_imx412() -> Result {
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
    fn an_inck_that_the_board_rounds_is_taken_and_times_follow_it() -> Result {
        for (overlay, inck, pll, divider) in [
            (&overlay!("inck-23999999")[..], 23_999_999, 350, 4),
            (&overlay!("inck-23880000")[..], 23_880_000, 200, 4),
        ] {
            let fixture = Fixture::new(overlay)?;

            fixture.with_subdev(|subdev| {
                subdev.user_enable()?;
                let stream = fixture.board.stream();
                let rate = subdev.user_wide_control(Id(bindings::V4L2_CID_PIXEL_RATE))?;

                subdev.user_disable()?;
                let StreamState::Streaming(stream) = stream else {
                    return Err(EIO);
                };
                let pll: u64 = inck * pll;

                ensure_eq!(stream.lane_rate_bps, (pll + divider / 2) / divider);
                ensure_eq!(u64::try_from(rate)?, stream.pixel_rate_hz);
                ensure!(stream.pixel_rate_hz.abs_diff(pll / divider * 2 / 5) <= 1);
                Ok(())
            })?;
            ensure_eq!(fixture.board.violations(), 0);
        }
        Ok(())
    }

    #[test]
    fn lanes_in_the_sensors_order_bind() -> Result {
        for overlay in [
            &overlay!("lanes-from-0")[..],
            &overlay!("lanes-not-inverted")[..],
        ] {
            ensure!(Fixture::new(overlay)?.is_bound());
        }
        Ok(())
    }

    // With which message, tests/kunit/messages.list tells.
    #[test]
    fn lanes_that_the_sensor_cannot_send_are_refused() -> Result {
        expect_refusal(overlay!("lanes-missing"))?;
        expect_refusal(overlay!("lanes-twice"))?;
        expect_refusal(overlay!("lanes-reversed"))?;
        expect_refusal(overlay!("lanes-gap"))?;
        expect_refusal(overlay!("lanes-far"))?;
        expect_refusal(overlay!("lanes-inverted"))?;
        expect_refusal(overlay!("polarities-short"))?;
        expect_refusal(overlay!("line-orders-short"))?;
        expect_refusal(overlay!("bus-type-parallel"))
    }

    #[test]
    fn properties_without_a_meaning_are_refused() -> Result {
        expect_refusal(overlay!("orientation-unknown"))?;
        expect_refusal(overlay!("rotation-full-turn"))?;
        expect_refusal(overlay!("rotation-cell"))?;
        expect_refusal(overlay!("link-cells"))?;
        expect_refusal(overlay!("clock-lane-far"))
    }

    #[test]
    fn a_clock_lane_is_of_no_matter() -> Result {
        ensure!(Fixture::new(overlay!("clock-lane-last"))?.is_bound());
        Ok(())
    }

    #[test]
    fn one_link_frequency_that_can_be_made_is_enough() -> Result {
        ensure!(Fixture::new(overlay!("link-some"))?.is_bound());
        Ok(())
    }

    #[test]
    fn an_adapter_that_reads_single_bytes_will_do() -> Result {
        ensure!(Fixture::new(overlay!("one-byte-reads"))?.is_bound());
        Ok(())
    }

    #[test]
    fn an_adapter_that_cannot_write_a_register_is_refused() -> Result {
        expect_refusal(overlay!("two-byte-writes"))
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
                fixture.rebind_with(Some(Fault { message, kind }))?;
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
