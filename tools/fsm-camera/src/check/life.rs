// SPDX-License-Identifier: GPL-2.0-only

//! Steps about the sensor's life: temperature, starts and stops, power, and its end.

use super::report::Outcome;
use super::run::{node_of, Check, BUFFERS};
use crate::camera::Camera;
use crate::controls::{self, id};
use anyhow::Context;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Until a sensor sleeps: the driver's autosuspend is 1 s.
const SLEEPS_WITHIN: Duration = Duration::from_secs(10);

impl Check<'_> {
    pub(super) fn temperature(&mut self, camera: &Camera) {
        if controls::query(camera.sensor().device(), id::TEMPERATURE).is_err() {
            self.step(
                "temperature",
                Outcome::Open,
                "the driver does not measure it",
            );
            return;
        }
        match self.attempt("temperature", || camera.sensor().get(id::TEMPERATURE)) {
            Ok(celsius) => {
                self.seen.temperature = Some(celsius);
                self.judge(
                    "temperature",
                    (-20..80).contains(&celsius),
                    format!("{celsius} degrees Celsius"),
                );
            }
            Err(error) => self.step("temperature", Outcome::Bad, format!("{error:#}")),
        }
    }

    pub(super) fn restarts(&mut self, camera: &Camera) {
        let settings = self.settings();
        let mut good = 0;
        for _ in 0..self.options.restarts {
            match self.stream("restart", camera, &settings, &[], 1) {
                Ok(run) => good += run.frames.len() as u64,
                // Each of many would wait as long.
                Err(_) => break,
            }
        }
        self.seen.restarts = Some((self.options.restarts, good));
        self.judge(
            "stop and restart",
            good == self.options.restarts,
            format!("{good} of {} starts brought a frame", self.options.restarts),
        );
    }

    /// Runtime PM: on while it streams, off some time after.
    pub(super) fn power(&mut self, camera: &Camera) {
        let Some(node) = camera.sensor().path().file_name() else {
            return;
        };
        let status = Path::new("/sys/class/video4linux")
            .join(node)
            .join("device/power/runtime_status");
        let is = |wanted: &str| {
            std::fs::read_to_string(&status).is_ok_and(|found| found.trim() == wanted)
        };
        let settings = self.settings();
        let active = self.attempt("power", || {
            let (stream, _) = camera.configure(&settings)?.start(BUFFERS)?;
            let active = is("active");
            drop(stream);
            Ok(active)
        });
        let Ok(active) = active else {
            self.step("power", Outcome::Open, "no stream could be started");
            return;
        };
        let control = status.with_file_name("control");
        self.seen.stays_powered = node_of(camera)
            .is_some_and(|node| node.bytes("sony,always-on").is_some())
            || std::fs::read_to_string(control).is_ok_and(|found| found.trim() == "on");
        let stays = self.seen.stays_powered;
        let begun = Instant::now();
        let mut suspended = is("suspended");
        while !suspended && !stays && !self.is_stopped() && begun.elapsed() < SLEEPS_WITHIN {
            thread::sleep(Duration::from_millis(50));
            suspended = is("suspended");
        }
        self.seen.power = Some((active, suspended));
        self.judge(
            "power",
            active && (suspended || stays),
            format!(
                "{} while it streams, {} after",
                if active { "active" } else { "not active" },
                match (suspended, stays) {
                    (true, _) => "suspended",
                    (false, true) => "powered as it is told to be",
                    (false, false) => "not suspended",
                }
            ),
        );
    }

    /// Leaves nothing behind that an application would not expect: a check that is stopped may be at
    /// its darkest or slowest.
    pub(super) fn leave(&mut self, camera: &Camera) {
        let always = [
            id::TEST_PATTERN,
            id::HFLIP,
            id::VFLIP,
            id::BLACK_LEVEL,
            id::ANALOGUE_GAIN,
            id::DIGITAL_GAIN,
        ];
        let if_stopped: &[u32] = if self.is_stopped() {
            &[id::VBLANK, id::EXPOSURE]
        } else {
            &[]
        };
        let defaults: Vec<(u32, i64)> = always
            .into_iter()
            .chain(if_stopped.iter().copied())
            .filter_map(|id| {
                let control = controls::query(camera.sensor().device(), id).ok()?;
                Some((id, control.default))
            })
            .collect();
        // Errors of the bus were reported above.
        let _ = self.persist("end", || {
            camera
                .sensor()
                .set(&defaults)
                .context("cannot reset controls")
        });
    }
}
