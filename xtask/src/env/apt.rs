// SPDX-License-Identifier: GPL-2.0-only

//! Packages of another Debian release and architecture, downloaded with the machine's own apt and
//! unpacked without being installed: an apt state of our own in the cache, so that the machine's
//! stays as it is.

use super::command;
use super::paths::Paths;
use super::progress::Progress;
use anyhow::{bail, Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The release that the guests and kernels come from.
pub const SUITE: &str = "trixie";
/// The suite with Debian's newer kernels.
pub const BACKPORTS: &str = "trixie-backports";

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The suite of source packages: its libcamera is the closest to upstream's master.
const UNSTABLE: &str = "unstable";

/// `sources.list` lines for the release and what belongs to it.
pub fn sources(mirror: &str) -> String {
    [SUITE, "trixie-updates", BACKPORTS]
        .map(|suite| line("deb", mirror, suite))
        .concat()
}

fn line(kind: &str, mirror: &str, suite: &str) -> String {
    let signed = if Path::new(KEYRING).exists() {
        format!("[signed-by={KEYRING}] ")
    } else {
        String::new()
    };
    format!("{kind} {signed}{mirror} {suite} main\n")
}

/// An apt state of our own.
#[derive(Debug)]
pub struct Apt {
    root: PathBuf,
    /// The list of installed packages.
    status: PathBuf,
    architecture: &'static str,
}

impl Apt {
    /// Prepares the state for arm64 packages, which are for guests, and fetches the package lists.
    ///
    /// # Errors
    ///
    /// The mirror cannot be reached or does not have the release.
    pub fn update(paths: &Paths, mirror: &str) -> Result<Self> {
        Self::empty(paths, "apt")?.updated(paths, &sources(mirror))
    }

    /// Returns the same for amd64 packages that the Debian tree in the folder `tree` lacks.
    ///
    /// # Errors
    ///
    /// As [`Self::update`].
    pub fn update_for_tree(paths: &Paths, mirror: &str, tree: &Path) -> Result<Self> {
        Self {
            root: paths.cache.join("apt-tree"),
            status: tree.join("var/lib/dpkg/status"),
            architecture: "amd64",
        }
        .updated(paths, &sources(mirror))
    }

    /// Returns the same for source packages.
    ///
    /// # Errors
    ///
    /// As [`Self::update`].
    pub fn update_sources(paths: &Paths, mirror: &str) -> Result<Self> {
        Self::empty(paths, "apt-sources")?.updated(paths, &line("deb-src", mirror, UNSTABLE))
    }

    /// Returns the state for arm64 packages in a folder of the cache. Nothing is installed in it, so
    /// that a package's whole closure of dependencies counts as missing.
    fn empty(paths: &Paths, folder: &str) -> Result<Self> {
        let root = paths.cache.join(folder);
        fs::create_dir_all(&root)?;
        let status = root.join("status");
        fs::write(&status, "")?;
        Ok(Self {
            root,
            status,
            architecture: "arm64",
        })
    }

    fn updated(self, paths: &Paths, sources: &str) -> Result<Self> {
        for folder in ["state/lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(self.root.join(folder))?;
        }
        fs::write(self.root.join("sources.list"), sources)?;
        let apt = self;
        let progress = Progress::start("package lists", 0);
        let mut update = apt.command("apt-get");
        update.args(["update", "--error-on=any"]);
        command::logged(
            "apt-get update",
            update,
            &apt.log(paths, "update"),
            &progress,
        )?;
        progress.finish();
        Ok(apt)
    }

    /// Names and versions of the packages whose name starts with `prefix`.
    ///
    /// # Errors
    ///
    /// apt cannot read its lists.
    pub fn versions(&self, prefix: &str) -> Result<Vec<(String, String)>> {
        let names = command::output(self.command("apt-cache").args(["pkgnames", prefix]))?;
        let mut found = Vec::new();
        for name in names.lines() {
            let policy = command::output(self.command("apt-cache").args(["policy", name]))?;
            let version = policy
                .lines()
                .find_map(|line| line.trim().strip_prefix("Candidate: "))
                .unwrap_or("(none)");
            if version != "(none)" {
                found.push((name.to_owned(), version.to_owned()));
            }
        }
        Ok(found)
    }

    /// Downloads only the named packages into `folder` and returns their files.
    ///
    /// # Errors
    ///
    /// A package is not in the archive or cannot be fetched.
    pub fn download(
        &self,
        paths: &Paths,
        packages: &[String],
        folder: &Path,
        progress: &Progress,
    ) -> Result<Vec<PathBuf>> {
        let mut download = self.command("apt-get");
        download.arg("download").args(packages).current_dir(folder);
        command::logged(
            "apt-get download",
            download,
            &self.log(paths, "download"),
            progress,
        )?;
        debs(folder)
    }

    /// Downloads the named packages with all that they depend on into `folder`.
    ///
    /// # Errors
    ///
    /// A package is not in the archive or cannot be fetched.
    pub fn download_closure(
        &self,
        paths: &Paths,
        packages: &[&str],
        folder: &Path,
        progress: &Progress,
    ) -> Result<Vec<PathBuf>> {
        fs::create_dir_all(folder.join("partial"))?;
        let mut install = self.command("apt-get");
        install
            .arg(format!("-oDir::Cache::archives={}", folder.display()))
            .args([
                "install",
                "--yes",
                "--no-install-recommends",
                "--download-only",
            ])
            .args(packages);
        command::logged(
            "apt-get install",
            install,
            &self.log(paths, "closure"),
            progress,
        )?;
        debs(folder)
    }

    /// Downloads a source package into `folder`.
    ///
    /// # Errors
    ///
    /// It is not in the archive or cannot be fetched.
    pub fn download_source(
        &self,
        paths: &Paths,
        name: &str,
        folder: &Path,
        progress: &Progress,
    ) -> Result<()> {
        let mut source = self.command("apt-get");
        source
            .args(["source", "--download-only", name])
            .current_dir(folder);
        let log = self.log(paths, "source");
        command::logged("apt-get source", source, &log, progress)
    }

    fn command(&self, program: &str) -> Command {
        let root = self.root.display();
        let mut command = Command::new(program);
        command.env("LC_ALL", "C.UTF-8").args([
            format!("-oDir::State={root}/state"),
            format!("-oDir::State::status={}", self.status.display()),
            format!("-oDir::Cache={root}/cache"),
            format!("-oDir::Etc::SourceList={root}/sources.list"),
            "-oDir::Etc::SourceParts=/dev/null".into(),
            "-oDir::Etc::Preferences=/dev/null".into(),
            "-oDir::Etc::PreferencesParts=/dev/null".into(),
            format!("-oAPT::Architecture={}", self.architecture),
            format!("-oAPT::Architectures={}", self.architecture),
            "-oAPT::Sandbox::User=root".into(),
            "-oAcquire::Languages=none".into(),
            "-oAcquire::Retries=3".into(),
        ]);
        command
    }

    fn log(&self, paths: &Paths, name: &str) -> PathBuf {
        paths.cache.join("logs").join(format!("apt-{name}.log"))
    }
}

/// Unpacks the paths that `members` names (all if empty; tar's wildcards allowed) from a package.
///
/// # Errors
///
/// The package is damaged or has no such member.
pub fn unpack(package: &Path, members: &[&str], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut archive = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(package)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .context("cannot run dpkg-deb")?;
    let stream = archive.stdout.take().context("dpkg-deb has no output")?;
    let unpacked = Command::new("tar")
        .args(["-x", "--no-same-owner", "--wildcards", "-C"])
        .arg(folder)
        .args(members)
        .stdin(stream)
        .status()
        .context("cannot run tar")?;
    let read = archive.wait()?;
    if !unpacked.success() || !read.success() {
        bail!("cannot unpack {}", package.display());
    }
    Ok(())
}

fn debs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
