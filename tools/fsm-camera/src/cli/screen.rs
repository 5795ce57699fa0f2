// SPDX-License-Identifier: GPL-2.0-only

//! Output to the terminal, in the requested form.

use super::Global;
use anyhow::{Context, Result};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Operations shorter than this get no bar.
const PATIENCE: Duration = Duration::from_secs(1);
const BAR: usize = 24;

/// Output of a command.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    pub json: bool,
    pub plain: bool,
    colours: bool,
}

/// A meaning that has a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
    Doubtful,
}

impl Screen {
    pub fn new(global: &Global) -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            json: global.json,
            plain: global.plain,
            colours: !global.plain && !no_colour && !dumb && std::io::stdout().is_terminal(),
        }
    }

    /// Prints a value as JSON.
    ///
    /// # Errors
    ///
    /// Whoever reads is gone.
    pub fn json(self, value: &impl Serialize) -> Result<()> {
        self.line(&serde_json::to_string_pretty(value)?)
    }

    /// Prints a line.
    ///
    /// # Errors
    ///
    /// Whoever reads is gone.
    pub fn line(self, text: &str) -> Result<()> {
        writeln!(std::io::stdout(), "{text}").context("cannot print")
    }

    /// Prints a name and a value: in columns, or as one sentence.
    ///
    /// # Errors
    ///
    /// Whoever reads is gone.
    pub fn pair(self, name: &str, value: &str) -> Result<()> {
        if self.plain {
            self.line(&format!("{name}: {value}"))
        } else {
            self.line(&format!("  {name:<18} {value}"))
        }
    }

    /// Returns a word in the colour of its meaning, if there are colours.
    pub fn toned(self, tone: Tone, word: &str) -> String {
        if !self.colours {
            return word.to_owned();
        }
        let code = match tone {
            Tone::Good => 32,
            Tone::Bad => 31,
            Tone::Doubtful => 33,
        };
        format!("\x1b[{code}m{word}\x1b[0m")
    }
}

/// Tells how far something is, once it takes longer than a second: on the terminal's error output, as
/// a bar, or as a line every few seconds.
#[derive(Debug)]
pub struct Progress {
    bar: bool,
    silent: bool,
    begun: Instant,
    told: Option<Instant>,
}

impl Progress {
    pub fn new(screen: Screen) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self {
            bar: terminal && !screen.plain && !screen.json,
            silent: screen.json || !(terminal || screen.plain),
            begun: Instant::now(),
            told: None,
        }
    }

    /// So many of `all` are done.
    pub fn at(&mut self, what: &str, done: usize, all: usize) {
        if self.silent || self.begun.elapsed() < PATIENCE {
            return;
        }
        let pause = if self.bar { 100 } else { 5000 };
        if self
            .told
            .is_some_and(|told| told.elapsed() < Duration::from_millis(pause))
        {
            return;
        }
        self.told = Some(Instant::now());
        let mut error = std::io::stderr();
        // Nobody waits for a bar that cannot be drawn.
        let _ = if self.bar {
            let full = BAR * done.min(all) / all.max(1);
            let bar = "#".repeat(full) + &"-".repeat(BAR - full);
            write!(error, "\r[{bar}] {done}/{all} {what}\x1b[K").and_then(|()| error.flush())
        } else {
            writeln!(error, "{what}: {done} of {all}")
        };
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.bar && self.told.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
