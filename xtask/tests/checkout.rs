// SPDX-License-Identifier: GPL-2.0-only

//! xtask works in the checkout that it is called in, not in the one that it was compiled in.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Places for all tables of boards.
const EMPTY: &str = "<!-- boards: written by `make docs-boards` -->\n<!-- end of boards -->\n\
                     <!-- trees: written by `make docs-boards` -->\n<!-- end of trees -->\n\
                     <!-- modules: written by `make docs-boards` -->\n<!-- end of modules -->\n";

/// As much of a checkout as it takes to write the table of boards.
struct Checkout(PathBuf);

impl Checkout {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        for (file, text) in [
            ("src/fsm_imx412.rs", ""),
            ("xtask/Cargo.toml", ""),
            ("docs/boards.md", EMPTY),
            ("docs/install.md", EMPTY),
            ("target/debug/lock", ""),
        ] {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn has_table(&self) -> bool {
        let text = fs::read_to_string(self.0.join("docs/boards.md")).unwrap();
        text.contains("| Jetson Nano B01 `jetson-nano`")
    }

    fn write_table(&self, program: &Path, folder: &Path) {
        let output = Command::new(program)
            .args(["overlays", "--docs"])
            .current_dir(folder)
            .env("XDG_CACHE_HOME", self.0.join("cache"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_checkout_is_the_one_around_the_current_folder() {
    let checkout = Checkout::new("current");
    checkout.write_table(
        Path::new(env!("CARGO_BIN_EXE_xtask")),
        &checkout.0.join("docs"),
    );
    assert!(checkout.has_table());
}

#[test]
fn outside_of_a_checkout_it_is_the_one_around_the_program() {
    let checkout = Checkout::new("program");
    let program = checkout.0.join("target/debug/xtask");
    fs::copy(env!("CARGO_BIN_EXE_xtask"), &program).unwrap();
    checkout.write_table(&program, Path::new("/"));
    assert!(checkout.has_table());
}

#[test]
fn without_a_checkout_it_says_what_to_do() {
    let folder = std::env::temp_dir().join(format!("xtask-nowhere-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let program = folder.join("xtask");
    fs::copy(env!("CARGO_BIN_EXE_xtask"), &program).unwrap();
    let output = Command::new(&program)
        .args(["overlays", "--docs"])
        .current_dir("/")
        .output()
        .unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("no checkout of fsm-imx412"), "{message}");
}
