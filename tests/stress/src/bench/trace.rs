// SPDX-License-Identifier: GPL-2.0-only

//! The kernel's tracer: how long its functions take, and what they allocate.

use crate::files;
use std::fs;

const ROOT: &str = "/sys/kernel/debug/tracing";
/// Enough for all that is looked at in one go, in KiB.
const BUFFER: &str = "16384";

/// The tracer, which is off when this is dropped.
#[derive(Debug)]
pub struct Trace(());

impl Trace {
    fn set(file: &str, text: &str) -> Result<(), String> {
        files::write(format!("{ROOT}/{file}"), text).map_err(|e| e.to_string())
    }

    /// Measures how long these functions take: in all, or without the time for which they have no
    /// processor.
    pub fn of_functions(names: &[&str], with_sleep: bool) -> Result<Self, String> {
        Self::set("set_ftrace_filter", &names.join("\n"))?;
        Self::set("options/sleep-time", if with_sleep { "1" } else { "0" })?;
        Self::set("options/funcgraph-tail", "1")?;
        Self::set("current_tracer", "function_graph")?;
        Ok(Self(()))
    }

    /// Writes down these events of this thread.
    pub fn of_events(names: &[&str]) -> Result<Self, String> {
        Self::set("buffer_size_kb", BUFFER)?;
        Self::set("set_event", &names.join("\n"))?;
        Ok(Self(()))
    }

    /// Forgets what was written down.
    pub fn clear(&self) -> Result<(), String> {
        // Opening it to be written anew does.
        fs::write(format!("{ROOT}/trace"), "").map_err(|e| format!("clearing the trace: {e}"))
    }

    /// Returns the recorded events.
    pub fn text(&self) -> Result<String, String> {
        files::read(format!("{ROOT}/trace")).map_err(|e| e.to_string())
    }

    /// Returns the duration of the only call of a function in ns.
    pub fn duration(&self, name: &str) -> Result<u64, String> {
        let text = self.text()?;
        // " 0) # 1234.567 us |  name();", or "} /* name */" where something came between.
        let mut calls = text.lines().filter(|line| line.contains(name));
        calls
            .find_map(|line| {
                let (front, _) = line.split_once(" us ")?;
                let us: f64 = front.split_whitespace().last()?.parse().ok()?;
                Some((us * 1000.0).round() as u64)
            })
            .ok_or_else(|| format!("no call of {name} that has ended"))
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        // As good as it gets: the guest ends after the measurement.
        let _ = Self::set("current_tracer", "nop");
        let _ = Self::set("set_event", "");
        let _ = Self::set("set_ftrace_filter", "");
    }
}
