// SPDX-License-Identifier: GPL-2.0-only

//! Result of a check: one page, and the same as data.

use super::observe::{Observations, Setting};
use super::verdict::{suspects, Suspect};
use serde::Serialize;
use std::fmt::Write;

/// Outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It works.
    Good,
    /// It does not.
    Bad,
    /// It could not be tried, or tells nothing here.
    Open,
}

/// A step that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepDone {
    /// The name of the step.
    pub name: &'static str,
    /// Its outcome.
    pub outcome: Outcome,
    /// One line about it.
    pub detail: String,
}

/// The result of a check. There is nothing in it that names a machine, a module or a user.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The machine and the format of the check.
    pub setting: Setting,
    /// In the order in which they were made.
    pub steps: Vec<StepDone>,
    /// The likely causes, the likeliest first.
    pub suspects: Vec<Suspect>,
    /// All that was seen.
    pub observations: Observations,
}

impl Report {
    /// Finds the suspects for what was seen.
    pub fn new(setting: Setting, steps: Vec<StepDone>, observations: Observations) -> Self {
        Self {
            suspects: suspects(&observations),
            setting,
            steps,
            observations,
        }
    }

    /// Returns whether nothing was found.
    pub fn is_good(&self) -> bool {
        self.suspects.is_empty() && self.steps.iter().all(|step| step.outcome != Outcome::Bad)
    }

    /// Returns the page.
    pub fn text(&self) -> String {
        let mut page = String::new();
        // Writing to a text does not fail.
        let _ = self.write(&mut page);
        page
    }

    fn write(&self, page: &mut String) -> std::fmt::Result {
        let seen = &self.observations;
        let Setting {
            program,
            kernel,
            machine,
            ..
        } = &self.setting;
        writeln!(page, "{program} on Linux {kernel}, {machine}")?;
        if let Some(part) = &seen.part {
            let receiver = seen.receiver.as_deref().unwrap_or("no receiver");
            writeln!(page, "{part} behind {receiver}")?;
        }
        let names = |outcome| {
            let names: Vec<_> = self
                .steps
                .iter()
                .filter(|step| step.outcome == outcome)
                .map(|step| step.name)
                .collect();
            names.join(", ")
        };
        writeln!(page)?;
        for (title, outcome) in [
            ("works", Outcome::Good),
            ("does not", Outcome::Bad),
            ("not told", Outcome::Open),
        ] {
            let names = names(outcome);
            if !names.is_empty() {
                writeln!(page, "{title}: {names}")?;
            }
        }
        writeln!(page)?;
        if self.suspects.is_empty() {
            writeln!(
                page,
                "{}",
                if self.is_good() {
                    "Nothing is wrong."
                } else {
                    "Something is wrong, and nothing here explains it: attach this report to an issue."
                }
            )?;
        }
        for (number, suspect) in self.suspects.iter().enumerate() {
            writeln!(page, "{}. {}", number + 1, suspect.title)?;
            writeln!(page, "   seen: {}", suspect.because)?;
            writeln!(page, "   do: {}", suspect.change)?;
        }
        Ok(())
    }

    /// Returns the page with every step and the kernel's messages, for a file.
    pub fn long_text(&self) -> String {
        let mut text = self.text();
        text.push_str("\nsteps:\n");
        for step in &self.steps {
            let word = match step.outcome {
                Outcome::Good => "ok",
                Outcome::Bad => "BAD",
                Outcome::Open => "-",
            };
            let _ = writeln!(text, "  {word:<4} {}: {}", step.name, step.detail);
        }
        for node in &self.observations.tree {
            if !node.log.is_empty() {
                let _ = writeln!(text, "\nthe kernel on {}:", node.path);
            }
            for line in &node.log {
                let _ = writeln!(text, "  {line}");
            }
        }
        text
    }
}
