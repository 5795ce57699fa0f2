// SPDX-License-Identifier: GPL-2.0-only

//! `make overlays`: what there is to choose from.

use super::boards::{overlays, Overlay};
use anyhow::Result;

const HEAD: [&str; 6] = ["BOARD", "PORT", "LANES", "FILE", "STATE", "NEEDS"];

/// A table with a line for each overlay.
///
/// # Errors
///
/// The list of boards cannot be read.
pub fn table() -> Result<String> {
    let rows: Vec<[String; 6]> = std::iter::once(HEAD.map(str::to_owned))
        .chain(overlays()?.map(|overlay| row(&overlay)))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 6] = std::array::from_fn(width);
    let line = |row: &[String; 6]| {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    Ok(rows.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn row(overlay: &Overlay) -> [String; 6] {
    let Overlay { board, port, lanes } = overlay;
    [
        board.name.to_owned(),
        port.name.to_owned(),
        lanes.to_string(),
        overlay.file(),
        board.receiver.state().to_owned(),
        board.needs(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_each_overlay() {
        let table = table().unwrap();
        assert_eq!(table.lines().count(), 1 + overlays().unwrap().count());
        let nano = table.lines().nth(1).unwrap();
        let words: Vec<&str> = nano.split_whitespace().take(5).collect();
        assert_eq!(
            words,
            [
                "jetson-nano",
                "cam0",
                "2",
                "build/dtbs/jetson-nano-cam0-2lane.dtbo",
                "streams"
            ]
        );
    }
}
