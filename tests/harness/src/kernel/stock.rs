// SPDX-License-Identifier: GPL-2.0-only

//! Debian's arm64 kernel as it is installed, its source, and the Rust metadata that its headers
//! packages lack.

use super::release::Release;
use super::{jobs, TARGET};
use crate::env::apt::{self, Apt};
use crate::env::command;
use crate::env::paths::{self, Paths};
use crate::env::step::{Key, Step};
use crate::env::tree::Tree;
use anyhow::{ensure, Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Parts of the source that neither a module build, nor the KUnit kernel, nor their tools read.
/// Their Kconfig files and Makefiles stay, as the rest of the tree refers to them.
const UNUSED_SOURCE: &[&str] = &[
    "*/arch/*/boot/dts/*",
    "*/drivers/gpu/drm/*.c",
    "*/drivers/gpu/drm/*/*.h",
    "*/drivers/net/*.c",
    "*/drivers/net/*/*.h",
    "*/drivers/infiniband/*.c",
    "*/drivers/scsi/*.c",
    "*/drivers/staging/*.c",
    "*/sound/*.c",
    "*/tools/testing/selftests/*",
    "*/tools/perf/*",
];

/// Lines that make prints while it prepares for module builds, roughly.
const METADATA_LINES: u64 = 230;

/// The kernel as Debian's packages bring it: `vmlinuz`, `config`, `Module.symvers` and `modules/`.
///
/// # Errors
///
/// The packages cannot be downloaded or unpacked, or the tree lacks kmod.
pub fn binaries(paths: &Paths, apt: &Apt, release: &Release) -> Result<PathBuf> {
    let key = Key::default().text(&release.name).text(&release.version);
    let step = Step::new(paths, "Debian's arm64 kernel", "kernel", key);
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
        for (from, to) in [
            (installed.join("vmlinuz"), "vmlinuz"),
            (installed.join("config"), "config"),
            (installed.clone(), "modules"),
            (headers.join("Module.symvers"), "Module.symvers"),
        ] {
            fs::rename(&from, folder.join(to))
                .with_context(|| format!("the kernel packages lack {}", from.display()))?;
        }
        paths::remove(&folder.join("modules/dtb"))?;
        paths::remove(&debs)?;
        paths::remove(&unpacked)
    })
}

/// The kernel's source, without the parts that nothing here reads.
///
/// # Errors
///
/// The package cannot be downloaded or unpacked.
pub fn source(paths: &Paths, apt: &Apt, release: &Release) -> Result<PathBuf> {
    let key = Key::default()
        .text(&release.version)
        .text(&UNUSED_SOURCE.join(" "));
    let step = Step::new(paths, "kernel source", "source", key);
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

/// A build folder that modules for Debian's kernel, Rust ones too, can be built against.
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
        .file(&binaries.join("config"))?;
    let step = Step::new(paths, "Rust metadata of the kernel", "stock", key);
    step.resumable(METADATA_LINES, |folder, log, progress| {
        fs::copy(binaries.join("config"), folder.join(".config"))?;
        let mut make = tree.command(source, "make")?;
        make.arg(jobs())
            .arg(format!("O={}", folder.display()))
            .args(TARGET)
            .arg(format!("KERNELRELEASE={}", release.name))
            .args(["olddefconfig", "modules_prepare"]);
        command::logged(
            "preparing the kernel for module builds",
            make,
            log,
            progress,
        )?;
        check_config(&binaries.join("config"), &folder.join(".config"))?;
        fs::copy(
            binaries.join("Module.symvers"),
            folder.join("Module.symvers"),
        )?;
        Ok(())
    })
}

/// Options whose loss would make modules that the kernel refuses or, worse, misreads.
const KEPT: [&str; 5] = [
    "CONFIG_RUST=y",
    "CONFIG_DEBUG_INFO_BTF_MODULES=y",
    "CONFIG_RUSTC_VERSION=",
    "CONFIG_GCC_VERSION=",
    "CONFIG_PAHOLE_VERSION=",
];

fn check_config(debian: &Path, ours: &Path) -> Result<()> {
    let (debian, ours) = (fs::read_to_string(debian)?, fs::read_to_string(ours)?);
    for option in KEPT {
        let line = |config: &str| {
            config
                .lines()
                .find(|line| line.starts_with(option))
                .map(str::to_owned)
        };
        let (wanted, found) = (line(&debian), line(&ours));
        ensure!(
            wanted == found,
            "the Debian tree's tools do not match the kernel's: it was built with {}, here it is {}",
            wanted.as_deref().unwrap_or("no such option"),
            found.as_deref().unwrap_or("not set"),
        );
    }
    Ok(())
}
