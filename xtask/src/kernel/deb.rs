// SPDX-License-Identifier: GPL-2.0-only

//! `make deb`: what boards get as Debian packages. The recipe is `debian/`, which also works without
//! the xtask, as `dpkg-buildpackage -b`.

use crate::env::command;
use crate::env::progress::Progress;
use crate::env::{root, tools};
use crate::guest::camera;
use crate::run::setup::Environment;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Packages with the tools of the recipe and of the checks of its results.
const TOOLS: [&str; 3] = ["debhelper", "dh-dkms", "lintian"];

/// Lines that the scripts below print, roughly.
const BUILD_LINES: u64 = 120;
const TRIAL_LINES: u64 = 350;

/// `$1` folder, `$2` folder with `dt-bindings/`, `$3` the program fsm-camera, `$4` the version if it is
/// another than the recipe's. Builds in a copy, as the recipe leaves files in its source. What it
/// needs of a kernel's headers is in `$2`, which dpkg does not know: -d.
const BUILD: &str = r#"
set -e
mkdir "$1/source"
tar -cf - Kbuild Kconfig LICENSE debian dkms.conf docs dts include scripts src | tar -C "$1/source" -xf -
cd "$1/source"
if [ -n "$4" ]; then
	sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=\"$4\"/" dkms.conf
	sed -i "1s/(.*)/($4)/" debian/changelog
fi
DT_INCLUDE=$2 FSM_CAMERA=$3 dpkg-buildpackage -b -us -uc -d --host-arch arm64
"#;

/// As root: `$1` the Debian tree, `$2` scratch folder, `$3` what modules are built against, `$4` the
/// kernel, `$5` cache, `$6` checkout, then packages: the driver's old and new one, the overlays' and the
/// program's; and the crates that this is made of.
/// A copy of the tree that is given up at the end gets a kernel, and the packages one after the other.
const TRIAL: &str = r#"
set -e
tree=$1 scratch=$2 kernel=$3 release=$4 cache=$5 repo=$6
shift 6
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
root=$scratch/root
for path in /proc /sys /dev; do mount --rbind "$path" "$root$path"; done
for path in "$repo" "$cache"; do mkdir -p "$root$path"; mount --bind "$path" "$root$path"; done
mkdir -p "$root/lib/modules/$release"
ln -s "$kernel" "$root/lib/modules/$release/build"
exec chroot "$root" /usr/bin/env -i HOME=/tmp LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -eu "$repo/tests/packages.sh" "$release" "$@"
"#;

/// The packages of one version.
#[derive(Debug)]
pub struct Packages {
    /// The driver's source for dkms.
    pub dkms: PathBuf,
    /// Compiled overlays.
    pub overlays: PathBuf,
    /// The program fsm-camera.
    pub camera: PathBuf,
}

impl Packages {
    /// Returns all of them.
    pub fn all(&self) -> [&Path; 3] {
        [&self.dkms, &self.overlays, &self.camera]
    }
}

/// Builds the packages into `build/<folder>`; `version` instead of the recipe's.
///
/// # Errors
///
/// The tools cannot be had, or the build fails.
pub fn build(environment: &Environment, folder: &str, version: Option<&str>) -> Result<Packages> {
    let Environment { paths, tree, found } = environment;
    for package in TOOLS {
        tools::install(paths, package)?;
    }
    let folder = paths.empty_build_dir(folder)?;
    let mut script = tree.command(&paths.repo, "sh")?;
    script
        .args(["-c", BUILD, "build"])
        .arg(&folder)
        .arg(found.source.join("include"))
        .arg(camera::build(paths, tree)?)
        .arg(version.unwrap_or_default());
    let progress = Progress::start("Debian packages", BUILD_LINES);
    command::logged(
        "dpkg-buildpackage",
        script,
        &paths.build("logs/deb.log")?,
        &progress,
    )?;
    progress.finish();
    Ok(Packages {
        dkms: package(&folder, "fsm-imx412-dkms_")?,
        overlays: package(&folder, "fsm-imx412-overlays_")?,
        camera: package(&folder, "fsm-camera_")?,
    })
}

/// Returns the package whose name begins so.
fn package(folder: &Path, begin: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths = entries.iter().map(fs::DirEntry::path);
    let found = paths.find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(begin) && name.ends_with(".deb")
    });
    found.with_context(|| format!("the build made no {begin}*.deb"))
}

/// Checks the packages with lintian, for errors and warnings.
///
/// # Errors
///
/// Returns lintian's findings.
pub fn lint(environment: &Environment, packages: &Packages) -> Result<()> {
    let Environment { paths, tree, .. } = environment;
    let mut lintian = tree.command(&paths.repo, "lintian")?;
    lintian
        .args(["--fail-on", "error,warning", "--allow-root"])
        .args(packages.all());
    let progress = Progress::start("lintian", 0);
    command::logged(
        "lintian",
        lintian,
        &paths.build("logs/lintian.log")?,
        &progress,
    )?;
    progress.finish();
    Ok(())
}

/// Checks that the packages install, that dkms then builds the driver for the kernel, that `newer`
/// takes the place of `older`, and that nothing is left when they are removed; then the same of `make
/// install`.
///
/// # Errors
///
/// Returns the message of `tests/packages.sh` for the first failed check.
pub fn try_out(environment: &Environment, older: &Packages, newer: &Packages) -> Result<()> {
    let Environment { paths, found, .. } = environment;
    let scratch = paths.empty_build_dir("deb-trial")?;
    let mut script = root::command("unshare")?;
    script
        .args(["-m", "sh", "-c", TRIAL, "trial"])
        .arg(paths.cache.join(crate::env::tree::FOLDER))
        .arg(scratch)
        .arg(&found.metadata)
        .arg(&found.release.name)
        .arg(&paths.cache)
        .arg(&paths.repo)
        .args([&older.dkms, &newer.dkms, &newer.overlays, &newer.camera])
        .arg(camera::crates(paths)?);
    let progress = Progress::start("trying the packages", TRIAL_LINES);
    let log = paths.build("logs/deb-trial.log")?;
    command::logged("installing the packages", script, &log, &progress)?;
    progress.finish();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::env::paths::checkout;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn packages_and_dkms_have_one_version() {
        let read = |file: &str| fs::read_to_string(checkout().unwrap().join(file)).unwrap();
        let (changelog, dkms) = (read("debian/changelog"), read("dkms.conf"));
        let version = dkms
            .lines()
            .find_map(|line| line.strip_prefix("PACKAGE_VERSION=\""));
        let version = version.unwrap().trim_end_matches('"');
        assert!(changelog.starts_with(&format!("fsm-imx412 ({version}) ")));
    }

    #[test]
    fn the_package_depends_on_what_make_install_asks_apt_for() {
        let read = |file: &str| fs::read_to_string(checkout().unwrap().join(file)).unwrap();
        let script = read("scripts/packages.sh").replace("\\\n", " ");
        let wanted = script
            .lines()
            .find_map(|line| line.trim().strip_prefix("for package in $packages_kernel "));
        let wanted: BTreeSet<&str> = wanted
            .unwrap()
            .trim_end_matches("; do")
            .split_whitespace()
            // debhelper's ${misc:Depends} has it.
            .filter(|name| *name != "dkms")
            .collect();
        let control = read("debian/control");
        let depends = control
            .lines()
            .find_map(|line| line.strip_prefix("Depends: ${misc:Depends}, "));
        let depends: BTreeSet<&str> = depends.unwrap().split(", ").collect();
        assert_eq!(depends, wanted);
    }
}
