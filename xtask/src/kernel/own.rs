// SPDX-License-Identifier: GPL-2.0-only

//! Kernels of our own configuration: what fragments ask for beyond allnoconfig, and no more.

use super::jobs;
use crate::env::command;
use crate::env::step::{Key, Step};
use crate::run::setup::Environment;
use anyhow::{bail, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// One such kernel.
#[derive(Debug)]
pub struct Own {
    /// Name in messages.
    pub name: &'static str,
    /// Its build folder below that of the series in the cache.
    pub product: &'static str,
    /// Files of the checkout with the options that it has beyond allnoconfig.
    pub fragments: &'static [&'static str],
    /// The arguments for target and compiler, also of modules.
    pub target: &'static [&'static str],
    /// Lines that make prints for it, roughly.
    pub lines: u64,
}

impl Own {
    /// Returns the kernel's build folder: `arch/arm64/boot/Image` to boot, and what modules are
    /// built against.
    ///
    /// # Errors
    ///
    /// A fragment asks for an option that the kernel does not keep, or the build fails.
    pub fn build(&self, environment: &Environment) -> Result<PathBuf> {
        let Environment { paths, tree, found } = environment;
        let mut options = String::new();
        for fragment in self.fragments {
            options += &fs::read_to_string(paths.repo.join(fragment))?;
        }
        let key = Key::default()
            .text(&found.release.version)
            .text(&options)
            .text(&self.target.join(" "));
        let step = Step::new(paths, self.name, &found.release.product(self.product), key);
        step.resumable(self.lines, |folder, log, progress| {
            let make = || -> Result<Command> {
                let mut make = tree.command(&found.source, "make")?;
                make.arg(jobs())
                    .arg(format!("O={}", folder.display()))
                    .args(self.target);
                Ok(make)
            };
            let wanted = folder.join("wanted.config");
            fs::write(&wanted, &options)?;
            let mut configure = make()?;
            configure
                .arg(format!("KCONFIG_ALLCONFIG={}", wanted.display()))
                .arg("allnoconfig");
            command::logged("configuring the kernel", configure, log, progress)?;
            let config = fs::read_to_string(folder.join(".config"))?;
            check_kept(&self.fragments.join(", "), &options, &config)?;

            let mut build = make()?;
            build.args(["Image", "modules"]);
            command::logged("building the kernel", build, log, progress)
        })
    }
}

/// Kconfig drops what it cannot satisfy without a word; a kernel without an option would fail much
/// later.
fn check_kept(files: &str, options: &str, config: &str) -> Result<()> {
    let config: Vec<&str> = config.lines().collect();
    let lost: Vec<&str> = options
        .lines()
        .filter(|line| line.starts_with("CONFIG_") && !config.contains(line))
        .filter(|line| !line.ends_with("=n") || config.contains(&line.replace("=n", "=y").as_str()))
        .collect();
    if !lost.is_empty() {
        bail!(
            "the kernel did not keep these options of {files}: {}",
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
            "a file",
            "CONFIG_A=y\nCONFIG_B=y\n# comment\n",
            "CONFIG_A=y\n# CONFIG_B is not set\n",
        );
        assert!(error.unwrap_err().to_string().ends_with("CONFIG_B=y"));
        check_kept("a file", "CONFIG_A=y\nCONFIG_B=n\n", "CONFIG_A=y\n").unwrap();
        check_kept("a file", "CONFIG_B=n\n", "CONFIG_B=y\n").unwrap_err();
    }
}
