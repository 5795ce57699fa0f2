// SPDX-License-Identifier: GPL-2.0-only

//! The frame in which each value took effect.

use super::model::StartedFrame;
use kernel::{
    fmt,
    prelude::*, //
};

/// Frames that are remembered: about a second of the usual 60 per second.
const FRAMES: usize = 64;

/// The newest frames that have started, with their values.
pub(crate) struct Trace {
    frames: KVec<StartedFrame>,
    /// Index of the oldest frame, which the next one replaces once all places are taken.
    oldest: usize,
}

impl Trace {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            frames: KVec::with_capacity(FRAMES, GFP_KERNEL)?,
            oldest: 0,
        })
    }

    /// Remembers a frame in place of the oldest one.
    pub(crate) fn push(&mut self, started: StartedFrame) {
        if self.frames.len() < FRAMES {
            // There is room, it has been reserved.
            let _ = self.frames.push_within_capacity(started);
            return;
        }
        if let Some(frame) = self.frames.get_mut(self.oldest) {
            *frame = started;
        }
        self.oldest = (self.oldest.saturating_add(1)) % FRAMES;
    }

    /// Returns the frames, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &StartedFrame> {
        let (newer, older) = self
            .frames
            .split_at_checked(self.oldest)
            .unwrap_or((&[], &[]));
        Iterator::chain(older.iter(), newer)
    }
}

/// One line of `name=value`, as debugfs shows it.
impl core::fmt::Display for StartedFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stream = &self.frame.stream;
        let settings = &self.frame.settings;
        let gains = &settings.digital_gains;

        write!(f, "stream={} sequence={}", stream.epoch, self.sequence)?;
        write!(f, " start={}", self.start_ns)?;
        write!(f, " exposure={}", stream.exposure_lines)?;
        write!(f, " frame-length={}", stream.frame_length)?;
        write!(f, " line-length={}", stream.line_length)?;
        write!(f, " analogue-gain={}", settings.analogue_gain)?;
        write!(
            f,
            " digital-gain={},{},{},{}",
            gains.r, gains.gr, gains.gb, gains.b
        )?;
        write!(f, " black-level={}", settings.pedestal)?;
        write!(f, " test-pattern={}", settings.pattern.code())?;
        write!(f, " bayer-order={:?}", stream.bayer_order)?;
        write!(
            f,
            " defect-correction={}",
            u8::from(settings.defects_corrected)
        )?;
        match stream.strobe {
            Some(strobe) if strobe.continuous || self.sequence == 0 => {
                write!(f, " strobe={},{}", strobe.line, strobe.width_ns)?
            }
            _ => write!(f, " strobe=none")?,
        }
        write!(f, " generation={}", self.frame.generation)?;
        write!(f, " pending={}", u8::from(self.frame.pending))
    }
}
