// SPDX-License-Identifier: GPL-2.0-only

//! How far a sensor goes with its configuration.

/// State of a sensor, which is no part of its configuration: the same [`Config`](super::Config) is brought to
/// a sensor in standby and to one that streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// In standby, with its outputs parked. It answers to its own address only.
    Standby,
    /// In standby, and only the start of the stream is missing, and what goes with it on XVS.
    Armed,
    /// Sending frames.
    Streaming,
}

impl Activity {
    /// Returns whether the sensor sends frames.
    pub const fn is_streaming(self) -> bool {
        matches!(self, Self::Streaming)
    }
}
