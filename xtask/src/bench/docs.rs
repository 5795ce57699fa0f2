// SPDX-License-Identifier: GPL-2.0-only

//! The figures that are kept: `docs/performance.json`, and the tables made of it in
//! `docs/performance.md`.

use super::aims;
use super::figures::Figures;
use crate::env::page::Page;
use crate::env::paths::Paths;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const PAGE: Page = Page {
    file: "docs/performance.md",
    begin: "<!-- figures: written by `make docs-bench` -->\n",
    end: "<!-- end of figures -->\n",
};
const KEPT: &str = "docs/performance.json";
/// Tolerated ratio to the kept figure.
const TOLERANCE: f64 = 1.05;

fn read(file: &Path) -> Result<Figures> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is broken", file.display()))
}

/// Keeps the figures of the last run, and writes them into the page.
///
/// # Errors
///
/// There was no run, or a file cannot be written.
pub fn take_over(paths: &Paths) -> Result<()> {
    let last = paths.build("bench/figures.json")?;
    let figures = read(&last).context("run make bench first")?;
    fs::write(paths.repo.join(KEPT), figures.json()?)?;
    PAGE.write(paths, &table(&figures))
}

fn table(figures: &Figures) -> String {
    figures.table(&aims::table(figures))
}

/// Returns the figures that are worse than the kept ones, as text.
///
/// # Errors
///
/// The kept figures cannot be read.
pub fn worse(paths: &Paths, figures: &Figures) -> Result<String> {
    let kept = paths.repo.join(KEPT);
    if !kept.exists() {
        return Ok(format!("there is no {KEPT} to compare with"));
    }
    Ok(comparison(&read(&kept)?, figures))
}

fn comparison(kept: &Figures, now: &Figures) -> String {
    let kept = kept.all();
    let mut text = String::new();
    for (name, number) in now.all() {
        let Some(&before) = kept.get(&name) else {
            continue;
        };
        if number as f64 > before as f64 * TOLERANCE {
            // A String takes everything.
            let _ = writeln!(text, "worse: {name}: {number}, was {before}");
        }
    }
    if text.is_empty() {
        text = format!("nothing is more than 5 % worse than in {KEPT}");
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::paths::checkout;

    #[test]
    fn the_page_has_the_figures_that_are_kept() {
        let root = checkout().unwrap();
        let text = fs::read_to_string(root.join(PAGE.file)).unwrap();
        let figures = read(&root.join(KEPT)).unwrap();
        assert!(
            PAGE.updated(&text, &table(&figures)).unwrap() == text,
            "{} is out of date: run make docs-bench",
            PAGE.file
        );
    }

    #[test]
    fn what_got_worse_is_named() {
        let figures = |cpu: u64| {
            let mut figures = Figures::default();
            let line = format!("stop: cpu={cpu} elapsed=1 messages=1 bytes=3 transfers=1");
            figures.add(super::super::OURS, &line).unwrap();
            figures
        };
        assert_eq!(
            comparison(&figures(1000), &figures(1051)),
            "worse: stop: cpu: 1051, was 1000"
        );
        assert!(comparison(&figures(1000), &figures(1050)).starts_with("nothing"));
    }
}
