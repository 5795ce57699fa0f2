// SPDX-License-Identifier: GPL-2.0-only

//! Steps that look at whether frames come, when, and which.

use super::observe::FramesSeen;
use super::report::Outcome;
use super::run::{Arrived, Check, BUFFERS, PATIENCE, TRIES};
use super::verdict::RATE_OFF;
use crate::camera::{Camera, Settings};
use crate::controls::{self, id};
use crate::stream::Frame;
use crate::units::Fps;
use std::time::Duration;

/// Frames of the first run.
const FRAMES: u64 = 20;
/// Frames at the beginning of a run whose numbers tell nothing: receivers settle.
const SETTLING: usize = 3;
/// Deviation of a rate from which on it is measured for longer.
const RATE_NEAR: f64 = 0.005;
/// A rate at which that is little beside the time between two frames.
const SLOW: Fps = Fps(8.0);
/// A tenth of the usual rate.
const SLOWEST: Fps = Fps(3.0);
/// Tolerated deviation of a frame interval from the median, and the number of intervals within it.
const UNUSUAL: f64 = 0.2;
const LEAST: usize = 4;

impl Check<'_> {
    pub(super) fn first_frames(&mut self, camera: &Camera) -> Option<FramesSeen> {
        let settings = self.settings();
        match self.attempt("formats", || camera.configure(&settings)) {
            Ok(configured) => {
                let detail = format!(
                    "{}, {} bits, {} in memory",
                    configured.state.size,
                    configured.state.bits,
                    configured.layout.memory.name()
                );
                self.step("formats", Outcome::Good, detail);
            }
            Err(error) => {
                let error = format!("{error:#}");
                self.step("formats", Outcome::Bad, error.clone());
                if self.seen.bus_failures.is_empty() {
                    self.seen.no_pipeline = Some(error);
                }
                return None;
            }
        }
        let run = match self.stream("start", camera, &settings, &[], FRAMES) {
            Ok(run) => run,
            Err(error) => {
                let error = format!("{error:#}");
                self.step("start", Outcome::Bad, error.clone());
                self.seen.no_start = Some(error);
                return None;
            }
        };
        self.step("start", Outcome::Good, "the driver has started the sensor");
        let came = run.frames.len() as u64;
        self.judge("frames", came == FRAMES, format!("{came} of {FRAMES} came"));
        let mut frames = FramesSeen {
            wanted: FRAMES,
            came,
            dropped: dropped(&run.frames),
            dropped_slowly: None,
            damaged: run.frames.iter().filter(|frame| frame.damaged).count() as u64,
            short: run.frames.iter().filter(|frame| !frame.whole).count() as u64,
            promised: run.state.fps,
            measured: rate(&run.frames),
            answers: None,
        };
        if came < FRAMES && !self.is_stopped() {
            frames.answers = self.answers(camera, &settings);
        }
        if came == 0 && frames.answers == Some(true) {
            self.other_links(camera);
        }
        if came > 0 {
            self.rate(camera, &mut frames);
            self.dropped(camera, &mut frames);
        }
        self.seen.frames = Some(frames);
        Some(frames)
    }

    /// Returns whether the sensor answers while it should stream and sends nothing.
    fn answers(&mut self, camera: &Camera, settings: &Settings) -> Option<bool> {
        let sensor = camera.sensor();
        sensor.get(id::TEMPERATURE).ok()?;
        let configured = camera.configure(settings).ok()?;
        let (stream, state) = configured.start(BUFFERS).ok()?;
        let limit = PATIENCE + Duration::from_secs_f64(2.0 / state.fps.0);
        let mut frame = Frame::default();
        while !self.is_stopped() && stream.next(limit, &mut frame).is_ok_and(|came| came) {
            if frame.sequence > 10 * FRAMES as u32 {
                return Some(true);
            }
        }
        // A bus that fails now and then does not fail each time.
        let answers = (0..TRIES).any(|_| sensor.get(id::TEMPERATURE).is_ok());
        Some(answers)
    }

    /// Tries the other link frequencies.
    fn other_links(&mut self, camera: &Camera) {
        let Ok(menu) = controls::query(camera.sensor().device(), id::LINK_FREQ) else {
            return;
        };
        let settings = self.settings();
        for (item, text) in menu
            .items
            .iter()
            .filter(|(item, _)| Some(*item) != menu.value)
        {
            let Ok(hz) = text.parse::<u64>() else {
                continue;
            };
            if camera.sensor().set(&[(id::LINK_FREQ, *item)]).is_err() {
                continue;
            }
            let came = self.stream("link", camera, &settings, &[], 2);
            let came = came.is_ok_and(|run| !run.frames.is_empty());
            self.seen.other_links.push((hz, came));
        }
        if let Some(value) = menu.value {
            // The previous value.
            let _ = camera.sensor().set(&[(id::LINK_FREQ, value)]);
        }
        let good: Vec<_> = self
            .seen
            .other_links
            .iter()
            .filter(|(_, came)| *came)
            .map(|(hz, _)| format!("{} MHz", *hz as f64 / 1e6))
            .collect();
        let detail = if good.is_empty() {
            "frames come at no other link frequency of the device tree".to_owned()
        } else {
            format!("frames come at {}", good.join(", "))
        };
        self.step("other links", Outcome::Open, detail);
    }

    fn rate(&mut self, camera: &Camera, frames: &mut FramesSeen) {
        let off = |frames: &FramesSeen| {
            let measured = frames.measured;
            measured.is_none_or(|fps| (fps.0 / frames.promised.0 - 1.0).abs() > RATE_NEAR)
        };
        // A busy machine tells late of frames: over more of them that counts for less, and for less
        // still at a lower rate. A clock that is off is so at any.
        for (fps, count) in [
            (frames.promised, 4 * FRAMES),
            (SLOW, FRAMES),
            (SLOWEST, FRAMES / 2),
        ] {
            if !off(frames) || frames.came < frames.wanted {
                break;
            }
            let settings = Settings {
                fps: Some(fps),
                ..self.settings()
            };
            if let Ok(run) = self.stream("rate", camera, &settings, &[], count) {
                if let Some(measured) = rate(&run.frames) {
                    (frames.promised, frames.measured) = (run.state.fps, Some(measured));
                }
            }
        }
        let Some(measured) = frames.measured else {
            self.step("frame rate", Outcome::Open, "too few frames came");
            return;
        };
        let ratio = measured.0 / frames.promised.0;
        self.judge(
            "frame rate",
            (ratio - 1.0).abs() < RATE_OFF,
            format!("{measured} where the registers promise {}", frames.promised),
        );
    }

    fn dropped(&mut self, camera: &Camera, frames: &mut FramesSeen) {
        if frames.dropped > 0 {
            let slow = Settings {
                fps: Some(SLOWEST),
                ..self.settings()
            };
            if let Ok(run) = self.stream("slowly", camera, &slow, &[], 8) {
                frames.dropped_slowly = Some(dropped(&run.frames));
            }
        }
        let detail = match frames.dropped_slowly {
            None => "none".to_owned(),
            Some(0) => format!(
                "{}; none at a tenth of the rate: this machine is too slow or too busy",
                frames.dropped
            ),
            Some(slowly) => format!("{}, and {slowly} at a tenth of the rate", frames.dropped),
        };
        self.judge(
            "dropped frames",
            frames.dropped_slowly.unwrap_or(0) == 0,
            detail,
        );
    }
}

/// Numbers that were left out, once the receiver has settled.
fn dropped(frames: &[Arrived]) -> u64 {
    let settled = frames.get(SETTLING..).unwrap_or_default();
    settled
        .windows(2)
        .map(|pair| match pair {
            [a, b] => u64::from(b.sequence.wrapping_sub(a.sequence).saturating_sub(1)),
            _ => 0,
        })
        .sum()
}

/// Frames per second by number and time. Receivers that miss a frame may count on as if there had been
/// none, and busy machines do: what lasts much longer or shorter than most says nothing.
fn rate(frames: &[Arrived]) -> Option<Fps> {
    let mut periods: Vec<f64> = frames
        .get(1..)?
        .windows(2)
        .filter_map(|pair| match pair {
            [a, b] => {
                let count = b.sequence.wrapping_sub(a.sequence);
                let period = (b.time - a.time) / f64::from(count);
                (count > 0 && period > 0.0).then_some(period)
            }
            _ => None,
        })
        .collect();
    periods.sort_by(f64::total_cmp);
    let median = *periods.get(periods.len() / 2)?;
    let usual: Vec<f64> = periods
        .iter()
        .copied()
        .filter(|period| (period / median - 1.0).abs() < UNUSUAL)
        .collect();
    let mean = usual.iter().sum::<f64>() / usual.len() as f64;
    (usual.len() >= LEAST).then(|| Fps(1.0 / mean))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(times: &[(u32, f64)]) -> Vec<Arrived> {
        times
            .iter()
            .map(|(sequence, time)| Arrived {
                sequence: *sequence,
                time: *time,
                damaged: false,
                whole: true,
            })
            .collect()
    }

    #[test]
    fn a_rate_bears_late_frames_dropped_ones_and_ones_that_were_not_counted() {
        let mut frames: Vec<(u32, f64)> = (0..20).map(|at| (at, f64::from(at) / 30.0)).collect();
        // Late by half a period.
        frames[5].1 += 0.017;
        // Two dropped, with their numbers.
        frames.drain(8..10);
        // One missed without a number, twice.
        for frame in &mut frames[12..] {
            frame.1 += 1.0 / 30.0;
        }
        for frame in &mut frames[15..] {
            frame.1 += 1.0 / 30.0;
        }
        let found = rate(&run(&frames)).unwrap();
        assert!((found.0 / 30.0 - 1.0).abs() < 0.001, "{found}");
        assert_eq!(dropped(&run(&frames)), 2);
    }

    #[test]
    fn too_few_frames_have_no_rate() {
        assert!(rate(&run(&[])).is_none());
        assert!(rate(&run(&[(0, 0.0), (1, 0.1), (2, 0.2)])).is_none());
    }
}
