// SPDX-License-Identifier: GPL-2.0-only

//! A sensor comes back from whatever happens to it, and does nothing that it was not asked for.

use super::{
    fixture::{
        ensure,
        ensure_eq,
        overlay,
        Fixture, //
    },
    stream::four_lanes, //
};
use crate::{
    driver::Imx412Driver,
    kernel_ext::{
        bindings,
        i2c::client::PowerManaged,
        media::v4l2::ctrls::Id,
        testing::i2c_lookup, //
    },
    sensor::{
        regs,
        Activity,
        Config,
        Setting, //
    },
    virtual_board::{
        faults::{
            Fault,
            FaultKind, //
        },
        model::Line, //
    }, //
};
use kernel::prelude::*;

const EXPOSURE: Id = Id(bindings::V4L2_CID_EXPOSURE);
const VBLANK: Id = Id(bindings::V4L2_CID_VBLANK);
const ANALOGUE_GAIN: Id = Id(bindings::V4L2_CID_ANALOGUE_GAIN);
const TEMPERATURE: Id = Id(bindings::V4L2_CID_FSM_IMX412_TEMPERATURE);

const KINDS: [FaultKind; 5] = [
    FaultKind::Nack,
    FaultKind::Timeout,
    FaultKind::Arbitration,
    FaultKind::Io,
    FaultKind::Partial,
];

/// Returns `config` with another exposure.
fn exposing(config: Config, lines: u32) -> Result<Config> {
    config.with(Setting::Exposure.to(lines)).map_err(|_| EINVAL)
}

/// Each message of a change while streaming fails, in each way.
fn fail_changes(overlay: &[u8]) -> Result {
    let fixture = Fixture::new(overlay)?;
    let before = exposing(four_lanes()?, 500)?;
    let change = [(VBLANK, 1000), (EXPOSURE, 600), (ANALOGUE_GAIN, 100)];

    fixture.with_subdev(|subdev| {
        subdev.user_set_controls(&[(EXPOSURE, 500)])?;
        subdev.user_enable()?;
        for kind in KINDS {
            let mut messages = 0;

            for message in 1.. {
                fixture.board.set_fault(Some(Fault { message, kind }));
                let changed = subdev.user_set_controls(&change);

                if fixture.board.fault().is_some() {
                    fixture.board.set_fault(None);
                    changed?;
                    break;
                }
                messages += 1;
                ensure_eq!(changed, Err(kind.error()));
                ensure_eq!(subdev.user_control(EXPOSURE)?, 500);
                // With the hold released, and nothing left of the change.
                fixture.expect_program(&before, Activity::Streaming)?;
                ensure!(fixture.is_streaming());
                // A value that the sensor holds already is no change.
                let count = fixture.board.bus().messages;
                subdev.user_set_controls(&[(EXPOSURE, 500)])?;
                ensure_eq!(fixture.board.bus().messages, count);
            }
            // The hold, exposure and gain, the frame length, and the release.
            ensure!(messages >= 4);
            let vblank = i32::try_from(before.vertical_blanking())?;
            subdev.user_set_controls(&[(VBLANK, vblank), (EXPOSURE, 500), (ANALOGUE_GAIN, 0)])?;
            fixture.expect_program(&before, Activity::Streaming)?;
        }
        subdev.user_disable()
    })?;
    ensure_eq!(fixture.board.violations(), 0);
    Ok(())
}

/// The sensor loses its registers between two streams.
fn lose_registers(overlay: &[u8], config: &Config, lose: impl Fn(&Fixture)) -> Result {
    let fixture = Fixture::new(overlay)?;

    fixture.with_subdev(|subdev| {
        subdev.user_enable()?;
        subdev.user_disable()?;
        lose(&fixture);
        subdev.user_enable()?;
        ensure!(fixture.is_streaming());
        fixture.expect_program(config, Activity::Streaming)?;
        subdev.user_disable()?;

        // While it streams: no frames come, and the program restarts the stream.
        subdev.user_enable()?;
        lose(&fixture);
        ensure!(!fixture.is_streaming());
        subdev.user_disable()?;
        subdev.user_enable()?;
        ensure!(fixture.is_streaming());
        fixture.expect_program(config, Activity::Streaming)?;
        subdev.user_disable()
    })
}

/// Resets the sensor, as another device on the bus may.
fn reset(fixture: &Fixture) {
    let [high, low] = regs::SW_RESET.address.to_be_bytes();

    fixture.board.with(|state, now_ns| {
        let _ = state.sensor.write(0x1a, &[high, low, 1], now_ns);
    });
}

fn pull_xclr(fixture: &Fixture) {
    set_line(fixture, Line::Xclr, false);
    set_line(fixture, Line::Xclr, true);
}

/// Whatever the driver does to the line.
fn set_line(fixture: &Fixture, line: Line, high: bool) {
    fixture
        .board
        .with(|state, now_ns| state.sensor.set_line(line, high, now_ns));
}

#[kunit_tests(imx412_recovery)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_fails_is_taken_back() -> Result {
        fail_changes(overlay!("four-lanes"))
    }

    #[test]
    fn a_change_that_fails_is_taken_back_ten_bytes_at_a_time() -> Result {
        fail_changes(overlay!("ten-bytes"))
    }

    #[test]
    fn a_restart_brings_back_a_sensor_that_was_reset() -> Result {
        lose_registers(overlay!("four-lanes"), &four_lanes()?, reset)
    }

    #[test]
    fn a_restart_brings_back_a_sensor_whose_xclr_was_pulled() -> Result {
        lose_registers(overlay!("four-lanes"), &four_lanes()?, pull_xclr)
    }

    #[test]
    fn a_restart_brings_back_a_sensor_that_stays_powered() -> Result {
        lose_registers(overlay!("always-on"), &four_lanes()?, reset)
    }

    #[test]
    fn a_restart_brings_back_a_sensor_without_a_reset_line() -> Result {
        lose_registers(overlay!("kept-up"), &four_lanes()?, reset)
    }

    #[test]
    fn the_thermometer_is_not_taken_for_being_on() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            subdev.user_disable()?;
            reset(&fixture);
            ensure_eq!(subdev.user_control(TEMPERATURE)?, 42);
            // What that has written does not hide the loss.
            subdev.user_enable()?;
            fixture.expect_program(&four_lanes()?, Activity::Streaming)?;
            subdev.user_disable()
        })
    }

    #[test]
    fn nothing_but_a_start_starts_a_sensor_that_lost_its_power() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let client = fixture.client()?;

        fixture.with_subdev(|subdev| subdev.user_enable())?;
        // As system sleep does with a sensor whose receiver did not stop it first.
        i2c_lookup::with_bound::<Imx412Driver, _>(&client, |camera| {
            Imx412Driver::runtime_suspend(camera)?;
            Imx412Driver::runtime_resume(camera)
        })
        .ok_or(ENODEV)??;
        ensure!(!fixture.is_streaming());

        fixture.with_subdev(|subdev| {
            let before = fixture.board.bus().messages;

            subdev.user_set_controls(&[(EXPOSURE, 700)])?;
            ensure_eq!(fixture.board.bus().messages, before);
            ensure!(!fixture.is_streaming());
            ensure_eq!(subdev.user_control(EXPOSURE)?, 700);
            // Nor has a stop anything to do.
            subdev.user_disable()?;
            ensure_eq!(fixture.board.bus().messages, before);

            subdev.user_enable()?;
            fixture.expect_program(&exposing(four_lanes()?, 700)?, Activity::Streaming)?;
            subdev.user_disable()
        })
    }

    #[test]
    fn a_start_that_failed_is_tried_next_from_cold() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            subdev.user_disable()?;
            // INCK does not come, as when the gate of the clock has failed once.
            set_line(&fixture, Line::Inck, false);
            let started = subdev.user_enable();

            if started.is_err() {
                ensure!(fixture.is_powered_down()?);
                subdev.user_enable()?;
            }
            ensure!(fixture.is_streaming());
            subdev.user_disable()?;

            // Whatever message fails.
            fixture.board.set_fault(Some(Fault {
                message: 5,
                kind: FaultKind::Io,
            }));
            ensure_eq!(subdev.user_enable(), Err(EIO));
            ensure!(fixture.is_powered_down()?);
            subdev.user_enable()?;
            ensure!(fixture.is_streaming());
            subdev.user_disable()
        })
    }

    #[test]
    fn a_power_up_that_failed_is_no_obstacle_to_the_next() -> Result {
        let fixture = Fixture::new(overlay!("kept-up"))?;
        let client = fixture.client()?;

        // Powering up takes the bus here: standby, then the reset.
        for message in [1, 2] {
            i2c_lookup::suspend_now(&client)?;
            fixture.board.set_fault(Some(Fault {
                message,
                kind: FaultKind::Nack,
            }));
            fixture.with_subdev(|subdev| {
                ensure_eq!(subdev.user_enable(), Err(ENXIO));
                subdev.user_enable()?;
                ensure!(fixture.is_streaming());
                subdev.user_disable()
            })?;
        }
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }
}
