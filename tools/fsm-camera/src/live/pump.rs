// SPDX-License-Identifier: GPL-2.0-only

//! The thread that takes frames.

use super::histogram;
use super::shared::{Shared, Shot};
use crate::controls::id;
use crate::develop::{preview, Picture};
use crate::stream::{Frame, Stream};
use anyhow::{ensure, Context, Result};
use jpeg_encoder::{ColorType, Encoder};
use std::thread;
use std::time::{Duration, Instant};

/// Pictures come no faster than this, and take no more than half of one processor's time.
const INTERVAL: Duration = Duration::from_millis(66);
/// Buffers of the stream.
const BUFFERS: u32 = 3;
/// A frame that is later than two periods and this is not coming.
const PATIENCE: Duration = Duration::from_secs(2);
/// Until the next try after a failure, and the next measurement of the temperature.
const PAUSE: Duration = Duration::from_secs(1);
const THERMOMETER: Duration = Duration::from_secs(5);
/// Quality of the JPEGs, of 100.
const QUALITY: u8 = 85;
/// Frames that the rate is measured over.
const MEASURED: u32 = 8;

/// Streams while a browser looks, for ever.
pub(super) fn run(shared: &Shared, widest: usize) {
    loop {
        shared.until_watched();
        if let Err(error) = stream(shared, widest) {
            shared.fail(format!("{error:#}"));
            thread::sleep(PAUSE);
        }
    }
}

/// Streams until no browser looks, or a new start is necessary.
fn stream(shared: &Shared, widest: usize) -> Result<()> {
    let (settings, generation) = shared.wanted();
    let configured = shared.camera.configure(&settings)?;
    let (stream, state) = configured.start(BUFFERS)?;
    shared.began(state);
    let mut rate = Rate::default();
    let mut frame = Frame::default();
    let mut next = Instant::now();
    let mut thermometer: Option<Instant> = None;
    while shared.is_watched() && shared.generation() == generation {
        let sensor = shared.camera.sensor();
        let state = sensor.state()?;
        let limit = PATIENCE + Duration::from_secs_f64(2.0 / state.fps.0);
        let due = Instant::now() >= next;
        let came = if due {
            stream.next(limit, &mut frame)
        } else {
            stream.skip(limit, &mut frame)
        };
        ensure!(
            came.context("the stream has ended")?,
            "no frame came: fsm-camera check looks for the reason"
        );
        rate.frame(&frame);
        if due {
            let begun = Instant::now();
            publish(shared, &state, &stream, &frame, widest, rate.fps)?;
            next = Instant::now() + INTERVAL.max(begun.elapsed());
        }
        if thermometer.is_none_or(|read| read.elapsed() > THERMOMETER) {
            thermometer = Some(Instant::now());
            shared.measured(sensor.get(id::TEMPERATURE).ok());
        }
    }
    Ok(())
}

fn publish(
    shared: &Shared,
    state: &crate::sensor::State,
    stream: &Stream,
    frame: &Frame,
    widest: usize,
    fps: Option<f64>,
) -> Result<()> {
    let raw = state.raw(frame, stream.layout())?;
    shared.publish(Shot {
        number: 0,
        jpeg: jpeg(&preview(&raw, widest))?,
        histogram: histogram(&raw),
        fps,
    });
    Ok(())
}

fn jpeg(picture: &Picture) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let (width, height) = (picture.width.try_into()?, picture.height.try_into()?);
    Encoder::new(&mut bytes, QUALITY)
        .encode(&picture.rgb, width, height, ColorType::Rgb)
        .context("cannot encode the picture")?;
    Ok(bytes)
}

/// Frames per second, by number and time.
#[derive(Default)]
struct Rate {
    first: Option<(u32, f64)>,
    fps: Option<f64>,
}

impl Rate {
    fn frame(&mut self, frame: &Frame) {
        let now = (frame.sequence, frame.time);
        let Some((sequence, time)) = self.first else {
            self.first = Some(now);
            return;
        };
        let frames = now.0.wrapping_sub(sequence);
        if frames >= MEASURED && now.1 > time {
            self.fps = Some(f64::from(frames) / (now.1 - time));
            self.first = Some(now);
        }
    }
}
