// SPDX-License-Identifier: GPL-2.0-only

//! Traits by which devices are wired to buses, lines and XVS, which know nothing else of them.

use super::model::Line;

pub(crate) use super::model::Target;

/// A device with the supplies, clock and reset of a sensor.
pub(crate) trait Pins: Send + Sync {
    /// Sets a line.
    fn set_line(&self, line: Line, high: bool);
}

/// A sensor on an XVS wire.
pub(crate) trait Follower: Send + Sync {
    /// Starts the frames that are due at `now_ns`, and sends their pulses.
    fn catch_up(&self, now_ns: u64);

    /// Takes the sensor off the wire.
    fn leave(&self);
}
