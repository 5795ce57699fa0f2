// SPDX-License-Identifier: GPL-2.0-only

//! The overlays for boards: compiled, merged into the kernel's device trees, alone and together, and
//! judged there.

use super::tally::Tally;
use crate::overlays::boards::{boards, Board, Overlay};
use crate::overlays::build::{self, Merge, Origin, Trees};
use crate::overlays::gaps::{Gap, GAPS};
use crate::overlays::rules::{self, Subject};
use crate::overlays::schema::{self, Schemas};
use crate::overlays::tree::Tree;
use crate::run::setup::Environment;
use anyhow::{ensure, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Overlays that one test is about, in every base tree of their board.
struct Trial {
    name: String,
    merges: Vec<Merge>,
}

/// Runs all checks.
///
/// # Errors
///
/// The checkout, the kernel's device trees or the Debian tree cannot be used.
pub fn run(environment: &Environment, tally: &mut Tally) -> Result<()> {
    for compiled in build::compile(environment)? {
        tally.judge(
            &format!("{} compiles without a warning", compiled.name),
            compiled.quiet(),
        );
    }
    let trees = Trees::prepare(environment)?;
    let trials = trials(environment, &trees)?;
    build::merge(environment, trials.iter().flat_map(|trial| &trial.merges))?;
    for board in boards()?.iter().filter(|board| board.has_camera()) {
        for tree in &board.trees {
            tally.judge(
                &format!(
                    "{}: the driver takes the camera of Debian's {tree}",
                    board.name
                ),
                shipped(board, &trees.path(Origin::Debian, tree)),
            );
        }
    }
    for board in boards()? {
        if let Some(awaited) = board.awaits {
            tally.judge(
                &format!("{}: the kernel has no tree of it yet", board.name),
                trees.lacks(awaited),
            );
        }
    }
    let mut bases = BTreeMap::new();
    for trial in &trials {
        tally.judge(&trial.name, judge(trial, &mut bases));
    }
    schemas(environment, &trees, &trials, tally)
}

fn trials(environment: &Environment, trees: &Trees) -> Result<Vec<Trial>> {
    let results = environment.paths.empty_build_dir("overlays-check/merged")?;
    let mut trials = Vec::new();
    for board in boards()? {
        for overlay in board.overlays() {
            trials.push(Trial {
                name: format!("{overlay} is whole in every base tree"),
                merges: merges(board, &[overlay], trees, &results),
            });
        }
        for overlays in board.combinations() {
            let names: Vec<String> = overlays.iter().map(Overlay::short).collect();
            trials.push(Trial {
                name: format!(
                    "{}: {} are whole together in every base tree",
                    board.name,
                    names.join(", ")
                ),
                merges: merges(board, &overlays, trees, &results),
            });
        }
    }
    Ok(trials)
}

/// Judges a tree that has a camera as it is.
fn shipped(board: &Board, path: &Path) -> Result<()> {
    let problems = rules::shipped::problems(&Tree::read(path)?, board);
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

fn merges(board: &Board, overlays: &[Overlay], trees: &Trees, results: &Path) -> Vec<Merge> {
    let names: Vec<String> = overlays.iter().map(Overlay::short).collect();
    let file = format!("{}-{}.dtb", board.name, names.join("-"));
    let mut merges = Vec::new();
    for tree in &board.trees {
        for origin in Origin::ALL {
            merges.push(Merge {
                base: trees.path(origin, tree),
                overlays: overlays.to_vec(),
                result: results.join(origin.name()).join(tree).join(&file),
            });
        }
    }
    merges
}

fn judge(trial: &Trial, bases: &mut BTreeMap<PathBuf, Tree>) -> Result<()> {
    for merge in &trial.merges {
        let merged = Tree::read(merge.done()?)?;
        if !bases.contains_key(&merge.base) {
            bases.insert(merge.base.clone(), Tree::read(&merge.base)?);
        }
        let problems = rules::problems(&Subject {
            base: &bases[&merge.base],
            merged: &merged,
            overlays: &merge.overlays,
        });
        ensure!(
            problems.is_empty(),
            "{}\nin {}",
            problems.join("\n"),
            merge.base.display()
        );
    }
    Ok(())
}

/// By schema each board is judged with a module at every port: the nodes are the same ones as with
/// one alone.
fn schemas(
    environment: &Environment,
    trees: &Trees,
    trials: &[Trial],
    tally: &mut Tally,
) -> Result<()> {
    let schemas = Schemas::prepare(environment)?;
    tally.judge(
        "dts/bindings and its examples are valid",
        schemas.bindings(environment),
    );

    let full: Vec<(&Board, &Merge)> = boards()?
        .iter()
        .flat_map(|board| fullest(board, trees, trials))
        .collect();
    let files: BTreeSet<PathBuf> = full
        .iter()
        .flat_map(|(_, merge)| [merge.base.clone(), merge.result.clone()])
        .filter(|path| path.exists())
        .collect();
    let complaints = schemas.validate(environment, &files)?;
    let of = |path: &Path| complaints.get(path).map_or(&[][..], Vec::as_slice);
    let mut met: Vec<&'static Gap> = Vec::new();
    for (board, merge) in full {
        let own = schema::blame(of(&merge.result), of(&merge.base), &mut met);
        let lines: Vec<String> = own
            .iter()
            .map(|complaint| format!("{}\n\t{}", complaint.message, complaint.schema))
            .collect();
        let names: Vec<String> = merge.overlays.iter().map(Overlay::short).collect();
        tally.judge(
            &format!(
                "{}: {} are what the bindings describe",
                board.name,
                names.join(", ")
            ),
            merge.done().and_then(|_| {
                ensure!(lines.is_empty(), "{}", lines.join("\n"));
                Ok(())
            }),
        );
    }
    for gap in GAPS {
        tally.judge(
            &format!("{} lacks what it is known to lack", gap.schema),
            if met.contains(&gap) {
                Ok(())
            } else {
                Err(anyhow::anyhow!(
                    "nobody complains of {} any more: remove it from the known gaps",
                    gap.names.join(", ")
                ))
            },
        );
    }
    Ok(())
}

/// Returns the trials of a board in its first tree, as the kernel's source has it, that fill all
/// ports, once each.
fn fullest<'a>(
    board: &'static Board,
    trees: &'a Trees,
    trials: &'a [Trial],
) -> impl Iterator<Item = (&'static Board, &'a Merge)> {
    let base = board
        .trees
        .first()
        .map(|tree| trees.path(Origin::Source, tree));
    trials
        .iter()
        .flat_map(|trial| &trial.merges)
        .filter(move |merge| {
            let forward = merge.overlays.first().map(|overlay| overlay.port) == board.ports.first();
            let whole = merge.overlays.len() == board.ports.len();
            let own = merge.overlays.iter().all(|overlay| overlay.board == board);
            own && forward && whole && Some(&merge.base) == base.as_ref()
        })
        .map(move |merge| (board, merge))
}
