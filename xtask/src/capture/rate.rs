// SPDX-License-Identifier: GPL-2.0-only

//! Frame rates. A slow guest loses frames, so frames are not counted: each carries its number and
//! the time it started, and the rate is that of the numbers.

use anyhow::{ensure, Context, Result};

/// Number and start, in seconds, of the first and the last frame of a stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timing {
    first: (u64, f64),
    last: (u64, f64),
}

impl Timing {
    /// Reads what `v4l2-ctl --stream-mmap --verbose` printed:
    /// "cap dqbuf: 1 seq:     26 bytesused: 24660480 ts: 18.777898 delta: ...".
    ///
    /// # Errors
    ///
    /// There are fewer than two frames, or time or numbers do not grow.
    pub fn parse(text: &str) -> Result<Self> {
        let mut frames = Vec::new();
        for line in text.lines().filter(|line| line.contains("dqbuf:")) {
            let mut words = line.split_whitespace();
            let mut value = |name: &str| {
                words.find(|word| *word == name)?;
                words.next()
            };
            let sequence = value("seq:")
                .context("a frame without a number")?
                .parse::<u64>()?;
            let time = value("ts:")
                .context("a frame without a time stamp")?
                .parse::<f64>()?;
            frames.push((sequence, time));
        }
        ensure!(frames.len() >= 2, "too few frames to measure a rate");
        for pair in frames.windows(2) {
            ensure!(
                pair[1].0 > pair[0].0 && pair[1].1 > pair[0].1,
                "frame {} at {} follows frame {} at {}",
                pair[1].0,
                pair[1].1,
                pair[0].0,
                pair[0].1
            );
        }
        Ok(Self {
            first: frames[0],
            last: frames[frames.len() - 1],
        })
    }

    /// Frames per second.
    pub fn rate(&self) -> f64 {
        (self.last.0 - self.first.0) as f64 / (self.last.1 - self.first.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_frames_count() {
        let text = "VIDIOC_STREAMON returned 0 (Success)
cap dqbuf: 0 seq:      0 bytesused: 24660480 ts: 18.344542 field: None (ts-monotonic, ts-src-soe)
cap dqbuf: 1 seq:     26 bytesused: 24660480 ts: 18.777898 delta: 433.356 ms dropped: 25 field: None
cap dqbuf: 1 seq:     32 bytesused: 24660480 ts: 18.877903 delta: 16.668 ms fps: 60.00 field: None
";
        let rate = Timing::parse(text).unwrap().rate();
        assert!((rate - 60.0).abs() < 0.01, "{rate}");
    }

    #[test]
    fn numbers_that_do_not_grow_are_refused() {
        let line = "cap dqbuf: 0 seq: 3 bytesused: 1 ts: 1.5\n";
        Timing::parse(&line.repeat(2)).unwrap_err();
        Timing::parse(line).unwrap_err();
    }
}
