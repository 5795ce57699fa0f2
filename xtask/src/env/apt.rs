// SPDX-License-Identifier: GPL-2.0-only

//! Single packages of another Debian release and architecture, and what versions there are: the
//! machine's own apt with a state of ours in the cache, so that the machine's stays as it is.
//! Packages with all that they depend on are [`super::mmdebstrap`]'s.

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
}

impl Apt {
    /// Prepares the state for arm64 packages and fetches the package lists.
    ///
    /// # Errors
    ///
    /// The mirror cannot be reached or does not have the release.
    pub fn update(paths: &Paths, mirror: &str) -> Result<Self> {
        Self::new(paths, "apt", &sources(mirror))
    }

    /// Returns the same for source packages.
    ///
    /// # Errors
    ///
    /// As [`Self::update`].
    pub fn update_sources(paths: &Paths, mirror: &str) -> Result<Self> {
        Self::new(paths, "apt-sources", &line("deb-src", mirror, UNSTABLE))
    }

    fn new(paths: &Paths, folder: &str, sources: &str) -> Result<Self> {
        let apt = Self {
            root: paths.cache.join(folder),
        };
        for folder in ["state/lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(apt.root.join(folder))?;
        }
        fs::write(apt.root.join("status"), "")?;
        fs::write(apt.root.join("sources.list"), sources)?;
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
            format!("-oDir::State::status={root}/status"),
            format!("-oDir::Cache={root}/cache"),
            format!("-oDir::Etc::SourceList={root}/sources.list"),
            "-oDir::Etc::SourceParts=/dev/null".into(),
            "-oDir::Etc::Preferences=/dev/null".into(),
            "-oDir::Etc::PreferencesParts=/dev/null".into(),
            "-oAPT::Architecture=arm64".into(),
            "-oAPT::Architectures=arm64".into(),
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
