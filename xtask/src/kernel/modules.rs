// SPDX-License-Identifier: GPL-2.0-only

//! The project's own modules and overlays, built outside the checkout so that it stays clean.

use super::{jobs, TARGET};
use crate::env::command;
use crate::env::paths::Paths;
use crate::env::progress::Progress;
use crate::env::tree::Tree;
use crate::run::setup::Environment;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines that make prints for all modules, roughly.
const EXPECTED_LINES: u64 = 30;

/// Arguments with which warnings of rustc, clippy, gcc and modpost stop the build.
pub const STRICT: [&str; 3] = ["CLIPPY=1", "KRUSTFLAGS=-Dwarnings", "KCFLAGS=-Werror"];

/// Builds the modules in the tree against a prepared build folder of the kernel, into
/// `build/<name>-<series>/`, and returns their `.ko` files.
///
/// # Errors
///
/// The build fails; the message quotes the compiler.
pub fn build(
    environment: &Environment,
    kernel: &Path,
    name: &str,
    arguments: &[&str],
) -> Result<Vec<PathBuf>> {
    let Environment { paths, tree, found } = environment;
    let against = Against {
        kernel,
        target: &TARGET,
    };
    let series = found.release.series;
    let name = format!("{name}-{series}");
    build_from(paths, tree, &against, (&name, &paths.repo), arguments).with_context(|| {
        if series.is_tested() {
            format!("Linux {series}")
        } else {
            format!("Linux {series} is not among the kernels that the modules are tested on")
        }
    })
}

/// A kernel that modules are built against.
#[derive(Debug)]
pub struct Against<'a> {
    /// Its build folder.
    pub kernel: &'a Path,
    /// The arguments for target and compiler that it was built with.
    pub target: &'a [&'a str],
}

/// Returns the same for such a kernel, from the modules in a folder.
///
/// # Errors
///
/// As [`build`].
pub fn build_from(
    paths: &Paths,
    tree: &Tree,
    against: &Against<'_>,
    (name, source): (&str, &Path),
    arguments: &[&str],
) -> Result<Vec<PathBuf>> {
    let folder = paths.build(name)?;
    fs::create_dir_all(&folder)?;
    let log = paths.build(&format!("logs/{name}.log"))?;
    let progress = Progress::start(&format!("building {name}"), EXPECTED_LINES);
    let mut make = tree.command(&paths.repo, "make")?;
    make.arg(jobs())
        .arg("-C")
        .arg(against.kernel)
        .args(against.target)
        .arg(format!("M={}", source.display()))
        .arg(format!("MO={}", folder.display()))
        .args(arguments)
        .arg("modules");
    command::logged("building the modules", make, &log, &progress)?;
    progress.finish();
    modules_in(&folder)
}

fn modules_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let order = folder.join("modules.order");
    let list = fs::read_to_string(&order)
        .with_context(|| format!("the build left no {}", order.display()))?;
    Ok(list
        .lines()
        .map(|line| folder.join(line).with_extension("ko"))
        .collect())
}
