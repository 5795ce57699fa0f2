// SPDX-License-Identifier: GPL-2.0-only

//! Steps that compare test patterns pixel by pixel.

use super::report::Outcome;
use super::run::Check;
use super::signal::{compare, Pattern, PatternSeen};
use crate::camera::{Camera, Settings};
use crate::controls::id;

/// Four values that differ in each byte of the link, and their complements: every bit of every lane is
/// seen at both levels.
const COLOURS: [u16; 4] = [0xaa9, 0x336, 0xcc5, 0x55a];
const PATTERNS: [Pattern; 5] = [
    Pattern::Solid(COLOURS),
    Pattern::Solid([
        !COLOURS[0] & 0xfff,
        !COLOURS[1] & 0xfff,
        !COLOURS[2] & 0xfff,
        !COLOURS[3] & 0xfff,
    ]),
    Pattern::Bars,
    Pattern::FadingBars,
    Pattern::Pn9,
];
/// Frames until one is compared, and until another one is if that is wrong: receivers on busy machines
/// settle late, and what is wrong with a link stays.
const FRAMES: [u64; 2] = [2, 20];

impl Check<'_> {
    pub(super) fn patterns(&mut self, camera: &Camera) {
        if camera.sensor().get(id::TEST_PATTERN).is_err() {
            self.step("test patterns", Outcome::Open, "the driver has none");
            return;
        }
        let lanes = self.seen.link.as_ref().map_or(0, |link| link.lanes.len());
        let lanes = if lanes == 0 { 4 } else { lanes };
        for pattern in PATTERNS {
            let settings = Settings {
                pattern: pattern.item(),
                ..self.settings()
            };
            let colours = match pattern {
                Pattern::Solid([red, green_red, green_blue, blue]) => vec![
                    (id::PATTERN_RED, red.into()),
                    (id::PATTERN_GREEN_RED, green_red.into()),
                    (id::PATTERN_GREEN_BLUE, green_blue.into()),
                    (id::PATTERN_BLUE, blue.into()),
                ],
                _ => Vec::new(),
            };
            let mut compared = None;
            for frames in FRAMES {
                let run = self.stream(pattern.name(), camera, &settings, &colours, frames);
                let raw = match run {
                    Ok(run) => run.raw,
                    Err(error) => {
                        self.step(pattern.name(), Outcome::Bad, format!("{error:#}"));
                        break;
                    }
                };
                let Some(raw) = raw else {
                    self.step(pattern.name(), Outcome::Open, "no frame came");
                    break;
                };
                let seen = compared.insert(compare(&raw, pattern, lanes));
                if seen.is_right() {
                    break;
                }
            }
            let Some(seen) = compared else {
                continue;
            };
            self.pattern(pattern, seen);
        }
    }

    fn pattern(&mut self, pattern: Pattern, seen: PatternSeen) {
        let solid = matches!(pattern, Pattern::Solid(_));
        let solid_right = self
            .seen
            .patterns
            .iter()
            .all(|seen| !seen.name.starts_with("solid") || seen.is_right());
        let detail = describe(&seen);
        if seen.is_right() {
            self.step(pattern.name(), Outcome::Good, detail);
        } else if !solid && solid_right && seen.wrong * 4 > seen.pixels {
            self.step(
                pattern.name(),
                Outcome::Open,
                "another layout than the one that this program knows; solid colours are right",
            );
        } else {
            self.step(pattern.name(), Outcome::Bad, detail);
        }
        self.seen.patterns.push(seen);
    }
}

fn describe(seen: &PatternSeen) -> String {
    if seen.is_right() {
        return format!("all {} pixels are right", seen.pixels);
    }
    let lanes: Vec<_> = seen
        .lanes
        .iter()
        .enumerate()
        .filter(|(_, lane)| lane.wrong > 0)
        .map(|(at, lane)| format!("lane {}: {} of {} bits", at + 1, lane.wrong, lane.bits))
        .collect();
    let bits: Vec<_> = seen.bit_positions.iter().map(u64::to_string).collect();
    format!(
        "{} of {} pixels are wrong; {}; by bit of the pixel, lowest first: {}",
        seen.wrong,
        seen.pixels,
        lanes.join(", "),
        bits.join(" ")
    )
}
