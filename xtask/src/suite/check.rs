// SPDX-License-Identifier: GPL-2.0-only

//! Checks without running the code: formatting, lints, compilers' warnings, licences.

use super::objects;
use super::tally::Tally;
use crate::env::command;
use crate::env::paths::Paths;
use crate::env::progress::Progress;
use crate::house::{circles, rooms};
use crate::kernel::modules;
use crate::run::setup::Environment;
use anyhow::{ensure, Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that hold nothing of ours.
const FOREIGN: [&str; 3] = ["build", "target", ".git"];
/// Files that the licence's first lines are asked of.
const LICENSED: [&str; 8] = ["rs", "c", "h", "dts", "dtso", "dtsi", "sh", "toml"];

/// Runs all checks.
///
/// # Errors
///
/// The checkout cannot be read.
pub fn run(environment: &Environment, tally: &mut Tally) -> Result<()> {
    let Environment { paths, found, .. } = environment;
    let mut sources = Vec::new();
    collect(&paths.repo, &mut sources)?;
    tally.judge("every source names its licence", licences(&sources));
    tally.judge("no source is longer than 500 lines", lengths(&sources));
    tally.judge(
        "no files use each other in a circle",
        circles::check(&paths.repo),
    );
    tally.judge("rooms of src use what they may", rooms::check(&paths.repo));
    tally.judge(
        "only kernel_ext tells series of kernels apart",
        seam(&paths.repo, &sources),
    );
    tally.judge("rustfmt", rustfmt(environment, &sources));
    tally.judge("cargo clippy", cargo_clippy(paths));
    tally.judge("checkpatch", checkpatch(environment, &sources));
    for header in with_extension(&sources, &["h"]) {
        let name = header.strip_prefix(&paths.repo)?.display().to_string();
        if name.starts_with("include/uapi/") {
            tally.judge(
                &format!("{name} can be used from C"),
                c_header(environment, header),
            );
        }
    }
    tally.judge(
        "modules build without a warning, clippy included",
        modules::build(environment, &found.metadata, "clippy", &modules::STRICT),
    );
    objects::run(environment, tally)
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !FOREIGN.contains(&&*name) {
                collect(&path, sources)?;
            }
        } else {
            sources.push(path);
        }
    }
    sources.sort();
    Ok(())
}

fn with_extension<'a>(
    sources: &'a [PathBuf],
    extensions: &'a [&str],
) -> impl Iterator<Item = &'a PathBuf> {
    sources.iter().filter(move |path| {
        path.extension()
            .is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
    })
}

/// Longest source in lines: one with more to say does more than one thing.
const LINES_MAX: usize = 500;

fn lengths(sources: &[PathBuf]) -> Result<()> {
    for source in with_extension(sources, &["rs", "c", "sh"]) {
        let lines = fs::read_to_string(source)?.lines().count();
        ensure!(
            lines <= LINES_MAX,
            "{} has {lines} lines: which part of it is a file of its own?",
            source.display()
        );
    }
    Ok(())
}

/// Prefix of the `--cfg` that Kbuild passes for a series of kernels.
const SERIES: &str = "kernel_at_least_";
/// Folder that may use it, and the one of this file, which names it.
const SEAM: [&str; 2] = ["src/kernel_ext", "xtask"];

fn seam(repo: &Path, sources: &[PathBuf]) -> Result<()> {
    for path in with_extension(sources, &["rs", "c", "h"]) {
        if SEAM
            .iter()
            .any(|folder| path.starts_with(repo.join(folder)))
        {
            continue;
        }
        let text = fs::read_to_string(path)?;
        ensure!(
            !text.contains(SERIES),
            "{} asks for {SERIES}*: put what differs into src/kernel_ext/compat.rs",
            path.display()
        );
    }
    Ok(())
}

fn licences(sources: &[PathBuf]) -> Result<()> {
    for path in with_extension(sources, &LICENSED) {
        let text = fs::read_to_string(path)?;
        ensure!(
            text.lines()
                .take(3)
                .any(|line| line.contains("SPDX-License-Identifier: GPL-2.0-only")),
            "{} does not name its licence",
            path.display()
        );
    }
    Ok(())
}

fn rustfmt(environment: &Environment, sources: &[PathBuf]) -> Result<()> {
    let Environment { paths, tree, .. } = environment;
    let mut rustfmt = tree.command(&paths.repo, "rustfmt")?;
    rustfmt.args(["--check", "--color=never", "--config-path", ".rustfmt.toml"]);
    // Files that others include as modules are named too; --check looks at each once.
    rustfmt.args(with_extension(sources, &["rs"]));
    quiet(paths, "rustfmt", rustfmt)
}

fn cargo_clippy(paths: &Paths) -> Result<()> {
    let mut clippy = Command::new("cargo");
    clippy
        .args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--quiet",
            "--color=never",
        ])
        .args(["--", "-Dwarnings"])
        .current_dir(&paths.repo);
    quiet(paths, "cargo-clippy", clippy)
}

fn checkpatch(environment: &Environment, sources: &[PathBuf]) -> Result<()> {
    let Environment { paths, tree, found } = environment;
    let mut checkpatch = tree.command(&found.source, "perl")?;
    checkpatch
        .args([
            "scripts/checkpatch.pl",
            "--strict",
            "--terse",
            "--no-summary",
            "--color=never",
        ])
        // The virtual board's names are in dts/bindings, where checkpatch does not look.
        .args(["--ignore=UNDOCUMENTED_DT_STRING", "--file"])
        .args(with_extension(sources, &["c", "h", "dts", "dtso", "dtsi"]));
    quiet(paths, "checkpatch", checkpatch)
}

/// An application's compiler takes a header, by itself and without a warning.
fn c_header(environment: &Environment, header: &Path) -> Result<()> {
    let Environment { paths, tree, .. } = environment;
    let mut compiler = tree.command(&paths.repo, "aarch64-linux-gnu-gcc-14")?;
    compiler
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .args(["-fsyntax-only", "-x", "c"])
        .arg(header);
    quiet(paths, "uapi-header", compiler)
}

/// Runs a checker that says nothing and succeeds if all is well.
fn quiet(paths: &Paths, name: &str, mut checker: Command) -> Result<()> {
    let log = paths.build(&format!("logs/check-{name}.log"))?;
    let progress = Progress::start(name, 0);
    let status = command::each_line(&mut checker, &log, |line| progress.advance(line))?;
    progress.finish();
    ensure!(
        status.success(),
        "{}\nthe whole log is {}",
        command::last_lines(&log, 40),
        log.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_asked_for_in_kernel_ext_only() {
        let repo = std::env::temp_dir().join(format!("imx412-seam-{}", std::process::id()));
        let write = |name: &str| {
            let file = repo.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, "#[cfg(kernel_at_least_7_3)]").unwrap();
            file
        };
        let right = [write("src/kernel_ext/compat.rs")];
        let wrong = [write("src/driver/probe.rs")];
        let verdicts = (seam(&repo, &right), seam(&repo, &wrong));
        fs::remove_dir_all(&repo).unwrap();
        assert!(verdicts.0.is_ok());
        let message = verdicts.1.unwrap_err().to_string();
        assert!(message.contains("src/driver/probe.rs"), "{message}");
    }
}
