// SPDX-License-Identifier: GPL-2.0-only

//! Files that use each other in a circle, so that none can be read, tested or replaced without the others.

use super::module::Path;
use super::source::Source;
use anyhow::{ensure, Result};
use std::collections::{BTreeMap, BTreeSet};

/// Folders with a tree of modules each.
const TREES: [&str; 6] = [
    "src",
    "xtask/src",
    "xtask/picture/src",
    "tools/fsm-camera/src",
    "tools/imx412-program/src",
    "tests/stress/src",
];

/// Checks that there is no circle.
///
/// # Errors
///
/// Names the circles, with who uses whom in them.
pub fn check(repo: &std::path::Path) -> Result<()> {
    let mut wrong = String::new();
    for tree in TREES {
        if let Err(circles) = judge(&Source::read(&repo.join(tree))?.uses()) {
            wrong = format!("{wrong}{tree}: {circles}\n");
        }
    }
    ensure!(wrong.is_empty(), "{wrong}");
    Ok(())
}

fn judge(uses: &BTreeSet<(Path, Path)>) -> Result<()> {
    let wrong: Vec<String> = circles(uses)
        .iter()
        .map(|circle| describe(circle, uses))
        .collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

type Circle = BTreeSet<Path>;

fn name(circle: &Circle) -> String {
    let files: Vec<String> = circle.iter().map(|path| path.join("/")).collect();
    files.join(" ")
}

fn describe(circle: &Circle, uses: &BTreeSet<(Path, Path)>) -> String {
    let arrows: Vec<String> = uses
        .iter()
        .filter(|(from, to)| circle.contains(from) && circle.contains(to))
        .filter(|(from, to)| !is_child(from, to))
        .map(|(from, to)| format!("  {} uses {}", from.join("/"), to.join("/")))
        .collect();
    format!(
        "files use each other in a circle: {}\n{}",
        name(circle),
        arrows.join("\n")
    )
}

/// Returns whether `from` is a part of `to`: that a child names what it is a part of is no circle.
fn is_child(from: &[String], to: &[String]) -> bool {
    from.len() > to.len() && from.starts_with(to)
}

/// Sets of files each of which can be reached from all others of the set.
fn circles(uses: &BTreeSet<(Path, Path)>) -> Vec<Circle> {
    let mut next: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for (from, to) in uses {
        if !is_child(from, to) {
            next.entry(from).or_default().push(to);
        }
    }
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = next
        .keys()
        .map(|file| (*file, reach(file, &next)))
        .collect();
    let mut circles = Vec::new();
    let mut done = BTreeSet::new();
    for (file, reach) in &reached {
        let back = |other: &Path| reached.get(other).is_some_and(|reach| reach.contains(file));
        if reach.contains(file) && !done.contains(file) {
            let circle: BTreeSet<&Path> = reach.iter().copied().filter(|path| back(path)).collect();
            done.extend(circle.iter().copied());
            circles.push(circle.into_iter().cloned().collect());
        }
    }
    circles
}

/// Returns the files that `file` uses, directly or indirectly.
fn reach<'a>(file: &'a Path, next: &BTreeMap<&'a Path, Vec<&'a Path>>) -> BTreeSet<&'a Path> {
    let mut found = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for target in next.get(file).into_iter().flatten() {
            if found.insert(*target) {
                open.push(target);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::source;
    use super::*;

    fn verdict(files: &[(&str, &str)]) -> String {
        match judge(&source(files).uses()) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    const KNOT: [(&str, &str); 3] = [
        ("sensor::board", "use super::clock::Tree; pub struct Link;"),
        (
            "sensor::clock",
            "pub struct Tree; fn f() -> super::timing::Time {}",
        ),
        ("sensor::timing", "use super::board::Link; pub struct Time;"),
    ];

    #[test]
    fn a_circle_is_named_with_its_arrows() {
        let found = verdict(&KNOT);
        assert!(
            found.contains("sensor/board sensor/clock sensor/timing\n"),
            "{found}"
        );
        assert!(
            found.contains("  sensor/clock uses sensor/timing\n"),
            "{found}"
        );
    }

    #[test]
    fn a_child_may_name_its_parent() {
        assert_eq!(
            verdict(&[
                (
                    "media::subdev",
                    "mod ops; pub struct Subdev; fn f() { ops::g() }"
                ),
                ("media::subdev::ops", "use super::Subdev; pub fn g() {}"),
            ]),
            ""
        );
    }

    #[test]
    fn a_way_back_through_a_third_file_is_a_circle() {
        assert!(verdict(&[
            (
                "media::subdev",
                "mod ops; pub struct Subdev; fn f() { ops::g() }"
            ),
            (
                "media::subdev::ops",
                "pub fn g() { crate::media::lock::h() }"
            ),
            ("media::lock", "use super::subdev::Subdev; pub fn h() {}"),
        ])
        .contains("media/lock media/subdev media/subdev/ops"));
    }

    #[test]
    fn this_checkout_has_none() {
        let repo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        check(&repo).unwrap();
    }
}
