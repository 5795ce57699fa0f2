// SPDX-License-Identifier: GPL-2.0-only

//! Choice of Debian's kernel: point releases leave the archive, as do series, so the
//! mirror is asked.

use crate::env::apt::Apt;
use anyhow::{bail, Context, Result};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::fmt::{self, Display};
use std::str::FromStr;

/// The series that the modules are tested on, the oldest one first. dkms.conf has the same list.
pub const TESTED: [Series; 2] = [Series(7, 2), Series(7, 3)];

/// Two numbers that rust/kernel's interfaces stay the same for: 7.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Series(u32, u32);

impl Series {
    /// Returns whether the modules are tested on it.
    pub fn is_tested(self) -> bool {
        TESTED.contains(&self)
    }

    /// Returns whether all that the modules are tested on are older.
    fn is_new(self) -> bool {
        TESTED.iter().all(|tested| *tested < self)
    }
}

impl Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl FromStr for Series {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text
            .split_once('.')
            .and_then(|(major, minor)| Some(Self(major.parse().ok()?, minor.parse().ok()?)));
        numbers.with_context(|| format!("{text} is no series of kernels: SERIES=7.3 is one"))
    }
}

/// One kernel of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The series that it is of.
    pub series: Series,
    /// `uname -r`, for example `7.3.4+deb13-arm64`.
    pub name: String,
    /// The version of its packages.
    pub version: String,
}

/// The archive has no kernel of the series any more, or not yet.
#[derive(Debug)]
pub struct Absent {
    there: String,
    wanted: String,
}

impl Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { there, wanted } = self;
        write!(f, "the mirror has Linux {there}, and {wanted} is wanted")
    }
}

impl std::error::Error for Absent {}

impl Release {
    /// Returns the newest point release of the wanted series; if none is wanted, of the newest one
    /// that the modules are tested on, and if the archive has none of those any more, of the newest
    /// at all.
    ///
    /// # Errors
    ///
    /// The archive has no such kernel ([`Absent`]), or only ones without their source.
    pub fn find(apt: &Apt, wanted: Option<Series>) -> Result<Self> {
        let sources = sources(apt.versions("linux-source-")?);
        let there = sources
            .iter()
            .map(|(series, _)| series.to_string())
            .collect::<Vec<_>>()
            .join(", ");
        let candidates = candidates(sources, wanted);
        if candidates.is_empty() {
            let wanted = match wanted {
                Some(series) => series.to_string(),
                None => format!("{} or later", TESTED[0]),
            };
            bail!(Absent { there, wanted });
        }
        for (series, source) in &candidates {
            let headers = apt.versions(&format!("linux-headers-{series}."))?;
            if let Some(release) = pick(*series, headers, source) {
                return Ok(release);
            }
        }
        let names: Vec<String> = candidates
            .into_iter()
            .map(|(series, version)| format!("linux-source-{series} {version}"))
            .collect();
        bail!(
            "the mirror has {} but no arm64 kernel of that version",
            names.join(" and ")
        );
    }

    /// Returns the packages with its image, its modules, its configuration and its exported
    /// symbols.
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

    /// Returns the package with its source.
    pub fn source(&self) -> String {
        format!("linux-source-{}={}", self.series, self.version)
    }

    /// Returns the path below the cache of something that was made for the series.
    pub fn product(&self, name: &str) -> String {
        format!("{}/{name}", self.series)
    }
}

/// Of the packages with kernel sources, each series and the version.
fn sources(packages: Vec<(String, String)>) -> Vec<(Series, String)> {
    let mut sources: Vec<(Series, String)> = packages
        .into_iter()
        .filter_map(|(package, version)| {
            let series = package.strip_prefix("linux-source-")?.parse().ok()?;
            Some((series, version))
        })
        .collect();
    sources.sort_unstable();
    sources
}

/// Those to try, the best one first.
fn candidates(sources: Vec<(Series, String)>, wanted: Option<Series>) -> Vec<(Series, String)> {
    let mut candidates: Vec<(Series, String)> = sources
        .into_iter()
        .filter(|(series, _)| match wanted {
            Some(wanted) => *series == wanted,
            None => series.is_tested() || series.is_new(),
        })
        .collect();
    candidates.sort_unstable_by_key(|(series, _)| (series.is_new(), Reverse(*series)));
    candidates
}

/// Of all headers packages, the plain arm64 flavour (not `rt-arm64`, `cloud-arm64`, `arm64-16k`)
/// built from the source.
fn pick(series: Series, headers: Vec<(String, String)>, source_version: &str) -> Option<Release> {
    headers.into_iter().find_map(|(package, version)| {
        let name = package.strip_prefix("linux-headers-")?;
        let abi = name.strip_suffix("-arm64")?;
        let plain = !abi.contains('-');
        (plain && version == source_version).then(|| Release {
            series,
            name: name.to_owned(),
            version,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIES: Series = Series(7, 3);

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
        let release = pick(SERIES, headers, "7.3.4-1").unwrap();
        assert_eq!(release.name, "7.3.4+deb13-arm64");
        assert_eq!(
            release.packages()[1],
            "linux-binary-7.3.4+deb13-arm64=7.3.4-1"
        );
        assert_eq!(release.source(), "linux-source-7.3=7.3.4-1");
    }

    #[test]
    fn no_kernel_without_its_source() {
        let headers = vec![package("7.3.2+deb13-arm64", "7.3.2-1")];
        assert_eq!(pick(SERIES, headers, "7.3.4-1"), None);
    }

    fn choice(there: &[&str], wanted: Option<&str>) -> Vec<String> {
        let packages = there
            .iter()
            .map(|series| (format!("linux-source-{series}"), "1".to_owned()))
            .collect();
        let wanted = wanted.map(|series| series.parse().unwrap());
        candidates(sources(packages), wanted)
            .iter()
            .map(|(series, _)| series.to_string())
            .collect()
    }

    #[test]
    fn the_newest_tested_series_and_newer_ones_only_without_it() {
        let all = ["6.12", "7.2", "7.10", "7.3", "7.4", "rt"];
        assert_eq!(choice(&all, None), ["7.3", "7.2", "7.10", "7.4"]);
        assert_eq!(choice(&["6.12", "7.4", "7.5"], None), ["7.5", "7.4"]);
        assert_eq!(choice(&all, Some("7.2")), ["7.2"]);
        assert_eq!(choice(&all, Some("7.4")), ["7.4"]);
        assert!(choice(&["6.12", "7.1"], None).is_empty());
        assert!("7".parse::<Series>().is_err());
    }

    #[test]
    fn dkms_builds_for_the_same_series() {
        let conf = include_str!("../../../dkms.conf");
        let series: Vec<String> = TESTED
            .iter()
            .map(|series| series.to_string().replace('.', "\\."))
            .collect();
        let line = format!(
            "BUILD_EXCLUSIVE_KERNEL=\"^({})([^0-9]|$)\"",
            series.join("|")
        );
        assert!(conf.lines().any(|found| found == line), "{line}");
    }
}
