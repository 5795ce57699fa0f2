// SPDX-License-Identifier: GPL-2.0-only

//! The modules of Debian's kernel that the demo guest loads.

use super::cpio::Cpio;
use crate::env::command;
use crate::env::paths::{self, Paths};
use crate::env::step::{Key, Step};
use crate::env::tree::Tree;
use crate::kernel::release::Release;
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules to load by name; their dependencies are added.
const WANTED: &[&str] = &[
    "9p",
    "9pnet_virtio",
    "at24",
    "imx-mipi-csis",
    "imx7-media-csi",
    "fixed",
    "host1x",
    "i2c-dev",
    "i2c-mux",
    "i2c-mux-pca954x",
    "mc",
    "v4l2-async",
    "v4l2-dv-timings",
    "v4l2-fwnode",
    "overlay",
    "rp1-cfe",
    "squashfs",
    "videobuf2-dma-contig",
    "videobuf2-v4l2",
    "videobuf2-vmalloc",
    "videodev",
    "virtio_blk",
    "virtio_net",
];

/// Makes the index that modprobe reads. The kernel's modules come compressed, which busybox does
/// not undo.
const INDEX: &str = r#"
set -e
release=$1
find "lib/modules/$release/kernel" -name '*.ko.xz' -exec xz -d {} +
depmod -b . "$release"
"#;

/// Returns the archive with the modules, `modules.cpio` in the returned folder.
///
/// # Errors
///
/// The kernel lacks one of the modules, or the tree's tools fail.
pub fn prepare(paths: &Paths, tree: &Tree, release: &Release, binaries: &Path) -> Result<PathBuf> {
    let key = Key::default()
        .text(&release.name)
        .text(&release.version)
        .text(&WANTED.join(" "))
        .text(INDEX);
    let step = Step::new(
        paths,
        "guest kernel modules",
        &release.product("guest-modules"),
        key,
    );
    step.fresh(0, |folder, log, progress| {
        let all = binaries.join("modules");
        let name = format!("lib/modules/{}", release.name);
        let target = folder.join(&name);
        for file in closure(&all, WANTED)? {
            let to = target.join(&file);
            fs::create_dir_all(to.parent().context("a module at the root")?)?;
            fs::copy(all.join(&file), to)?;
        }
        for list in [
            "modules.order",
            "modules.builtin",
            "modules.builtin.modinfo",
        ] {
            fs::copy(all.join(list), target.join(list))?;
        }
        let mut index = tree.command(folder, "sh")?;
        index.args(["-c", INDEX, "index", &release.name]);
        command::logged("indexing the modules", index, log, progress)?;
        let mut cpio = Cpio::default();
        cpio.copy_folder(&format!("usr/{name}"), &target)?;
        fs::write(folder.join("modules.cpio"), cpio.finish()?)?;
        paths::remove(&folder.join("lib"))
    })
}

/// Unpacks modules that few guests need, and what these depend on, into `folder`.
///
/// # Errors
///
/// One of them is not there, or cannot be unpacked.
pub fn unpack(binaries: &Path, wanted: &[&str], folder: &Path) -> Result<Vec<PathBuf>> {
    let all = binaries.join("modules");
    let unpack = |file: PathBuf| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let to = folder.join(name.trim_end_matches(".xz"));
        fs::write(&to, content(&all.join(&file))?)?;
        Ok(to)
    };
    closure(&all, wanted)?.into_iter().map(unpack).collect()
}

/// Files of the wanted modules and of all that they depend on, relative to `root`.
fn closure(root: &Path, wanted: &[&str]) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeMap::new();
    collect(root, &root.join("kernel"), &mut files)?;
    let mut found = BTreeSet::new();
    let mut open: Vec<String> = wanted.iter().map(|name| name.replace('-', "_")).collect();
    while let Some(name) = open.pop() {
        // A wanted module that another release has built in is no loss.
        let Some(file) = files.get(&name) else {
            continue;
        };
        if found.insert(file.clone()) {
            open.extend(dependencies(&root.join(file))?);
        }
    }
    Ok(found)
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if let Some((name, _)) = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.split_once(".ko"))
        {
            files.insert(name.replace('-', "_"), path.strip_prefix(root)?.to_owned());
        }
    }
    Ok(())
}

/// Names of the modules that a module's `depends=` entry lists.
fn dependencies(module: &Path) -> Result<Vec<String>> {
    Ok(depends(&content(module)?))
}

/// Returns a module, unpacked.
fn content(module: &Path) -> Result<Vec<u8>> {
    command::bytes(
        std::process::Command::new("xz")
            .args(["-dc", "--"])
            .arg(module),
    )
    .with_context(|| format!("cannot unpack {}", module.display()))
}

fn depends(content: &[u8]) -> Vec<String> {
    content
        .split(|byte| *byte == 0)
        .find_map(|entry| entry.strip_prefix(b"depends="))
        .map(|list| String::from_utf8_lossy(list).replace('-', "_"))
        .unwrap_or_default()
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_list_of_dependencies() {
        let content = b"\x7fELF...\0license=GPL\0depends=videodev,v4l2-async\0name=x\0";
        assert_eq!(depends(content), ["videodev", "v4l2_async"]);
        assert_eq!(depends(b"license=GPL\0depends=\0"), [] as [&str; 0]);
    }
}
