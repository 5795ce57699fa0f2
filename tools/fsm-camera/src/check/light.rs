// SPDX-License-Identifier: GPL-2.0-only

//! Steps that look at the scene: black level, exposure, gain, flips.

use super::observe::{FlipSeen, LightSeen};
use super::report::Outcome;
use super::run::{percent, Check};
use crate::auto::Brightness;
use crate::camera::{Camera, Raw, Settings};
use crate::controls::id;
use crate::units::{Gain, Seconds};

/// Frames until one is looked at, and until another one is if that is empty.
const FRAMES: [u64; 2] = [2, 20];
/// The mean of a frame that is well exposed is below this, so that twice as much is not clipped.
const BRIGHT: f64 = 0.35;
/// Halvings of the exposure until it is.
const HALVINGS: usize = 9;
/// Of the pixels, those that are darker than the level that stands for the dark ones.
const DARKEST: usize = 100;
/// Blocks that two images are compared in.
const BLOCKS: (usize, usize) = (16, 12);

impl Check<'_> {
    fn exposed(
        &mut self,
        camera: &Camera,
        settings: &Settings,
        controls: &[(u32, i64)],
    ) -> Option<(Raw, Seconds)> {
        let mut taken = None;
        for frames in FRAMES {
            let run = self.stream("light", camera, settings, controls, frames);
            let run = run.ok()?;
            let raw = run.raw?;
            // Not even darkness is 0: nothing was written to this buffer yet.
            let written = raw.values.iter().any(|value| *value > 0);
            taken = Some((raw, run.state.exposure));
            if written {
                break;
            }
        }
        taken
    }

    fn at(&mut self, camera: &Camera, exposure: Seconds, gain: f64) -> Option<(f64, Seconds)> {
        let settings = Settings {
            exposure: Some(exposure),
            gain: Some(Gain(gain)),
            ..self.settings()
        };
        let (raw, exposure) = self.exposed(camera, &settings, &[])?;
        Some((Brightness::of(&raw).mean, exposure))
    }

    pub(super) fn light(&mut self, camera: &Camera) {
        let Some(light) = self.measure(camera) else {
            self.step("light", Outcome::Open, "too few frames came");
            return;
        };
        let raised = i32::from(light.dark_raised) - i32::from(light.dark);
        self.step(
            "black level",
            if (raised - i32::from(light.raised)).abs() <= i32::from(light.raised / 2) {
                Outcome::Good
            } else {
                Outcome::Open
            },
            format!(
                "{}; the darkest pixels read {}, and {} once it is {} higher",
                light.black, light.dark, light.dark_raised, light.raised
            ),
        );
        self.judge(
            "light",
            light.brightest > 0.01,
            format!("mean {} at its brightest", percent(light.brightest)),
        );
        let dark = light.mean < 0.01;
        let within = |ratio: f64, low: f64, high: f64| {
            if dark {
                Outcome::Open
            } else if (low..high).contains(&ratio) {
                Outcome::Good
            } else {
                Outcome::Bad
            }
        };
        self.step(
            "exposure",
            within(light.half / light.mean.max(1e-9), 0.2, 0.85),
            format!(
                "mean {} at {}, {} at half of it",
                percent(light.mean),
                light.exposure,
                percent(light.half)
            ),
        );
        self.step(
            "gain",
            within(light.gained / light.half.max(1e-9), 1.3, 4.0),
            format!("mean {} with twice the gain", percent(light.gained)),
        );
        self.seen.light = Some(light);
    }

    fn measure(&mut self, camera: &Camera) -> Option<LightSeen> {
        let longest = Seconds(0.9 / 30.0);
        let (brightest, _) = self.at(camera, longest, 16.0)?;
        let (mut mean, mut exposure) = self.at(camera, longest, 1.0)?;
        for _ in 0..HALVINGS {
            if mean < BRIGHT {
                break;
            }
            (mean, exposure) = self.at(camera, Seconds(exposure.0 / 2.0), 1.0)?;
        }
        let (half, _) = self.at(camera, Seconds(exposure.0 / 2.0), 1.0)?;
        let (gained, _) = self.at(camera, Seconds(exposure.0 / 2.0), 2.0)?;

        // The driver makes the shortest of it that there is.
        let shortest = Settings {
            exposure: Some(Seconds(1e-6)),
            gain: Some(Gain(1.0)),
            ..self.settings()
        };
        let (dark, _) = self.exposed(camera, &shortest, &[])?;
        let raised = 8 << (dark.bits.saturating_sub(8));
        let level = i64::from(dark.black) + i64::from(raised);
        let raised_control = [(id::BLACK_LEVEL, level)];
        let has_level = camera.sensor().get(id::BLACK_LEVEL).is_ok();
        let controls = if has_level { &raised_control[..] } else { &[] };
        let (higher, _) = self.exposed(camera, &shortest, controls)?;
        if has_level {
            let level = [(id::BLACK_LEVEL, i64::from(dark.black))];
            self.attempt("black level", || camera.sensor().set(&level))
                .ok()?;
        }
        Some(LightSeen {
            dark: darkest(&dark),
            black: dark.black,
            dark_raised: darkest(&higher),
            raised: if has_level { raised } else { 0 },
            mean,
            half,
            gained,
            brightest,
            exposure,
        })
    }

    pub(super) fn flips(&mut self, camera: &Camera) {
        let exposure = self.seen.light.map(|light| light.exposure);
        let settings = Settings {
            exposure,
            gain: Some(Gain(1.0)),
            ..self.settings()
        };
        let Some((plain, _)) = self.exposed(camera, &settings, &[]) else {
            self.step("flips", Outcome::Open, "too few frames came");
            return;
        };
        let plain = blocks(&plain);
        for (name, across) in [("horizontal flip", true), ("vertical flip", false)] {
            let settings = Settings {
                hflip: Some(across),
                vflip: Some(!across),
                ..settings.clone()
            };
            let Some((flipped, _)) = self.exposed(camera, &settings, &[]) else {
                self.step(name, Outcome::Open, "too few frames came");
                continue;
            };
            let flipped = blocks(&flipped);
            let seen = FlipSeen {
                name: name.to_owned(),
                as_is: difference(&plain, &flipped),
                turned: difference(&plain, &turned(&flipped, across)),
            };
            let outcome = if seen.as_is.max(seen.turned) < 0.01 {
                Outcome::Open
            } else if seen.turned <= seen.as_is * 1.5 {
                Outcome::Good
            } else {
                Outcome::Bad
            };
            self.step(
                name,
                outcome,
                format!(
                    "differs by {} as it is, by {} once it is turned back",
                    percent(seen.as_is),
                    percent(seen.turned)
                ),
            );
            self.seen.flips.push(seen);
        }
    }
}

/// Returns the level that one in a hundred pixels is below.
fn darkest(raw: &Raw) -> u16 {
    let mut values = raw.values.clone();
    let at = values.len() / DARKEST;
    if values.is_empty() {
        return 0;
    }
    *values.select_nth_unstable(at).1
}

/// Means of blocks above black, of the range above black.
fn blocks(raw: &Raw) -> Vec<f64> {
    let (columns, lines) = BLOCKS;
    let mut sums = vec![(0f64, 0f64); columns * lines];
    for (y, row) in raw.values.chunks(raw.width.max(1)).enumerate() {
        for (x, value) in row.iter().enumerate() {
            let block = (y * lines / raw.height.max(1)) * columns + x * columns / raw.width.max(1);
            if let Some((sum, count)) = sums.get_mut(block) {
                *sum += f64::from(value.saturating_sub(raw.black));
                *count += 1.0;
            }
        }
    }
    let range = f64::from((1u32 << raw.bits) - 1) - f64::from(raw.black);
    sums.into_iter()
        .map(|(sum, count)| sum / f64::max(count, 1.0) / range.max(1.0))
        .collect()
}

fn turned(blocks: &[f64], across: bool) -> Vec<f64> {
    let lines = blocks.chunks(BLOCKS.0);
    if across {
        lines.flat_map(|line| line.iter().rev().copied()).collect()
    } else {
        lines.rev().flatten().copied().collect()
    }
}

fn difference(a: &[f64], b: &[f64]) -> f64 {
    let sum: f64 = a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum();
    sum / a.len().max(1) as f64
}
