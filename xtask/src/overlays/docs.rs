// SPDX-License-Identifier: GPL-2.0-only

//! The tables of boards in the documentation, written from `dts/boards.list`.

use super::boards::{boards, Adapter, Board, Port};
use crate::env::paths::Paths;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// A table, in a file between two comments with its name.
struct Place {
    file: &'static str,
    name: &'static str,
    table: fn(&[Board]) -> String,
}

const PLACES: [Place; 3] = [
    Place {
        file: "docs/boards.md",
        name: "boards",
        table: kinds,
    },
    Place {
        file: "docs/boards.md",
        name: "trees",
        table: trees,
    },
    Place {
        file: "docs/install.md",
        name: "modules",
        table: modules,
    },
];

const HEAD: &str =
    "| board | camera on | ports: lanes, inputs of the receiver | link up to | needs |\n\
                    |---|---|---|---|---|\n";

/// Brings the documentation up to date.
///
/// # Errors
///
/// A file has no place for its table, or cannot be written.
pub fn update(paths: &Paths) -> Result<()> {
    for place in &PLACES {
        let path = paths.repo.join(place.file);
        let text = read(&path)?;
        fs::write(&path, place.updated(&text)?)
            .with_context(|| format!("cannot write {}", place.file))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

impl Place {
    /// Returns the text with the current table.
    fn updated(&self, text: &str) -> Result<String> {
        let Self { file, name, table } = self;
        let begin = format!("<!-- {name}: written by `make docs-boards` -->\n");
        let end = format!("<!-- end of {name} -->\n");
        let parts = text
            .split_once(&begin)
            .and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
        let (before, after) =
            parts.with_context(|| format!("{file} has no place for the table of {name}"))?;
        Ok(format!(
            "{before}{begin}\n{}\n{end}{after}",
            table(boards()?)
        ))
    }
}

/// Steps before a board streams.
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

/// Returns a table for each kind of board, those that need nothing first.
fn kinds(boards: &[Board]) -> String {
    let table = |kind: &Kind| {
        let rows: String = boards
            .iter()
            .filter(|board| Kind::of(board) == *kind)
            .map(row)
            .collect();
        format!("### {}\n\n{HEAD}{rows}", kind.title())
    };
    Kind::ALL.iter().map(table).collect::<Vec<_>>().join("\n")
}

/// Returns the trees of boards that have a camera in them.
fn trees(boards: &[Board]) -> String {
    let mut text =
        "| board | tree, below `/usr/lib/linux-image-$(uname -r)/` |\n|---|---|\n".to_owned();
    for board in boards.iter().filter(|board| board.has_camera()) {
        let trees: Vec<String> = board
            .trees
            .iter()
            .map(|tree| format!("`{tree}.dtb`"))
            .collect();
        text += &format!("| {} | {} |\n", board.title, trees.join(" or "));
    }
    text
}

/// Returns the boards that need modules, by what they need.
fn modules(boards: &[Board]) -> String {
    let mut sets: Vec<(&[&str], Vec<String>)> = Vec::new();
    for board in boards.iter().filter(|board| !board.modules.is_empty()) {
        let name = format!("`{}`", board.name);
        match sets.iter_mut().find(|(set, _)| *set == board.modules) {
            Some((_, names)) => names.push(name),
            None => sets.push((&board.modules, vec![name])),
        }
    }
    let mut text = "| board | modules |\n|---|---|\n".to_owned();
    for (set, names) in sets {
        let modules: Vec<String> = set.iter().map(|module| format!("`{module}`")).collect();
        text += &format!("| {} | {} |\n", names.join(", "), modules.join(", "));
    }
    text + "| the others of `make overlays` | none |\n"
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
    fn the_documentation_has_the_present_tables() {
        for place in &PLACES {
            let text = read(&checkout().unwrap().join(place.file)).unwrap();
            assert!(
                place.updated(&text).unwrap() == text,
                "{} is out of date: run make docs-boards",
                place.file
            );
        }
    }

    #[test]
    fn an_old_table_is_replaced() {
        let [place, ..] = &PLACES;
        let (begin, end) = (
            "<!-- boards: written by `make docs-boards` -->\n",
            "<!-- end of boards -->\n",
        );
        let old = format!("before\n{begin}old\n{end}after\n");
        let new = place.updated(&old).unwrap();
        assert!(new.starts_with("before\n") && new.ends_with("after\n"));
        assert!(new.contains("| Jetson Nano B01 `jetson-nano`") && !new.contains("old\n"));
        assert!(place.updated("nothing").is_err());
    }

    #[test]
    fn boards_that_need_the_same_modules_are_in_one_line() {
        let text = modules(boards().unwrap());
        assert!(text.contains("| `raspberry-pi-4`, `raspberry-pi-cm4-io` | `bcm2835-unicam` |"));
    }
}
