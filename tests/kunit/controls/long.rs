// SPDX-License-Identifier: GPL-2.0-only

//! Frames and exposures of more lines than a register holds, and how their streams stop.

use super::{
    EXPOSURE,
    VBLANK, //
};
use crate::{
    sensor::{
        regs,
        Activity, //
    },
    tests::{
        fixture::{
            ensure,
            ensure_eq,
            overlay,
            Fixture, //
        },
        stream::four_lanes, //
    }, //
};
use kernel::{
    prelude::*,
    time::{
        Delta,
        Instant,
        Monotonic, //
    }, //
};

/// The longest frame without a shift.
const UNSHIFTED: i32 = 0xffdc;
const HEIGHT: i32 = 3040;

#[kunit_tests(imx412_controls_long)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_blanking_goes_to_the_largest_shift() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let longest = (UNSHIFTED << 7) - HEIGHT;
            ensure_eq!(subdev.user_range(VBLANK)?.max, i64::from(longest));
            subdev.user_set_controls(&[(VBLANK, longest), (EXPOSURE, i32::MAX)])?;
            ensure_eq!(subdev.user_control(VBLANK)?, longest);
            let exposure = i64::from(subdev.user_control(EXPOSURE)?);
            ensure_eq!(exposure, subdev.user_range(EXPOSURE)?.max);
            Ok(())
        })
    }

    #[test]
    fn lengths_go_on_past_the_registers() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            for (frame, becomes, register, shift) in [
                (UNSHIFTED, UNSHIFTED, UNSHIFTED, 0),
                (UNSHIFTED + 1, UNSHIFTED + 2, UNSHIFTED / 2 + 1, 1),
                (UNSHIFTED - 1, UNSHIFTED - 1, UNSHIFTED - 1, 0),
                (UNSHIFTED + 2, UNSHIFTED + 2, UNSHIFTED / 2 + 1, 1),
                (UNSHIFTED * 4, UNSHIFTED * 4, UNSHIFTED, 2),
                (5000, 5000, 5000, 0),
            ] {
                let before = fixture.board.bus();
                subdev.user_set_controls(&[(VBLANK, frame - HEIGHT), (EXPOSURE, 100)])?;
                let after = fixture.board.bus();

                ensure_eq!(after.transfers - before.transfers, 1);
                ensure_eq!(subdev.user_control(VBLANK)?, becomes - HEIGHT);
                ensure_eq!(
                    i32::from(fixture.word(regs::FRM_LENGTH_LINES.address)),
                    register
                );
                ensure_eq!(fixture.board.register(regs::FLL_LSHIFT.address), shift);
                // The exposure has a shift of its own.
                ensure_eq!(fixture.board.register(regs::CIT_LSHIFT.address), 0);
            }
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_restart_cuts_a_long_frame_off_with_the_power() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            // 45 s a frame.
            subdev.user_set_controls(&[(VBLANK, UNSHIFTED << 7), (EXPOSURE, i32::MAX)])?;
            subdev.user_enable()?;
            // It is nothing to a stop.
            subdev.user_disable()?;
            ensure!(!fixture.is_streaming());
            ensure!(!fixture.is_powered_down()?);
            let changes = fixture.board.power_events()?.len();

            subdev.user_set_controls(&[(VBLANK, 100)])?;
            subdev.user_enable()?;
            ensure!(fixture.is_streaming());
            ensure!(fixture.board.power_events()?.len() > changes);
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_restart_resets_a_sensor_that_stays_powered() -> Result {
        let fixture = Fixture::new(overlay!("always-on"))?;
        let config = four_lanes()?;

        fixture.with_subdev(|subdev| {
            let vblank = subdev.user_control(VBLANK)?;
            let exposure = subdev.user_control(EXPOSURE)?;

            subdev.user_set_controls(&[(VBLANK, UNSHIFTED << 7), (EXPOSURE, i32::MAX)])?;
            subdev.user_enable()?;
            subdev.user_disable()?;
            ensure!(!fixture.is_streaming());
            let changes = fixture.board.power_events()?.len();

            subdev.user_set_controls(&[(VBLANK, vblank), (EXPOSURE, exposure)])?;
            subdev.user_enable()?;
            fixture.expect_program(&config, Activity::Streaming)?;
            ensure_eq!(fixture.board.power_events()?.len(), changes);
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_restart_and_the_power_wait_for_a_frame_of_less_than_a_second() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            // 840 MHz / (4512 * 93085) make 2 frames per second.
            subdev.user_set_controls(&[(VBLANK, 93_086 - HEIGHT)])?;
            subdev.user_enable()?;
            let start = Instant::<Monotonic>::now();
            subdev.user_disable()?;
            subdev.user_enable()?;
            ensure!(start.elapsed() >= Delta::from_millis(500));
            Ok(())
        })?;
        let start = Instant::<Monotonic>::now();
        fixture.unbind()?;
        ensure!(start.elapsed() >= Delta::from_millis(500));
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_stop_does_not_wait_for_a_frame() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            // 900 ms: a stop that waited would take most of it.
            subdev.user_set_controls(&[(VBLANK, 167_553 - HEIGHT)])?;
            subdev.user_enable()?;
            let start = Instant::<Monotonic>::now();
            subdev.user_disable()?;
            ensure!(start.elapsed() < Delta::from_millis(400));
            ensure!(!fixture.is_streaming());
            Ok(())
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn unbinding_does_not_wait_for_a_long_frame() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_set_controls(&[(VBLANK, UNSHIFTED << 7)])?;
            subdev.user_enable()
        })?;
        let start = Instant::<Monotonic>::now();
        fixture.unbind()?;
        ensure!(start.elapsed() < Delta::from_secs(3));
        ensure!(fixture.is_powered_down()?);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }
}
