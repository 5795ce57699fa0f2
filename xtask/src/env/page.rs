// SPDX-License-Identifier: GPL-2.0-only

//! Pages of the documentation of which a part is written by a command.

use crate::env::paths::Paths;
use anyhow::{Context, Result};
use std::fs;

/// A page, and the lines between which the written part is.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The file in the repository.
    pub file: &'static str,
    pub begin: &'static str,
    pub end: &'static str,
}

impl Page {
    /// Returns the page's text with another written part.
    ///
    /// # Errors
    ///
    /// It has no place for that.
    pub fn updated(&self, text: &str, part: &str) -> Result<String> {
        let Self { file, begin, end } = self;
        let parts = text
            .split_once(begin)
            .and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
        let (before, after) =
            parts.with_context(|| format!("{file} has no place for the figures"))?;
        Ok(format!("{before}{begin}\n{part}\n{end}{after}"))
    }

    /// Writes the part.
    ///
    /// # Errors
    ///
    /// There is no such page, it has no place for that, or it cannot be written.
    pub fn write(&self, paths: &Paths, part: &str) -> Result<()> {
        let page = paths.repo.join(self.file);
        let text =
            fs::read_to_string(&page).with_context(|| format!("cannot read {}", self.file))?;
        fs::write(&page, self.updated(&text, part)?)
            .with_context(|| format!("cannot write {}", self.file))
    }
}
