// SPDX-License-Identifier: GPL-2.0-only

//! The imports, mentions and definitions of a source file.

use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::{Ident, Item, ItemMod, ItemUse, Macro, UseTree};

/// A path, from the folder `src` on or as it is written.
pub type Path = Vec<String>;

/// A file, as far as its neighbours matter.
#[derive(Debug, Default)]
pub struct Module {
    /// Path of the file in the tree of modules.
    pub path: Path,
    /// Names that `use` brings in, and what for.
    pub imports: BTreeMap<String, Path>,
    /// Modules of which `use` brings in everything.
    pub globs: Vec<Path>,
    /// Names that the file defines.
    pub items: BTreeSet<String>,
    /// Paths of more than one name that it mentions, imports included. `self` and `super` are
    /// resolved, other names are as they are written.
    pub mentions: BTreeSet<Path>,
}

impl Module {
    /// Reads the file of the module at `path`.
    ///
    /// # Errors
    ///
    /// It is no Rust.
    pub fn parse(path: Path, text: &str) -> syn::Result<Self> {
        let file = syn::parse_file(text)?;
        let mut reader = Reader {
            inside: path.clone(),
            module: Self {
                path,
                ..Self::default()
            },
        };
        for item in &file.items {
            if let Some(name) = name(item) {
                reader.module.items.insert(name);
            }
        }
        reader.visit_file(&file);
        Ok(reader.module)
    }
}

fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Mod(item) if item.content.is_some() => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.unraw().to_string())
}

struct Reader {
    module: Module,
    /// The module that is being read: the file's or one that is written out in it.
    inside: Path,
}

impl Reader {
    /// Adds a path that is written in the module that is being read.
    fn mention(&mut self, path: &[String]) {
        if path.len() > 1 {
            let path = self.absolute(path);
            self.module.mentions.insert(path);
        }
    }

    /// Resolves `self` and `super`; a path that begins with neither stays as it is.
    fn absolute(&self, path: &[String]) -> Path {
        let mut inside = self.inside.clone();
        let mut rest = path;
        match rest {
            [first, behind @ ..] if first == "self" => rest = behind,
            [first, ..] if first == "super" => {}
            _ => return path.to_vec(),
        }
        while let [first, behind @ ..] = rest {
            if first != "super" {
                break;
            }
            inside.pop();
            rest = behind;
        }
        let mut absolute = vec!["crate".to_owned()];
        absolute.extend(inside);
        absolute.extend_from_slice(rest);
        absolute
    }

    fn import(&mut self, tree: &UseTree, path: &mut Path) {
        match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.unraw().to_string());
                self.import(&tree.tree, path);
                path.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, path);
                }
            }
            UseTree::Glob(_) => {
                let glob = self.absolute(path);
                self.module.mentions.insert(glob.clone());
                self.module.globs.push(glob);
            }
            UseTree::Name(tree) => self.import_as(&tree.ident, &tree.ident, path),
            UseTree::Rename(tree) => self.import_as(&tree.ident, &tree.rename, path),
        }
    }

    fn import_as(&mut self, name: &Ident, alias: &Ident, path: &[String]) {
        let mut full = path.to_vec();
        let mut alias = alias.unraw().to_string();
        if name == "self" {
            if alias == "self" {
                alias = path.last().cloned().unwrap_or_default();
            }
        } else {
            full.push(name.unraw().to_string());
        }
        let full = self.absolute(&full);
        self.module.mentions.insert(full.clone());
        // `use super::Item as _;` names nothing.
        if alias != "_" {
            self.module.imports.insert(alias, full);
        }
    }

    /// Finds `a::b::c` in what a macro is called with, which is any tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path = Path::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.mention(&path);
                        path.clear();
                    }
                    path.push(ident.unraw().to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.mention(&path);
                    path.clear();
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.mention(&path);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, &mut Path::new());
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.inside.push(item.ident.unraw().to_string());
        visit::visit_item_mod(self, item);
        self.inside.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Path = path
            .segments
            .iter()
            .map(|segment| segment.ident.unraw().to_string())
            .collect();
        self.mention(&names);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.tokens(called.tokens.clone());
        visit::visit_macro(self, called);
    }

    // `pub(in path)` uses nothing of the path.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Module {
        Module::parse(vec!["sensor".into(), "timing".into()], text).unwrap()
    }

    fn mentions(text: &str) -> Vec<String> {
        let found = module(text).mentions;
        found.iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn imports_are_read_with_their_groups_and_names() {
        let module = module(
            "use super::{board::{self, Link as Wire}, readout::*};\n\
             pub(in crate::sensor) use self::long::LINES_MAX;\n\
             use crate::x::Trait as _;",
        );
        assert_eq!(module.imports["board"].join("::"), "crate::sensor::board");
        assert_eq!(
            module.imports["Wire"].join("::"),
            "crate::sensor::board::Link"
        );
        assert_eq!(
            module.imports["LINES_MAX"].join("::"),
            "crate::sensor::timing::long::LINES_MAX"
        );
        assert_eq!(module.imports.len(), 3);
        assert_eq!(module.globs[0].join("::"), "crate::sensor::readout");
        assert!(module.mentions.contains(&vec![
            "crate".to_owned(),
            "x".to_owned(),
            "Trait".to_owned()
        ]));
    }

    #[test]
    fn paths_in_code_and_in_macros_are_mentions() {
        assert_eq!(
            mentions(
                "fn f(a: super::board::Link) -> u32 {\n\
                 write!(f, \"{}\", crate::sensor::clock::NAME);\n\
                 long::at_most(a)\n}"
            ),
            [
                "crate::sensor::board::Link",
                "crate::sensor::clock::NAME",
                "long::at_most"
            ]
        );
    }

    #[test]
    fn comments_attributes_and_strings_are_none() {
        assert!(mentions(
            "//! [`super::board`]\n#[doc(alias = \"super::board\")]\nconst A: &str = \"super::b\";"
        )
        .is_empty());
    }

    #[test]
    fn super_of_a_module_in_the_file_is_the_file() {
        assert_eq!(
            mentions("mod inner { use super::Own; fn f() { super::super::board::g() } }"),
            ["crate::sensor::board::g", "crate::sensor::timing::Own"]
        );
    }
}
