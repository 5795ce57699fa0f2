// SPDX-License-Identifier: GPL-2.0-only

//! `make merged-dtb`: a board's tree with cameras in it, for boot chains that apply no overlays.

use super::boards::{self, Adapter, Board, Overlay};
use super::build::{self, Merge};
use super::rules::{self, Subject};
use super::tree::Tree;
use crate::env::paths::Paths;
use crate::run::setup::Environment;
use anyhow::{bail, ensure, Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A merge that is requested.
#[derive(Debug, clap::Args)]
pub struct Request {
    /// The board, as `make overlays` lists it
    #[arg(long)]
    pub board: String,
    /// The ports with a module, commas between them: cam0, or j5,j7
    #[arg(long, value_delimiter = ',', required = true)]
    pub cam: Vec<String>,
    /// Adapter, if it is not the board's first one: p22
    #[arg(long)]
    pub adapter: Option<String>,
    /// The number of data lanes, if it is not the most that each port has
    #[arg(long)]
    pub lanes: Option<u8>,
    /// The tree to merge into: a file, or the name of one of the board's, instead of Debian's first
    #[arg(long)]
    pub base: Option<String>,
}

impl Request {
    /// Returns the board, and an overlay for each port.
    ///
    /// # Errors
    ///
    /// There is no such board, port or number of lanes; the message names those that are.
    fn overlays(&self) -> Result<(&'static Board, Vec<Overlay>)> {
        let board = boards::named(&self.board)?;
        ensure!(
            !board.has_camera(),
            "{} takes no overlay: Debian's trees of it have the camera, {}",
            board.name,
            board.trees.join(", ")
        );
        let adapter = self.adapter(board)?;
        let mut overlays: Vec<Overlay> = Vec::new();
        for name in &self.cam {
            let overlay = self.overlay(board, adapter, name)?;
            ensure!(
                overlays.iter().all(|other| other.port != overlay.port),
                "{name} is named twice"
            );
            overlays.push(overlay);
        }
        Ok((board, overlays))
    }

    fn adapter(&self, board: &'static Board) -> Result<&'static Adapter> {
        let wanted = self.adapter.as_deref().unwrap_or_default();
        let found = board.adapters.iter().find(|one| one.name == wanted);
        found.with_context(|| {
            let names: Vec<String> = board.adapters.iter().map(Adapter::described).collect();
            format!(
                "say what is plugged into {}, ADAPTER=... of: {}",
                board.name,
                names.join(", ")
            )
        })
    }

    fn overlay(&self, board: &'static Board, adapter: &Adapter, name: &str) -> Result<Overlay> {
        let found = board
            .overlays()
            .filter(|overlay| overlay.port.name == name && overlay.adapter == adapter);
        let found: Vec<Overlay> = found.collect();
        if found.is_empty() {
            let names: Vec<&str> = board.ports.iter().map(|port| port.name).collect();
            bail!(
                "{} has no port {name}, it has {}",
                board.name,
                names.join(", ")
            );
        }
        let chosen = match self.lanes {
            Some(lanes) => found.iter().find(|overlay| overlay.lanes == lanes),
            None => found.iter().max_by_key(|overlay| overlay.lanes),
        };
        chosen.copied().with_context(|| {
            let lanes: Vec<String> = found.iter().map(|one| one.lanes.to_string()).collect();
            format!("{name} of {} has {} lanes", board.name, lanes.join(" or "))
        })
    }

    /// Returns the tree to merge into.
    fn base(&self, board: &Board, debian: &Path) -> Result<PathBuf> {
        let named = match self.base.as_deref() {
            None => board.trees.first(),
            Some(base) if Path::new(base).is_file() => return Ok(fs::canonicalize(base)?),
            Some(base) => board.trees.iter().find(|tree| tree.ends_with(base)),
        };
        let tree = named.with_context(|| {
            format!(
                "{} is no file and no tree of {}, which are {}",
                self.base.as_deref().unwrap_or_default(),
                board.name,
                board.trees.join(", ")
            )
        })?;
        Ok(debian.join("dtb").join(format!("{tree}.dtb")))
    }
}

/// Makes the tree and returns its path.
///
/// # Errors
///
/// The request names something that is not there, or the overlays do not fit.
pub fn make(environment: &Environment, request: &Request) -> Result<PathBuf> {
    let Environment { paths, found, .. } = environment;
    let (board, overlays) = request.overlays()?;
    let base = request.base(board, &found.binaries)?;
    for compiled in build::compile(environment)? {
        if overlays.iter().any(|one| one.to_string() == compiled.name) {
            compiled.quiet().context(compiled.name)?;
        }
    }
    let merge = Merge {
        result: result(paths, &base, &overlays)?,
        base: inside(paths, &base)?,
        overlays,
    };
    build::merge(environment, [&merge])?;
    let merged = merge.done().and_then(Tree::read);
    crate::env::paths::remove(&merge.base)?;
    judge(&base, &merged?, board, &found.binaries, &merge.overlays).inspect_err(|_| {
        // A wrong tree is not left, so that it is not booted.
        let _ = fs::remove_file(&merge.result);
    })?;
    Ok(merge.result)
}

/// Overlays may fit the tree of another board, which has the same labels.
fn judge(
    base: &Path,
    merged: &Tree,
    board: &Board,
    debian: &Path,
    overlays: &[Overlay],
) -> Result<()> {
    let tree = Tree::read(base)?;
    let meant = board.trees.first().context("the board has no tree")?;
    let meant = Tree::read(&debian.join("dtb").join(format!("{meant}.dtb")))?;
    let soc = |tree: &Tree| {
        tree.get("")
            .and_then(|root| root.strings("compatible").pop())
    };
    ensure!(
        soc(&tree) == soc(&meant),
        "{} is for {}, overlays of {} are for {}",
        base.display(),
        soc(&tree).unwrap_or_default(),
        board.name,
        soc(&meant).unwrap_or_default()
    );
    let problems = rules::problems(&Subject {
        base: &tree,
        merged,
        overlays,
    });
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

/// Returns the base where the Debian tree sees it, which only shows the checkout and the cache.
fn inside(paths: &Paths, base: &Path) -> Result<PathBuf> {
    let copy = paths.build("merged/base.dtb")?;
    fs::copy(base, &copy).with_context(|| format!("cannot read {}", base.display()))?;
    Ok(copy)
}

/// `build/merged/tegra210-p3450-0000-cam0-2lane.dtb`.
fn result(paths: &Paths, base: &Path, overlays: &[Overlay]) -> Result<PathBuf> {
    let mut name = base
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    for overlay in overlays {
        name += &format!("-{}", overlay.short());
    }
    let result = paths.build(&format!("merged/{name}.dtb"))?;
    crate::env::paths::remove(&result)?;
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(board: &str, cam: &[&str], lanes: Option<u8>) -> Result<Vec<String>> {
        let (board, adapter) = match board.split_once('+') {
            Some((board, adapter)) => (board, Some(adapter.to_owned())),
            None => (board, None),
        };
        let request = Request {
            board: board.into(),
            adapter,
            cam: cam.iter().map(|&cam| cam.to_owned()).collect(),
            lanes,
            base: None,
        };
        let (_, overlays) = request.overlays()?;
        Ok(overlays.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn most_lanes_unless_told_otherwise() {
        assert_eq!(
            names("jetson-tx2", &["j5", "j7"], None).unwrap(),
            ["jetson-tx2-j5-4lane", "jetson-tx2-j7-2lane"]
        );
        assert_eq!(
            names("jetson-tx2", &["j5"], Some(2)).unwrap(),
            ["jetson-tx2-j5-2lane"]
        );
        assert_eq!(
            names("raspberry-pi-5+imx477", &["cam0"], Some(2)).unwrap(),
            ["raspberry-pi-5-imx477-cam0-2lane"]
        );
    }

    #[test]
    fn what_is_not_there_is_answered_with_what_is() {
        for (board, cam, lanes, word) in [
            ("jetson-tx3", "j5", None, "jetson-tx2"),
            ("jetson-tx2", "cam0", None, "j5, j6, j7, j8"),
            ("jetson-tx2", "j7", Some(4), "has 2 lanes"),
            ("jetson-agx-orin", "j7", None, "txa (FPA-4.A/TXA), agx"),
            (
                "raspberry-pi-5+txa",
                "cam0",
                None,
                "none (module with Raspberry Pi pins, IMX412), imx577",
            ),
        ] {
            let error = names(board, &[cam], lanes).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
        assert!(names("jetson-tx2", &["j5", "j5"], None).is_err());
    }
}
