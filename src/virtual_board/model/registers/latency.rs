// SPDX-License-Identifier: GPL-2.0-only

//! Latency: the number of frames from a write to the frame that shows it.
//!
//! Group hold and the frame boundary decide which values belong together (see
//! [`hold`](super::hold)). They pass through the sensor behind that: the frame which is read out
//! next has been exposed already.

use super::map::*;

/// Maximum number of frame starts from the latch of a value to its effect.
pub(crate) const DEPTH: usize = 4;

/// Latencies in frames, counted as libcamera's `CamHelper::getDelays()` counts them: a control that
/// is written between the starts of frames N and N + 1 shows in frame N + latency. A frame shows its
/// exposure and gains in its image, and a length in the time between its start and that of the frame
/// before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Exposure, from 1.
    pub exposure: u8,
    /// Analogue and digital gains, from 1.
    pub gain: u8,
    /// Frame length, from 2.
    pub frame_length: u8,
    /// Line length, from 2.
    pub line_length: u8,
}

impl Latency {
    /// The figures of libcamera for the IMX477. They are not confirmed for the IMX412 and IMX577.
    pub const IMX477: Self = Self {
        exposure: 2,
        gain: 2,
        frame_length: 3,
        line_length: 3,
    };

    /// All values show in the frame that starts next.
    pub const NEXT_FRAME: Self = Self {
        exposure: 1,
        gain: 1,
        frame_length: 2,
        line_length: 2,
    };

    /// Returns whether each latency is at least one frame start, and at most as many as are kept.
    pub fn is_valid(&self) -> bool {
        let frames = DEPTH as u8;

        (1..=frames).contains(&self.exposure)
            && (1..=frames).contains(&self.gain)
            && (2..=frames.saturating_add(1)).contains(&self.frame_length)
            && (2..=frames.saturating_add(1)).contains(&self.line_length)
    }

    /// Returns the frame starts between that which latches a register and that of the frame which has
    /// the value.
    ///
    /// Test patterns and black level are not known to libcamera; they are assumed to come with the
    /// gains.
    pub(crate) fn frames_after_latch(&self, address: u16) -> usize {
        let frames = match address {
            COARSE_INTEG_TIME..ANA_GAIN_GLOBAL | CIT_LSHIFT => self.exposure.saturating_sub(1),
            FRM_LENGTH_LINES..LINE_LENGTH_PCK | FRM_LENGTH_CTL | FLL_LSHIFT => {
                self.frame_length.saturating_sub(2)
            }
            LINE_LENGTH_PCK..=LINE_LENGTH_PCK_END => self.line_length.saturating_sub(2),
            _ => self.gain.saturating_sub(1),
        };

        usize::from(frames)
    }
}

const LINE_LENGTH_PCK_END: u16 = LINE_LENGTH_PCK + 1;
