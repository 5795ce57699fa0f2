// SPDX-License-Identifier: GPL-2.0-only

//! Archives in the format the kernel unpacks as its first root file system ("newc", see the
//! kernel's driver-api/early-userspace/buffer-format), written directly so that nobody has to be
//! root for it.

use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const DIRECTORY: u32 = 0o040_755;
const SYMLINK: u32 = 0o120_777;
const REGULAR: u32 = 0o100_000;

/// An archive in memory.
#[derive(Debug, Default)]
pub struct Cpio {
    bytes: Vec<u8>,
    folders: BTreeSet<String>,
    entries: u32,
}

impl Cpio {
    /// Adds a file with the given permissions, and the folders above it.
    pub fn file(&mut self, name: &str, permissions: u32, content: &[u8]) {
        self.parents(name);
        self.entry(name, REGULAR | permissions, content);
    }

    /// Adds a symbolic link, and the folders above it.
    pub fn symlink(&mut self, name: &str, target: &str) {
        self.parents(name);
        self.entry(name, SYMLINK, target.as_bytes());
    }

    /// Adds a folder, and those above it.
    pub fn folder(&mut self, name: &str) {
        self.parents(name);
        if self.folders.insert(name.to_owned()) {
            self.entry(name, DIRECTORY, &[]);
        }
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
        self.file(name, permissions.mode() & 0o755, &content);
        Ok(())
    }

    /// Adds everything below `path`, symbolic links as such.
    ///
    /// # Errors
    ///
    /// Something there cannot be read.
    pub fn copy_folder(&mut self, name: &str, path: &Path) -> Result<()> {
        self.folder(name);
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
                self.parents(&inner);
                self.entry(&inner, SYMLINK, target.as_os_str().as_bytes());
            } else {
                self.copy(&inner, &entry.path())?;
            }
        }
        Ok(())
    }

    /// The finished archive. Several can follow each other in one initial file system.
    pub fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[]);
        self.bytes
    }

    fn parents(&mut self, name: &str) {
        let ends: Vec<usize> = name.match_indices('/').map(|(at, _)| at).collect();
        for end in ends {
            let folder = &name[..end];
            if self.folders.insert(folder.to_owned()) {
                self.entry(folder, DIRECTORY, &[]);
            }
        }
    }

    fn entry(&mut self, name: &str, mode: u32, content: &[u8]) {
        self.entries += 1;
        let fields = [
            self.entries,
            mode,
            0, // uid
            0, // gid
            1, // links
            0, // modification time: archives of the same content are equal
            content.len() as u32,
            0, // device, major and minor
            0,
            0, // device node's numbers
            0,
            name.len() as u32 + 1,
            0, // checksum, unused in this format
        ];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes
                .extend_from_slice(format!("{field:08x}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(content);
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bytes: &[u8]) -> Vec<(String, u32, Vec<u8>)> {
        let hex = |at: usize| {
            u32::from_str_radix(std::str::from_utf8(&bytes[at..at + 8]).unwrap(), 16).unwrap()
        };
        let (mut at, mut found) = (0, Vec::new());
        while at < bytes.len() {
            assert_eq!(&bytes[at..at + 6], b"070701");
            let (mode, size, name) = (hex(at + 14), hex(at + 54) as usize, hex(at + 94) as usize);
            let data = (at + 110 + name).next_multiple_of(4);
            let text = String::from_utf8(bytes[at + 110..at + 109 + name].to_vec()).unwrap();
            found.push((text, mode, bytes[data..data + size].to_vec()));
            at = (data + size).next_multiple_of(4);
        }
        found
    }

    #[test]
    fn folders_come_before_what_is_in_them_and_once() {
        let mut cpio = Cpio::default();
        cpio.file("usr/bin/tool", 0o755, b"tool");
        cpio.symlink("usr/bin/alias", "tool");
        let found = names(&cpio.finish());
        let expected = [
            ("usr", 0o040_755, &b""[..]),
            ("usr/bin", 0o040_755, b""),
            ("usr/bin/tool", 0o100_755, b"tool"),
            ("usr/bin/alias", 0o120_777, b"tool"),
            ("TRAILER!!!", 0, b""),
        ];
        let found: Vec<_> = found
            .iter()
            .map(|(n, m, c)| (n.as_str(), *m, c.as_slice()))
            .collect();
        assert_eq!(found, expected);
    }
}
