// SPDX-License-Identifier: GPL-2.0-only

//! The whole environment, prepared once: the Debian tree beside the downloads, then what needs
//! both.

use crate::env::apt::Apt;
use crate::env::paths::{self, Paths};
use crate::env::progress::say;
use crate::env::tree::Tree;
use crate::env::{disk, mirror, mmdebstrap, root};
use crate::guest::{kmod, userland};
use crate::kernel::release::{Release, Series};
use crate::kernel::stock;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;
use std::thread;

/// The prepared environment, of which guests are made.
#[derive(Debug, Clone)]
pub struct Environment {
    pub paths: Paths,
    pub tree: Tree,
    pub found: Found,
}

/// Results of the preparation; kept, so that a later run does not ask the mirror.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Found {
    /// Debian's kernel.
    pub release: Release,
    /// Its image, modules, configuration.
    pub binaries: PathBuf,
    /// Its source.
    pub source: PathBuf,
    /// Folder that modules are built against.
    pub metadata: PathBuf,
    /// Archives that demo guests start with.
    pub archives: Vec<PathBuf>,
    /// Only the user space, for other kernels.
    pub userland: PathBuf,
}

/// Holds [`Found`], and the digest of the recipe it was made by.
#[derive(Serialize, Deserialize)]
struct Index {
    recipe: String,
    found: Found,
}

impl Index {
    /// Returns the file in the cache: one for each series that was asked for, and one for the
    /// newest.
    fn path(paths: &Paths, wanted: Option<Series>) -> PathBuf {
        let name = wanted.map_or("newest".to_owned(), |series| series.to_string());
        paths.cache.join(format!("environment-{name}.json"))
    }
}

/// Prepares the environment for a series of kernels, or finds it; for the newest series that the
/// modules are tested on if none is wanted.
///
/// # Errors
///
/// Whatever step fails says so: no root's rights, no mirror, too little disk, a failed build.
pub fn environment(paths: &Paths, wanted: Option<Series>) -> Result<Environment> {
    // Before anything is shown, as it may ask for a password.
    root::obtain()?;
    let environment = match known(paths, wanted) {
        Some(environment) => environment,
        None => prepare(paths, wanted)?,
    };
    let series = environment.found.release.series;
    if !series.is_tested() {
        say(&format!(
            "the modules were never tested on Linux {series}, which may be too new for them"
        ));
    }
    Ok(environment)
}

fn prepare(paths: &Paths, wanted: Option<Series>) -> Result<Environment> {
    let _lock = paths::lock(&paths.cache.join("lock"), "preparing the environment")?;
    if let Some(environment) = known(paths, wanted) {
        return Ok(environment);
    }
    disk::check(paths)?;
    let mirror = mirror::find()?;
    say(&format!(
        "preparing the environment in {}; this is done once",
        paths.cache.display()
    ));

    mmdebstrap::install(paths)?;
    // The tree takes as long as the downloads, and one mostly waits for the network.
    let (tree, downloads) = thread::scope(|scope| {
        let tree = scope.spawn(|| Tree::prepare(paths, &mirror));
        let downloads = download(paths, &mirror, wanted);
        (tree.join(), downloads)
    });
    let tree = tree.map_err(|_| anyhow::anyhow!("preparing the Debian tree panicked"))??;
    let (release, binaries, source, userland) = downloads?;

    let (modules, metadata) = thread::scope(|scope| {
        let modules = scope.spawn(|| kmod::prepare(paths, &tree, &release, &binaries));
        let metadata = stock::metadata(paths, &tree, &release, &binaries, &source);
        (modules.join(), metadata)
    });
    let modules = modules.map_err(|_| anyhow::anyhow!("collecting guest modules panicked"))??;
    let userland = userland.join("userland.cpio");
    let found = Found {
        release,
        binaries,
        source,
        metadata: metadata?,
        archives: vec![userland.clone(), modules.join("modules.cpio")],
        userland,
    };
    let index = Index {
        recipe: recipe(),
        found: found.clone(),
    };
    fs::write(
        Index::path(paths, wanted),
        serde_json::to_string_pretty(&index)?,
    )?;
    Ok(Environment {
        paths: paths.clone(),
        tree,
        found,
    })
}

type Downloads = (Release, PathBuf, PathBuf, PathBuf);

fn download(paths: &Paths, mirror: &str, wanted: Option<Series>) -> Result<Downloads> {
    let apt = Apt::update(paths, mirror)?;
    let release = Release::find(&apt, wanted)?;
    say(&format!("the kernel is Debian's {}", release.name));
    let source = stock::source(paths, &apt, &release)?;
    let binaries = stock::binaries(paths, &apt, &release)?;
    let userland = userland::prepare(paths, mirror)?;
    Ok((release, binaries, source, userland))
}

/// Returns the environment of an earlier run of the same recipe, if all of it still exists.
fn known(paths: &Paths, wanted: Option<Series>) -> Option<Environment> {
    let text = fs::read_to_string(Index::path(paths, wanted)).ok()?;
    let index: Index = serde_json::from_str(&text).ok()?;
    let found = index.found;
    let mut products = vec![&found.binaries, &found.source, &found.metadata];
    products.extend(&found.archives);
    let whole = index.recipe == recipe() && products.into_iter().all(|path| path.exists());
    let tree = Tree::find(paths).filter(|_| whole)?;
    Some(Environment {
        paths: paths.clone(),
        tree,
        found,
    })
}

/// Names the recipe: the modules of this program that make the environment, by content.
fn recipe() -> String {
    let sources = [
        include_str!("../env/mmdebstrap.rs"),
        include_str!("../env/tree.rs"),
        include_str!("../guest/kmod.rs"),
        include_str!("../guest/userland.rs"),
        include_str!("../kernel/release.rs"),
        include_str!("../kernel/stock.rs"),
        stock::RECIPE,
    ];
    let mut key = crate::env::step::Key::default();
    for source in sources {
        key = key.text(source);
    }
    key.finish()
}
