// SPDX-License-Identifier: GPL-2.0-only

//! The demo's figures.

use super::Shot;
use crate::capture::Capture;
use serde::Serialize;

/// Contents of summary.json.
#[derive(Debug, Serialize)]
pub struct Summary<'a> {
    kernel: &'a str,
    captures: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    name: &'a str,
    picture: String,
    #[serde(flatten)]
    capture: &'a Capture,
}

impl<'a> Summary<'a> {
    /// Collects the figures of all shots.
    pub fn new(kernel: &'a str, shots: &'a [Shot]) -> Self {
        let captures = shots
            .iter()
            .map(|shot| Entry {
                name: &shot.name,
                picture: format!("{}.png", shot.name),
                capture: &shot.capture,
            })
            .collect();
        Self { kernel, captures }
    }

    /// Objections of the emulated sensor and the receiver in the whole demo: the counters never go
    /// back.
    pub fn objections(&self) -> u64 {
        self.captures
            .last()
            .map_or(0, |entry| entry.capture.violations.values().sum())
    }

    /// Returns the figures as lines of text.
    pub fn table(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{:<22} {:>6} {:>9} {:>9} {:>9} {:>8} {:>10} {:>10}",
            "capture", "format", "size", "fps", "measured", "frames", "bus bytes", "transfers"
        )];
        lines.extend(self.captures.iter().map(|entry| {
            let capture = entry.capture;
            format!(
                "{:<22} {:>6} {:>9} {:>9.3} {:>9.3} {:>8} {:>10} {:>10}",
                entry.name,
                capture.pixel_format,
                format!("{}x{}", capture.width, capture.height),
                capture.fps_expected,
                capture.fps_measured,
                capture.counters.delivered,
                capture.counters.bytes,
                capture.counters.transfers,
            )
        }));
        lines
    }
}
