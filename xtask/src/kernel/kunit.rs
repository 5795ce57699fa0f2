// SPDX-License-Identifier: GPL-2.0-only

//! The kernel that runs the KUnit suites: smallest configuration that has what the modules use,
//! plus KUnit.

use super::{jobs, TARGET};
use crate::env::command;
use crate::env::paths::Paths;
use crate::env::step::{Key, Step};
use crate::env::tree::Tree;
use anyhow::{bail, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines that make prints for this kernel, roughly.
const EXPECTED_LINES: u64 = 1050;

/// The kernel's build folder: `arch/arm64/boot/Image` to boot, and what modules are built against.
///
/// # Errors
///
/// The fragment asks for an option that the kernel does not keep, or the build fails.
pub fn build(paths: &Paths, tree: &Tree, source: &Path, version: &str) -> Result<PathBuf> {
    let fragment = paths.repo.join("tests/kunit/kernel.config");
    let key = Key::default().text(version).file(&fragment)?;
    let step = Step::new(paths, "KUnit kernel", "kunit-kernel", key);
    step.resumable(EXPECTED_LINES, |folder, log, progress| {
        let target = |make: &mut std::process::Command| {
            make.arg(jobs())
                .arg(format!("O={}", folder.display()))
                .args(TARGET);
        };
        let mut configure = tree.command(source, "make")?;
        target(&mut configure);
        configure
            .arg(format!("KCONFIG_ALLCONFIG={}", fragment.display()))
            .arg("allnoconfig");
        command::logged("configuring the KUnit kernel", configure, log, progress)?;
        check_kept(
            &fs::read_to_string(&fragment)?,
            &fs::read_to_string(folder.join(".config"))?,
        )?;

        let mut make = tree.command(source, "make")?;
        target(&mut make);
        make.args(["Image", "modules"]);
        command::logged("building the KUnit kernel", make, log, progress)
    })
}

/// Kconfig drops what it cannot satisfy without a word; a kernel without an option would fail much
/// later.
fn check_kept(fragment: &str, config: &str) -> Result<()> {
    let config: Vec<&str> = config.lines().collect();
    let lost: Vec<&str> = fragment
        .lines()
        .filter(|line| line.starts_with("CONFIG_") && !config.contains(line))
        .filter(|line| !line.ends_with("=n") || config.contains(&line.replace("=n", "=y").as_str()))
        .collect();
    if !lost.is_empty() {
        bail!(
            "the kernel did not keep these options of tests/kunit/kernel.config: {}",
            lost.join(" ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_option_is_named() {
        let error = check_kept(
            "CONFIG_A=y\nCONFIG_B=y\n# comment\n",
            "CONFIG_A=y\n# CONFIG_B is not set\n",
        );
        assert!(error.unwrap_err().to_string().ends_with("CONFIG_B=y"));
        check_kept("CONFIG_A=y\nCONFIG_B=n\n", "CONFIG_A=y\n").unwrap();
        check_kept("CONFIG_B=n\n", "CONFIG_B=y\n").unwrap_err();
    }
}
