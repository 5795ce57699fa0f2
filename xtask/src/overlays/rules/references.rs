// SPDX-License-Identifier: GPL-2.0-only

//! Properties that refer to other nodes, as `drivers/of/property.c` knows them.

use crate::overlays::tree::{Node, Tree};

/// One reference in a property.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference {
    pub property: String,
    /// Its place among the references of that property.
    pub index: usize,
    pub phandle: u32,
    /// The cells that follow the phandle.
    pub arguments: Vec<u32>,
}

/// Kind of a property's references to nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Phandles and nothing else.
    Bare,
    /// Each phandle is followed by as many cells as the node it names says in this property.
    Counted(&'static str),
}

/// Properties of one name.
const NAMED: &[(&str, Kind)] = &[
    ("assigned-clock-parents", Kind::Counted("#clock-cells")),
    ("assigned-clocks", Kind::Counted("#clock-cells")),
    ("clocks", Kind::Counted("#clock-cells")),
    ("dmas", Kind::Counted("#dma-cells")),
    ("gpio", Kind::Counted("#gpio-cells")),
    ("gpios", Kind::Counted("#gpio-cells")),
    ("i2c-parent", Kind::Bare),
    ("interrupt-parent", Kind::Bare),
    ("interrupts-extended", Kind::Counted("#interrupt-cells")),
    ("iommus", Kind::Counted("#iommu-cells")),
    (
        "nvidia,mipi-calibrate",
        Kind::Counted("#nvidia,mipi-calibrate-cells"),
    ),
    ("phys", Kind::Counted("#phy-cells")),
    ("power-domains", Kind::Counted("#power-domain-cells")),
    ("remote-endpoint", Kind::Bare),
    ("resets", Kind::Counted("#reset-cells")),
];

/// Properties by the end of their names.
const SUFFIXES: &[(&str, Kind)] = &[
    ("-gpio", Kind::Counted("#gpio-cells")),
    ("-gpios", Kind::Counted("#gpio-cells")),
    ("-supply", Kind::Bare),
];

fn kind(node: &Node, property: &str) -> Option<Kind> {
    // A hog's lines are those of the controller that it sits in.
    if node.properties.contains_key("gpio-hog") && property == "gpios" {
        return None;
    }
    let named = NAMED.iter().find(|(name, _)| *name == property);
    let ending = || {
        SUFFIXES
            .iter()
            .find(|(suffix, _)| property.ends_with(suffix))
    };
    let pinctrl = || {
        let number = property.strip_prefix("pinctrl-")?;
        number.parse::<u32>().ok().map(|_| Kind::Bare)
    };
    named
        .or_else(ending)
        .map(|(_, kind)| *kind)
        .or_else(pinctrl)
}

/// Returns the references of a node. An unknown phandle ends its property, as it is unknown
/// how many cells are its own.
pub fn of(tree: &Tree, node: &Node) -> Vec<Reference> {
    let mut found = Vec::new();
    for property in node.properties.keys() {
        let Some(kind) = kind(node, property) else {
            continue;
        };
        let cells = node.cells(property);
        let mut rest = cells.as_slice();
        let mut index = 0;
        while let [phandle, behind @ ..] = rest {
            let count = match kind {
                Kind::Bare => Some(0),
                Kind::Counted(cells) => arguments(tree, *phandle, cells),
            };
            let taken = count.unwrap_or(behind.len()).min(behind.len());
            let (arguments, next) = behind.split_at(taken);
            // A phandle of 0 leaves an entry of a list out.
            if *phandle != 0 {
                found.push(Reference {
                    property: property.clone(),
                    index,
                    phandle: *phandle,
                    arguments: arguments.to_vec(),
                });
            }
            index += 1;
            rest = next;
        }
    }
    found
}

fn arguments(tree: &Tree, phandle: u32, cells: &str) -> Option<usize> {
    if phandle == 0 {
        return Some(0);
    }
    let target = tree.get(tree.path_of(phandle)?)?;
    usize::try_from(target.cell(cells)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlays::tree::build::node;

    #[test]
    fn lists_are_cut_where_the_providers_say() {
        let user = node("user")
            .with("reset-gpios", &[1, 5, 0, 0, 2, 6])
            .with("pinctrl-0", &[3])
            .with("pinctrl-names", &[1]);
        let tree = node("")
            .holding([
                node("two").with("phandle", &[1]).with("#gpio-cells", &[2]),
                node("one").with("phandle", &[2]).with("#gpio-cells", &[1]),
                user,
            ])
            .tree();
        let found = of(&tree, tree.get("/user").unwrap());
        let short: Vec<_> = found
            .iter()
            .map(|reference| (reference.index, reference.phandle, &reference.arguments[..]))
            .collect();
        assert_eq!(
            short,
            [(0, 3, &[][..]), (0, 1, &[5, 0][..]), (2, 2, &[6][..])]
        );
    }

    #[test]
    fn a_hog_refers_to_nothing() {
        let hog = node("hog").with("gpio-hog", &[]).with("gpios", &[1, 0]);
        assert_eq!(of(&Tree::default(), &hog), []);
    }
}
