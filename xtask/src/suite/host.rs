// SPDX-License-Identifier: GPL-2.0-only

//! Tests that need no guest: cargo's.

use super::tally::Tally;
use crate::env::command;
use crate::env::paths::Paths;
use crate::env::progress::Progress;
use anyhow::{ensure, Result};
use std::process::Command;

/// Runs `cargo test` in the workspace and counts its tests.
///
/// # Errors
///
/// Cargo cannot be run, or ended without having run a test.
pub fn run(paths: &Paths, tally: &mut Tally) -> Result<()> {
    let log = paths.build("logs/test-host.log")?;
    let progress = Progress::start("host tests", 0);
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "test",
            "--workspace",
            "--locked",
            "--no-fail-fast",
            "--color=never",
        ])
        .current_dir(&paths.repo);
    let status = command::each_line(&mut cargo, &log, |line| progress.advance(line))?;
    progress.finish();
    let (passed, failed) = count(&String::from_utf8_lossy(&std::fs::read(&log)?));
    ensure!(
        passed + failed > 0 && (status.success() || failed > 0),
        "cargo test failed ({status}):\n{}\nthe whole log is {}",
        command::last_lines(&log, 30),
        log.display()
    );
    tally.add("host", passed, failed, &log.display().to_string());
    Ok(())
}

/// Sums cargo's lines "test result: ok. 27 passed; 0 failed; 0 ignored; ...".
fn count(log: &str) -> (u64, u64) {
    let number = |line: &str, what: &str| -> u64 {
        let before = line.split(what).next().unwrap_or_default();
        before
            .split_whitespace()
            .next_back()
            .and_then(|word| word.parse().ok())
            .unwrap_or_default()
    };
    log.lines()
        .filter(|line| line.starts_with("test result:"))
        .fold((0, 0), |(passed, failed), line| {
            (
                passed + number(line, " passed;"),
                failed + number(line, " failed;"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_all_binaries() {
        let log = "running 2 tests\ntest result: ok. 27 passed; 0 failed; 0 ignored; 0 measured\n\
                   test result: FAILED. 4 passed; 1 failed; 0 ignored; 0 measured\n";
        assert_eq!(count(log), (31, 1));
    }
}
