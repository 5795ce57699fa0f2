// SPDX-License-Identifier: GPL-2.0-only

//! Tells the user which step is running and how far it is: bars on a terminal, plain lines
//! elsewhere.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

static BARS: OnceLock<Option<MultiProgress>> = OnceLock::new();

fn bars() -> Option<&'static MultiProgress> {
    BARS.get_or_init(|| std::io::stderr().is_terminal().then(MultiProgress::new))
        .as_ref()
}

/// Prints a line on standard error without tearing the bars apart.
pub fn say(line: &str) {
    match bars() {
        Some(bars) => bars.suspend(|| eprintln!("{line}")),
        None => eprintln!("{line}"),
    }
}

/// Prints a line on standard output without tearing the bars apart.
pub fn print(line: &str) {
    let write = || {
        let mut out = std::io::stdout().lock();
        // A closed pipe (`make guest | head`) is the reader's business.
        let _ = writeln!(out, "{line}");
    };
    match bars() {
        Some(bars) => bars.suspend(write),
        None => write(),
    }
}

/// One step on display, from [`Progress::start`] until it is finished or dropped.
#[derive(Debug)]
pub struct Progress {
    name: String,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Shows a step. `length` is the final count of [`Self::advance`]; 0 if it is unknown.
    pub fn start(name: &str, length: u64) -> Self {
        let bar = bars().map(|bars| {
            let template = if length > 0 {
                "{spinner} {prefix:<34} {bar:30} {percent:>3} %  {elapsed}  {wide_msg}"
            } else {
                "{spinner} {prefix:<34} {elapsed}  {wide_msg}"
            };
            let style = ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = bars.add(ProgressBar::new(length).with_style(style));
            bar.set_prefix(name.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        if bar.is_none() {
            eprintln!("{name} ...");
        }
        Self {
            name: name.to_owned(),
            started: Instant::now(),
            bar,
        }
    }

    /// Counts one unit of work and shows what it was.
    pub fn advance(&self, what: &str) {
        if let Some(bar) = &self.bar {
            // Never claims to be finished: the length of many steps is an estimate.
            if bar
                .length()
                .is_some_and(|length| bar.position() + 1 < length)
            {
                bar.inc(1);
            }
            bar.set_message(what.trim().to_owned());
        }
    }

    /// Ends the step, says how long it took, and returns that.
    pub fn finish(self) -> Duration {
        let took = self.started.elapsed();
        let seconds = took.as_secs_f32();
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        say(&format!("{} ({seconds:.1} s)", self.name));
        took
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
