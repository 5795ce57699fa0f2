// SPDX-License-Identifier: GPL-2.0-only

//! I2C buses, and how muxes hang them below others.

use crate::overlays::tree::{ancestors, parent, Node, Tree};

/// Returns whether the children of a node are devices with I2C addresses.
pub fn is_bus(node: &Node) -> bool {
    matches!(node.base_name(), "i2c" | "i2c-bus")
}

fn is_mux(node: &Node) -> bool {
    node.base_name().starts_with("i2c-mux")
}

/// Returns the bus that this one is a channel of.
pub fn upstream<'a>(tree: &'a Tree, bus: &'a str) -> Option<&'a str> {
    let above = parent(bus)?;
    let mux = tree.get(above).filter(|node| is_mux(node))?;
    match mux.cell("i2c-parent") {
        Some(phandle) => tree.path_of(phandle),
        None => parent(above),
    }
}

/// Returns the bus, and those above it, up to the controller.
pub fn segments<'a>(tree: &'a Tree, bus: &'a str) -> impl Iterator<Item = &'a str> {
    std::iter::successors(Some(bus), move |bus| upstream(tree, bus))
}

/// Returns the first node that keeps drivers from a bus: one that is not enabled, of the bus, the
/// muxes and the controller above it.
pub fn disabled<'a>(tree: &'a Tree, bus: &'a str) -> Option<&'a str> {
    segments(tree, bus)
        .flat_map(|bus| std::iter::once(bus).chain(ancestors(bus)))
        .find(|path| tree.get(path).is_some_and(|node| !node.is_enabled()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlays::tree::build::node;

    fn tree(status: &str) -> Tree {
        node("")
            .holding([
                node("i2c@1")
                    .with("phandle", &[1])
                    .text("status", status)
                    .holding([node("i2c-mux@70").holding([node("i2c@0")])]),
                node("i2c-mux")
                    .with("i2c-parent", &[1])
                    .holding([node("i2c@0")]),
            ])
            .tree()
    }

    #[test]
    fn muxes_hang_below_their_bus() {
        let tree = tree("okay");
        assert_eq!(upstream(&tree, "/i2c@1/i2c-mux@70/i2c@0"), Some("/i2c@1"));
        assert_eq!(upstream(&tree, "/i2c-mux/i2c@0"), Some("/i2c@1"));
        assert_eq!(upstream(&tree, "/i2c@1"), None);
        assert!(!is_bus(tree.get("/i2c-mux").unwrap()));
    }

    #[test]
    fn a_controller_that_is_off_disables_its_channels() {
        assert_eq!(disabled(&tree("okay"), "/i2c-mux/i2c@0"), None);
        assert_eq!(
            disabled(&tree("disabled"), "/i2c-mux/i2c@0"),
            Some("/i2c@1")
        );
    }
}
