// SPDX-License-Identifier: GPL-2.0-only

//! What is installed on boards: the driver as dkms builds it, and the modules that Debian's kernel
//! lacks. All of it is loaded into Debian's kernel, by the aliases that a board's device tree asks
//! for.

use super::e2e;
use super::tally::Tally;
use crate::kernel::{board_modules, dkms};
use crate::overlays::boards::boards;
use crate::picture::scene;
use crate::run::board::Board;
use crate::run::setup::Environment;
use anyhow::{ensure, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The virtual board with a mux beside it.
const OVERLAY: &str = "tests/guest/boards/gpio-mux.dtso";
/// What dkms builds, without its suffix.
const DRIVER: &str = "fsm_imx412";

/// Builds what boards are given, and loads it.
///
/// # Errors
///
/// What the guest needs beside that cannot be built.
pub fn run(environment: &Environment, tally: &mut Tally) -> Result<()> {
    let mut modules = BTreeMap::new();
    let driver = dkms::build(environment).and_then(|folder| take(&folder, &[DRIVER], &mut modules));
    let complete = driver.is_ok();
    tally.judge(
        "install: dkms builds the driver, and only that, from what it is given",
        driver,
    );
    for board in boards()? {
        let built = board_modules::build(environment, board.name)
            .and_then(|folder| take(&folder, &board.modules, &mut modules));
        let name = format!("install: modules for {} build", board.name);
        tally.judge(&name, built);
    }

    // The guest would run xtask's own build of the driver and call it dkms'.
    if !complete {
        return Ok(());
    }
    let modules = modules.into_values().collect();
    let board = Board::with_overlays(environment, &[OVERLAY])?.with_modules(modules);
    let scene = scene::scene(None)?;
    if let Err(error) = e2e::guest(
        environment,
        &board,
        ("install", e2e::LIMIT),
        "install",
        &scene,
        tally,
    ) {
        tally.fail("install: the guest ran its script", &format!("{error:#}"));
    }
    Ok(())
}

/// Adds the modules in `folder` to `modules`, by name.
///
/// # Errors
///
/// They are others than `wanted`.
fn take(folder: &Path, wanted: &[&str], modules: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    let mut found = BTreeMap::new();
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some(name) = name.strip_suffix(".ko") {
                found.insert(name.to_owned(), path.clone());
            }
        }
    }
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    ensure!(
        found.keys().eq(wanted.iter()),
        "{} has the modules {:?} instead of {wanted:?}",
        folder.display(),
        found.keys()
    );
    modules.extend(found);
    Ok(())
}
