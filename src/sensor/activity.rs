// SPDX-License-Identifier: GPL-2.0-only

//! The activity of a sensor: standby, armed or streaming.

/// Activity of a sensor. It is not part of the configuration: a sensor in standby and a streaming
/// one can have the same [`Config`](super::Config).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// In standby, with parked outputs. It acknowledges its own address only.
    Standby,
    /// In standby, ready for the start of the stream. XVS and FSTROBE are still off.
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
