// SPDX-License-Identifier: GPL-2.0-only

//! Check of a guest's kernel log.

use anyhow::{bail, Context, Result};
use std::fs;
use std::path::Path;

/// Marks around the log that a guest's script prints.
const BEGIN: &str = "guest: log begins";
const END: &str = "guest: log ends";

/// Words with which the kernel reports a fault of a driver: warnings, oopses, lockdep's and the
/// allocator's findings, references that were never dropped.
const FAULTS: &[&str] = &[
    "WARNING:",
    "WARNING ",
    "BUG:",
    "BUG ",
    "Oops",
    "Internal error",
    "Unable to handle kernel",
    "rust_kernel: panicked",
    "INFO: possible",
    "suspicious RCU",
    "sleeping function called",
    "scheduling while atomic",
    "unbalanced",
    "refcount_t:",
    "Object still",
    "memory leak",
    "UBSAN:",
    "use-after-free",
    "hung task",
    "blocked for more than",
    "Call trace:",
];

/// Messages of sanitizers when the kernel starts, and that of kmemleak for a report, which
/// tests/guest/stress/leaks.sh judges.
const SANITIZERS: &[&str] = &[
    "double-/use-after-free debug is enabled",
    "Kernel memory leak detector initialized",
    "new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
];

/// Returns the part of a console's text between the two marks.
///
/// # Errors
///
/// The marks are not there.
pub fn between_marks(console: &str) -> Result<String> {
    let (_, rest) = console
        .split_once(BEGIN)
        .context("the guest printed no kernel log")?;
    let (log, _) = rest
        .split_once(END)
        .context("the guest's kernel log has no end")?;
    Ok(log.replace('\r', "").trim_start().to_owned())
}

/// Checks that the kernel had nothing to complain about.
///
/// # Errors
///
/// It had; the message has the first lines.
pub fn is_clean(log: &Path) -> Result<()> {
    let text = fs::read_to_string(log).with_context(|| format!("cannot read {}", log.display()))?;
    let found = faults(&text);
    if found.is_empty() {
        return Ok(());
    }
    let shown = found
        .iter()
        .take(10)
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    bail!(
        "the kernel complains ({} lines, see {}):\n{shown}",
        found.len(),
        log.display()
    )
}

/// Checks that the log has each line of `list`, behind the names that the kernel puts ahead of it.
///
/// # Errors
///
/// Some are missing; the message has them.
pub fn has_lines_of(log: &Path, list: &Path) -> Result<()> {
    let read = |file: &Path| {
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
    };
    let (log, list) = (read(log)?, read(list)?);
    let missing = missing(&log, &list);
    if missing.is_empty() {
        return Ok(());
    }
    bail!("never said:\n{}", missing.join("\n"))
}

fn missing<'a>(log: &str, list: &'a str) -> Vec<&'a str> {
    list.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .filter(|wanted| !log.lines().any(|line| line.trim_end().ends_with(*wanted)))
        .collect()
}

fn faults(log: &str) -> Vec<&str> {
    log.lines()
        .filter(|line| FAULTS.iter().any(|word| line.contains(word)))
        .filter(|line| !SANITIZERS.iter().any(|word| line.contains(word)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_found_and_the_taint_is_none() {
        let log = "[1.0] fsm_imx412: loading out-of-tree module taints kernel.\n\
                   [2.0] WARNING: CPU: 0 PID: 1 at drivers/regulator/core.c:2398 _regulator_put\n\
                   [3.0] imx412 0-001a: cannot read the chip ID\n";
        assert_eq!(faults(log).len(), 1);
    }

    #[test]
    fn lines_that_are_missing_are_named() {
        let log = "[1.0] imx412 0-001a: error -EINVAL: rotation: it is 360\r\n[2.0] reg: no\n";
        let list = "# comment\n\nrotation: it is 360\nrotation: it is 36\nreg: no\n";
        assert_eq!(missing(log, list), ["rotation: it is 36"]);
    }

    #[test]
    fn what_sanitizers_say_of_themselves_is_no_fault() {
        let log = "rcu: RCU callback double-/use-after-free debug is enabled.\n\
                   kmemleak: Kernel memory leak detector initialized (mem pool available: 63881)\n\
                   kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)\n\
                   OF: ERROR: memory leak, expected refcount 1 instead of 2\n";
        assert_eq!(faults(log).len(), 1);
    }

    #[test]
    fn the_log_stands_between_the_marks() {
        let console = "noise\r\nguest: log begins\r\n[1.0] a\r\n[2.0] b\r\nguest: log ends\r\n";
        assert_eq!(between_marks(console).unwrap(), "[1.0] a\n[2.0] b\n");
        between_marks("guest: log begins\r\n[1.0] Kernel panic").unwrap_err();
    }
}
