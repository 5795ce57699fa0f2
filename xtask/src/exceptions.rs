// SPDX-License-Identifier: GPL-2.0-only

//! Lists of what a check lets pass. They can only shrink: what is not found any more has to go.

use anyhow::{ensure, Context, Result};
use std::collections::{BTreeMap, BTreeSet};

/// A list with a reason for each entry.
#[derive(Debug)]
pub struct Exceptions<'a> {
    file: &'a str,
    entries: BTreeMap<&'a str, &'a str>,
}

impl<'a> Exceptions<'a> {
    /// Reads lines of `entry  # reason`; ones that begin with `#` are comments. `file` is what
    /// messages call the list.
    ///
    /// # Errors
    ///
    /// An entry has no reason or stands there twice.
    pub fn parse(file: &'a str, text: &'a str) -> Result<Self> {
        let mut entries = BTreeMap::new();
        for line in text.lines() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (entry, reason) = line
                .split_once("  # ")
                .with_context(|| format!("{file}: `{line}` has no reason"))?;
            let is_new = entries.insert(entry.trim(), reason.trim()).is_none();
            ensure!(is_new, "{file}: {entry} stands there twice");
        }
        Ok(Self { file, entries })
    }

    /// Returns whether the list has the entry.
    pub fn has(&self, entry: &str) -> bool {
        self.entries.contains_key(entry)
    }

    /// Returns the errors of the list itself, where `found` are all entries that were met.
    pub fn stale(&self, found: &BTreeSet<String>) -> Vec<String> {
        self.entries
            .keys()
            .filter(|entry| !found.contains(**entry))
            .map(|entry| format!("{entry} is gone: remove it from {}", self.file))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# A comment.\n\na::b  # because\n<c>::d  # why # not\n";

    #[test]
    fn entries_have_reasons() {
        let list = Exceptions::parse("list", LIST).unwrap();
        assert!(list.has("a::b") && list.has("<c>::d") && !list.has("e"));
        for wrong in ["a::b\n", "a::b # near\n", "a  # x\na  # y\n"] {
            Exceptions::parse("list", wrong).unwrap_err();
        }
    }

    #[test]
    fn what_is_gone_has_to_go() {
        let list = Exceptions::parse("list", LIST).unwrap();
        let found = BTreeSet::from(["a::b".to_owned(), "e".to_owned()]);
        assert_eq!(list.stale(&found), ["<c>::d is gone: remove it from list"]);
    }
}
