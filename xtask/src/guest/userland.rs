// SPDX-License-Identifier: GPL-2.0-only

//! The guests' user space: a few of Debian's arm64 programs with the libraries they need, and
//! busybox.

use super::cpio::Cpio;
use super::libraries::{self, Found};
use crate::env::mmdebstrap;
use crate::env::paths::{self, Paths};
use crate::env::step::{Key, Step};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

const PACKAGES: &[&str] = &["busybox-static", "i2c-tools", "perl-base", "v4l-utils"];

/// Programs of those packages that the guests have, beside busybox' own.
const PROGRAMS: &[&str] = &[
    "usr/bin/media-ctl",
    "usr/bin/perl",
    "usr/bin/v4l2-compliance",
    "usr/bin/v4l2-ctl",
    "usr/sbin/i2cdetect",
    "usr/sbin/i2ctransfer",
];

/// Returns the archive with the user space, `userland.cpio` in the returned folder.
///
/// # Errors
///
/// The packages cannot be downloaded, or lack a program or a library.
pub fn prepare(paths: &Paths, mirror: &str) -> Result<PathBuf> {
    let key = Key::default()
        .text(&PACKAGES.join(" "))
        .text(&PROGRAMS.join(" "))
        .text(LAYOUT);
    let step = Step::new(paths, "guest programs", "userland", key);
    step.fresh(0, |folder, log, progress| {
        let unpacked = folder.join("unpacked");
        mmdebstrap::extract(mirror, PACKAGES, &unpacked, log, progress)?;
        fs::write(folder.join("userland.cpio"), archive(&unpacked)?)?;
        paths::remove(&unpacked)
    })
}

/// Names the layout below in the step's key: one name per version of it.
const LAYOUT: &str = "merged /usr, busybox links, libraries in /usr/lib";

fn archive(root: &Path) -> Result<Vec<u8>> {
    let mut cpio = Cpio::default();
    // The packages rely on these links, which a running Debian makes when base-files is installed.
    for name in ["bin", "sbin", "lib"] {
        cpio.folder(&format!("usr/{name}"))?;
        cpio.symlink(name, format!("usr/{name}").as_bytes())?;
    }
    for name in ["dev", "proc", "sys", "tmp", "out", "root", "etc"] {
        cpio.folder(name)?;
    }
    let busybox = ["usr/bin/busybox", "bin/busybox"]
        .map(|name| root.join(name))
        .into_iter()
        .find(|path| path.exists())
        .context("busybox-static has no busybox")?;
    cpio.copy("usr/bin/busybox", &busybox)?;
    // The first process installs the links of all its applets; it needs a shell to get there.
    cpio.symlink("usr/bin/sh", b"busybox")?;

    let mut found = Found::new();
    for program in PROGRAMS {
        let path = root.join(program);
        cpio.copy(program, &path)?;
        libraries::needed(root, &path, &mut found)?;
    }
    for (name, path) in &found {
        cpio.copy(&format!("usr/lib/{name}"), path)?;
    }
    cpio.finish()
}
