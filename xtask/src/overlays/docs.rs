// SPDX-License-Identifier: GPL-2.0-only

//! The table of boards in `docs/boards.md`, written from `dts/boards.list`.

use super::boards::{boards, Adapter, Board, Port};
use crate::env::paths::Paths;
use anyhow::{Context, Result};
use std::fs;

const FILE: &str = "docs/boards.md";
const BEGIN: &str = "<!-- boards: written by `make docs-boards` -->\n";
const END: &str = "<!-- end of boards -->\n";

const HEAD: &str =
    "| board | camera on | ports: lanes, inputs of the receiver | link up to | needs |\n\
                    |---|---|---|---|---|\n";

/// Brings the documentation up to date.
///
/// # Errors
///
/// The file has no place for the table, or cannot be written.
pub fn update(paths: &Paths) -> Result<()> {
    let path = paths.repo.join(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {FILE}"))?;
    fs::write(&path, updated(&text)?).with_context(|| format!("cannot write {FILE}"))
}

fn updated(text: &str) -> Result<String> {
    let parts = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.with_context(|| format!("{FILE} has no place for the table"))?;
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", table()?))
}

/// What has to be done before a board streams.
#[derive(PartialEq, Eq)]
enum Kind {
    Nothing,
    Module,
    Tree,
    Receiver,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Nothing, Self::Module, Self::Tree, Self::Receiver];

    fn of(board: &Board) -> Self {
        if board.awaits.is_some() {
            return Self::Tree;
        }
        match (board.receiver.is_there(), board.modules.is_empty()) {
            (true, true) => Self::Nothing,
            (true, false) => Self::Module,
            (false, _) => Self::Receiver,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Nothing => "On Debian's kernel as it is",
            Self::Module => "With a module to build",
            Self::Tree => "Without a device tree in the kernel",
            Self::Receiver => "Without a driver for the receiver",
        }
    }
}

/// A table for each kind of board, those that need nothing first.
fn table() -> Result<String> {
    let boards = boards()?;
    let table = |kind: &Kind| {
        let rows: String = boards
            .iter()
            .filter(|board| Kind::of(board) == *kind)
            .map(row)
            .collect();
        format!("### {}\n\n{HEAD}{rows}", kind.title())
    };
    let tables: Vec<String> = Kind::ALL.iter().map(table).collect();
    Ok(tables.join("\n"))
}

fn row(board: &Board) -> String {
    let ports: Vec<String> = board.ports.iter().map(port).collect();
    let adapters: Vec<String> = board.adapters.iter().map(adapter).collect();
    format!(
        "| {} `{}` | {} | {} | {} MHz | {} |\n",
        board.title,
        board.name,
        if board.has_camera() {
            "in Debian's tree".to_owned()
        } else {
            adapters.join("<br>")
        },
        ports.join("<br>"),
        board.link_max_hz / 1_000_000,
        board.needs(),
    )
}

fn adapter(adapter: &Adapter) -> String {
    match adapter.name {
        "" => adapter.title.to_owned(),
        name => format!("`{name}`: {}", adapter.title),
    }
}

fn port(port: &Port) -> String {
    let lanes: Vec<String> = port.lanes.iter().map(u8::to_string).collect();
    format!("{}: {}, {}", port.name, lanes.join(" or "), port.wiring)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::paths::checkout;

    #[test]
    fn the_documentation_has_the_present_table() {
        let path = checkout().unwrap().join(FILE);
        let text = fs::read_to_string(path).unwrap();
        assert!(
            updated(&text).unwrap() == text,
            "{FILE} is out of date: run make docs-boards"
        );
    }

    #[test]
    fn an_old_table_is_replaced() {
        let old = format!("before\n{BEGIN}old\n{END}after\n");
        let new = updated(&old).unwrap();
        assert!(new.starts_with("before\n") && new.ends_with("after\n"));
        assert!(new.contains("| Jetson Nano B01 `jetson-nano`") && !new.contains("old\n"));
        assert!(updated("nothing").is_err());
    }
}
