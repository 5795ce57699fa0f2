// SPDX-License-Identifier: GPL-2.0-only

//! The driver as a board gets it: what scripts/install.sh copies, built by dkms.

use crate::env::command;
use crate::env::progress::Progress;
use crate::run::setup::Environment;
use anyhow::Result;
use std::path::PathBuf;

/// Lines that the script below prints, roughly.
const EXPECTED_LINES: u64 = 25;

/// Copies and builds as the installation does, with folders of the checkout in the place of
/// /usr/src and /var/lib/dkms: `$1` the folder with both, `$2` the kernel, `$3` its build folder.
/// Leaves the module in `$1`.
const BUILD: &str = r#"
set -e
name=$(sed -n 's/^PACKAGE_NAME="\(.*\)"/\1/p' dkms.conf)
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)
mkdir "$1/dkms"
scripts/install.sh copy "$1/src/$name-$version"
cd "$1"
for action in add build; do
    dkms $action "$name/$version" -k "$2" -a aarch64 --verbose \
        --kernelsourcedir "$3" --dkmstree "$1/dkms" --sourcetree "$1/src" || {
        cat "dkms/$name/$version/build/make.log"
        exit 1
    }
done
find dkms -name '*.ko*' -path '*/module/*' -exec mv {} . \;
"#;

/// Builds into `build/dkms` and returns that folder.
///
/// # Errors
///
/// dkms refuses its configuration, or the build fails: something that it needs is not copied.
pub fn build(environment: &Environment) -> Result<PathBuf> {
    let Environment { paths, tree, found } = environment;
    let folder = paths.empty_build_dir("dkms")?;
    let mut script = tree.command(&paths.repo, "sh")?;
    script
        .args(["-c", BUILD, "build"])
        .arg(&folder)
        .arg(&found.release.name)
        .arg(&found.metadata);
    let progress = Progress::start("building with dkms", EXPECTED_LINES);
    let log = paths.build("logs/dkms.log")?;
    command::logged("dkms", script, &log, &progress)?;
    progress.finish();
    Ok(folder)
}
