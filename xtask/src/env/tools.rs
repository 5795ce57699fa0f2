// SPDX-License-Identifier: GPL-2.0-only

//! Programs that the Debian tree gets when something first needs them, as most users never do.

use super::apt::{self, Apt};
use super::command;
use super::mirror;
use super::paths::{self, Paths};
use super::root;
use super::step::{Key, Step};
use super::tree;
use anyhow::{bail, Result};

/// Installs Debian's package `name` with what it needs and the tree lacks. `program` is a file that
/// it brings: the tree may have been made anew since.
///
/// # Errors
///
/// The mirror fails, or the package does not install.
pub fn install(paths: &Paths, name: &str, program: &str) -> Result<()> {
    let root = paths.cache.join(tree::FOLDER);
    let program = root.join(program);
    let key = Key::default().text(apt::SUITE).text(name);
    let step = Step::new(paths, name, &format!("tools/{name}"), key);
    if step.is_done() && program.exists() {
        return Ok(());
    }
    let _lock = paths::lock(&paths.cache.join("lock"), "preparing the environment")?;
    if step.is_done() && program.exists() {
        return Ok(());
    }
    paths::remove(&paths.cache.join("tools").join(name))?;
    let apt = Apt::update_for_tree(paths, &mirror::find()?, &root)?;
    step.fresh(0, |folder, log, progress| {
        let debs = apt.download_closure(paths, &[name], folder, progress)?;
        if !debs.is_empty() {
            let mut install = root::command("dpkg")?;
            install
                .arg("--root")
                .arg(&root)
                .arg("--install")
                .args(&debs);
            command::logged("installing into the tree", install, log, progress)?;
        }
        for deb in debs {
            paths::remove(&deb)?;
        }
        if !program.exists() {
            bail!("the package {name} has no {}", program.display());
        }
        Ok(())
    })?;
    Ok(())
}
