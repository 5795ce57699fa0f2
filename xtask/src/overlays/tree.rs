// SPDX-License-Identifier: GPL-2.0-only

//! A flattened device tree, read into something that can be walked and compared.

use anyhow::{anyhow, Context, Result};
use fdt::node::FdtNode;
use fdt::Fdt;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A node and all below it.
#[derive(Debug, Default, Clone)]
pub struct Node {
    pub name: String,
    pub properties: BTreeMap<String, Vec<u8>>,
    pub children: Vec<Node>,
}

impl Node {
    /// Reads the tree of a `.dtb`.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is no device tree.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let tree = Fdt::new(&bytes)
            .map_err(|error| anyhow!("{} is no device tree: {error}", path.display()))?;
        let root = tree
            .find_node("/")
            .with_context(|| format!("{} has no root", path.display()))?;
        Ok(Self::of("", root))
    }

    fn of(name: &str, node: FdtNode<'_, '_>) -> Self {
        Self {
            name: name.to_owned(),
            properties: node
                .properties()
                .map(|property| (property.name.to_owned(), property.value.to_vec()))
                .collect(),
            children: node
                .children()
                .map(|child| Self::of(child.name, child))
                .collect(),
        }
    }

    /// Returns the cells of a property; none if it is not there.
    pub fn cells(&self, property: &str) -> Vec<u32> {
        self.properties
            .get(property)
            .map_or_else(Vec::new, |bytes| {
                bytes
                    .chunks_exact(4)
                    .map(|cell| u32::from_be_bytes(cell.try_into().unwrap_or_default()))
                    .collect()
            })
    }

    /// Returns the one cell of a property.
    pub fn cell(&self, property: &str) -> Option<u32> {
        match self.cells(property)[..] {
            [cell] => Some(cell),
            _ => None,
        }
    }

    /// Returns the 64-bit numbers of a property.
    pub fn pairs(&self, property: &str) -> Vec<u64> {
        self.cells(property)
            .chunks_exact(2)
            .map(|pair| u64::from(pair[0]) << 32 | u64::from(pair[1]))
            .collect()
    }

    /// Returns the strings of a property.
    pub fn strings(&self, property: &str) -> Vec<String> {
        let bytes = self.properties.get(property).map_or(&[][..], Vec::as_slice);
        String::from_utf8_lossy(bytes)
            .split_terminator('\0')
            .map(str::to_owned)
            .collect()
    }

    /// Returns whether the node is compatible with any of these.
    pub fn is_compatible(&self, any: &[&str]) -> bool {
        self.strings("compatible")
            .iter()
            .any(|found| any.contains(&found.as_str()))
    }

    /// Returns whether drivers look at it.
    pub fn is_enabled(&self) -> bool {
        match self.strings("status").first() {
            Some(status) => status == "okay" || status == "ok",
            None => true,
        }
    }

    /// Returns the name without the address.
    pub fn base_name(&self) -> &str {
        self.name.split('@').next().unwrap_or_default()
    }
}

/// A whole tree, with ways to find things in it.
#[derive(Debug, Default)]
pub struct Tree {
    /// Every node by its path, the root's is empty.
    nodes: BTreeMap<String, Node>,
    phandles: BTreeMap<u32, Vec<String>>,
}

impl Tree {
    /// Returns the tree below `root`.
    pub fn new(root: Node) -> Self {
        let mut tree = Self::default();
        tree.insert(String::new(), root);
        tree
    }

    /// Reads the tree of a `.dtb`.
    ///
    /// # Errors
    ///
    /// As [`Node::read`].
    pub fn read(path: &Path) -> Result<Self> {
        Node::read(path).map(Self::new)
    }

    fn insert(&mut self, path: String, mut node: Node) {
        for child in std::mem::take(&mut node.children) {
            self.insert(format!("{path}/{}", child.name), child);
        }
        if let Some(phandle) = node.cell("phandle") {
            self.phandles.entry(phandle).or_default().push(path.clone());
        }
        self.nodes.insert(path, node);
    }

    /// Returns every node with its path.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes.iter().map(|(path, node)| (path.as_str(), node))
    }

    /// Returns the node at a path.
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// Returns the path of the one node that a phandle stands for.
    pub fn path_of(&self, phandle: u32) -> Option<&str> {
        match self.phandles.get(&phandle).map(Vec::as_slice) {
            Some([path]) => Some(path),
            _ => None,
        }
    }

    /// Phandles, and the nodes that have each.
    pub fn phandles(&self) -> impl Iterator<Item = (u32, &[String])> {
        self.phandles
            .iter()
            .map(|(phandle, paths)| (*phandle, paths.as_slice()))
    }

    /// Returns the children of a node, with their paths.
    pub fn children<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a Node)> {
        self.nodes()
            .filter(move |(found, _)| parent(found) == Some(path))
    }
}

/// Returns the path of the node that holds this one; the root has none.
pub fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(parent, _)| parent)
}

/// Returns the paths of the nodes that hold this one, nearest first.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(parent(path), |path| parent(path))
}

#[cfg(test)]
pub mod build {
    //! Little trees for tests.

    use super::{Node, Tree};

    /// Returns a node without anything.
    pub fn node(name: &str) -> Node {
        Node {
            name: name.to_owned(),
            ..Node::default()
        }
    }

    impl Node {
        /// With a property of cells.
        pub fn with(self, property: &str, cells: &[u32]) -> Self {
            let bytes = cells.iter().flat_map(|cell| cell.to_be_bytes()).collect();
            self.property(property, bytes)
        }

        /// With a property that is a string.
        pub fn text(self, property: &str, text: &str) -> Self {
            self.property(property, format!("{text}\0").into_bytes())
        }

        fn property(mut self, property: &str, bytes: Vec<u8>) -> Self {
            self.properties.insert(property.to_owned(), bytes);
            self
        }

        /// With these children.
        pub fn holding(mut self, children: impl IntoIterator<Item = Node>) -> Self {
            self.children.extend(children);
            self
        }

        /// As the root of a tree.
        pub fn tree(self) -> Tree {
            Tree::new(self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::build::node;
    use super::*;

    #[test]
    fn finds_nodes_by_path_and_phandle() {
        let tree = node("")
            .holding([node("a").holding([node("b@1").with("phandle", &[7])])])
            .tree();
        assert_eq!(tree.path_of(7), Some("/a/b@1"));
        assert_eq!(tree.get("/a/b@1").unwrap().base_name(), "b");
        assert_eq!(tree.path_of(8), None);
        assert_eq!(ancestors("/a/b@1").collect::<Vec<_>>(), ["/a", ""]);
        assert_eq!(tree.children("/a").count(), 1);
    }

    #[test]
    fn a_phandle_of_two_nodes_stands_for_none() {
        let twins = [
            node("a").with("phandle", &[7]),
            node("b").with("phandle", &[7]),
        ];
        assert_eq!(node("").holding(twins).tree().path_of(7), None);
    }

    #[test]
    fn values() {
        let node = node("a").with("n", &[1, 2]).text("compatible", "x\0y");
        assert_eq!(node.pairs("n"), [1 << 32 | 2]);
        assert_eq!(node.cell("n"), None);
        assert!(node.is_compatible(&["y"]) && !node.is_compatible(&["z"]));
        assert!(node.is_enabled());
        assert!(!node.clone().text("status", "disabled").is_enabled());
    }
}
