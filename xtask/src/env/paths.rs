// SPDX-License-Identifier: GPL-2.0-only

//! Folders of the project's products.

use anyhow::{Context, Result};
use rustix::fs::FlockOperation;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The checkout and the cache. Both are absolute, as they are bind-mounted at the same path in the
/// tree.
#[derive(Debug, Clone)]
pub struct Paths {
    /// The checkout that xtask works in.
    pub repo: PathBuf,
    /// `${XDG_CACHE_HOME:-~/.cache}/fsm-imx412`: survives `make clean`, shared by all checkouts.
    pub cache: PathBuf,
}

impl Paths {
    /// Finds both folders and creates the cache.
    ///
    /// # Errors
    ///
    /// xtask is called outside of a checkout, neither `XDG_CACHE_HOME` nor `HOME` is set, or the
    /// cache cannot be created.
    pub fn find() -> Result<Self> {
        let repo = checkout()?;
        let base = std::env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
            .context("neither XDG_CACHE_HOME nor HOME says where to keep the environment")?;
        let cache = base.join("fsm-imx412");
        fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
        Ok(Self {
            repo,
            cache: cache.canonicalize()?,
        })
    }

    /// Returns a path below `build/` in the checkout; its parent is created.
    ///
    /// # Errors
    ///
    /// The folder cannot be created.
    pub fn build(&self, name: &str) -> Result<PathBuf> {
        let path = self.repo.join("build").join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)
                .with_context(|| format!("cannot create {}", parent.display()))?;
        }
        Ok(path)
    }

    /// Returns the same, as an empty folder.
    ///
    /// # Errors
    ///
    /// The old content cannot be removed or the folder not be created.
    pub fn empty_build_dir(&self, name: &str) -> Result<PathBuf> {
        let path = self.build(name)?;
        remove(&path)?;
        fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Lets one xtask at a time fill `build/`.
    ///
    /// # Errors
    ///
    /// The lock file cannot be made.
    pub fn lock_build(&self) -> Result<File> {
        lock(&self.build("lock")?, "this checkout's build folder")
    }
}

/// Files that a checkout is known by.
const MARKS: [&str; 2] = ["src/fsm_imx412.rs", "xtask/Cargo.toml"];

/// Returns the checkout around the current folder, or else around this program. Where the program
/// was compiled does not matter: cargo takes over what was built in the checkout that another one
/// was copied from.
///
/// # Errors
///
/// Neither is in a checkout.
pub fn checkout() -> Result<PathBuf> {
    let folder = std::env::current_dir().ok();
    let program = std::env::current_exe().ok();
    [folder, program]
        .into_iter()
        .flatten()
        .find_map(|start| around(&start))
        .context("this is no checkout of fsm-imx412: change to its folder first")?
        .canonicalize()
        .context("cannot read the checkout's folder")
}

fn around(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .find(|folder| MARKS.iter().all(|mark| folder.join(mark).is_file()))
        .map(Path::to_owned)
}

/// Takes the lock file `path`, with a message if another process has it: it is released when
/// the file is dropped or the process ends.
///
/// # Errors
///
/// The lock file cannot be made.
pub fn lock(path: &Path, holder: &str) -> Result<File> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        eprintln!("waiting for another run: {holder}");
        rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
    }
    Ok(file)
}

/// Removes a file or a folder with all its content; nothing there is fine.
///
/// # Errors
///
/// The existing file or folder cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.with_context(|| format!("cannot remove {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_checkout_is_its_own() {
        let copy = std::env::temp_dir().join(format!("checkout-{}", std::process::id()));
        for mark in MARKS {
            let mark = copy.join(mark);
            fs::create_dir_all(mark.parent().unwrap()).unwrap();
            fs::write(mark, "").unwrap();
        }
        let found = [copy.join("src"), copy.join("target/debug/xtask")].map(|path| around(&path));
        let outside = around(copy.parent().unwrap());
        remove(&copy).unwrap();
        assert_eq!(found, [Some(copy.clone()), Some(copy)]);
        assert_eq!(outside, None);
    }
}
