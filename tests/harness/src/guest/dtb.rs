// SPDX-License-Identifier: GPL-2.0-only

//! The guest's device tree: what QEMU's `virt` machine describes, with one of the project's overlays merged in.

use super::qemu;
use crate::env::command;
use crate::env::paths::Paths;
use crate::env::progress::Progress;
use crate::env::tree::Tree;
use anyhow::Result;
use std::path::{Path, PathBuf};

/// `$1` kernel source (for dt-bindings/), `$2` overlay source, `$3` base tree, `$4` result. The `-@` keeps labels,
/// as in every overlay that the kernel builds.
const MERGE: &str = r#"
set -e
source=$1 overlay=$2 base=$3 result=$4
gcc -E -nostdinc -undef -D__DTS__ -x assembler-with-cpp \
    -I "$source/include" -I "$(dirname "$overlay")" "$overlay" -o "$result.dts"
dtc -@ -I dts -O dtb -i "$(dirname "$overlay")" -o "$result.dtbo" "$result.dts"
fdtoverlay -i "$base" -o "$result" "$result.dtbo"
"#;

/// QEMU's own tree, as the machine is set up for guests.
///
/// # Errors
///
/// QEMU fails.
pub fn base(paths: &Paths, tree: &Tree) -> Result<PathBuf> {
    let file = paths.build("dtb/virt.dtb")?;
    let mut dump = qemu::machine(paths, tree, Some(&file))?;
    command::output(&mut dump)?;
    Ok(file)
}

/// The machine's tree with `overlay` (a path in the checkout) merged in, and what the tools printed.
///
/// # Errors
///
/// The overlay does not compile or does not fit the machine's tree.
pub fn with_overlay(
    paths: &Paths,
    tree: &Tree,
    source: &Path,
    overlay: &Path,
) -> Result<(PathBuf, PathBuf)> {
    let base = base(paths, tree)?;
    let name = overlay
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let result = paths.build(&format!("dtb/{name}.dtb"))?;
    let log = paths.build(&format!("logs/dtb-{name}.log"))?;
    let progress = Progress::start(&format!("device tree {name}"), 0);
    let mut merge = tree.command(&paths.repo, "sh")?;
    merge
        .args(["-c", MERGE, "merge"])
        .arg(source)
        .arg(paths.repo.join(overlay))
        .arg(&base)
        .arg(&result);
    command::logged("merging the overlay", merge, &log, &progress)?;
    Ok((result, log))
}
