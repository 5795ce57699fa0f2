// SPDX-License-Identifier: GPL-2.0-only

//! Frames on their way from the sensor to buffers.

use super::{
    canvas::Canvas,
    referee::Shown,
    Receiver, //
};
use crate::{
    kernel_ext::{
        compat,
        media::{
            v4l2::{
                remote::Csi2Stream,
                video_device::ioctl::PixelFormat, //
            },
            videobuf2::{
                Buffer,
                FrameStamp, //
            }, //
        }, //
    },
    virtual_board::{
        broken::Broken,
        clock::now_ns,
        look::Look,
        model::{
            Finding,
            Frame,
            StartedFrame, //
        }, //
    }, //
};
use kernel::{
    dev_err,
    prelude::*,
    sync::{
        Arc,
        ArcBorrow, //
    },
    time::{
        hrtimer::{
            HrTimerCallback,
            HrTimerCallbackContext,
            HrTimerPointer,
            HrTimerRestart,
            RelativeMode, //
        },
        Delta,
        Monotonic, //
    },
    workqueue::WorkItem, //
};

kernel::impl_has_hr_timer! {
    impl HasHrTimer<Self> for Receiver {
        mode: RelativeMode<Monotonic>, field: self.timer
    }
}

kernel::workqueue::impl_has_work! {
    impl HasWork<Self> for Receiver { self.work }
}

/// Poll interval for the start of a sensor that waits for others, ns.
const START_POLL_NS: u64 = 2_000_000;

impl HrTimerCallback for Receiver {
    type Pointer<'a> = Arc<Self>;

    fn run(this: ArcBorrow<'_, Self>, _ctx: HrTimerCallbackContext<'_, Self>) -> HrTimerRestart {
        // Work that is queued already looks at this frame, too.
        let _ = this.queue.enqueue::<Arc<Self>, 0>(this.into());
        HrTimerRestart::NoRestart
    }
}

impl WorkItem for Receiver {
    type Pointer = Arc<Self>;

    fn run(this: Arc<Self>) {
        while let Some(expected) = this.expected() {
            match this.board.look(expected) {
                Look::Frame {
                    started, missed, ..
                } => {
                    if this.judge_late().is_err() {
                        return this.end();
                    }
                    this.receive(&started, missed);
                }
                Look::Wait(delay_ns) => return this.arm(delay_ns),
                Look::Fault(finding) => return this.fail(finding),
                // The sensor has not been started yet, but waits for that.
                Look::Awaiting => return this.arm(START_POLL_NS),
                Look::Silence => return,
            }
        }
    }
}

impl Receiver {
    /// Begins to wait for frames.
    pub(crate) fn expect_frame(this: Arc<Self>) {
        // It cannot be queued already: streams stop with a flush.
        let _ = this.clone().queue.enqueue::<Arc<Self>, 0>(this);
    }

    /// Returns the sequence number of the next frame; `None` when the stream has been stopped.
    fn expected(&self) -> Option<u32> {
        Some(self.stream.lock().as_ref()?.expected)
    }

    /// Renders a frame into the next buffer, if there is one.
    fn receive(&self, started: &StartedFrame, missed: u32) {
        let broken = self.board.broken();
        let buffer = {
            let mut stream = self.stream.lock();
            let Some(stream) = &mut *stream else {
                return;
            };
            let Csi2Stream {
                virtual_channel,
                data_type,
            } = stream.packets;

            stream.expected = started.sequence.wrapping_add(1);
            // Other packets are none of this node's.
            let arrives = !broken.wire.silent
                && started
                    .frame
                    .stream
                    .carries_image(virtual_channel, data_type);

            arrives.then(|| stream.video.next_buffer()).flatten()
        };
        let delivered = buffer.is_some_and(|buffer| self.deliver(started, buffer, &broken));

        self.board.with(|state, _| {
            state.dropped = state
                .dropped
                .saturating_add(missed.into())
                .saturating_add((!delivered).into());
            state.delivered = state.delivered.saturating_add(delivered.into());
        });
    }

    fn deliver(&self, started: &StartedFrame, mut buffer: Buffer, broken: &Broken) -> bool {
        let format = *self.format.lock();
        let filled = match &mut *self.canvas.lock() {
            Some(canvas) => self.fill(&mut buffer, canvas, &started.frame, &format, broken),
            None => Err(compat::enodata()),
        };
        let delivered = filled.and_then(|()| {
            buffer.deliver(FrameStamp {
                sequence: started.sequence,
                start_ns: started.start_ns,
            })
        });

        match delivered {
            Ok(()) => true,
            // The stream has been stopped.
            Err(error) if error == compat::ecanceled() => false,
            Err(error) => {
                dev_err!(
                    self.board.device(),
                    "frame {} is lost: {:?}\n",
                    started.sequence,
                    error
                );
                false
            }
        }
    }

    /// Renders a frame and copies it into `buffer`.
    fn fill(
        &self,
        buffer: &mut Buffer,
        canvas: &mut Canvas,
        frame: &Frame,
        format: &PixelFormat,
        broken: &Broken,
    ) -> Result {
        let begun_ns = now_ns();
        let image = canvas.image(frame, format, broken)?;
        let rendered_ns = now_ns();

        buffer.fill(image)?;
        let copied_ns = now_ns();
        self.board.with(|state, _| {
            let work = &mut state.work;
            let (rendering, copying) = (
                rendered_ns.abs_diff(begun_ns),
                copied_ns.abs_diff(rendered_ns),
            );
            work.rendering_ns = work.rendering_ns.saturating_add(rendering);
            work.copying_ns = work.copying_ns.saturating_add(copying);
        });
        Ok(())
    }

    /// Counts the frames that have started and will not be looked at any more.
    pub(crate) fn count_unseen(&self, expected: u32) {
        if let Look::Frame { missed, .. } = self.board.look(expected) {
            self.board.with(|state, _| {
                state.dropped = state
                    .dropped
                    .saturating_add(u64::from(missed))
                    .saturating_add(1);
            });
        }
    }

    /// Looks again after `delay_ns`.
    fn arm(self: Arc<Self>, delay_ns: u64) {
        let delay = Delta::from_nanos(i64::try_from(delay_ns).unwrap_or(i64::MAX));
        let mut stream = self.stream.lock();

        if let Some(stream) = &mut *stream {
            // Cancelled before it is started again: a handle cancels when it is dropped.
            stream.timer = None;
            stream.timer = Some(self.clone().start(delay));
        }
    }

    /// Ends a stream whose sensor broke a rule.
    fn fail(&self, finding: Finding) {
        dev_err!(self.board.device(), "stream broken: {}\n", Shown(finding));
        self.end();
    }

    /// Judges a stream that had not started when the driver was asked.
    fn judge_late(&self) -> Result {
        let awaited = match &mut *self.stream.lock() {
            Some(stream) => core::mem::take(&mut stream.unjudged),
            None => false,
        };
        if !awaited {
            return Ok(());
        }

        // A sensor that leaves stops the stream.
        self.source()
            .with(|sensor| self.judge(sensor, sensor.source_pad()?))
            .unwrap_or(Ok(()))
    }

    /// Wakes callers that wait for frames: there will be no more.
    fn end(&self) {
        if let Some(stream) = &*self.stream.lock() {
            stream.video.fail_stream();
        }
    }
}
