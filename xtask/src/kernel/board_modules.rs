// SPDX-License-Identifier: GPL-2.0-only

//! Modules of the kernel's own source that a board needs and Debian's kernel lacks. The recipe is a
//! script, as boards build them too.

use crate::env::command;
use crate::env::paths;
use crate::env::progress::Progress;
use crate::run::setup::Environment;
use anyhow::Result;
use std::path::PathBuf;

/// Lines that the script prints, roughly.
const EXPECTED_LINES: u64 = 25;

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
