// SPDX-License-Identifier: GPL-2.0-only

//! All files below a folder, and their uses of each other.

use super::module::{Module, Path};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Imports of imports are followed this far; nothing comes close, but an import of itself.
const DEPTH: usize = 16;

/// The files by their place in the tree of modules: `["sensor", "timing", "long"]`.
#[derive(Debug, Default)]
pub struct Source {
    modules: BTreeMap<Path, Module>,
}

impl Source {
    /// Reads the files below `folder`. The roots of the modules only name them, so they are left out.
    ///
    /// # Errors
    ///
    /// Names a file that cannot be read or is not Rust.
    pub fn read(folder: &std::path::Path) -> Result<Self> {
        let mut source = Self::default();
        source.read_folder(folder, &Path::new())?;
        Ok(source)
    }

    fn read_folder(&mut self, folder: &std::path::Path, path: &[String]) -> Result<()> {
        for entry in
            fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
        {
            let entry = entry?.path();
            let mut path = path.to_vec();
            let stem = entry.file_stem().unwrap_or_default().to_string_lossy();
            if entry.is_dir() {
                path.push(stem.into_owned());
                self.read_folder(&entry, &path)?;
                continue;
            }
            if entry.extension().is_none_or(|found| found != "rs") {
                continue;
            }
            if stem != "mod" {
                path.push(stem.into_owned());
            }
            if path.len() > 1 || stem_is_folder(&entry) {
                let text = fs::read_to_string(&entry)?;
                self.add(path, &text)
                    .with_context(|| format!("cannot read {}", entry.display()))?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: Path, text: &str) -> Result<()> {
        let module = Module::parse(path.clone(), text)?;
        self.modules.insert(path, module);
        Ok(())
    }

    /// Returns pairs of files, by their paths in the tree of modules, of which the first uses the
    /// second.
    pub fn uses(&self) -> BTreeSet<(Path, Path)> {
        let mut uses = BTreeSet::new();
        for module in self.modules.values() {
            for mention in &module.mentions {
                if let Some(target) = self.resolve(module, mention, DEPTH) {
                    if *target != module.path {
                        uses.insert((module.path.clone(), target.clone()));
                    }
                }
            }
        }
        uses
    }

    /// Returns the file that defines what `path` names in `module`; none if it is not ours.
    fn resolve(&self, module: &Module, path: &[String], depth: usize) -> Option<&Path> {
        let depth = depth.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        if first == "crate" {
            return self.walk(rest, depth);
        }
        if let Some(import) = module.imports.get(first) {
            // An import of a crate under its own name would lead back here.
            if import.first() == Some(first) {
                return None;
            }
            return self.resolve(module, &[import, rest].concat(), depth);
        }
        let mut child = module.path.clone();
        child.push(first.clone());
        if self.modules.contains_key(&child) {
            child.extend_from_slice(rest);
            return self.walk(&child, depth);
        }
        self.globs(module, path, depth)
    }

    /// Goes down from the folder `src`, through modules and what they import for others.
    fn walk(&self, path: &[String], depth: usize) -> Option<&Path> {
        let files = (1..=path.len()).rev();
        let (place, module) = files
            .filter_map(|length| self.modules.get_key_value(&path[..length]))
            .next()?;
        let rest = &path[place.len()..];
        let Some(name) = rest.first() else {
            return Some(place);
        };
        if module.items.contains(name) {
            return Some(place);
        }
        if module.imports.contains_key(name) {
            return self.resolve(module, rest, depth);
        }
        self.globs(module, rest, depth).or(Some(place))
    }

    fn globs(&self, module: &Module, path: &[String], depth: usize) -> Option<&Path> {
        let name = path.first()?;
        module.globs.iter().find_map(|glob| {
            let target = self.resolve(module, glob, depth)?;
            let target = self.modules.get(target)?;
            if target.items.contains(name) {
                return Some(&target.path);
            }
            target
                .imports
                .contains_key(name)
                .then(|| self.resolve(target, path, depth))
                .flatten()
        })
    }
}

/// Returns whether a file at the top of `src` is a room's, not a module's root.
fn stem_is_folder(file: &std::path::Path) -> bool {
    file.file_stem().is_some_and(|stem| stem == "mod") || file.with_extension("").is_dir()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Files by their places, `sensor::timing`.
    pub fn source(files: &[(&str, &str)]) -> Source {
        let mut source = Source::default();
        for (place, text) in files {
            let place = place.split("::").map(str::to_owned).collect();
            source.add(place, text).unwrap();
        }
        source
    }

    fn uses(files: &[(&str, &str)]) -> Vec<String> {
        source(files)
            .uses()
            .iter()
            .map(|(from, to)| format!("{} > {}", from.join("::"), to.join("::")))
            .collect()
    }

    #[test]
    fn what_a_room_exports_is_used_where_it_is_defined() {
        assert_eq!(
            uses(&[
                ("sensor", "pub use config::Config; pub use clock::*;"),
                ("sensor::config", "pub struct Config;"),
                ("sensor::clock", "pub struct Inck;"),
                ("driver::probe", "use crate::sensor::{Config, Inck};"),
            ]),
            [
                "driver::probe > sensor::clock",
                "driver::probe > sensor::config",
                "sensor > sensor::clock",
                "sensor > sensor::config",
            ]
        );
    }

    #[test]
    fn modules_are_followed_from_their_import() {
        assert_eq!(
            uses(&[
                (
                    "sensor::timing",
                    "use super::readout; fn f() { readout::presets::g() }"
                ),
                (
                    "sensor::readout",
                    "pub mod presets; fn h() { presets::g() }"
                ),
                ("sensor::readout::presets", "pub fn g() {}"),
            ]),
            [
                "sensor::readout > sensor::readout::presets",
                "sensor::timing > sensor::readout",
                "sensor::timing > sensor::readout::presets",
            ]
        );
    }

    #[test]
    fn other_crates_are_no_files() {
        assert!(uses(&[
            (
                "driver::bus",
                "use kernel::prelude::*; use core::fmt; fn f() -> fmt::Result {}"
            ),
            ("driver::fmt", ""),
        ])
        .is_empty());
    }
}
