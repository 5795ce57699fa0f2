// SPDX-License-Identifier: GPL-2.0-only

//! Endpoints are connected in pairs.

use crate::overlays::tree::Tree;

/// Endpoints whose other side does not point back.
pub fn problems(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, node) in tree.nodes() {
        if !node.properties.contains_key("remote-endpoint") {
            continue;
        }
        match remote(tree, path) {
            None => found.push(format!("{path}: remote-endpoint refers to no node")),
            Some(other) => match remote(tree, other) {
                Some(back) if back == path => {}
                back => found.push(format!(
                    "{path} points at {other}, which points at {}",
                    back.unwrap_or("nothing")
                )),
            },
        }
    }
    found
}

/// Returns the endpoint that this one points at.
pub fn remote<'a>(tree: &'a Tree, endpoint: &str) -> Option<&'a str> {
    tree.path_of(tree.get(endpoint)?.cell("remote-endpoint")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlays::tree::build::node;

    fn pair(from: u32, back: u32) -> Tree {
        node("")
            .holding([
                node("a")
                    .with("phandle", &[1])
                    .with("remote-endpoint", &[from]),
                node("b")
                    .with("phandle", &[2])
                    .with("remote-endpoint", &[back]),
            ])
            .tree()
    }

    #[test]
    fn pairs_are_fine() {
        assert_eq!(problems(&pair(2, 1)), [""; 0]);
    }

    #[test]
    fn one_way_is_not() {
        assert_eq!(
            problems(&pair(2, 2)),
            ["/a points at /b, which points at /b"]
        );
        assert_eq!(problems(&pair(2, 3)).len(), 2);
    }
}
