// SPDX-License-Identifier: GPL-2.0-only

//! `make overlays`: what there is to choose from.

use super::boards::{boards, Board, Overlay, Port};
use anyhow::Result;

const HEAD: [&str; 7] = [
    "BOARD", "ADAPTER", "PORT", "LANES", "FILE", "STATE", "NEEDS",
];

/// Returns a table with a line for each overlay, and for each tree that has a camera without.
///
/// # Errors
///
/// The list of boards cannot be read.
pub fn table() -> Result<String> {
    let rows: Vec<[String; 7]> = std::iter::once(HEAD.map(str::to_owned))
        .chain(boards()?.iter().flat_map(rows))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let line = |row: &[String; 7]| {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    Ok(rows.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn rows(board: &'static Board) -> Vec<[String; 7]> {
    if !board.has_camera() {
        return board.overlays().map(|overlay| row(&overlay)).collect();
    }
    let port = |port: &Port| {
        let lanes: Vec<String> = port.lanes.iter().map(u8::to_string).collect();
        let tree = board.trees.first().copied().unwrap_or_default();
        [
            board.name.to_owned(),
            "none".to_owned(),
            port.name.to_owned(),
            lanes.join(","),
            format!("Debian's {tree}.dtb"),
            board.receiver.state().to_owned(),
            board.needs(),
        ]
    };
    board.ports.iter().map(port).collect()
}

fn row(overlay: &Overlay) -> [String; 7] {
    let Overlay {
        board,
        adapter,
        port,
        lanes,
    } = overlay;
    [
        board.name.to_owned(),
        if adapter.name.is_empty() {
            "-"
        } else {
            adapter.name
        }
        .to_owned(),
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
    use crate::overlays::boards::overlays;

    #[test]
    fn a_line_for_each_overlay() {
        let table = table().unwrap();
        for overlay in overlays().unwrap() {
            assert!(
                table.contains(&format!(" {} ", overlay.file())),
                "{overlay}"
            );
        }
        let of = |name| table.lines().find(|line| line.starts_with(name)).unwrap();
        let rb5 = of("qcom-rb5 ");
        assert!(rb5.contains("Debian's qcom/qrb5165-rb5-vision-mezzanine.dtb"));
        let nano = of("jetson-nano ");
        let words: Vec<&str> = nano.split_whitespace().take(6).collect();
        assert_eq!(
            words,
            [
                "jetson-nano",
                "-",
                "cam0",
                "2",
                "build/dtbs/jetson-nano-cam0-2lane.dtbo",
                "streams"
            ]
        );
    }
}
