// SPDX-License-Identifier: GPL-2.0-only

//! Counts tests.

use crate::env::progress::print;
use crate::run::times::Stage;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::time::Duration;

/// Number of passed tests, and the failed ones with their reasons.
#[derive(Debug, Default)]
pub struct Tally {
    passed: u64,
    failed: u64,
    failures: Vec<String>,
    /// Counts of events, by name.
    counts: BTreeMap<String, u64>,
    stages: Vec<Stage>,
}

impl Tally {
    /// Counts a test that passed.
    pub fn pass(&mut self, name: &str) {
        print(&format!("ok {name}"));
        self.passed += 1;
    }

    /// Counts a test that failed.
    pub fn fail(&mut self, name: &str, why: &str) {
        print(&format!("not ok {name}\n{why}"));
        self.failed += 1;
        self.failures.push(format!(
            "{name}: {}",
            why.lines().next().unwrap_or_default()
        ));
    }

    /// Counts a test by its result.
    pub fn judge<T>(&mut self, name: &str, result: Result<T>) {
        match result {
            Ok(_) => self.pass(name),
            Err(error) => self.fail(name, &format!("{error:#}")),
        }
    }

    /// Adds what another runner counted and showed; `log` says where its failures stand.
    pub fn add(&mut self, name: &str, passed: u64, failed: u64, log: &str) {
        print(&format!("{name}: {passed} passed, {failed} failed"));
        self.passed += passed;
        self.failed += failed;
        if failed > 0 {
            self.failures
                .push(format!("{name}: {failed} failed, see {log}"));
        }
    }

    /// Takes "NAME N" of a guest: something was done that often.
    ///
    /// # Errors
    ///
    /// It is not a number.
    pub fn count(&mut self, line: &str) -> Result<()> {
        let (name, number) = line.rsplit_once(' ').context("no number")?;
        *self.counts.entry(name.to_owned()).or_default() += number.parse::<u64>()?;
        Ok(())
    }

    /// Returns a table of what was done how often.
    pub fn table(&self) -> String {
        self.counts
            .iter()
            .map(|(name, number)| format!("{number:>9}  {name}\n"))
            .collect()
    }

    /// Notes how long a stage took.
    pub fn took(&mut self, stage: &str, time: Duration) {
        self.stages.push((stage.to_owned(), time));
    }

    /// Returns the stages so far.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Adds another tally, which has shown its tests already.
    pub fn merge(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.failures.extend(other.failures);
        self.stages.extend(other.stages);
        for (name, number) in other.counts {
            *self.counts.entry(name).or_default() += number;
        }
    }

    /// Returns whether something was tested and nothing failed.
    pub fn is_good(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    /// Names the failures once more, as they may have scrolled away.
    pub fn report(&self) {
        for failure in &self.failures {
            print(&format!("failed: {failure}"));
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_tested_is_not_good() {
        assert!(!Tally::default().is_good());
    }

    #[test]
    fn counts_of_one_name_add_up() {
        let mut tally = Tally::default();
        tally.count("bus faults 7").unwrap();
        let mut total = Tally::default();
        total.count("bus faults 3").unwrap();
        total.count("many").unwrap_err();
        total.merge(tally);
        assert_eq!(total.table(), "       10  bus faults\n");
    }

    #[test]
    fn one_failure_spoils_it() {
        let mut tally = Tally::default();
        tally.add("others", 3, 0, "log");
        tally.pass("this");
        assert!(tally.is_good());
        tally.judge("that", Err::<(), _>(anyhow::anyhow!("broken")));
        assert!(!tally.is_good());
        let mut total = Tally::default();
        total.pass("elsewhere");
        total.merge(tally);
        assert!(!total.is_good());
        assert_eq!(total.to_string(), "5 passed, 1 failed");
    }
}
