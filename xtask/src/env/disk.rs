// SPDX-License-Identifier: GPL-2.0-only

//! Room on the disk, looked at before a long preparation rather than when it runs out.

use super::paths::Paths;
use anyhow::{bail, Context, Result};
use std::path::Path;

const GIB: u64 = 1 << 30;

/// Peak size of the cache: tree, sources and kernels of two series, and packages
/// that are being unpacked.
const CACHE_NEED: u64 = 8 * GIB;
/// Size of `build/` and `target/`: raw frames of guests, images, modules, this
/// program.
const CHECKOUT_NEED: u64 = 2 * GIB;

/// Checks that a first preparation fits.
///
/// # Errors
///
/// A folder's file system has too little room; the message says how much is there and how much is
/// needed.
pub fn check(paths: &Paths) -> Result<()> {
    need(&paths.cache, CACHE_NEED)?;
    need(&paths.repo, CHECKOUT_NEED)
}

fn need(path: &Path, bytes: u64) -> Result<()> {
    let stat = rustix::fs::statvfs(path)
        .with_context(|| format!("cannot ask for the room in {}", path.display()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    if free < bytes {
        bail!(
            "too little disk: {} has {:.1} GiB free and needs {} GiB",
            path.display(),
            free as f64 / GIB as f64,
            bytes / GIB
        );
    }
    Ok(())
}
