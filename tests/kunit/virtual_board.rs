// SPDX-License-Identifier: GPL-2.0-only

//! The board as tests read it: what it says must be what happened.

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
        board::PulseCounters,
        model::StartedFrame, //
    }, //
};
use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// Starts of frames in a line: numbers and times go on without a gap.
fn ensure_in_step(frames: &[StartedFrame]) -> Result {
    for (frame, next) in frames.iter().zip(frames.iter().skip(1)) {
        ensure_eq!(next.sequence, frame.sequence.wrapping_add(1));
        ensure_eq!(
            next.start_ns,
            frame.start_ns + frame.frame.stream.frame_period_ns
        );
    }
    Ok(())
}

#[kunit_tests(imx412_virtual_board)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_tells_in_which_frame_values_took_effect() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            fsleep(Delta::from_millis(100));
            subdev.user_set_controls(&[
                (Id(bindings::V4L2_CID_EXPOSURE), 123),
                (Id(bindings::V4L2_CID_ANALOGUE_GAIN), 45),
            ])?;
            fsleep(Delta::from_millis(100));
            subdev.user_disable()
        })?;

        let frames = fixture.board.trace()?;
        let changed = frames
            .iter()
            .filter(|frame| frame.frame.stream.exposure_lines == 123)
            .count();
        ensure!((2..frames.len()).contains(&changed));
        for (position, frame) in frames.iter().enumerate() {
            let is_changed = position + changed >= frames.len();
            ensure_eq!(frame.frame.stream.exposure_lines == 123, is_changed);
            ensure_eq!(frame.frame.settings.analogue_gain == 45, is_changed);
        }
        ensure_in_step(&frames)
    }

    /// Returns the numbers of the first frames that show the changed exposure, gain and frame
    /// length.
    fn first_shown(overlay: &[u8]) -> Result<[u32; 3]> {
        let fixture = Fixture::new(overlay)?;
        let board = &fixture.board;

        // Pulses start the frames one by one.
        fixture.with_subdev(|subdev| {
            subdev.user_set_controls(&[(
                Id(bindings::V4L2_CID_FSM_IMX412_SYNCHRONISATION),
                i32::try_from(
                    bindings::v4l2_fsm_imx412_synchronisation_V4L2_FSM_IMX412_SYNCHRONISATION_SINK,
                )?,
            )])?;
            subdev.user_enable()?;
            for frame in 0..8 {
                fsleep(Delta::from_millis(100));
                board.trigger();
                if frame == 0 {
                    subdev.user_set_controls(&[
                        (Id(bindings::V4L2_CID_EXPOSURE), 123),
                        (Id(bindings::V4L2_CID_VBLANK), 1000),
                        (Id(bindings::V4L2_CID_ANALOGUE_GAIN), 45),
                    ])?;
                }
            }
            subdev.user_disable()
        })?;
        ensure_eq!(board.violations(), 0);

        let frames = board.trace()?;
        let first = |shows: fn(&StartedFrame) -> bool| {
            frames
                .iter()
                .find(|frame| shows(frame))
                .map(|frame| frame.sequence)
                .ok_or(ENODATA)
        };
        Ok([
            first(|frame| frame.frame.stream.exposure_lines == 123)?,
            first(|frame| frame.frame.settings.analogue_gain == 45)?,
            first(|frame| frame.frame.stream.frame_length == 4040)?,
        ])
    }

    #[test]
    fn changes_show_after_their_latency() -> Result {
        ensure_eq!(first_shown(overlay!("four-lanes"))?, [2, 2, 2]);
        ensure_eq!(first_shown(overlay!("latency"))?, [1, 3, 4]);
        Ok(())
    }

    #[test]
    fn triggers_start_the_frames_of_a_sink() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let board = &fixture.board;

        fixture.with_subdev(|subdev| {
            subdev.user_set_controls(&[(
                Id(bindings::V4L2_CID_FSM_IMX412_SYNCHRONISATION),
                i32::try_from(
                    bindings::v4l2_fsm_imx412_synchronisation_V4L2_FSM_IMX412_SYNCHRONISATION_SINK,
                )?,
            )])?;
            subdev.user_enable()?;
            for triggers in 0..3 {
                fsleep(Delta::from_millis(100));
                ensure_eq!(board.frames().started, triggers);
                board.trigger();
            }
            subdev.user_disable()
        })?;

        let taken = PulseCounters {
            taken: 3,
            ..PulseCounters::default()
        };
        ensure_eq!(board.pulses(), taken);
        ensure_eq!(board.violations(), 0);
        Ok(())
    }

    #[test]
    fn the_trace_keeps_the_newest_frames_in_their_order() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            // 60 per second.
            fsleep(Delta::from_millis(1_300));
            subdev.user_disable()
        })?;

        let frames = fixture.board.trace()?;
        let started = fixture.board.frames().started;
        ensure_eq!(frames.len(), 64);
        ensure!(started > 64);
        ensure_eq!(
            frames.last().map(|frame| u64::from(frame.sequence) + 1),
            Some(started)
        );
        ensure_in_step(&frames)
    }
}
