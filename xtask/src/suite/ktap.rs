// SPDX-License-Identifier: GPL-2.0-only

//! Reads test results in the kernel's form (Documentation/dev-tools/ktap.rst) as they come, and
//! insists on its rules, so that a result that got lost is noticed. The plan, which is optional
//! there, has to come; last, as in TAP, if the number of tests is not known before.

use anyhow::{bail, ensure, Context, Result};

/// A line that says something.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// The result of a test.
    Test { name: &'a str, passed: bool },
    /// Anything that is no result: it explains the next one.
    Diagnostic(&'a str),
    /// The version, or the plan.
    Structure,
}

/// Results so far.
#[derive(Debug, Default)]
pub struct Ktap {
    version: bool,
    plan: Option<u64>,
    results: u64,
}

impl Ktap {
    /// Reads the next line.
    ///
    /// # Errors
    ///
    /// It does not follow from the lines before: there is no version, a number is not the next one,
    /// a plan comes again.
    pub fn line<'a>(&mut self, line: &'a str) -> Result<Line<'a>> {
        if line == "KTAP version 1" {
            ensure!(!self.version, "a second version of the test results");
            self.version = true;
            return Ok(Line::Structure);
        }
        if let Some(plan) = line.strip_prefix("1..").and_then(|plan| plan.parse().ok()) {
            ensure!(self.plan.is_none(), "a second plan of tests");
            self.plan = Some(plan);
            return Ok(Line::Structure);
        }
        let (result, passed) = match (line.strip_prefix("ok "), line.strip_prefix("not ok ")) {
            (Some(result), _) => (result, true),
            (_, Some(result)) => (result, false),
            _ => return Ok(Line::Diagnostic(line.strip_prefix("# ").unwrap_or(line))),
        };
        ensure!(self.version, "a test result before the version");
        let (number, name) = result.split_once(' ').unwrap_or((result, ""));
        self.results += 1;
        ensure!(
            number.parse() == Ok(self.results),
            "the result that should be number {} is {line}",
            self.results
        );
        Ok(Line::Test { name, passed })
    }

    /// Checks that all planned results have come.
    ///
    /// # Errors
    ///
    /// It has not.
    pub fn ended(&self) -> Result<()> {
        let plan = self
            .plan
            .context("the scripts did not come to their end, where the number of tests is said")?;
        if self.results != plan {
            bail!("{} of {plan} test results came", self.results);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the names of tests that passed and of those that failed.
    fn read(text: &str) -> Result<(Vec<&str>, Vec<&str>)> {
        let (mut ktap, mut good, mut bad) = (Ktap::default(), Vec::new(), Vec::new());
        for line in text.lines() {
            match ktap.line(line)? {
                Line::Test { name, passed: true } => good.push(name),
                Line::Test { name, .. } => bad.push(name),
                _ => {}
            }
        }
        ktap.ended()?;
        Ok((good, bad))
    }

    const RESULTS: &str = "\
KTAP version 1
ok 1 one
# two is not what it was
not ok 2 two: again
ok 3 three
1..3
";

    #[test]
    fn results_with_their_names() {
        let expected = (vec!["one", "three"], vec!["two: again"]);
        assert_eq!(read(RESULTS).unwrap(), expected);
        assert_eq!(
            read("KTAP version 1\n1..1\nok 1 one").unwrap().0,
            vec!["one"]
        );
        let mut ktap = Ktap::default();
        assert_eq!(ktap.line("# why").unwrap(), Line::Diagnostic("why"));
    }

    #[test]
    fn a_lost_line_is_noticed() {
        for lost in RESULTS.lines().filter(|line| !line.starts_with('#')) {
            let rest = RESULTS.replace(&format!("{lost}\n"), "");
            assert!(read(&rest).is_err(), "{lost}");
        }
        assert!(read("").is_err());
    }

    #[test]
    fn what_comes_twice_is_noticed() {
        for line in RESULTS.lines().filter(|line| !line.starts_with('#')) {
            let twice = RESULTS.replace(line, &format!("{line}\n{line}"));
            assert!(read(&twice).is_err(), "{line}");
        }
    }
}
