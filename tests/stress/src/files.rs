// SPDX-License-Identifier: GPL-2.0-only

//! Files of sysfs, procfs and debugfs: every error says which file it was.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Error on a file.
#[derive(Debug)]
pub struct Error {
    what: String,
    pub error: io::Error,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.what, self.error)
    }
}

/// Writes into a file that is there, in one call.
pub fn write(path: impl AsRef<Path>, text: &str) -> Result<(), Error> {
    let path = path.as_ref();
    OpenOptions::new()
        .write(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Error {
            what: format!("writing \"{text}\" into {}", path.display()),
            error,
        })
}

/// Returns the text of a file, without white space around it.
pub fn read(path: impl AsRef<Path>) -> Result<String, Error> {
    let path = path.as_ref();
    fs::read_to_string(path)
        .map(|text| text.trim().to_owned())
        .map_err(|error| Error {
            what: format!("reading {}", path.display()),
            error,
        })
}

/// Returns the number behind a name in a file of lines `name number`, of debugfs or of
/// /proc/meminfo.
pub fn number(path: impl AsRef<Path>, name: &str) -> Option<u64> {
    read(path).ok()?.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next()?.trim_end_matches(':') == name).then(|| words.next()?.parse().ok())?
    })
}
