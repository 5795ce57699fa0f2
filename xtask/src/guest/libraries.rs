// SPDX-License-Identifier: GPL-2.0-only

//! The shared libraries that programs of unpacked packages need.

use anyhow::{bail, Context, Result};
use goblin::elf::Elf;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders of libraries. The packages' own scripts are not run, which would make links to
/// the last two.
const FOLDERS: [&str; 5] = [
    "usr/lib/aarch64-linux-gnu",
    "lib/aarch64-linux-gnu",
    "usr/lib",
    "usr/lib/aarch64-linux-gnu/blas",
    "usr/lib/aarch64-linux-gnu/lapack",
];

/// Names and files of libraries, the interpreter among them.
pub type Found = BTreeSet<(String, PathBuf)>;

/// Collects the libraries that an ELF file needs, and those that they need, from what is unpacked
/// below `root`.
///
/// # Errors
///
/// The file cannot be read, is no ELF file, or a library is missing.
pub fn needed(root: &Path, file: &Path, found: &mut Found) -> Result<()> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let elf = Elf::parse(&bytes).with_context(|| format!("{} is no ELF file", file.display()))?;
    let interpreter = elf.interpreter.and_then(|path| path.rsplit('/').next());
    let own = elf.runpaths.iter().chain(&elf.rpaths).copied();
    let folders: Vec<&str> = own
        .flat_map(|paths| paths.split(':'))
        .filter_map(|path| path.strip_prefix('/'))
        .chain(FOLDERS)
        .collect();
    for name in elf.libraries.iter().copied().chain(interpreter) {
        let path = folders
            .iter()
            .map(|folder| root.join(folder).join(name))
            .find(|path| path.exists());
        let Some(path) = path else {
            bail!("{} needs {name}, which no package brought", file.display());
        };
        if found.insert((name.to_owned(), path.clone())) {
            needed(root, &path, found)?;
        }
    }
    Ok(())
}

/// Returns whether a file is a program or a library.
///
/// # Errors
///
/// It cannot be read.
pub fn is_elf(file: &Path) -> Result<bool> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(bytes.starts_with(b"\x7fELF"))
}
