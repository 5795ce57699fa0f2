// SPDX-License-Identifier: GPL-2.0-only

//! The link as a receiver sees it.

use super::{
    board::EmulatedSensor,
    broken::Broken,
    model::{
        Finding,
        StartedFrame,
        StreamDescription,
        StreamState,
        SyncRole, //
        SECOND_ADDRESS,
    }, //
};

/// The state of the link at one time.
#[expect(
    clippy::large_enum_variant,
    reason = "it lives on the stack only, and mostly holds a frame"
)]
pub(crate) enum Look {
    /// A frame has started that was not seen before; `missed` came and went before it.
    Frame {
        started: StartedFrame,
        missed: u32,
        stream: StreamDescription,
    },
    /// Nothing yet; the next frame starts in so many ns.
    Wait(u64),
    /// The sensor has broken a rule.
    Fault(Finding),
    /// The sensor is in standby, and listens to who may start it with others.
    Awaiting,
    /// The sensor is in standby.
    Silence,
}

impl EmulatedSensor {
    /// Returns the defects of the board, and so of the link.
    pub(crate) fn broken(&self) -> Broken {
        self.with(|state, _| state.broken)
    }

    /// Returns the state of the link, where frame `expected` is the first that was not seen.
    pub(crate) fn look(&self, expected: u32) -> Look {
        self.with(|state, now_ns| {
            let stream = match state.sensor.stream() {
                StreamState::Streaming(stream) => stream,
                // Told apart in one look: it may be started between two.
                StreamState::Standby if state.sensor.hears(SECOND_ADDRESS, now_ns) => {
                    return Look::Awaiting
                }
                StreamState::Standby => return Look::Silence,
                StreamState::Faulted(finding) => return Look::Fault(finding),
            };
            let latest = state.clock.latest().and_then(|started| {
                let missed = started.sequence.wrapping_sub(expected);
                // Half of the range of numbers lies ahead, the other half was seen.
                (missed < u32::MAX / 2).then_some((started, missed))
            });
            match latest {
                Some((started, missed)) => Look::Frame {
                    started,
                    missed,
                    stream,
                },
                None if stream.sync == SyncRole::Sink => Look::Wait(self.xvs().next_pulse(now_ns)),
                None => Look::Wait(state.clock.next_ns().saturating_sub(now_ns)),
            }
        })
    }
}
