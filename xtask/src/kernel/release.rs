// SPDX-License-Identifier: GPL-2.0-only

//! Which of Debian's kernels to take: point releases leave the archive, so it is looked up, never
//! written down.

use crate::env::apt::Apt;
use anyhow::{bail, Result};
use serde::{Deserialize, Serialize};

/// The series whose newest point release is taken.
pub const SERIES: &str = "7.3";

/// One kernel of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// What `uname -r` says, for example `7.3.4+deb13-arm64`.
    pub name: String,
    /// The version of its packages.
    pub version: String,
}

impl Release {
    /// The newest point release whose source the archive has too.
    ///
    /// # Errors
    ///
    /// The archive has no kernel of the series, or only ones without their source.
    pub fn newest(apt: &Apt) -> Result<Self> {
        let source = format!("linux-source-{SERIES}");
        let sources = apt.versions(&source)?;
        let Some((_, source_version)) = sources.into_iter().find(|(name, _)| *name == source)
        else {
            bail!("the mirror's trixie-backports has no {source}");
        };
        let headers = apt.versions(&format!("linux-headers-{SERIES}."))?;
        let Some(release) = pick(headers, &source_version) else {
            bail!("the mirror has {source} {source_version} but no arm64 kernel of that version");
        };
        Ok(release)
    }

    /// The packages with its image, its modules, its configuration and its exported symbols.
    pub fn packages(&self) -> Vec<String> {
        [
            "linux-base",
            "linux-binary",
            "linux-modules",
            "linux-headers",
        ]
        .map(|kind| format!("{kind}-{}={}", self.name, self.version))
        .to_vec()
    }

    /// The package with its source.
    pub fn source(&self) -> String {
        format!("linux-source-{SERIES}={}", self.version)
    }
}

/// Of all headers packages, the plain arm64 flavour (not `rt-arm64`, `cloud-arm64`, `arm64-16k`)
/// built from the source.
fn pick(headers: Vec<(String, String)>, source_version: &str) -> Option<Release> {
    headers.into_iter().find_map(|(package, version)| {
        let name = package.strip_prefix("linux-headers-")?;
        let abi = name.strip_suffix("-arm64")?;
        let plain = !abi.contains('-');
        (plain && version == source_version).then(|| Release {
            name: name.to_owned(),
            version,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str) -> (String, String) {
        (format!("linux-headers-{name}"), version.to_owned())
    }

    #[test]
    fn the_plain_flavour_of_the_sources_version() {
        let headers = vec![
            package("7.3.4+deb13-rt-arm64", "7.3.4-1"),
            package("7.3.4+deb13-arm64-16k", "7.3.4-1"),
            package("7.3.4+deb13-common", "7.3.4-1"),
            package("7.3.2+deb13-arm64", "7.3.2-1"),
            package("7.3.4+deb13-arm64", "7.3.4-1"),
        ];
        let release = pick(headers, "7.3.4-1").unwrap();
        assert_eq!(release.name, "7.3.4+deb13-arm64");
        assert_eq!(
            release.packages()[1],
            "linux-binary-7.3.4+deb13-arm64=7.3.4-1"
        );
    }

    #[test]
    fn no_kernel_without_its_source() {
        assert_eq!(
            pick(vec![package("7.3.2+deb13-arm64", "7.3.2-1")], "7.3.4-1"),
            None
        );
    }
}
