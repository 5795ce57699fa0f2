// SPDX-License-Identifier: GPL-2.0-only

//! The installation on boards: the driver as dkms builds it, and the modules that Debian's kernel
//! lacks. All of it is loaded into Debian's kernel, by the aliases that a board's device tree asks
//! for.

use super::e2e;
use super::tally::Tally;
use crate::kernel::{board_modules, deb, dkms};
use crate::overlays::boards::boards;
use crate::run::machine::Machine;
use crate::run::setup::Environment;
use anyhow::{ensure, Result};
use picture::scene;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The virtual board with a mux beside it.
const OVERLAY: &str = "tests/guest/boards/gpio-mux.dtso";
/// Name of the module that dkms builds, without its suffix.
const DRIVER: &str = "fsm_imx412";

/// Builds what boards are given, and loads it.
///
/// # Errors
///
/// Something else that the guest needs cannot be built.
pub fn run(environment: &Environment, tally: &mut Tally) -> Result<()> {
    let mut modules = BTreeMap::new();
    let driver = dkms::build(environment).and_then(|folder| take(&folder, &[DRIVER], &mut modules));
    let complete = driver.is_ok();
    packages(environment, tally);
    tally.judge(
        "install: dkms builds the driver, and only that, from what it is given",
        driver,
    );
    for board in boards()? {
        let built = board_modules::build(environment, board.name)
            .and_then(|folder| take(&folder, &board.modules, &mut modules));
        let name = format!("install: modules for {} build", board.name);
        tally.judge(&name, built);
    }

    // The guest would run xtask's own build of the driver and call it dkms'.
    if !complete {
        return Ok(());
    }
    let modules = modules.into_values().collect();
    let machine = Machine::with_overlays(environment, &[OVERLAY])?.with_modules(modules);
    let scene = scene::scene(None)?;
    if let Err(error) = e2e::guest(
        environment,
        &machine,
        ("install", e2e::LIMIT),
        "install",
        &scene,
        tally,
    ) {
        tally.fail("install: the guest ran its script", &format!("{error:#}"));
    }
    Ok(())
}

/// The same as Debian packages.
fn packages(environment: &Environment, tally: &mut Tally) {
    let build = |folder, version| deb::build(environment, folder, version);
    let (older, newer) = match (build("deb", None), build("deb-newer", Some("99.0"))) {
        (Ok(older), Ok(newer)) => (older, newer),
        (Err(error), _) | (_, Err(error)) => {
            tally.fail("install: the Debian packages build", &format!("{error:#}"));
            return;
        }
    };
    tally.judge(
        "install: lintian has no error and no warning for the Debian packages",
        deb::lint(environment, &older),
    );
    tally.judge(
        "install: the Debian packages install, build the driver, are upgraded and removed, and so does make install",
        deb::try_out(environment, &older, &newer),
    );
}

/// Adds the modules in `folder` to `modules`, by name.
///
/// # Errors
///
/// They are others than `wanted`.
fn take(folder: &Path, wanted: &[&str], modules: &mut BTreeMap<String, PathBuf>) -> Result<()> {
    let mut found = BTreeMap::new();
    if folder.exists() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some(name) = name.strip_suffix(".ko") {
                found.insert(name.to_owned(), path.clone());
            }
        }
    }
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    ensure!(
        found.keys().eq(wanted.iter()),
        "{} has the modules {:?} instead of {wanted:?}",
        folder.display(),
        found.keys()
    );
    modules.extend(found);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::process::Command;

    const RELEASE: &str = "7.3.4+deb13-arm64";
    const CONFIG: &str = "CONFIG_RUST=y\nCONFIG_OF=y\nCONFIG_COMMON_CLK=y\nCONFIG_VIDEO_DEV=m\n\
        CONFIG_RUSTC_VERSION=108501\nCONFIG_RUSTC_VERSION_TEXT=\"rustc 1.85.1 (Debian)\"\n";

    /// Returns the complaint of `make install` about a machine, empty if it goes on.
    fn complaint(machine: &str, release: &str, config: &str, rustc: &str) -> String {
        let file: PathBuf = std::env::temp_dir().join(format!(
            "config-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        fs::write(&file, config).unwrap();
        let script = r#". scripts/kernel.sh; . scripts/machine.sh
            series=$(sed -n 's/^BUILD_EXCLUSIVE_KERNEL="\(.*\)"$/\1/p' dkms.conf)
            check_machine "$1" "$2" "$series" "$3" "$4""#;
        let output = Command::new("sh")
            .args(["-euc", script, "sh", machine, release])
            .arg(&file)
            .arg(rustc)
            .current_dir("..")
            .output()
            .unwrap();
        fs::remove_file(file).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), said.is_empty(), "{said}");
        said
    }

    #[test]
    fn a_board_that_the_driver_builds_for() {
        assert_eq!(complaint("aarch64", RELEASE, CONFIG, ""), "");
        let rustc = "rustc 1.85.1 (4eb161250 2025-03-15)";
        assert_eq!(complaint("aarch64", "7.2-rc1", CONFIG, rustc), "");
    }

    #[test]
    fn another_machine_is_told_what_helps_before_anything_is_installed() {
        for (machine, release, config, rustc, words) in [
            ("x86_64", RELEASE, CONFIG, "", ["x86_64", "make demo"]),
            (
                "aarch64",
                "6.12.117+deb13-arm64",
                CONFIG,
                "",
                ["Linux 7.2 and 7.3", "-t trixie-backports linux-image-arm64"],
            ),
            (
                "aarch64",
                "7.30.1",
                CONFIG,
                "",
                ["7.30.1", "trixie-backports"],
            ),
            (
                "aarch64",
                RELEASE,
                "CONFIG_OF=y\n",
                "",
                ["without Rust", "-t trixie-backports linux-image-arm64"],
            ),
            (
                "aarch64",
                RELEASE,
                &CONFIG.replace("CONFIG_VIDEO_DEV=m\n", ""),
                "",
                ["CONFIG_VIDEO_DEV", RELEASE],
            ),
            (
                "aarch64",
                RELEASE,
                CONFIG,
                "rustc 1.95.0 (abc 2026-01-01)",
                ["1.85.1", "sudo env PATH="],
            ),
        ] {
            let said = complaint(machine, release, config, rustc);
            assert!(words.iter().all(|word| said.contains(word)), "{said}");
        }
    }
}
