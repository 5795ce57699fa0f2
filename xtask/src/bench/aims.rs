// SPDX-License-Identifier: GPL-2.0-only

//! Aims for the figures, and whether they are met.

use super::figures::{Cost, Figures};
use super::{BOARD, OURS, PEER, VIVID};
use std::fmt::Write;

/// A ratio to mainline's driver that is not to be exceeded: operation, figure, most.
type Ratio = (&'static str, &'static str, fn(&Cost) -> u64, f64);

const INSTRUCTIONS: fn(&Cost) -> u64 = |cost| cost.cpu;
const BITS: fn(&Cost) -> u64 = |cost| cost.bits;
const AT_400_KHZ: fn(&Cost) -> u64 = |cost| cost.time[0];
const AT_1_MHZ: fn(&Cost) -> u64 = |cost| cost.time[1];

const RATIOS: &[Ratio] = &[
    ("exposure", "instructions", INSTRUCTIONS, 1.25),
    ("gain", "instructions", INSTRUCTIONS, 1.25),
    ("exposure and gain", "instructions", INSTRUCTIONS, 1.25),
    ("exposure", "bits", BITS, 0.55),
    ("gain", "bits", BITS, 0.55),
    ("exposure and gain", "bits", BITS, 0.55),
    (
        "exposure, gain and vertical blanking",
        "time at 400 kHz",
        AT_400_KHZ,
        1.0,
    ),
    (
        "exposure, gain and vertical blanking",
        "time at 1 MHz",
        AT_1_MHZ,
        1.0,
    ),
    ("cold start", "instructions", INSTRUCTIONS, 0.90),
    ("cold start", "bits", BITS, 0.70),
    ("cold start", "time at 400 kHz", AT_400_KHZ, 0.60),
    ("warm start", "bits", BITS, 0.02),
    ("stop", "instructions", INSTRUCTIONS, 3.0),
];
/// Memory per sensor, at most, in that of mainline's.
const MEMORY: f64 = 1.1;

/// Instructions per photosite that a frame with changed settings may take, and those of an unchanged one to
/// its copy and to vivid's, per pixel.
const CHANGED: f64 = 3.0;
const TO_COPY: f64 = 1.02;
const TO_VIVID: f64 = 1.0;

/// Returns the table, in Markdown.
pub fn table(figures: &Figures) -> String {
    let mut text = "| aim | most | is | |\n|---|--:|--:|---|\n".to_owned();
    let mut row = |name: &str, most: f64, is: f64| {
        let met = if is <= most { "met" } else { "**not met**" };
        // A String takes everything.
        let _ = writeln!(text, "| {name} | {most} | {is:.3} | {met} |");
    };

    for (operation, figure, of, most) in RATIOS {
        let cost = |driver| figures.cost(driver, operation);
        if let (Some(ours), Some(peer)) = (cost(OURS), cost(PEER)) {
            let is = of(&ours) as f64 / of(&peer) as f64;
            row(&format!("{operation}: {figure}, to mainline's"), *most, is);
        }
    }
    if let Some(one) = figures.cost(OURS, "exposure and gain") {
        for size in [2_u32, 4] {
            if let Some(group) = figures.cost(OURS, &format!("group of {size}")) {
                row(
                    &format!("group of {size}: instructions, to those for one sensor"),
                    f64::from(size + 1),
                    group.cpu as f64 / one.cpu as f64,
                );
            }
        }
    }
    let memory = |driver, name| figures.number(driver, name, "memory");
    let bound = "memory per bound sensor";
    if let (Some(ours), Some(peer)) = (memory(OURS, bound), memory(PEER, bound)) {
        row(
            &format!("{bound}, to mainline's"),
            MEMORY,
            ours as f64 / peer as f64,
        );
    }
    if let Some(kept) = memory(OURS, "memory kept after a stream") {
        row("memory kept after a stream: bytes", 0.0, kept as f64);
    }
    let frame = |driver, name, figure| {
        figures
            .number(driver, name, figure)
            .map(|number| number as f64)
    };
    let per_photosite =
        |driver, name| Some(frame(driver, name, "cpu")? / frame(driver, name, "photosites")?);
    for name in ["whole array", "whole array, binned", "whole array, packed"] {
        if let Some(is) = per_photosite(BOARD, name) {
            row(
                &format!("frame of the {name}, changed: instructions per photosite read"),
                CHANGED,
                is,
            );
        }
    }
    let unchanged = "whole array, unchanged";
    if let (Some(cpu), Some(copy)) = (
        frame(BOARD, unchanged, "cpu"),
        frame(BOARD, unchanged, "copying"),
    ) {
        row(
            "unchanged frame: instructions, to its copy's",
            TO_COPY,
            cpu / copy,
        );
    }
    if let (Some(ours), Some(vivid)) = (
        per_photosite(BOARD, unchanged),
        per_photosite(VIVID, "3840x2160, unchanged"),
    ) {
        row(
            "unchanged frame: instructions per pixel, to vivid's",
            TO_VIVID,
            ours / vivid,
        );
    }
    let text_of = |name: &str| figures.sizes.get(name).map(|size| size.text as f64);
    if let (Some(ours), Some(ccs), Some(pll)) = (text_of(OURS), text_of("ccs"), text_of("ccs-pll"))
    {
        row("text, to that of ccs with its PLL", 1.0, ours / (ccs + pll));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_met_is_said() {
        let mut figures = Figures::default();
        for (driver, cpu) in [(OURS, 1300), (PEER, 1000)] {
            let line = format!("exposure: cpu={cpu} elapsed=1 messages=1 bytes=3 transfers=1");
            figures.add(driver, &line).unwrap();
        }
        let frame = "whole array: cpu=37 photosites=10 rendering=30 copying=7";
        figures.add(BOARD, frame).unwrap();
        let table = table(&figures);
        assert!(table.contains("photosite read | 3 | 3.700 | **not met** |"));
        assert!(table
            .contains("| exposure: instructions, to mainline's | 1.25 | 1.300 | **not met** |"));
        assert!(table.contains("| exposure: bits, to mainline's | 0.55 | 1.000 | **not met** |"));
    }
}
