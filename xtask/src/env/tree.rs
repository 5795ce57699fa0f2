// SPDX-License-Identifier: GPL-2.0-only

//! The Debian tree that everything is built and run in, so that compilers, bindgen and QEMU are the
//! same on every machine: above all the rustc that Debian's kernels were built with.

use super::apt;
use super::command;
use super::paths::Paths;
use super::root;
use super::step::{Key, Step};
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Packages of the tree beyond the minimum; dt-schema is in the backports only. Without pahole the
/// configuration would lose BTF, which changes structs.
const PACKAGES: &[&str] = &[
    "bc",
    "bindgen",
    "bison",
    "ca-certificates",
    "device-tree-compiler",
    "dkms",
    "dt-schema",
    "flex",
    "gcc",
    "gcc-aarch64-linux-gnu",
    "kmod",
    "libc6-dev",
    "libelf-dev",
    "libssl-dev",
    "make",
    "pahole",
    "perl",
    "python3",
    "qemu-system-arm",
    "rust-clippy",
    "rust-src",
    "rustc",
    "rustfmt",
    "xz-utils",
];

/// Folder of the tree, below the cache.
pub const FOLDER: &str = "trixie";

/// Lines that mmdebstrap and what it calls print for these packages, roughly.
const EXPECTED_LINES: u64 = 40;

/// Runs as root: binds what the command needs at the same paths, enters the tree and becomes the
/// user again.
const ENTER: &str = r#"
set -e
umask 022
tree=$1 uid=$2 gid=$3 folder=$4 repo=$5 cache=$6
shift 6
for path in /proc /sys /dev; do mount --rbind "$path" "$tree$path"; done
for path in "$repo" "$cache"; do mkdir -p "$tree$path"; mount --bind "$path" "$tree$path"; done
exec chroot "$tree" /usr/bin/env -i HOME=/tmp LANG=C.UTF-8 TERM="$TERM" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --reuid="$uid" --regid="$gid" --clear-groups \
    sh -c 'cd "$0" && exec "$@"' "$folder" "$@"
"#;

/// The tree, made if it was not there.
#[derive(Debug, Clone)]
pub struct Tree {
    paths: Paths,
    root: PathBuf,
}

impl Tree {
    /// Makes the tree, or finds it.
    ///
    /// # Errors
    ///
    /// No root's rights, no mmdebstrap to be had, or the mirror fails.
    pub fn prepare(paths: &Paths, mirror: &str) -> Result<Self> {
        let step = Self::step(paths);
        if !step.is_done() {
            // A tree from another version of this list has root's files, which only root can
            // remove.
            remove_tree(paths)?;
        }
        let root = step.fresh(EXPECTED_LINES, |folder, log, progress| {
            let mut make = root::command("mmdebstrap")?;
            make.args(["--mode=root", "--variant=apt", "--format=directory"])
                .args([
                    "--dpkgopt=force-unsafe-io",
                    "--dpkgopt=path-exclude=/usr/share/doc/*",
                ])
                .args(["--dpkgopt=path-exclude=/usr/share/man/*"])
                .args(["--dpkgopt=path-exclude=/usr/share/locale/*"])
                .arg(format!("--include={}", PACKAGES.join(",")))
                .arg(apt::SUITE)
                .arg(folder)
                .args(apt::sources(mirror).lines());
            command::logged("mmdebstrap", make, log, progress)
        })?;
        Ok(Self {
            paths: paths.clone(),
            root,
        })
    }

    /// Returns the tree, if it is there already.
    pub fn find(paths: &Paths) -> Option<Self> {
        let done = Self::step(paths).is_done();
        done.then(|| Self {
            paths: paths.clone(),
            root: paths.cache.join(FOLDER),
        })
    }

    fn step(paths: &Paths) -> Step {
        let key = Key::default().text(apt::SUITE).text(&PACKAGES.join(" "));
        Step::new(paths, "Debian tree", FOLDER, key)
    }

    /// Returns a command that runs `program` inside the tree, in `folder`, as the user who runs the
    /// xtask.
    ///
    /// # Errors
    ///
    /// See [`root::obtain`].
    pub fn command(&self, folder: &Path, program: &str) -> Result<Command> {
        let mut command = root::command("unshare")?;
        command
            .args(["-m", "sh", "-c", ENTER, "enter-tree"])
            .arg(&self.root)
            .arg(rustix::process::getuid().as_raw().to_string())
            .arg(rustix::process::getgid().as_raw().to_string())
            .arg(folder)
            .arg(&self.paths.repo)
            .arg(&self.paths.cache)
            .arg(program);
        Ok(command)
    }
}

/// Removes the tree, whose files are root's, finished or not.
///
/// # Errors
///
/// No root's rights, or `rm` fails.
pub fn remove_tree(paths: &Paths) -> Result<()> {
    for path in [
        paths.cache.join(FOLDER),
        paths.cache.join(format!("{FOLDER}.partial")),
    ] {
        if path.exists() {
            let mut remove = root::command("rm")?;
            remove.args(["-rf", "--one-file-system"]).arg(&path);
            command::output(&mut remove)?;
        }
    }
    Ok(())
}
