// SPDX-License-Identifier: GPL-2.0-only

//! The guest's device tree: what QEMU's `virt` machine describes, with some of the project's
//! overlays merged in.

use super::qemu::{self, Pace};
use crate::env::command;
use crate::env::paths::Paths;
use crate::env::progress::Progress;
use crate::env::tree::Tree;
use anyhow::Result;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Held by who writes or merges trees: several boards may be prepared at once, from the same files.
static FILES: Mutex<()> = Mutex::new(());

/// QEMU's own tree, as the machine is set up for guests. It is only good for merging: the kernel
/// takes none of its size.
fn base(paths: &Paths, tree: &Tree, pace: Pace) -> Result<PathBuf> {
    let file = paths.build("dtb/virt.dtb")?;
    let mut dump = qemu::machine(paths, tree, pace, Some(&file))?;
    command::output(&mut dump)?;
    Ok(file)
}

/// Compiles an overlay (a path in the checkout).
///
/// # Errors
///
/// The overlay does not compile.
fn compile(paths: &Paths, tree: &Tree, source: &Path, overlay: &Path) -> Result<PathBuf> {
    let name = overlay
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let result = paths.build(&format!("dtb/{name}.dtbo"))?;
    let log = paths.build(&format!("logs/dtb-{name}.log"))?;
    let _lock = FILES.lock();
    let progress = Progress::start(&format!("overlay {name}"), 0);
    let mut compile = tree.command(&paths.repo, "scripts/compile-overlay.sh")?;
    compile
        .arg(source.join("include"))
        .arg(paths.repo.join(overlay))
        .arg(&result);
    command::logged("compiling the overlay", compile, &log, &progress)?;
    progress.finish();
    Ok(result)
}

/// Returns the tree of the machine of that pace with overlays merged in, one after the other.
///
/// # Errors
///
/// An overlay does not compile or does not fit the tree.
pub fn with_overlays(
    paths: &Paths,
    tree: &Tree,
    pace: Pace,
    source: &Path,
    overlays: &[impl AsRef<Path>],
) -> Result<PathBuf> {
    let compiled = overlays
        .iter()
        .map(|overlay| compile(paths, tree, source, overlay.as_ref()))
        .collect::<Result<Vec<_>>>()?;
    let names: Vec<_> = compiled
        .iter()
        .filter_map(|file| file.file_stem()?.to_str())
        .collect();
    let result = paths.build(&format!("dtb/{}.dtb", names.join("+")))?;
    let _lock = FILES.lock();
    let mut merge = tree.command(&paths.repo, "fdtoverlay")?;
    merge
        .arg("-i")
        .arg(base(paths, tree, pace)?)
        .arg("-o")
        .arg(&result)
        .args(&compiled);
    command::output(&mut merge)?;
    Ok(result)
}
