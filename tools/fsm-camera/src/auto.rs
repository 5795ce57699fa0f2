// SPDX-License-Identifier: GPL-2.0-only

//! Finds exposure and gain for a scene: the next pair is a pure function of how bright a frame was.

use crate::camera::Raw;
use crate::sensor::Sensor;
use crate::stream::{Frame, Stream};
use crate::units::{Gain, Seconds};
use anyhow::{ensure, Context, Result};
use std::time::Duration;

/// The mean above black that is aimed at, of the range above black: that of a gray card.
const TARGET: f64 = 0.18;
/// Tolerated deviation of the mean.
const NEAR: f64 = 0.05;
/// Of a frame, what may be at full scale.
const MOST_CLIPPED: f64 = 0.01;
/// Rounds until what has been found has to do.
const ROUNDS: usize = 12;
/// Frames until a change shows, one more than the latency of the family's sensors.
const LATENCY: u32 = 4;

/// Exposure of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposure {
    /// The exposure time.
    pub time: Seconds,
    /// Analogue and digital together.
    pub gain: Gain,
}

/// The available exposures and gains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The shortest exposure.
    pub shortest: Seconds,
    /// The longest exposure at the present frame rate.
    pub longest: Seconds,
    /// The most gain, analogue and digital together.
    pub most: Gain,
}

/// Brightness of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brightness {
    /// Mean above black, of the range above black.
    pub mean: f64,
    /// Pixels at full scale, of all.
    pub clipped: f64,
}

impl Brightness {
    /// Measures a frame.
    pub fn of(raw: &Raw) -> Self {
        let white = ((1u32 << raw.bits) - 1) as u16;
        let mut sum = 0u64;
        let mut clipped = 0u64;
        for value in &raw.values {
            sum += u64::from(value.saturating_sub(raw.black));
            clipped += u64::from(*value >= white);
        }
        let count = raw.values.len().max(1) as f64;
        Self {
            mean: sum as f64 / count / f64::from(white.saturating_sub(raw.black).max(1)),
            clipped: clipped as f64 / count,
        }
    }
}

/// Returns the exposure that should come next; `None` if this one does.
pub fn next(now: Exposure, seen: Brightness, limits: Limits) -> Option<Exposure> {
    let factor = if seen.clipped > MOST_CLIPPED {
        // The degree of overexposure is unknown.
        (TARGET / seen.mean.max(TARGET)).min(0.5)
    } else {
        (TARGET / seen.mean.max(1e-4)).min(64.0)
    };
    if seen.clipped <= MOST_CLIPPED && (factor - 1.0).abs() < NEAR {
        return None;
    }
    // Light before gain.
    let wanted = now.time.0 * now.gain.0 * factor;
    let time = wanted.clamp(limits.shortest.0, limits.longest.0);
    let gain = (wanted / time).clamp(1.0, limits.most.0);
    let then = Exposure {
        time: Seconds(time),
        gain: Gain(gain),
    };
    let same = |a: f64, b: f64| (a / b - 1.0).abs() < 0.01;
    (!same(time, now.time.0) || !same(gain, now.gain.0)).then_some(then)
}

/// Changes exposure and gain of a running stream until the scene is well exposed, or cannot be. `tell`
/// hears before each round how many are done, of the most that there may be.
///
/// # Errors
///
/// No frames come, or the bus fails.
pub fn run(
    sensor: &Sensor,
    stream: &Stream,
    limit: Duration,
    tell: &mut dyn FnMut(usize, usize),
) -> Result<()> {
    use crate::controls::{id, query};
    use crate::sensor::{analogue, digital};

    let most = |control, unit: fn(i64) -> Gain| {
        query(sensor.device(), control).map_or(1.0, |control| unit(control.maximum).0)
    };
    let most = most(id::ANALOGUE_GAIN, analogue) * most(id::DIGITAL_GAIN, digital);
    let mut frame = Frame::default();
    for round in 0..ROUNDS {
        tell(round, ROUNDS);
        let lines = query(sensor.device(), id::EXPOSURE)?;
        let state = sensor.state()?;
        let limits = Limits {
            shortest: state.timing.exposure(lines.minimum),
            longest: state.timing.exposure(lines.maximum),
            most: Gain(most),
        };
        let came = stream.next(limit, &mut frame);
        ensure!(
            came.context("the stream has ended")?,
            "no frame came: fsm-camera check looks for the reason"
        );
        let seen = Brightness::of(&state.raw(&frame, stream.layout())?);
        let now = Exposure {
            time: state.exposure,
            gain: Gain(state.analogue_gain.0 * state.digital_gain.0),
        };
        let Some(then) = next(now, seen, limits) else {
            return Ok(());
        };
        sensor.expose(Some(state.fps), Some(then.time), Some(then.gain))?;
        // Frames that were exposed before, those in the queue included.
        let shows = frame.sequence.wrapping_add(LATENCY + 4);
        while frame.sequence < shows && stream.next(limit, &mut frame)? {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        shortest: Seconds(50e-6),
        longest: Seconds(0.033),
        most: Gain(64.0),
    };

    /// Exposes a scene of this light until nothing changes any more.
    fn settle(light: f64) -> (Exposure, Brightness, usize) {
        let mut now = Exposure {
            time: Seconds(0.01),
            gain: Gain(1.0),
        };
        for round in 0..ROUNDS {
            let mean = light * now.time.0 / 0.01 * now.gain.0;
            let seen = Brightness {
                mean: mean.min(1.0),
                clipped: if mean > 0.5 { 0.3 } else { 0.0 },
            };
            match next(now, seen, LIMITS) {
                Some(then) => now = then,
                None => return (now, seen, round),
            }
        }
        panic!("light {light} does not settle: {now:?}");
    }

    #[test]
    fn bright_and_dark_scenes_come_to_the_same_mean() {
        for light in [0.002, 0.05, 0.18, 1.0, 20.0] {
            let (exposure, seen, _) = settle(light);
            assert!(
                (seen.mean / TARGET - 1.0).abs() < 2.0 * NEAR,
                "{light}: {seen:?}"
            );
            assert!(
                exposure.gain.0 == 1.0 || exposure.time.0 >= LIMITS.longest.0 * 0.99,
                "gain before light: {exposure:?}"
            );
        }
    }

    #[test]
    fn darkness_ends_at_the_limits() {
        let (exposure, ..) = settle(0.0);
        assert!(
            (exposure.gain.0 - LIMITS.most.0).abs() < 1.0,
            "{exposure:?}"
        );
        assert_eq!(exposure.time, LIMITS.longest);
    }
}
