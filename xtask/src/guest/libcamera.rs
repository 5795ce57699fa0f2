// SPDX-License-Identifier: GPL-2.0-only

//! libcamera with the patches of integration/libcamera, from Debian's source package, for guests to have
//! beside Debian's own: its simple pipeline with the soft ISP, and `cam`.

use super::cpio::Cpio;
use crate::env::apt::Apt;
use crate::env::command;
use crate::env::mirror;
use crate::env::mmdebstrap;
use crate::env::paths::{self, Paths};
use crate::env::progress::Progress;
use crate::env::step::{Key, Step};
use crate::env::tools;
use crate::env::tree::Tree;
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// Packages that the build needs.
const TOOLS: [&str; 7] = [
    "g++-aarch64-linux-gnu",
    "meson",
    "ninja-build",
    "pkgconf",
    "python3-jinja2",
    "python3-ply",
    "python3-yaml",
];

/// Packages that it is compiled and linked with.
const LIBRARIES: [&str; 4] = ["libevent-dev", "libssl-dev", "libudev-dev", "libyaml-dev"];

/// Unpacks the source, patches it and builds it, in the step's folder. An IPA module is signed, so that nothing
/// may strip it.
const BUILD: &str = r#"
set -e
libraries=$PWD/libraries/usr
mkdir source
tar -xf libcamera_*.orig.tar.[gx]z --strip-components=1 -C source
for patch in patches/*.patch; do patch -d source -p1 <"$patch"; done
cat >cross.ini <<-END
	[binaries]
	c = 'aarch64-linux-gnu-gcc'
	cpp = 'aarch64-linux-gnu-g++'
	ar = 'aarch64-linux-gnu-ar'
	strip = 'aarch64-linux-gnu-strip'
	pkg-config = 'pkgconf'
	[host_machine]
	system = 'linux'
	cpu_family = 'aarch64'
	cpu = 'aarch64'
	endian = 'little'
	[properties]
	sys_root = '$PWD/libraries'
	pkg_config_libdir = '$libraries/lib/aarch64-linux-gnu/pkgconfig'
	[built-in options]
	c_args = ['-I$libraries/include', '-I$libraries/include/aarch64-linux-gnu']
	cpp_args = ['-I$libraries/include', '-I$libraries/include/aarch64-linux-gnu', '-Wno-error']
	cpp_link_args = ['-L$libraries/lib/aarch64-linux-gnu', '-Wl,-rpath-link,$libraries/lib/aarch64-linux-gnu']
END
meson setup build source --cross-file cross.ini --prefix=/opt/libcamera --libdir=lib --buildtype=release \
	--auto-features=disabled -Dpipelines=simple -Dipas=simple -Dcam=enabled -Dudev=enabled -Dwerror=false
ninja -C build
DESTDIR=$PWD/install meson install -C build --no-rebuild
"#;

/// Returns the archive with it, below `/opt/libcamera`, built if it is not there.
///
/// # Errors
///
/// The packages cannot be had, a patch does not fit the source, or it does not compile.
pub fn prepare(paths: &Paths, tree: &Tree) -> Result<PathBuf> {
    let patches = patches(paths)?;
    let mut key = Key::default().text(BUILD).text(&LIBRARIES.join(" "));
    for patch in &patches {
        key = key.file(patch)?;
    }
    let step = Step::new(paths, "libcamera with patches", "libcamera", key);
    if !step.is_done() {
        for package in TOOLS {
            tools::install(paths, package)?;
        }
        // A lock of its own: this takes minutes, in which others may prepare something else.
        let _lock = paths::lock(&paths.cache.join("libcamera.lock"), "building libcamera")?;
        // Another run may have made it meanwhile.
        if !step.is_done() {
            step.fresh(0, |folder, log, progress| {
                fetch(paths, folder, log, progress)?;
                fs::create_dir(folder.join("patches"))?;
                for patch in &patches {
                    let name = patch.file_name().unwrap_or_default();
                    fs::copy(patch, folder.join("patches").join(name))?;
                }
                let mut build = tree.command(folder, "sh")?;
                build.args(["-c", BUILD]);
                command::logged("building libcamera", build, log, progress)?;
                let mut cpio = Cpio::default();
                cpio.copy_folder("opt", &folder.join("install/opt"))?;
                fs::write(folder.join("libcamera.cpio"), cpio.finish()?)?;
                for name in ["build", "install", "libraries", "source"] {
                    paths::remove(&folder.join(name))?;
                }
                Ok(())
            })?;
        }
    }
    Ok(step.product().join("libcamera.cpio"))
}

/// Returns the series, in its order.
fn patches(paths: &Paths) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(paths.repo.join("integration/libcamera"))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "patch")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Gets the source, and the libraries for the build.
fn fetch(paths: &Paths, folder: &Path, log: &Path, progress: &Progress) -> Result<()> {
    let _lock = paths::lock(&paths.cache.join("lock"), "preparing the environment")?;
    let mirror = mirror::find()?;
    Apt::update_sources(paths, &mirror)?.download_source(paths, "libcamera", folder, progress)?;
    mmdebstrap::extract(
        &mirror,
        &LIBRARIES,
        &folder.join("libraries"),
        log,
        progress,
    )
}
