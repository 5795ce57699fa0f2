// SPDX-License-Identifier: GPL-2.0-only

//! The Debian mirror: the one this machine's apt is configured for, whichever that is.

use super::command;
use anyhow::{bail, Result};
use std::process::Command;

/// Names under which the archive itself appears, as opposed to `-security`, `-updates` or another
/// vendor's.
const SUITES: [&str; 9] = [
    "bookworm",
    "trixie",
    "forky",
    "duke",
    "sid",
    "oldstable",
    "stable",
    "testing",
    "unstable",
];

/// Returns the base address of the archive, without a slash at the end.
///
/// # Errors
///
/// The machine has no apt, or its configuration names no Debian archive.
pub fn find() -> Result<String> {
    // Prints the files that an update would fetch, from the configuration only: no network, no
    // root, no package lists.
    let uris = command::output(Command::new("apt-get").args(["update", "--print-uris"]))?;
    let Some(mirror) = from_print_uris(&uris) else {
        bail!("no Debian mirror in the apt configuration: /etc/apt/sources.list* names no Debian suite");
    };
    Ok(mirror)
}

fn from_print_uris(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let uri = line.strip_prefix('\'')?.split('\'').next()?;
        let (base, suite) = uri.strip_suffix("/InRelease")?.split_once("/dists/")?;
        SUITES.contains(&suite).then(|| base.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECURITY: &str =
        "'http://mirror.example/debian-security/dists/bookworm-security/InRelease' a_InRelease 0 \n";

    #[test]
    fn takes_the_archive_and_not_what_surrounds_it() {
        let text = format!(
            "{SECURITY}'http://mirror.example/debian/dists/bookworm-updates/InRelease' b_InRelease 0 \n\
             'http://mirror.example/debian/dists/bookworm/InRelease' c_InRelease 0 \n"
        );
        assert_eq!(
            from_print_uris(&text).as_deref(),
            Some("http://mirror.example/debian")
        );
    }

    #[test]
    fn other_vendors_are_no_debian_mirror() {
        let text = format!(
            "{SECURITY}'https://vendor.example/node/dists/nodistro/InRelease' d_InRelease 0 \n"
        );
        assert_eq!(from_print_uris(&text), None);
    }
}
