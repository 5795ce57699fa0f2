// SPDX-License-Identifier: GPL-2.0-only

//! State shared by the thread that takes frames and those that serve browsers.

use crate::camera::{Camera, Settings};
use crate::controls::{self, id};
use crate::sensor::{analogue, digital, State};
use crate::units::{Fps, Gain, Seconds};
use anyhow::{bail, ensure, Result};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A browser that has not asked for an image for so long is gone.
const ABSENT: Duration = Duration::from_secs(5);

/// A small image of a frame.
#[derive(Debug, Default)]
pub struct Shot {
    /// Counts pictures.
    pub number: u64,
    /// The image as a file.
    pub jpeg: Vec<u8>,
    /// Counts of red, green and blue values, [`BINS`](super::BINS) each.
    pub histogram: [Vec<u32>; 3],
    /// Of the frames that came, by their numbers and times.
    pub fps: Option<f64>,
}

/// A setting as the page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Knob {
    /// Names it in a [`Change`].
    pub name: &'static str,
    /// Its name on the page.
    pub label: &'static str,
    /// Of the numbers below; empty if there is none.
    pub unit: &'static str,
    /// The least that it takes.
    pub minimum: f64,
    /// The most that it takes.
    pub maximum: f64,
    /// The present value.
    pub value: f64,
    /// True if a slider has to go by factors.
    pub logarithmic: bool,
    /// Items of a menu.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// True if it is on or off.
    pub switch: bool,
}

/// Contents of the page next to the image.
#[derive(Debug, Serialize)]
pub struct View {
    /// The sensor's name.
    pub camera: String,
    /// Size, depth and order of colours.
    pub format: String,
    /// Of the frames that came, by their numbers and times.
    pub fps: Option<f64>,
    /// Counts of red, green and blue values, [`BINS`](super::BINS) each.
    pub histogram: [Vec<u32>; 3],
    /// Degrees Celsius.
    pub temperature: Option<i64>,
    /// The settings.
    pub knobs: Vec<Knob>,
    /// The reason why no images come, if none do.
    pub error: Option<String>,
}

/// A setting that a browser has changed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Change {
    /// The [`Knob::name`].
    pub name: String,
    /// The value that is wanted, in the unit of the knob.
    pub value: f64,
}

struct Inner {
    settings: Settings,
    /// Counts what needs the stream to start anew.
    generation: u64,
    shot: Arc<Shot>,
    state: Option<State>,
    temperature: Option<i64>,
    error: Option<String>,
    asked: Instant,
}

/// See the module.
pub(super) struct Shared {
    pub(super) camera: Camera,
    name: String,
    inner: Mutex<Inner>,
    changed: Condvar,
}

impl Shared {
    pub(super) fn new(camera: Camera, settings: Settings) -> Result<Self> {
        Ok(Self {
            name: camera.entity()?.name.clone(),
            camera,
            inner: Mutex::new(Inner {
                settings,
                generation: 0,
                shot: Arc::default(),
                state: None,
                temperature: None,
                error: None,
                asked: Instant::now(),
            }),
            changed: Condvar::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A thread that panicked has left whole values.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the requested settings, and their number.
    pub(super) fn wanted(&self) -> (Settings, u64) {
        let inner = self.lock();
        (inner.settings.clone(), inner.generation)
    }

    pub(super) fn generation(&self) -> u64 {
        self.lock().generation
    }

    /// Returns whether a browser looks.
    pub(super) fn is_watched(&self) -> bool {
        self.lock().asked.elapsed() < ABSENT
    }

    /// Waits until a browser looks.
    pub(super) fn until_watched(&self) {
        let mut inner = self.lock();
        while inner.asked.elapsed() >= ABSENT {
            inner = self
                .changed
                .wait(inner)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn publish(&self, mut shot: Shot) {
        let mut inner = self.lock();
        shot.number = inner.shot.number + 1;
        inner.shot = Arc::new(shot);
        inner.error = None;
        drop(inner);
        self.changed.notify_all();
    }

    pub(super) fn fail(&self, error: String) {
        self.lock().error = Some(error);
        self.changed.notify_all();
    }

    pub(super) fn began(&self, state: State) {
        let mut inner = self.lock();
        // From now on these are what is asked for.
        inner.settings.fps = Some(state.fps);
        inner.settings.exposure = Some(state.exposure);
        inner.settings.gain = Some(Gain(state.analogue_gain.0 * state.digital_gain.0));
        inner.state = Some(state);
    }

    pub(super) fn measured(&self, celsius: Option<i64>) {
        self.lock().temperature = celsius;
    }

    /// Returns the first image that is newer than `after`; `None` if none comes in time.
    pub(super) fn newer(&self, after: u64, limit: Duration) -> Option<Arc<Shot>> {
        let until = Instant::now() + limit;
        let mut inner = self.lock();
        inner.asked = Instant::now();
        self.changed.notify_all();
        loop {
            // A browser may have been here before this program was started anew.
            if inner.shot.number > 0 && inner.shot.number != after {
                return Some(inner.shot.clone());
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            (inner, _) = self
                .changed
                .wait_timeout(inner, left)
                .unwrap_or_else(PoisonError::into_inner);
            inner.asked = Instant::now();
        }
    }

    /// Returns the contents of the page.
    pub(super) fn view(&self) -> View {
        let knobs = self.knobs();
        let inner = self.lock();
        View {
            camera: self.name.clone(),
            format: inner.state.as_ref().map_or_else(String::new, |state| {
                format!(
                    "{}, {} bits, {}",
                    state.size,
                    state.bits,
                    state.order.name()
                )
            }),
            fps: inner.shot.fps,
            histogram: inner.shot.histogram.clone(),
            temperature: inner.temperature,
            knobs,
            error: inner.error.clone(),
        }
    }

    fn knobs(&self) -> Vec<Knob> {
        let sensor = self.camera.sensor();
        let Ok(state) = sensor.state() else {
            return Vec::new();
        };
        let find = |id| controls::query(sensor.device(), id).ok();
        let slider = |name, label, unit, (minimum, maximum), value, logarithmic| Knob {
            name,
            label,
            unit,
            minimum,
            maximum,
            value,
            logarithmic,
            items: Vec::new(),
            switch: false,
        };
        let mut knobs = Vec::new();
        if let Some(lines) = find(id::EXPOSURE) {
            let ms = |lines| state.timing.exposure(lines).0 * 1e3;
            let range = (ms(lines.minimum), ms(lines.maximum));
            let value = state.exposure.0 * 1e3;
            knobs.push(slider("exposure", "Exposure", "ms", range, value, true));
        }
        let most = |id, unit: fn(i64) -> Gain| find(id).map_or(1.0, |found| unit(found.maximum).0);
        let most = Gain(most(id::ANALOGUE_GAIN, analogue) * most(id::DIGITAL_GAIN, digital));
        let gain = Gain(state.analogue_gain.0 * state.digital_gain.0);
        let range = (0.0, most.decibels());
        knobs.push(slider("gain", "Gain", "dB", range, gain.decibels(), false));
        if let Some(blank) = find(id::VBLANK) {
            let height = f64::from(state.size.height);
            let clocks = state.timing.pixel_rate / state.timing.line;
            let fastest = clocks / (height + blank.minimum as f64);
            knobs.push(slider(
                "fps",
                "Frame rate",
                "fps",
                (1.0, fastest),
                state.fps.0,
                true,
            ));
        }
        if let Some(level) = find(id::BLACK_LEVEL) {
            let range = (0.0, f64::from(1u32 << (state.bits - 2)) - 1.0);
            let value = level.value.unwrap_or(level.default) as f64;
            knobs.push(slider("black", "Black level", "", range, value, false));
        }
        for (name, label, id) in [
            ("hflip", "Horizontal flip", id::HFLIP),
            ("vflip", "Vertical flip", id::VFLIP),
        ] {
            if let Some(found) = find(id) {
                let value = found.value.unwrap_or(0) as f64;
                let mut knob = slider(name, label, "", (0.0, 1.0), value, false);
                knob.switch = true;
                knobs.push(knob);
            }
        }
        if let Some(pattern) = find(id::TEST_PATTERN) {
            let range = (pattern.minimum as f64, pattern.maximum as f64);
            let value = pattern.value.unwrap_or(0) as f64;
            let mut knob = slider("pattern", "Test pattern", "", range, value, false);
            knob.items = pattern.items.into_iter().map(|(_, item)| item).collect();
            knobs.push(knob);
        }
        knobs
    }

    /// Does what a browser asks for.
    ///
    /// # Errors
    ///
    /// There is no such setting, it has no such value, or the bus fails.
    pub(super) fn change(&self, change: &Change) -> Result<()> {
        let Change { name, value } = change;
        let value = *value;
        ensure!(value.is_finite(), "{name}: {value} is no value");
        let sensor = self.camera.sensor();
        let mut inner = self.lock();
        let settings = &mut inner.settings;
        match name.as_str() {
            "exposure" => {
                ensure!(value > 0.0, "exposure: {value} ms is no time");
                settings.exposure = Some(Seconds(value / 1e3));
            }
            "gain" => settings.gain = Some(Gain(10f64.powf(value / 20.0))),
            "fps" => {
                ensure!(value > 0.0, "fps: {value} is no rate");
                settings.fps = Some(Fps(value));
            }
            "black" => return sensor.set(&[(id::BLACK_LEVEL, value.round() as i64)]),
            "pattern" => {
                let item = value.round() as i64;
                sensor.set(&[(id::TEST_PATTERN, item)])?;
                settings.pattern = item;
                return Ok(());
            }
            // Not while a stream runs.
            "hflip" | "vflip" => {
                let on = Some(value != 0.0);
                if name == "hflip" {
                    settings.hflip = on;
                } else {
                    settings.vflip = on;
                }
                inner.generation += 1;
                return Ok(());
            }
            _ => bail!("there is no setting {name}"),
        }
        let (fps, exposure, gain) = (settings.fps, settings.exposure, settings.gain);
        sensor.expose(fps, exposure, gain)
    }
}
