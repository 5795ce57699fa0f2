// SPDX-License-Identifier: GPL-2.0-only

//! Archives in the format the kernel unpacks as its first root file system ("newc", see the
//! kernel's driver-api/early-userspace/buffer-format): folders above a file are added with it, and
//! archives of the same content are equal.

use anyhow::{Context, Result};
use cpio::newc::{self, Builder, ModeFileType};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// An archive in memory.
#[derive(Debug, Default)]
pub struct Cpio {
    bytes: Vec<u8>,
    folders: BTreeSet<String>,
    entries: u32,
}

impl Cpio {
    /// Adds a file with the given permissions, and the folders above it.
    ///
    /// # Errors
    ///
    /// It is larger than the format can tell, 4 GiB.
    pub fn file(&mut self, name: &str, permissions: u32, content: &[u8]) -> Result<()> {
        self.parents(name)?;
        self.entry(name, ModeFileType::Regular, permissions, content)
    }

    /// Adds a symbolic link, and the folders above it.
    ///
    /// # Errors
    ///
    /// As [`Self::file`].
    pub fn symlink(&mut self, name: &str, target: &[u8]) -> Result<()> {
        self.parents(name)?;
        self.entry(name, ModeFileType::Symlink, 0o777, target)
    }

    /// Adds a folder, and those above it.
    ///
    /// # Errors
    ///
    /// As [`Self::file`].
    pub fn folder(&mut self, name: &str) -> Result<()> {
        self.parents(name)?;
        if self.folders.insert(name.to_owned()) {
            self.entry(name, ModeFileType::Directory, 0o755, &[])?;
        }
        Ok(())
    }

    /// Adds the file at `path` under the given name: executable if it is.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn copy(&mut self, name: &str, path: &Path) -> Result<()> {
        let read = || Ok::<_, std::io::Error>((fs::read(path)?, fs::metadata(path)?.permissions()));
        let (content, permissions) =
            read().with_context(|| format!("cannot read {}", path.display()))?;
        self.file(name, permissions.mode() & 0o755, &content)
    }

    /// Adds everything below `path`, symbolic links as such.
    ///
    /// # Errors
    ///
    /// Something there cannot be read.
    pub fn copy_folder(&mut self, name: &str, path: &Path) -> Result<()> {
        self.folder(name)?;
        let mut entries = fs::read_dir(path)
            .with_context(|| format!("cannot read {}", path.display()))?
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.copy_folder(&inner, &entry.path())?;
            } else if kind.is_symlink() {
                let target = fs::read_link(entry.path())?;
                self.symlink(&inner, target.as_os_str().as_bytes())?;
            } else {
                self.copy(&inner, &entry.path())?;
            }
        }
        Ok(())
    }

    /// Returns the finished archive. Several can follow each other in one initial file system.
    ///
    /// # Errors
    ///
    /// None that memory can have.
    pub fn finish(self) -> Result<Vec<u8>> {
        Ok(newc::trailer(self.bytes)?)
    }

    fn parents(&mut self, name: &str) -> Result<()> {
        let ends: Vec<usize> = name.match_indices('/').map(|(at, _)| at).collect();
        for end in ends {
            let folder = &name[..end];
            if self.folders.insert(folder.to_owned()) {
                self.entry(folder, ModeFileType::Directory, 0o755, &[])?;
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        name: &str,
        kind: ModeFileType,
        permissions: u32,
        content: &[u8],
    ) -> Result<()> {
        self.entries += 1;
        let size = u32::try_from(content.len()).with_context(|| format!("{name} is too large"))?;
        let mut entry = Builder::new(name)
            .ino(self.entries)
            .mode(permissions)
            .set_mode_file_type(kind)
            .write(&mut self.bytes, size);
        entry.write_all(content)?;
        entry.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn names(mut bytes: &[u8]) -> Vec<(String, u32, Vec<u8>)> {
        let mut found = Vec::new();
        loop {
            let mut reader = newc::Reader::new(bytes).unwrap();
            let entry = reader.entry();
            if entry.is_trailer() {
                return found;
            }
            let (name, mode) = (entry.name().to_owned(), entry.mode());
            let mut content = Vec::new();
            reader.read_to_end(&mut content).unwrap();
            found.push((name, mode, content));
            bytes = reader.finish().unwrap();
        }
    }

    #[test]
    fn folders_come_before_what_is_in_them_and_once() {
        let mut cpio = Cpio::default();
        cpio.file("usr/bin/tool", 0o755, b"tool").unwrap();
        cpio.symlink("usr/bin/alias", b"tool").unwrap();
        let found = names(&cpio.finish().unwrap());
        let expected = [
            ("usr", 0o040_755, &b""[..]),
            ("usr/bin", 0o040_755, b""),
            ("usr/bin/tool", 0o100_755, b"tool"),
            ("usr/bin/alias", 0o120_777, b"tool"),
        ];
        let found: Vec<_> = found
            .iter()
            .map(|(n, m, c)| (n.as_str(), *m, c.as_slice()))
            .collect();
        assert_eq!(found, expected);
    }
}
