// SPDX-License-Identifier: GPL-2.0-only

//! mmdebstrap, which makes the Debian tree and unpacks packages for guests.

use super::apt;
use super::command;
use super::paths::Paths;
use super::progress::Progress;
use super::root;
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

/// Installs it, the only package that the machine itself gets, unless it is there.
///
/// # Errors
///
/// No root's rights, or the machine's apt fails.
pub fn install(paths: &Paths) -> Result<()> {
    let found = Command::new("mmdebstrap").arg("--version").output();
    if found.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let progress = Progress::start("installing mmdebstrap", 0);
    let mut script = root::command("sh")?;
    script.args([
        "-c",
        "export DEBIAN_FRONTEND=noninteractive\n\
         install='apt-get install --yes --no-install-recommends mmdebstrap'\n\
         $install || { apt-get update && $install; }",
    ]);
    let log = paths.cache.join("logs/mmdebstrap-install.log");
    command::logged("installing mmdebstrap", script, &log, &progress)
        .context("mmdebstrap makes the Debian tree")?;
    progress.finish();
    Ok(())
}

/// Unpacks arm64 packages with all that they depend on into the empty or new `folder`. `package/suite`
/// takes a package from that suite.
///
/// Needs no root's rights, and runs nothing of the packages.
///
/// # Errors
///
/// A package is not in the archive or cannot be fetched.
pub fn extract(
    mirror: &str,
    packages: &[&str],
    folder: &Path,
    log: &Path,
    progress: &Progress,
) -> Result<()> {
    let mut extract = Command::new("mmdebstrap");
    extract
        .args(["--mode=chrootless", "--variant=extract", "--verbose"])
        // Refuses to run packages' scripts as root otherwise. This variant runs none.
        .arg("--skip=check/chrootless")
        .args(["--architectures=arm64", "--format=directory"])
        .arg(format!("--include={}", packages.join(",")))
        .arg(apt::SUITE)
        .arg(folder)
        .args(apt::sources(mirror).lines());
    command::logged("mmdebstrap", extract, log, progress)
}
