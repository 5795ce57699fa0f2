// SPDX-License-Identifier: GPL-2.0-only

//! The thermometer.

use crate::{
    kernel_ext::{
        bindings::{
            V4L2_CID_FSM_IMX412_TEMPERATURE,
            V4L2_CTRL_FLAG_READ_ONLY,
            V4L2_CTRL_FLAG_VOLATILE, //
        },
        media::v4l2::ctrls::Id, //
    },
    sensor::regs,
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

const TEMPERATURE: Id = Id(V4L2_CID_FSM_IMX412_TEMPERATURE);

/// Temperature of the emulated sensor, degrees Celsius.
const DEGREES: i32 = 42;

/// Longer than the driver's autosuspend delay of one second.
const IDLE: Delta = Delta::from_millis(1500);

#[kunit_tests(imx412_controls_temperature)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_only_and_volatile() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let flags = subdev.user_flags(TEMPERATURE)?;
            ensure!(flags & V4L2_CTRL_FLAG_READ_ONLY != 0);
            ensure!(flags & V4L2_CTRL_FLAG_VOLATILE != 0);
            let range = subdev.user_range(TEMPERATURE)?;
            ensure_eq!((range.min, range.max), (-20, 80));
            ensure_eq!(subdev.user_set_controls(&[(TEMPERATURE, 0)]), Err(EACCES));
            Ok(())
        })
    }

    #[test]
    fn a_sensor_without_power_gets_it_for_the_measurement() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fsleep(IDLE);
        ensure!(fixture.is_powered_down()?);
        fixture.with_subdev(|subdev| {
            ensure_eq!(subdev.user_control(TEMPERATURE)?, DEGREES);
            Ok(())
        })?;
        fsleep(IDLE);
        ensure!(fixture.is_powered_down()?);
        // The measurement has done nothing to the stream that follows.
        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_streaming_sensor_is_asked_and_nothing_else() -> Result {
        for overlay in [overlay!("four-lanes").as_slice(), overlay!("always-on")] {
            let fixture = Fixture::new(overlay)?;

            fixture.with_subdev(|subdev| {
                subdev.user_enable()?;
                let before = fixture.board.bus();
                ensure_eq!(subdev.user_control(TEMPERATURE)?, DEGREES);
                let after = fixture.board.bus();
                ensure_eq!(after.transfers - before.transfers, 1);
                ensure!(fixture.is_streaming());
                subdev.user_disable()
            })?;
            ensure_eq!(fixture.board.violations(), 0);
        }
        Ok(())
    }

    /// As the referee wants it, whatever was measured before.
    #[test]
    fn a_source_starts_with_it_off() -> Result {
        // Powered all the time, so that it keeps what a measurement does to it.
        let fixture = Fixture::new(overlay!("always-on-source"))?;
        let switch = || fixture.board.register(regs::TEMP_SEN_CTL.address);

        fixture.with_subdev(|subdev| {
            for _ in 0..2 {
                ensure_eq!(subdev.user_control(TEMPERATURE)?, DEGREES);
                ensure_eq!(switch(), 0);
                subdev.user_enable()?;
                ensure_eq!(switch(), 1);
                let before = fixture.board.bus();
                ensure_eq!(subdev.user_control(TEMPERATURE)?, DEGREES);
                ensure_eq!(fixture.board.bus().transfers - before.transfers, 1);
                subdev.user_disable()?;
                ensure_eq!(switch(), 0);
            }
            // The measurement fails, or the write that switches it off.
            for (message, left) in [(4, 0), (6, 1)] {
                fixture.board.set_fault(Some(Fault {
                    message,
                    kind: FaultKind::Io,
                }));
                ensure_eq!(subdev.user_control(TEMPERATURE), Err(EIO));
                ensure_eq!(switch(), left);
            }
            subdev.user_enable()?;
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_bus_failure_is_reported() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for kind in [FaultKind::Nack, FaultKind::Timeout, FaultKind::Io] {
                for message in 1..=2 {
                    fixture.board.set_fault(Some(Fault { message, kind }));
                    ensure_eq!(subdev.user_control(TEMPERATURE), Err(kind.error()));
                }
            }
            ensure_eq!(subdev.user_control(TEMPERATURE)?, DEGREES);
            Ok(())
        })
    }
}
