// SPDX-License-Identifier: GPL-2.0-only

//! Frame rates. A slow guest loses frames, so frames are not counted: each carries its number and
//! the time it started, and the rate is that of the numbers.

use anyhow::{ensure, Context, Result};

/// Number and time, in seconds, of the frames of a stream; at least two.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    frames: Vec<(u64, f64)>,
}

impl Timing {
    /// Reads what `v4l2-ctl --stream-mmap --verbose` printed:
    /// "cap dqbuf: 1 seq:     26 bytesused: 24660480 ts: 18.777898 delta: ...".
    ///
    /// The first `unsettled` frames do not count.
    ///
    /// # Errors
    ///
    /// There are fewer than two frames that count, or time or numbers do not grow.
    pub fn parse(text: &str, unsettled: usize) -> Result<Self> {
        let mut frames = Vec::new();
        let lines = text.lines().filter(|line| line.contains("dqbuf:"));
        for line in lines.skip(unsettled) {
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
        Ok(Self { frames })
    }

    /// Frames per second, by the numbers of all frames.
    pub fn rate(&self) -> f64 {
        let (first, last) = (self.frames[0], self.frames[self.frames.len() - 1]);
        (last.0 - first.0) as f64 / (last.1 - first.1)
    }

    /// Frames per second, by the time from one frame to the next that is the median: for numbers that
    /// leave out what a slow guest has missed.
    pub fn median_rate(&self) -> f64 {
        let mut intervals: Vec<f64> = self
            .frames
            .windows(2)
            .map(|pair| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0) as f64)
            .collect();
        intervals.sort_by(f64::total_cmp);
        intervals[intervals.len() / 2].recip()
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
        let rate = Timing::parse(text, 0).unwrap().rate();
        assert!((rate - 60.0).abs() < 0.01, "{rate}");
    }

    #[test]
    fn frames_without_a_number_do_not_move_the_median() {
        let line = |number: u32, time: f64| format!("cap dqbuf: 0 seq: {number} ts: {time}\n");
        let times = [0.0, 0.1, 0.2, 0.4, 0.5, 0.601];
        let text: String = (0..).zip(times).map(|(at, time)| line(at, time)).collect();
        let timing = Timing::parse(&text, 0).unwrap();
        assert!((timing.median_rate() - 10.0).abs() < 0.01);
        assert!((timing.rate() - 8.319).abs() < 0.01);
        assert!((Timing::parse(&text, 4).unwrap().rate() - 9.901).abs() < 0.01);
    }

    #[test]
    fn numbers_that_do_not_grow_are_refused() {
        let line = "cap dqbuf: 0 seq: 3 bytesused: 1 ts: 1.5\n";
        Timing::parse(&line.repeat(2), 0).unwrap_err();
        Timing::parse(line, 0).unwrap_err();
    }
}
