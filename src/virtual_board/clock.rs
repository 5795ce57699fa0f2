// SPDX-License-Identifier: GPL-2.0-only

//! When frames start.

use super::model::{Frame, Sensor, StreamState, SyncRole};
use core::ops::DerefMut;
use kernel::time::{hrtimer::HrTimerExpires, Instant, Monotonic};

/// Frame starts that are made up for one by one when nobody has looked for a while. What lies
/// further back is counted, and not simulated.
const CATCH_UP_FRAMES: u64 = 256;

/// The monotonic clock, ns.
pub(super) fn now_ns() -> u64 {
    u64::try_from(Instant::<Monotonic>::now().as_nanos()).unwrap_or(0)
}

/// A frame that has started.
#[derive(Clone, Copy, Debug)]
pub struct StartedFrame {
    /// What it shows.
    pub frame: Frame,
    /// Number of the frame since the sensor began to stream.
    pub sequence: u32,
    /// When, ns of the monotonic clock.
    pub start_ns: u64,
}

/// Starts the sensor's frames at the times that its registers give.
///
/// Time passes for the sensor when somebody looks: before each message on the bus, and when the
/// receiver expects a frame. Frame starts that lie between two looks are made up for in their order,
/// with their own times, so that registers latch as they would have.
#[derive(Default)]
pub(super) struct FrameClock {
    epoch: Option<u32>,
    next_ns: u64,
    next_sequence: u32,
    latest: Option<StartedFrame>,
    started: u64,
}

impl FrameClock {
    /// Starts all frames that are due at `now_ns`, each to be seen by `started`.
    pub(super) fn advance<S: DerefMut<Target = [u8]>>(
        &mut self,
        sensor: &mut Sensor<S>,
        now_ns: u64,
        mut started: impl FnMut(StartedFrame),
    ) {
        loop {
            let StreamState::Streaming(stream) = sensor.stream() else {
                self.epoch = None;
                self.latest = None;
                return;
            };
            if self.epoch != Some(stream.epoch) {
                self.epoch = Some(stream.epoch);
                self.latest = None;
                self.next_sequence = 0;
                // The first frame is exposed before it is read out.
                self.next_ns = stream.started_ns.saturating_add(stream.frame_period_ns);
            }
            // The frames of a slave wait for XVS, which nobody drives on this board.
            if stream.sync == SyncRole::Sink || self.next_ns > now_ns {
                return;
            }

            self.skip_to(now_ns, stream.frame_period_ns);
            let Some(frame) = sensor.frame_start() else {
                continue;
            };
            let frame_started = StartedFrame {
                frame,
                sequence: self.next_sequence,
                start_ns: self.next_ns,
            };
            self.latest = Some(frame_started);
            started(frame_started);
            self.count(1);
            self.next_ns = self
                .next_ns
                .saturating_add(frame.stream.frame_period_ns.max(1));
        }
    }

    fn skip_to(&mut self, now_ns: u64, period_ns: u64) {
        let due = now_ns
            .saturating_sub(self.next_ns)
            .checked_div(period_ns)
            .unwrap_or(0);
        let skipped = due.saturating_sub(CATCH_UP_FRAMES);

        self.next_ns = self
            .next_ns
            .saturating_add(skipped.saturating_mul(period_ns));
        self.count(skipped);
    }

    fn count(&mut self, frames: u64) {
        // A sequence number wraps.
        self.next_sequence = self.next_sequence.wrapping_add(frames as u32);
        self.started = self.started.saturating_add(frames);
    }

    /// The newest frame of the stream that runs.
    pub(super) fn latest(&self) -> Option<StartedFrame> {
        self.latest
    }

    /// When the next frame starts, ns.
    pub(super) fn next_ns(&self) -> u64 {
        self.next_ns
    }

    /// Frame starts since the board was made.
    pub(super) fn started(&self) -> u64 {
        self.started
    }
}
