// SPDX-License-Identifier: GPL-2.0-only

//! Frames that several threads render, and how they share the work.

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    Fixture, //
};
use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::video_device::ioctl::PixelFormat,
        workqueue::join, //
    },
    virtual_board::{
        model::{
            Frame,
            LaneFault,
            MemoryFormat,
            Pattern, //
        },
        receiver::canvas::Canvas, //
    }, //
};
use kernel::{
    prelude::*,
    sync::{
        Arc,
        Completion, //
    },
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// How many threads share a frame, so that its rows are a multiple of them or not.
const THREADS: [u32; 4] = [2, 3, 7, 8];

/// Returns the newest frame of a stream of 640x480.
fn newest_frame(fixture: &Fixture) -> Result<Frame> {
    fixture.with_subdev(|subdev| {
        subdev.user_set_format((bindings::MEDIA_BUS_FMT_SRGGB10_1X10, 640, 480))?;
        subdev.user_enable()?;
        fsleep(Delta::from_millis(100));
        subdev.user_disable()
    })?;
    let frames = fixture.board.trace()?;

    Ok(frames.last().ok_or(ENODATA)?.frame)
}

fn format(fourcc: &[u8; 4], memory: MemoryFormat) -> PixelFormat {
    let bytes_per_line = memory.row_bytes(640, 10);

    PixelFormat {
        width: 640,
        height: 480,
        fourcc: u32::from_le_bytes(*fourcc),
        bytes_per_line,
        size: bytes_per_line * 480,
    }
}

#[kunit_tests(imx412_frames)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_the_same_however_many_threads_render_it() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let board = &fixture.board;
        let mut frame = newest_frame(&fixture)?;
        let whole = board.broken();
        let mut torn = whole;
        torn.wire.lines = Some(301);
        torn.wire.first_line_lost = true;
        torn.wire.lane = Some(LaneFault::Errors { lane: 1, one_in: 8 });
        let mut alone = Canvas::with_threads(board.device(), 1)?;
        let mut images = 0;

        frame.settings.defects_corrected = false;
        for threads in THREADS {
            let mut together = Canvas::with_threads(board.device(), threads)?;
            for pattern in [Pattern::Off, Pattern::FadeToGrey, Pattern::Pn9] {
                frame.settings.pattern = pattern;
                for format in [
                    format(b"RG10", MemoryFormat::Words),
                    format(b"pRAA", MemoryFormat::Packed),
                ] {
                    for broken in [&whole, &torn] {
                        let expected = alone.image(&frame, &format, broken)?;
                        ensure!(together.image(&frame, &format, broken)? == expected);
                        let (first, last) = expected.split_at(expected.len() / 2);
                        ensure!(first != last);
                        images += 1;
                    }
                }
            }
        }
        ensure_eq!(images, 48);
        Ok(())
    }

    #[test]
    fn rows_that_are_too_short_are_cut() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let board = &fixture.board;
        let frame = newest_frame(&fixture)?;
        let broken = board.broken();
        let format = format(b"RG10", MemoryFormat::Words);
        let mut canvas = Canvas::with_threads(board.device(), 1)?;
        let mut whole = KVVec::new();

        whole.extend_from_slice(canvas.image(&frame, &format, &broken)?, GFP_KERNEL)?;
        // Whole words, and half a word more, which cannot be rendered to in place.
        for bytes_per_line in [640, 642] {
            let short = PixelFormat {
                bytes_per_line,
                size: bytes_per_line * 480,
                ..format
            };
            let cut = canvas.image(&frame, &short, &broken)?;
            let rows = cut.chunks_exact(usize::try_from(bytes_per_line)?);
            let whole = whole.chunks_exact(usize::try_from(format.bytes_per_line)?);

            ensure_eq!(rows.len(), whole.len());
            ensure!(rows.zip(whole).all(|(row, whole)| whole.starts_with(row)));
        }
        Ok(())
    }

    #[test]
    fn joined_work_runs_elsewhere_meanwhile() -> Result {
        let begun = Arc::pin_init(Completion::new(), GFP_KERNEL)?;
        let mut order = (0, 0);

        join(
            || {
                begun.wait_for_completion();
                order.0 = 1;
            },
            || {
                begun.complete_all();
                order.1 = 1;
            },
        );
        ensure_eq!(order, (1, 1));
        Ok(())
    }

    #[test]
    fn joined_work_has_run_once_when_join_returns() -> Result {
        for round in 0..1000 {
            let mut counts = [0; 4];
            let [a, b, c, d] = &mut counts;

            join(
                || {
                    join(
                        || join(|| *a += 1, || *b += 1),
                        || {
                            if round % 2 == 0 {
                                fsleep(Delta::from_micros(10));
                            }
                            *c += 1;
                        },
                    );
                },
                || *d += 1,
            );
            ensure_eq!(counts, [1; 4]);
        }
        Ok(())
    }
}
