// SPDX-License-Identifier: GPL-2.0-only

//! Starting and stopping, and what goes over the bus for it.

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
    sensor::{
        part::IMX412,
        Activity,
        Board,
        Config,
        Depth,
        Readout, //
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

/// Returns the default configuration for tests/kunit/boards/four-lanes.dtso.
pub(super) fn four_lanes() -> Result<Config> {
    let board =
        Board::new(24_000_000, 4, &[1_050_000_000, 600_000_000], &IMX412).map_err(|_| EINVAL)?;

    Ok(Config::default_for(&board))
}

/// Starts and stops on a board, and compares the registers with the program.
fn expect_stream(overlay: &[u8], config: Config) -> Result {
    let fixture = Fixture::new(overlay)?;

    fixture.with_subdev(|subdev| {
        subdev.user_enable()?;
        ensure!(fixture.is_streaming());
        fixture.expect_program(&config, Activity::Streaming)?;
        subdev.user_disable()?;
        ensure!(!fixture.is_streaming());
        fixture.expect_program(&config, Activity::Standby)
    })?;
    ensure_eq!(fixture.board.violations(), 0);
    Ok(())
}

#[kunit_tests(imx412_stream)]
mod tests {
    use super::*;

    #[test]
    fn the_program_reaches_the_sensor() -> Result {
        expect_stream(overlay!("four-lanes"), four_lanes()?)
    }

    #[test]
    fn the_program_reaches_the_sensor_ten_bytes_at_a_time() -> Result {
        expect_stream(overlay!("ten-bytes"), four_lanes()?)
    }

    #[test]
    fn two_lanes_stream_at_30_frames_per_second() -> Result {
        let fixture = Fixture::new(overlay!("two-lanes"))?;

        fixture.with_subdev(|subdev| {
            let range = subdev.user_range(Id(bindings::V4L2_CID_VBLANK))?;

            subdev
                .user_set_controls(&[(Id(bindings::V4L2_CID_VBLANK), i32::try_from(range.min)?)])?;
            subdev.user_enable()?;
            let StreamState::Streaming(stream) = fixture.board.stream() else {
                return Err(EIO);
            };
            subdev.user_disable()?;

            ensure_eq!(stream.lanes, 2);
            ensure!((33_000_000..33_334_000).contains(&stream.frame_period_ns));
            Ok(())
        })
    }

    #[test]
    fn a_restart_costs_little() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            subdev.user_disable()?;
            let before = fixture.board.bus();
            subdev.user_enable()?;
            let after = fixture.board.bus();
            subdev.user_disable()?;

            // Two looks at whether the sensor has kept its registers, and MODE_SEL.
            ensure_eq!(after.transfers - before.transfers, 3);
            ensure_eq!(after.messages - before.messages, 5);
            ensure_eq!(after.bytes - before.bytes, 2 + 5 + 2 + 2 + 3);
            Ok(())
        })
    }

    #[test]
    fn a_format_of_12_bits_changes_what_depends_on_it() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let config = four_lanes()?.with_readout(Readout::full_frame(Depth::Twelve));
        let format = (bindings::MEDIA_BUS_FMT_SRGGB12_1X12, 4056, 3040);

        fixture.with_subdev(|subdev| {
            ensure_eq!(subdev.user_set_format(format)?, format);
            subdev.user_enable()?;
            fixture.expect_program(&config, Activity::Streaming)?;
            // Nobody may change it now.
            let other = (bindings::MEDIA_BUS_FMT_SRGGB10_1X10, 4056, 3040);
            ensure_eq!(subdev.user_set_format(other), Err(EBUSY));
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn unbinding_stops_and_powers_down() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| subdev.user_enable())?;
        ensure!(fixture.is_streaming());
        fixture.unbind()?;
        ensure!(!fixture.is_bound());
        ensure!(!fixture.is_streaming());
        ensure!(fixture.is_powered_down()?);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_bus_failure_at_any_message_of_a_start_is_survived() -> Result {
        let fixture = Fixture::new(overlay!("ten-bytes"))?;
        let config = four_lanes()?;
        let kinds = [
            FaultKind::Nack,
            FaultKind::Timeout,
            FaultKind::Arbitration,
            FaultKind::Io,
            FaultKind::Partial,
        ];
        let mut failures = 0;

        for (message, kind) in (1..).zip(kinds.into_iter().cycle()) {
            // From cold: the sensor holds nothing.
            fixture.rebind()?;
            fixture.board.set_fault(Some(Fault { message, kind }));

            let survived = fixture.with_subdev(|subdev| {
                let started = subdev.user_enable();

                if fixture.board.fault().is_some() {
                    // A start has fewer messages than that.
                    started?;
                    fixture.board.set_fault(None);
                    subdev.user_disable()?;
                    return Ok(false);
                }
                ensure_eq!(started, Err(kind.error()));
                ensure!(!fixture.is_streaming());
                // Whatever has arrived is of no matter.
                ensure!(fixture.is_powered_down()?);
                // The next one is none the worse for it.
                subdev.user_enable()?;
                ensure!(fixture.is_streaming());
                fixture.expect_program(&config, Activity::Streaming)?;
                subdev.user_disable()?;
                Ok(true)
            })?;

            if !survived {
                break;
            }
            failures += 1;
        }
        ensure!(failures > 30);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_bus_failure_at_a_stop_powers_down() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let config = four_lanes()?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            fixture.board.set_fault(Some(Fault {
                message: 1,
                kind: FaultKind::Nack,
            }));
            subdev.user_disable()?;
            ensure!(fixture.is_powered_down()?);
            // The next start is one from cold.
            subdev.user_enable()?;
            fixture.expect_program(&config, Activity::Streaming)?;
            subdev.user_disable()
        })
    }
}
