// SPDX-License-Identifier: GPL-2.0-only

//! Times of commands on the machine that they ran on: each run that passes keeps them in
//! `build/times.json`, from where they are written into `docs/development.md` on request.

use crate::env::page::Page;
use crate::env::paths::Paths;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::time::Duration;

const KEPT: &str = "times.json";
const PAGE: Page = Page {
    file: "docs/development.md",
    begin: "<!-- times: written by `make docs-times` -->\n",
    end: "<!-- end of times -->\n",
};

/// A part of a command, and how long it took. Parts may run side by side.
pub type Stage = (String, Duration);

/// The last runs of commands.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Times {
    machine: String,
    /// Seconds of all, and of each part, by command.
    commands: BTreeMap<String, Took>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Took {
    seconds: u64,
    stages: Vec<(String, u64)>,
}

/// Returns a table of stages, the longest first.
pub fn table(stages: &[Stage]) -> String {
    let mut text = String::new();
    for (name, took) in sorted(stages) {
        // A String takes everything.
        let _ = writeln!(text, "{:>6} s  {name}", took.as_secs());
    }
    text
}

fn sorted(stages: &[Stage]) -> Vec<Stage> {
    let mut sums: BTreeMap<&str, Duration> = BTreeMap::new();
    for (name, took) in stages {
        *sums.entry(name).or_default() += *took;
    }
    let mut sorted: Vec<Stage> = sums
        .into_iter()
        .map(|(name, took)| (name.to_owned(), took))
        .collect();
    sorted.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
    sorted
}

/// Keeps the times of `command`.
///
/// # Errors
///
/// The file cannot be written.
pub fn keep(paths: &Paths, command: &str, took: Duration, stages: &[Stage]) -> Result<()> {
    let file = paths.build(KEPT)?;
    let mut times: Times = fs::read_to_string(&file)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    times.machine = machine();
    let stages = sorted(stages)
        .into_iter()
        .map(|(name, took)| (name, took.as_secs()))
        .collect();
    let took = Took {
        seconds: took.as_secs(),
        stages,
    };
    times.commands.insert(command.to_owned(), took);
    fs::write(&file, serde_json::to_string_pretty(&times)? + "\n")
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Writes the times that are kept into the page.
///
/// # Errors
///
/// There are none, or the page cannot be written.
pub fn take_over(paths: &Paths) -> Result<()> {
    let text = fs::read_to_string(paths.build(KEPT)?).context("run make test first")?;
    let times: Times = serde_json::from_str(&text).context("build/times.json is broken")?;
    PAGE.write(paths, &times.markdown())
}

impl Times {
    fn markdown(&self) -> String {
        let mut text = format!(
            "Machine: {}.\n\n| command | took | parts, which run side by side |\n|---|--:|---|\n",
            self.machine
        );
        for (command, took) in &self.commands {
            let stages: Vec<String> = took
                .stages
                .iter()
                .map(|(name, seconds)| format!("{name} {seconds} s"))
                .collect();
            // A String takes everything.
            let _ = writeln!(
                text,
                "| `{command}` | {}:{:02} | {} |",
                took.seconds / 60,
                took.seconds % 60,
                stages.join(", ")
            );
        }
        text
    }
}

/// Returns processors, memory and system of this machine.
fn machine() -> String {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split_once([':', '=']));
        value.map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let unknown = || "unknown".to_owned();
    let kilobytes: u64 = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(0);
    format!(
        "{} x {}, {} GiB, {}",
        std::thread::available_parallelism().map_or(1, usize::from),
        field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(unknown),
        kilobytes.div_ceil(1 << 20),
        field(&read("/etc/os-release"), "PRETTY_NAME").unwrap_or_else(unknown),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::paths::checkout;

    #[test]
    fn parts_of_one_name_add_up_and_the_longest_comes_first() {
        let stage = |name: &str, seconds| (name.to_owned(), Duration::from_secs(seconds));
        let stages = [stage("host", 12), stage("e2e", 7), stage("e2e", 90)];
        assert_eq!(table(&stages), "    97 s  e2e\n    12 s  host\n");
    }

    #[test]
    fn the_page_has_a_place_for_the_times() {
        let page = fs::read_to_string(checkout().unwrap().join(PAGE.file)).unwrap();
        assert!(PAGE.updated(&page, "new\n").unwrap().contains("new\n"));
    }

    #[test]
    fn a_command_is_a_line() {
        let mut times = Times {
            machine: "2 x one".into(),
            ..Times::default()
        };
        let took = Took {
            seconds: 125,
            stages: vec![("e2e".into(), 90), ("host".into(), 12)],
        };
        times.commands.insert("make test".into(), took);
        let text = times.markdown();
        assert!(text.starts_with("Machine: 2 x one.\n"));
        assert!(text.ends_with("| `make test` | 2:05 | e2e 90 s, host 12 s |\n"));
    }
}
