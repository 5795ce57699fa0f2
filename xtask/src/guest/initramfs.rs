// SPDX-License-Identifier: GPL-2.0-only

//! A guest's first and only root file system: prepared archives, followed by one with what this run
//! brings.

use super::cpio::Cpio;
use crate::env::paths::Paths;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Folder of the scripts of tests/guest in the guest.
const SCRIPTS: &str = "guest";
/// Pages that it runs the blocks of.
const PAGES: [&str; 3] = ["boards.md", "pictures.md", "user-guide.md"];
/// Path of the script to run in the guest.
const JOB: &str = "guest/job";

/// Collects what a guest finds at its start.
#[derive(Debug)]
pub struct Initramfs {
    base: Vec<PathBuf>,
    cpio: Cpio,
}

impl Initramfs {
    /// Starts with prepared archives and the scripts of tests/guest, whose `init` becomes the first
    /// process.
    ///
    /// # Errors
    ///
    /// The scripts cannot be read.
    pub fn new(paths: &Paths, base: &[PathBuf]) -> Result<Self> {
        let scripts = paths.repo.join("tests/guest");
        let mut cpio = Cpio::default();
        cpio.copy_folder(SCRIPTS, &scripts)?;
        for page in PAGES {
            cpio.copy(
                &format!("{SCRIPTS}/docs/{page}"),
                &paths.repo.join("docs").join(page),
            )?;
        }
        cpio.symlink("init", format!("{SCRIPTS}/init").as_bytes())?;
        Ok(Self {
            base: base.to_vec(),
            cpio,
        })
    }

    /// Adds modules below `/lib/modules/<release>/extra`, where modprobe finds them.
    ///
    /// # Errors
    ///
    /// A module cannot be read.
    pub fn modules(&mut self, release: &str, files: &[PathBuf]) -> Result<()> {
        for file in files {
            let name = file
                .file_name()
                .context("a module without a name")?
                .to_string_lossy();
            self.cpio
                .copy(&format!("usr/lib/modules/{release}/extra/{name}"), file)?;
        }
        Ok(())
    }

    /// Adds programs to `/usr/bin`.
    ///
    /// # Errors
    ///
    /// A program cannot be read.
    pub fn programs(&mut self, files: &[PathBuf]) -> Result<()> {
        for file in files {
            let name = file
                .file_name()
                .context("a program without a name")?
                .to_string_lossy();
            self.cpio.copy(&format!("usr/bin/{name}"), file)?;
        }
        Ok(())
    }

    /// Adds a firmware file, found by its name below `/lib/firmware`.
    ///
    /// # Errors
    ///
    /// It is too large.
    pub fn firmware(&mut self, name: &str, content: &[u8]) -> Result<()> {
        self.cpio
            .file(&format!("usr/lib/firmware/{name}"), 0o644, content)
    }

    /// Adds the script that the guest runs instead of an interactive shell.
    ///
    /// # Errors
    ///
    /// It is too large.
    pub fn job(&mut self, script: &[u8]) -> Result<()> {
        self.cpio.file(JOB, 0o755, script)
    }

    /// Writes the whole to `file`.
    ///
    /// # Errors
    ///
    /// A prepared archive cannot be read, or `file` not be written.
    pub fn write(self, file: &Path) -> Result<()> {
        let mut out =
            File::create(file).with_context(|| format!("cannot write {}", file.display()))?;
        for archive in &self.base {
            let bytes =
                fs::read(archive).with_context(|| format!("cannot read {}", archive.display()))?;
            out.write_all(&bytes)?;
        }
        out.write_all(&self.cpio.finish()?)?;
        Ok(())
    }
}
