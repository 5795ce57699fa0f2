// SPDX-License-Identifier: GPL-2.0-only

//! Programs that the Debian tree gets when something first needs them, as most users never do.

use super::apt;
use super::command;
use super::mirror;
use super::paths::{self, Paths};
use super::progress::Progress;
use super::root;
use super::tree;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// Runs as root: `$1` the tree, `$2` lines for its `sources.list`, `$3` a package.
const INSTALL: &str = r#"
set -e
umask 022
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
cp /etc/resolv.conf "$1/etc/resolv.conf"
printf %s "$2" >"$1/etc/apt/sources.list"
apt-config dump | grep '^Acquire::.*[Pp]roxy' >"$1/etc/apt/apt.conf.d/99proxy" || :
chroot "$1" apt-get update --error-on=any
chroot "$1" apt-get install --yes --no-install-recommends "$3"
chroot "$1" apt-get clean
"#;

/// Installs Debian's package `name` with what it needs, unless the tree has it.
///
/// # Errors
///
/// The mirror fails, or the package does not install.
pub fn install(paths: &Paths, name: &str) -> Result<()> {
    let root = paths.cache.join(tree::FOLDER);
    if is_installed(&root, name) {
        return Ok(());
    }
    let _lock = paths::lock(&paths.cache.join("lock"), "preparing the environment")?;
    if is_installed(&root, name) {
        return Ok(());
    }
    let progress = Progress::start(name, 0);
    let mut install = root::command("sh")?;
    install
        .args(["-c", INSTALL, "install-tool"])
        .arg(&root)
        .arg(apt::sources(&mirror::find()?))
        .arg(name);
    let log = paths.cache.join("logs").join(format!("tools-{name}.log"));
    command::logged("installing into the tree", install, &log, &progress)?;
    progress.finish();
    Ok(())
}

fn is_installed(root: &Path, name: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query
        .arg("--admindir")
        .arg(root.join("var/lib/dpkg"))
        .args(["--show", "--showformat=${db:Status-Status}", name]);
    command::output(&mut query).is_ok_and(|status| status == "installed")
}
