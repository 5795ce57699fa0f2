// SPDX-License-Identifier: GPL-2.0-only

//! Mainline's drivers, as the kernel's source package has them, built for the guest's kernel.

use crate::guest::kmod;
use crate::kernel::{modules, TARGET};
use crate::run::setup::Environment;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Their folder in the source.
const FOLDER: &str = "drivers/media/i2c";
/// Each module, and what of the folder it is made of.
pub const MODULES: [(&str, &[&str]); 5] = [
    ("imx412", &["imx412.c"]),
    ("imx219", &["imx219.c"]),
    ("imx283", &["imx283.c"]),
    ("ccs-pll", &["ccs-pll.c", "ccs-pll.h"]),
    ("ccs", &["ccs"]),
];

/// The modules of Debian's kernel that guests lack: one that the peers need, and vivid.
const OF_DEBIAN: [&str; 2] = ["v4l2-cci", super::VIVID];

/// Builds them and returns the modules.
///
/// # Errors
///
/// The source lacks one, or it does not build.
pub fn build(environment: &Environment) -> Result<Vec<PathBuf>> {
    let Environment { paths, tree, found } = environment;
    let source = paths.empty_build_dir("bench-peers")?;
    let mut kbuild = String::from("# Mainline's drivers, unmodified.\n");

    for (name, parts) in MODULES {
        for part in parts {
            copy(&found.source.join(FOLDER).join(part), &source.join(part))?;
        }
        kbuild += &match parts {
            ["ccs"] => format!("obj-m += {name}/\n"),
            _ => format!("obj-m += {name}.o\n"),
        };
    }
    fs::write(source.join("Kbuild"), kbuild)?;

    let against = modules::Against {
        kernel: &found.metadata,
        target: &TARGET,
    };
    let name = format!("bench-peers-{}", found.release.series);
    let arguments = ["CONFIG_VIDEO_CCS=m"];
    modules::build_from(paths, tree, &against, (&name, &source), &arguments)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let all = |path: &Path| format!("the kernel's source has no {}", path.display());

    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    fs::copy(from, to).with_context(|| all(from))?;
    Ok(())
}

/// Returns the modules of Debian's kernel that guests lack, and what these depend on.
///
/// # Errors
///
/// They cannot be unpacked.
pub fn of_debian(environment: &Environment) -> Result<Vec<PathBuf>> {
    let folder = environment.paths.empty_build_dir("bench-modules")?;
    kmod::unpack(&environment.found.binaries, &OF_DEBIAN, &folder)
}
