// SPDX-License-Identifier: GPL-2.0-only

//! The program of ours that guests run: Rust, built in the Debian tree by its rustc, for arm64 and
//! linked statically.

use crate::env::apt::{self, Apt};
use crate::env::command;
use crate::env::mirror;
use crate::env::once::Once;
use crate::env::paths::{self, Paths};
use crate::env::progress::Progress;
use crate::env::step::{Key, Step};
use crate::env::tree::Tree;
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// Rust's standard library for arm64, and the C library that it sits on.
const PACKAGES: [&str; 2] = ["libstd-rust-dev", "libc6-dev"];
const NAME: &str = "imx412-stress";
pub(super) const TARGET: &str = "aarch64-unknown-linux-gnu";

/// Returns the folder of libraries for the program, kept in the cache like all downloads.
pub(super) fn libraries(paths: &Paths) -> Result<PathBuf> {
    let key = Key::default().text(apt::SUITE).text(&PACKAGES.join(" "));
    let step = Step::new(
        paths,
        "libraries for guest programs",
        "guest-libraries",
        key,
    );
    if step.is_done() {
        return Ok(step.product());
    }
    let _lock = paths::lock(&paths.cache.join("lock"), "preparing the environment")?;
    if step.is_done() {
        return Ok(step.product());
    }
    let apt = Apt::update(paths, &mirror::find()?)?;
    step.fresh(0, |folder, _, progress| {
        let debs = folder.join("debs");
        fs::create_dir_all(&debs)?;
        for deb in apt.download(paths, &PACKAGES.map(str::to_owned), &debs, progress)? {
            progress.advance(&deb.display().to_string());
            apt::unpack(&deb, &["./usr/lib/*"], folder)?;
        }
        paths::remove(&debs)
    })
}

/// The file, once it was built.
static BUILT: Once<(), PathBuf> = Once::new();

/// Builds it, unless this run of xtask has, and returns the file.
///
/// # Errors
///
/// The libraries cannot be had, or the program does not compile.
pub fn build(paths: &Paths, tree: &Tree) -> Result<PathBuf> {
    BUILT.get((), || compile(paths, tree))
}

fn compile(paths: &Paths, tree: &Tree) -> Result<PathBuf> {
    let libraries = libraries(paths)?;
    let program = paths.build(&format!("stress/{NAME}"))?;
    let progress = Progress::start(NAME, 0);
    let mut rustc = tree.command(&paths.repo, "rustc")?;
    rustc
        .args(["--edition", "2021", "--crate-name", "imx412_stress", "-O"])
        .args(["--target", TARGET, "--sysroot"])
        .arg(libraries.join("usr"))
        .args(["-C", "strip=debuginfo", "-C", "relocation-model=static"])
        .args(["-C", "target-feature=+crt-static"])
        .args(["-C", "linker=aarch64-linux-gnu-gcc-14"])
        .args(link(&libraries))
        .arg("-o")
        .arg(&program)
        .arg("tests/stress/src/main.rs");
    let log = paths.build("logs/stress-program.log")?;
    command::logged("compiling the guests' program", rustc, &log, &progress)?;
    progress.finish();
    Ok(program)
}

/// Returns the linker's arguments for the C library, some of whose archives name others by absolute
/// paths.
pub(super) fn link(libraries: &Path) -> Vec<String> {
    let root = libraries.display();
    let folder = libraries.join("usr/lib/aarch64-linux-gnu");
    let folder = folder.display();
    [
        format!("-Clink-arg=-B{folder}"),
        format!("-Clink-arg=-L{folder}"),
        format!("-Clink-arg=-Wl,--sysroot={root}"),
    ]
    .into()
}
