// SPDX-License-Identifier: GPL-2.0-only

//! Rules for a board's device tree with merged overlays. Each rule names what it
//! finds in a line; what the base tree has of it already is no concern of the overlays.

mod bus;
mod claims;
mod graph;
mod phandles;
mod receiver;
mod references;
pub mod sensor;
pub mod shipped;

use super::boards::Overlay;
use super::tree::Tree;

/// A merged tree, and what it was made of.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The tree without overlays.
    pub base: &'a Tree,
    pub merged: &'a Tree,
    pub overlays: &'a [Overlay],
}

/// Everything that is wrong with the merged tree.
pub fn problems(subject: &Subject<'_>) -> Vec<String> {
    let Subject { base, merged, .. } = subject;
    let mut found = Vec::new();
    for rule in [phandles::problems, graph::problems, claims::problems] {
        let known = rule(base);
        found.extend(
            rule(merged)
                .into_iter()
                .filter(|problem| !known.contains(problem)),
        );
    }
    found.extend(phandles::redirected(base, merged));
    found.extend(sensor::problems(subject));
    found.extend(receiver::problems(subject));
    found
}
