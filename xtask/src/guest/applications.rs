// SPDX-License-Identifier: GPL-2.0-only

//! A larger user space: libcamera, GStreamer, OpenCV and Python as Debian ships them. It is too large
//! to be unpacked into memory at each boot, so that guests get it as a disk.

use super::libraries::{self, Found};
use crate::env::apt;
use crate::env::command;
use crate::env::mirror;
use crate::env::mmdebstrap;
use crate::env::paths::{self, Paths};
use crate::env::progress::Progress;
use crate::env::step::{Key, Step};
use crate::env::tools;
use crate::env::tree::Tree;
use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Packages that the release has in an older version than its backports.
const NEWER: &[&str] = &[
    "gstreamer1.0-libcamera",
    "libcamera-ipa",
    "libcamera-tools",
    "libcamera-v4l2",
    "python3-libcamera",
];

const PACKAGES: &[&str] = &[
    "busybox-static",
    "dcraw",
    "gstreamer1.0-plugins-bad",
    "gstreamer1.0-plugins-base",
    "gstreamer1.0-plugins-good",
    "gstreamer1.0-tools",
    "libraw-bin",
    "perl-base",
    "python3-numpy",
    "python3-opencv",
    "udev",
    "v4l-utils",
];

/// Files and folders of those packages that guests have. The libraries that they need come along.
const WANTED: &[&str] = &[
    "etc/udev",
    "usr/bin/busybox",
    "usr/bin/cam",
    "usr/bin/dcraw_emu",
    "usr/bin/gst-inspect-1.0",
    "usr/bin/gst-launch-1.0",
    "usr/bin/lc-compliance",
    "usr/bin/media-ctl",
    "usr/bin/perl",
    "usr/bin/python3",
    "usr/bin/python3.13",
    "usr/bin/raw-identify",
    "usr/bin/udevadm",
    "usr/bin/v4l2-compliance",
    "usr/bin/v4l2-ctl",
    "usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstapp.so",
    "usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstbayer.so",
    "usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstcoreelements.so",
    "usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstjpeg.so",
    "usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstlibcamera.so",
    "usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstmultifile.so",
    "usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstpng.so",
    "usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstvideo4linux2.so",
    "usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstvideoconvertscale.so",
    "usr/lib/aarch64-linux-gnu/gstreamer1.0/gstreamer-1.0/gst-plugin-scanner",
    "usr/lib/aarch64-linux-gnu/libcamera",
    "usr/lib/aarch64-linux-gnu/perl-base",
    "usr/lib/python3",
    "usr/lib/python3.13",
    "usr/lib/systemd/systemd-udevd",
    "usr/lib/udev",
    "usr/share/libcamera",
];

/// Folder of GStreamer's library, below which it looks for its plugins.
const LIBRARIES: &str = "usr/lib/aarch64-linux-gnu";

/// Folders that guests find empty, to be filled at their start.
const FOLDERS: &[&str] = &["dev", "guest", "out", "proc", "root", "run", "sys", "tmp"];

/// Does what Python's packages do when they are installed. Compiled code is the same on all machines.
const COMPILE: &str = "python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash \
    -s root root/usr/lib/python3 root/usr/lib/python3.13";

/// Makes the disk. This compression is quick to undo for an interpreted machine.
const PACK: &str = "mksquashfs root applications.squashfs -comp lz4 -all-root -quiet -no-progress";

/// Returns the disk's file, made if it is not there yet: some minutes, and 400 MB from the mirror.
///
/// # Errors
///
/// The packages cannot be had, or lack something of what is wanted.
pub fn prepare(paths: &Paths, tree: &Tree) -> Result<PathBuf> {
    let step = step(paths);
    if !step.is_done() {
        tools::install(paths, "squashfs-tools")?;
        let _lock = paths::lock(&paths.cache.join("lock"), "preparing the environment")?;
        // Another run may have made it meanwhile.
        if !step.is_done() {
            let mirror = mirror::find()?;
            step.fresh(0, |folder, log, progress| {
                make(tree, &mirror, folder, log, progress)
            })?;
        }
    }
    Ok(step.product().join("applications.squashfs"))
}

/// Returns the disk's file, if it is there.
pub fn find(paths: &Paths) -> Option<PathBuf> {
    let step = step(paths);
    let file = step.product().join("applications.squashfs");
    (step.is_done() && file.exists()).then_some(file)
}

fn step(paths: &Paths) -> Step {
    let key = [apt::SUITE, COMPILE, PACK, LIBRARIES]
        .into_iter()
        .chain(
            [NEWER, PACKAGES, WANTED, FOLDERS]
                .map(|list| list.concat())
                .iter()
                .map(String::as_str),
        )
        .fold(Key::default(), Key::text);
    Step::new(paths, "guest applications", "applications", key)
}

fn make(tree: &Tree, mirror: &str, folder: &Path, log: &Path, progress: &Progress) -> Result<()> {
    let (unpacked, root) = (folder.join("unpacked"), folder.join("root"));
    let newer: Vec<String> = NEWER
        .iter()
        .map(|name| format!("{name}/{}", apt::BACKPORTS))
        .collect();
    let packages: Vec<&str> = newer
        .iter()
        .map(String::as_str)
        .chain(PACKAGES.iter().copied())
        .collect();
    mmdebstrap::extract(mirror, &packages, &unpacked, log, progress)?;
    fill(&unpacked, &root)?;
    for line in [COMPILE, PACK] {
        let mut command = tree.command(folder, "sh")?;
        command.args(["-c", line]);
        command::logged(line, command, log, progress)?;
    }
    for folder in [unpacked, root] {
        paths::remove(&folder)?;
    }
    Ok(())
}

/// Takes what is wanted from the unpacked packages.
fn fill(unpacked: &Path, root: &Path) -> Result<()> {
    for name in ["bin", "sbin", "lib"] {
        fs::create_dir_all(root.join("usr").join(name))?;
        symlink(Path::new("usr").join(name), root.join(name))?;
    }
    for name in FOLDERS {
        fs::create_dir_all(root.join(name))?;
    }
    symlink("busybox", root.join("usr/bin/sh"))?;
    let mut libraries = Found::new();
    for name in WANTED {
        let target = root.join(name);
        fs::create_dir_all(target.parent().context("a name without a folder")?)?;
        copy(unpacked, &unpacked.join(name), &target, &mut libraries)?;
    }
    for (name, path) in &libraries {
        // Programs name the interpreter by its path.
        let folder = if name.starts_with("ld-linux") {
            "usr/lib"
        } else {
            LIBRARIES
        };
        fs::copy(path, root.join(folder).join(name))
            .with_context(|| format!("cannot copy {}", path.display()))?;
    }
    Ok(())
}

/// Copies a file or a folder, and collects the libraries that are needed by what is in it.
fn copy(unpacked: &Path, from: &Path, to: &Path, libraries: &mut Found) -> Result<()> {
    let kind = fs::symlink_metadata(from)
        .with_context(|| format!("no package brought {}", from.display()))?
        .file_type();
    if kind.is_symlink() {
        symlink(fs::read_link(from)?, to)?;
    } else if kind.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(
                unpacked,
                &entry.path(),
                &to.join(entry.file_name()),
                libraries,
            )?;
        }
    } else {
        fs::copy(from, to)?;
        if libraries::is_elf(from)? {
            libraries::needed(unpacked, from, libraries)?;
        }
    }
    Ok(())
}
