// SPDX-License-Identifier: GPL-2.0-only

//! The generated tables of docs/modes.md.

use crate::document::between_marks;
use anyhow::Result;
use imx412_host::sensor::part::presets::{Preset, PRESETS};
use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::readout::modes::mode_of;
use imx412_host::sensor::{Board, Config, Depth, Interval};

/// INCK and its fastest link, for which the tables are.
const BOARDS: [(u32, u64); 2] = [(24_000_000, 1_050_000_000), (27_000_000, 1_049_625_000)];

/// `document` with its tables made anew.
///
/// # Errors
///
/// The document does not have the two marks between which the tables are.
pub fn regenerate(document: &str) -> Result<String> {
    between_marks(document, "modes", &tables()?)
}

fn tables() -> Result<String> {
    let mut text = String::from("\n");
    text += &presets();
    for (inck, link_freq) in BOARDS {
        text += &rates(inck, link_freq)?;
    }
    Ok(text)
}

/// Returns the table of presets.
fn presets() -> String {
    let mut text = String::from(
        "| image | crop (x, y)/size | binning | scaling | lines of the shortest frame | modes at 10, 12, 8 bits |\n\
         |---|---|---|---|---|---|\n",
    );
    for preset in &PRESETS {
        let readout = preset.readout(Depth::Ten);
        text += &format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            preset.output(),
            readout.field_of_view(),
            match preset.binning().factor() {
                1 => "-",
                _ => "2x2",
            },
            match preset.scaling().m() {
                16 => "-".to_string(),
                m => format!("16/{m}"),
            },
            imx412_host::sensor::timing::frame_length_floor(&IMX412, &readout),
            [Depth::Ten, Depth::Twelve, Depth::Eight]
                .map(|depth| mode_of(&preset.readout(depth))
                    .unwrap_or_default()
                    .to_string())
                .join(", "),
        );
    }
    text + "\n"
}

/// Returns the fastest rate of each preset, depth and number of lanes.
fn rates(inck: u32, link_freq: u64) -> Result<String> {
    let mut text = format!(
        "INCK {} MHz, link frequency {} MHz:\n\n\
         | image | 4 lanes, 10 bits | 4 lanes, 12 bits | 2 lanes, 10 bits | 2 lanes, 12 bits |\n\
         |---|---|---|---|---|\n",
        inck / 1_000_000,
        link_freq as f64 / 1e6,
    );
    for preset in &PRESETS {
        text += &format!("| {} |", preset.output());
        for (lanes, depth) in [
            (4, Depth::Ten),
            (4, Depth::Twelve),
            (2, Depth::Ten),
            (2, Depth::Twelve),
        ] {
            let board = Board::new(inck, lanes, &[link_freq], &IMX412)
                .map_err(|error| anyhow::anyhow!("{error}"))?;
            text += &cell(&board, preset, depth);
        }
        text += "\n";
    }
    Ok(text + "\n")
}

/// Returns the fastest rate.
fn cell(board: &Board, preset: &Preset, depth: Depth) -> String {
    let config = Config::default_for(board)
        .with_readout(preset.readout(depth))
        .with_frame_interval(Interval {
            numerator: 1,
            denominator: u32::MAX,
        });
    let fps = config.timing().frame_rate_millihertz() as f64 / 1e3;
    format!(" {fps:.2} |")
}
