// SPDX-License-Identifier: GPL-2.0-only

//! Root's rights, which making and entering the Debian tree need and nothing else does.

use anyhow::{bail, Result};
use std::io::IsTerminal;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

static CHECKED: OnceLock<bool> = OnceLock::new();

/// Returns whether this process is root's.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Asks for root's rights, once for the whole run, so that a password is asked before any progress
/// bar shows.
///
/// # Errors
///
/// This is not root and sudo does not help.
pub fn obtain() -> Result<()> {
    if is_root() || *CHECKED.get_or_init(ask_sudo) {
        return Ok(());
    }
    bail!(
        "root's rights are needed to make and enter the Debian tree: run this as root, or as a user with sudo"
    )
}

fn ask_sudo() -> bool {
    let mut sudo = Command::new("sudo");
    if std::io::stdin().is_terminal() {
        sudo.args([
            "-p",
            "Making and entering the Debian tree needs root. Password of %p: ",
            "-v",
        ]);
    } else {
        sudo.args(["-n", "true"]).stderr(Stdio::null());
    }
    sudo.status().is_ok_and(|status| status.success())
}

/// Returns a command that runs `program` as root.
///
/// # Errors
///
/// See [`obtain`].
pub fn command(program: &str) -> Result<Command> {
    obtain()?;
    Ok(if is_root() {
        Command::new(program)
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg(program);
        sudo
    })
}
