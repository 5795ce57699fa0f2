// SPDX-License-Identifier: GPL-2.0-only

//! Allowed imports between the rooms of `src` (docs/architecture.md).

use super::module::Path;
use super::source::Source;
use anyhow::{ensure, Result};
use std::collections::BTreeSet;

/// Rooms, and the rooms of which each may use something, itself aside.
const ROOMS: [(&[&str], &[&str]); 5] = [
    (&["driver"], &["sensor", "kernel_ext"]),
    (&["sensor"], &[]),
    (&["kernel_ext"], &[]),
    // The referee is written a second time: it shares nothing with what it judges.
    (&["virtual_board"], &["kernel_ext"]),
    (&["virtual_board", "model"], &[]),
];

/// Checks that each room uses only the rooms that it may use.
///
/// # Errors
///
/// One does not, and which file of it.
pub fn check(repo: &std::path::Path) -> Result<()> {
    judge(&Source::read(&repo.join("src"))?.uses())
}

fn judge(uses: &BTreeSet<(Path, Path)>) -> Result<()> {
    let wrong: Vec<String> = uses
        .iter()
        .filter(|(from, to)| {
            ROOMS.iter().any(|(room, others)| {
                is_in(from, room)
                    && !is_in(to, room)
                    && !others.iter().any(|other| is_in(to, &[other]))
            })
        })
        .map(|(from, to)| format!("{} may not use {}", from.join("/"), to.join("/")))
        .collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

fn is_in(path: &[String], room: &[&str]) -> bool {
    path.len() >= room.len() && path.iter().zip(room).all(|(name, wanted)| name == wanted)
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::source;
    use super::*;

    #[test]
    fn rooms_use_what_they_may() {
        let files = [
            ("sensor::regs", "pub struct Register;"),
            ("kernel_ext::i2c", "pub struct Client;"),
            (
                "virtual_board::board",
                "use crate::kernel_ext::i2c::Client; pub struct Board;",
            ),
            ("virtual_board::model::rules", "use super::registers::Map;"),
            ("virtual_board::model::registers", "pub struct Map;"),
            (
                "driver::bus",
                "use crate::{kernel_ext::i2c::Client, sensor::regs::Register};",
            ),
        ];
        judge(&source(&files).uses()).unwrap();
    }

    #[test]
    fn what_they_may_not_is_named() {
        for (from, text, expected) in [
            (
                "virtual_board::board",
                "use crate::sensor::regs::Register;",
                "virtual_board/board may not use sensor/regs",
            ),
            (
                "kernel_ext::i2c",
                "fn f() { crate::driver::bus::g() }",
                "kernel_ext/i2c may not use driver/bus",
            ),
            (
                "virtual_board::model::rules",
                "use super::super::board::Board;",
                "virtual_board/model/rules may not use virtual_board/board",
            ),
        ] {
            let mut files = vec![
                ("sensor::regs", "pub struct Register;"),
                ("driver::bus", "pub fn g() {}"),
                ("virtual_board::board", "pub struct Board;"),
            ];
            files.retain(|(place, _)| *place != from);
            files.push((from, text));
            let error = judge(&source(&files).uses()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}
