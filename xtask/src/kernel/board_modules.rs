// SPDX-License-Identifier: GPL-2.0-only

//! Modules of the kernel's own source that a board needs and Debian's kernel lacks. The recipe is a
//! script, as boards build them too.

use crate::env::command;
use crate::env::paths;
use crate::env::progress::Progress;
use crate::run::setup::Environment;
use anyhow::Result;
use std::path::PathBuf;

/// Which board needs which: one line for each, the board's name first.
const LIST: &str = include_str!("../../../scripts/board-modules.list");
/// Lines that the script prints, roughly.
const EXPECTED_LINES: u64 = 25;

/// Every board with the names of its modules, which may be none.
pub fn boards() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    LIST.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?, words.collect()))
        })
}

/// Builds a board's modules into `build/board-modules/<board>` and returns that folder. There is no
/// such folder if the board needs none.
///
/// # Errors
///
/// There is no such board, or the build fails; the message quotes the script.
pub fn build(environment: &Environment, board: &str) -> Result<PathBuf> {
    let Environment { paths, tree, found } = environment;
    let folder = paths.build(&format!("board-modules/{board}"))?;
    paths::remove(&folder)?;
    let mut script = tree.command(&paths.repo, "sh")?;
    script.arg("scripts/board-modules.sh").arg(board).args([
        &folder,
        &found.metadata,
        &found.source,
    ]);
    let log = paths.build(&format!("logs/board-modules-{board}.log"))?;
    let progress = Progress::start(&format!("modules for {board}"), EXPECTED_LINES);
    command::logged("building the board's modules", script, &log, &progress)?;
    progress.finish();
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_list_has_the_boards_that_have_overlays() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../dts");
        let overlays: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".dtso") && !name.starts_with("qemu-virt-"))
            .collect();
        let is_for = |overlay: &str, board: &str| overlay.starts_with(&format!("{board}-"));
        for overlay in &overlays {
            assert!(
                boards().any(|(board, _)| is_for(overlay, board)),
                "{overlay}"
            );
        }
        for (board, _) in boards() {
            assert!(overlays.iter().any(|name| is_for(name, board)), "{board}");
        }
    }
}
