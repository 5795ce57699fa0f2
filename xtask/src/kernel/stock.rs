// SPDX-License-Identifier: GPL-2.0-only

//! Debian's arm64 kernel as it is installed, its source, and the Rust metadata that its headers
//! packages lack.

use super::release::Release;
use crate::env::apt::{self, Apt};
use crate::env::command;
use crate::env::paths::{self, Paths};
use crate::env::step::{Key, Step};
use crate::env::tree::Tree;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Parts of the source that neither a module build, nor the KUnit kernel, nor their tools read.
/// Their Kconfig files and Makefiles stay, as the rest of the tree refers to them.
const UNUSED_SOURCE: &[&str] = &[
    // All device trees but those of TREES, and what they include of arm's.
    "*/arch/[!a]*/boot/dts/*",
    "*/arch/arc/boot/dts/*",
    "*/arch/arm/boot/dts/[!b]*",
    "*/arch/arm64/boot/dts/[!bfnq]*",
    "*/drivers/gpu/drm/*.c",
    "*/drivers/gpu/drm/*/*.h",
    "*/drivers/net/*.c",
    "*/drivers/net/*/*.h",
    "*/drivers/infiniband/*.c",
    "*/drivers/scsi/*.c",
    "*/drivers/staging/[!m]*.c",
    "*/drivers/staging/media/[!t]*.c",
    "*/sound/*.c",
    "*/tools/testing/selftests/*",
    "*/tools/perf/*",
];

/// Contents of the scripts that [`metadata`] runs.
pub const RECIPE: &str = concat!(
    include_str!("../../../scripts/kernel.sh"),
    include_str!("../../../scripts/rust-metadata.sh"),
);

/// Manufacturers whose device trees are kept: those of the boards in `dts/boards.list`.
const TREES: [&str; 4] = ["broadcom", "freescale", "nvidia", "qcom"];

/// Lines that make prints while it prepares for module builds, roughly.
const METADATA_LINES: u64 = 230;

/// Returns the kernel as Debian's packages bring it: `vmlinuz`, `config`, `Module.symvers`,
/// `modules/` and `dtb/`, which has the device trees by manufacturer.
///
/// # Errors
///
/// The packages cannot be downloaded or unpacked, or the tree lacks kmod.
pub fn binaries(paths: &Paths, apt: &Apt, release: &Release) -> Result<PathBuf> {
    let key = Key::default()
        .text(&release.name)
        .text(&release.version)
        .text(&TREES.join(" "));
    let step = Step::new(
        paths,
        "Debian's arm64 kernel",
        &release.product("kernel"),
        key,
    );
    step.fresh(0, |folder, _, progress| {
        let debs = folder.join("debs");
        fs::create_dir_all(&debs)?;
        let unpacked = folder.join("unpacked");
        for deb in apt.download(paths, &release.packages(), &debs, progress)? {
            progress.advance(&deb.display().to_string());
            apt::unpack(&deb, &[], &unpacked)?;
        }
        let installed = unpacked.join("usr/lib/modules").join(&release.name);
        let headers = unpacked
            .join("usr/src")
            .join(format!("linux-headers-{}", release.name));
        fs::create_dir_all(folder.join("dtb"))?;
        let trees = installed.join("dtb");
        for (from, to) in TREES.map(|maker| (trees.join(maker), format!("dtb/{maker}"))) {
            keep(&from, &folder.join(to))?;
        }
        paths::remove(&trees)?;
        for (from, to) in [
            (installed.join("vmlinuz"), "vmlinuz"),
            (installed.join("config"), "config"),
            (installed.clone(), "modules"),
            (headers.join("Module.symvers"), "Module.symvers"),
        ] {
            keep(&from, &folder.join(to))?;
        }
        paths::remove(&debs)?;
        paths::remove(&unpacked)
    })
}

fn keep(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("the kernel packages lack {}", from.display()))
}

/// Returns the kernel's source, without the parts that nothing here reads.
///
/// # Errors
///
/// The package cannot be downloaded or unpacked.
pub fn source(paths: &Paths, apt: &Apt, release: &Release) -> Result<PathBuf> {
    let key = Key::default()
        .text(&release.version)
        .text(&UNUSED_SOURCE.join(" "));
    let step = Step::new(paths, "kernel source", &release.product("source"), key);
    step.fresh(0, |folder, log, progress| {
        let debs = folder.join("debs");
        fs::create_dir_all(&debs)?;
        for deb in apt.download(paths, &[release.source()], &debs, progress)? {
            progress.advance("unpacking the package");
            apt::unpack(&deb, &["./usr/src/*.tar.xz"], &debs)?;
        }
        let archive = fs::read_dir(debs.join("usr/src"))?
            .next()
            .context("no source archive")??;
        progress.advance("unpacking the source");
        let mut tar = Command::new("tar");
        tar.arg("-C")
            .arg(folder)
            .args(["--strip-components=1", "-xJf"])
            .arg(archive.path());
        tar.arg("--wildcards")
            .args(UNUSED_SOURCE.iter().map(|part| format!("--exclude={part}")));
        command::logged("tar", tar, log, progress)?;
        paths::remove(&debs)
    })
}

/// Returns a build folder that modules for Debian's kernel, Rust ones too, can be built against.
/// The recipe is the one by which boards make theirs.
///
/// # Errors
///
/// The build fails, or the tree's tools do not match those that Debian built the kernel with.
pub fn metadata(
    paths: &Paths,
    tree: &Tree,
    release: &Release,
    binaries: &Path,
    source: &Path,
) -> Result<PathBuf> {
    let key = Key::default()
        .text(&release.name)
        .text(&release.version)
        .text(RECIPE)
        .file(&binaries.join("config"))?;
    let step = Step::new(
        paths,
        "Rust metadata of the kernel",
        &release.product("stock"),
        key,
    );
    step.resumable(METADATA_LINES, |folder, log, progress| {
        let mut script = tree.command(source, "sh")?;
        script
            .arg(paths.repo.join("scripts/rust-metadata.sh"))
            .arg(source)
            .arg(binaries.join("config"))
            .arg(binaries.join("Module.symvers"))
            .arg(&release.name)
            .arg(folder);
        command::logged(
            "preparing the kernel for module builds",
            script,
            log,
            progress,
        )
    })
}
