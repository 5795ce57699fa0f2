// SPDX-License-Identifier: GPL-2.0-only

//! Every reference names a node that is there, and merging redirects none.

use super::references;
use crate::overlays::tree::Tree;

/// Phandles that nothing has, or that several nodes have.
pub fn problems(tree: &Tree) -> Vec<String> {
    let twins = tree
        .phandles()
        .filter(|(_, paths)| paths.len() > 1)
        .map(|(phandle, paths)| format!("phandle {phandle:#x} is of {}", paths.join(" and ")));
    let dangling = tree.nodes().flat_map(|(path, node)| {
        references::of(tree, node)
            .into_iter()
            .filter(|reference| tree.path_of(reference.phandle).is_none())
            .map(move |reference| format!("{path}: {} refers to no node", reference.property))
    });
    twins.chain(dangling).collect()
}

/// References of the base tree that name another node in the merged one: an overlay gave a node of
/// the base tree a new phandle.
pub fn redirected(base: &Tree, merged: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, node) in base.nodes() {
        let Some(after) = merged.get(path) else {
            found.push(format!("{path} is gone"));
            continue;
        };
        let now = references::of(merged, after);
        for reference in references::of(base, node) {
            let same = now
                .iter()
                .find(|now| now.property == reference.property && now.index == reference.index);
            let target = same.and_then(|same| merged.path_of(same.phandle));
            let before = base.path_of(reference.phandle);
            if target != before {
                found.push(format!(
                    "{path}: {} referred to {} and now refers to {}",
                    reference.property,
                    before.unwrap_or("nothing"),
                    target.unwrap_or("nothing"),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlays::tree::build::node;

    fn tree(clock: u32, user: u32) -> Tree {
        node("")
            .holding([
                node("clock")
                    .with("phandle", &[clock])
                    .with("#clock-cells", &[0]),
                node("user").with("clocks", &[user]),
            ])
            .tree()
    }

    #[test]
    fn a_reference_to_nothing_is_found() {
        assert_eq!(problems(&tree(1, 1)), [""; 0]);
        assert_eq!(problems(&tree(1, 2)), ["/user: clocks refers to no node"]);
    }

    #[test]
    fn a_phandle_given_twice_is_found() {
        let twins = ["a", "b"].map(|name| node(name).with("phandle", &[1]));
        assert_eq!(
            problems(&node("").holding(twins).tree()),
            ["phandle 0x1 is of /a and /b"]
        );
    }

    #[test]
    fn a_node_that_got_another_phandle_is_found() {
        assert_eq!(redirected(&tree(1, 1), &tree(1, 1)), [""; 0]);
        assert_eq!(redirected(&tree(1, 1), &tree(2, 2)), [""; 0]);
        assert_eq!(
            redirected(&tree(1, 1), &tree(2, 1)),
            ["/user: clocks referred to /clock and now refers to nothing"]
        );
    }
}
