// SPDX-License-Identifier: GPL-2.0-only

//! fsm-camera for guests: built in the Debian tree by its cargo, for arm64 and linked statically. Crates
//! come from the registry that this machine's cargo uses.

use super::program::{libraries, link, TARGET};
use crate::env::command;
use crate::env::once::Once;
use crate::env::paths::Paths;
use crate::env::progress::Progress;
use crate::env::tools;
use crate::env::tree::Tree;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const NAME: &str = "fsm-camera";

/// Returns the crates of Cargo.lock, collected anew when that changes.
///
/// # Errors
///
/// Cargo cannot fetch them.
pub fn crates(paths: &Paths) -> Result<PathBuf> {
    let folder = paths.build("camera/crates")?;
    let stamp = paths.build("camera/Cargo.lock")?;
    let wanted = fs::read(paths.repo.join("Cargo.lock")).context("cannot read Cargo.lock")?;
    if fs::read(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(folder);
    }
    let progress = Progress::start("crates", 0);
    let mut cargo = Command::new("cargo");
    cargo
        .args(["vendor", "--locked", "--versioned-dirs", "--color=never"])
        .arg(&folder)
        .current_dir(&paths.repo);
    let log = paths.build("logs/crates.log")?;
    command::logged("collecting crates", cargo, &log, &progress)?;
    progress.finish();
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(folder)
}

/// The file, once it was built.
static BUILT: Once<(), PathBuf> = Once::new();

/// Builds it, unless this run of xtask has, and returns the file.
///
/// # Errors
///
/// Crates or libraries cannot be had, or it does not compile.
pub fn build(paths: &Paths, tree: &Tree) -> Result<PathBuf> {
    BUILT.get((), || compile(paths, tree))
}

fn compile(paths: &Paths, tree: &Tree) -> Result<PathBuf> {
    let libraries = libraries(paths)?;
    let crates = crates(paths)?;
    tools::install(paths, "cargo")?;
    let target = paths.build("camera/target")?;
    let flags: Vec<String> = [
        "--sysroot".to_owned(),
        libraries.join("usr").display().to_string(),
    ]
    .into_iter()
    .chain(["-Ctarget-feature=+crt-static", "-Crelocation-model=static"].map(str::to_owned))
    .chain(link(&libraries))
    .map(|flag| format!("{flag:?}"))
    .collect();
    let progress = Progress::start(NAME, 0);
    let mut cargo = tree.command(&paths.repo, "cargo")?;
    cargo
        .args([
            "build",
            "--release",
            "--locked",
            "--offline",
            "--color=never",
        ])
        .args(["--package", NAME, "--target", TARGET])
        .arg("--target-dir")
        .arg(&target)
        .args(["--config", "source.crates-io.replace-with=\"vendored\""])
        .args(["--config", &format!("source.vendored.directory={crates:?}")])
        .args([
            "--config",
            &format!("target.{TARGET}.linker=\"aarch64-linux-gnu-gcc-14\""),
        ])
        .args([
            "--config",
            &format!("target.{TARGET}.rustflags=[{}]", flags.join(",")),
        ]);
    let log = paths.build("logs/fsm-camera.log")?;
    command::logged("compiling fsm-camera", cargo, &log, &progress)?;
    progress.finish();
    Ok(target.join(TARGET).join("release").join(NAME))
}
