// SPDX-License-Identifier: GPL-2.0-only

//! Allocations of an operation, by the kernel's trace events: proof on a kernel that cannot make
//! allocations fail.

use crate::files;
use crate::report;
use crate::walk::operations;
use std::fs;

const TRACING: &str = "/sys/kernel/debug/tracing";
const EVENTS: [&str; 3] = [
    "kmem/kmalloc",
    "kmem/kmem_cache_alloc",
    "kmem/mm_page_alloc",
];
const DRIVER: &str = "[fsm_imx412]";
const BOARD: &str = "[fsm_imx412_vboard]";

/// Sees that a stop of the camera in `slot` needs no memory; and that a start from cold does, or nothing would have
/// been seen.
pub fn run(slot: &str) -> Result<(), String> {
    let started = allocations_of(slot, "cold-start")?;
    let stopped = allocations_of(slot, "stop")?;
    report::check(
        "memory: what a start allocates is seen",
        (!started.is_empty()).then_some(()).ok_or("nothing"),
    );
    report::check(
        "memory: a stop allocates nothing",
        stopped.first().map_or(Ok(()), Err),
    );
    Ok(())
}

/// Does it, and returns the events of the driver's allocations.
fn allocations_of(slot: &str, name: &str) -> Result<Vec<String>, String> {
    let mut operation = operations::by_name(slot, name)?;
    operation.prepare()?;
    let trace = Trace::start()?;
    let acted = operation.act();
    let text = trace.stop()?;
    acted.map_err(|e| format!("{name}: {e}"))?;
    operation.settle(true)?;
    Ok(of_the_driver(&text))
}

/// Records the events of this thread, with their stacks, until this is dropped.
struct Trace;

impl Trace {
    fn start() -> Result<Self, String> {
        let trace = Self;
        set("tracing_on", "0")?;
        set("set_event_pid", &thread()?)?;
        set("options/stacktrace", "1")?;
        // With the offset comes the module's name.
        set("options/sym-offset", "1")?;
        for event in EVENTS {
            set(&format!("events/{event}/enable"), "1")?;
        }
        // To truncate it empties it.
        fs::File::create(format!("{TRACING}/trace")).map_err(|e| e.to_string())?;
        set("tracing_on", "1")?;
        Ok(trace)
    }

    fn stop(self) -> Result<String, String> {
        set("tracing_on", "0")?;
        files::read(format!("{TRACING}/trace")).map_err(|e| e.to_string())
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        for event in EVENTS {
            let _ = set(&format!("events/{event}/enable"), "0");
        }
        let _ = set("options/stacktrace", "0");
        let _ = set("options/sym-offset", "0");
        let _ = set("set_event_pid", " ");
        let _ = set("tracing_on", "1");
    }
}

fn set(file: &str, value: &str) -> Result<(), String> {
    files::write(format!("{TRACING}/{file}"), value).map_err(|e| e.to_string())
}

/// Returns the number of this thread.
fn thread() -> Result<String, String> {
    let link = fs::read_link("/proc/thread-self").map_err(|e| e.to_string())?;
    let name = link.file_name().unwrap_or_default();
    Ok(name.to_string_lossy().into_owned())
}

/// Of a trace, the events whose innermost function of the project's is one of the driver's: what the virtual board
/// does in a call of the driver's is its own affair.
fn of_the_driver(trace: &str) -> Vec<String> {
    let is_frame = |line: &str| line.trim_start().starts_with("=>");
    let mut events: Vec<String> = Vec::new();
    for line in trace.lines().filter(|line| !line.starts_with('#')) {
        if !is_frame(line) && !line.contains("<stack trace>") {
            events.push(String::new());
        }
        if let Some(event) = events.last_mut() {
            event.push_str(line);
            event.push('\n');
        }
    }
    events
        .into_iter()
        .filter(|event| {
            event
                .lines()
                .filter(|line| is_frame(line))
                .find_map(|line| {
                    if line.contains(BOARD) {
                        return Some(false);
                    }
                    line.contains(DRIVER).then_some(true)
                })
                .unwrap_or(false)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allocation_belongs_to_the_module_that_asks_for_it() {
        let event = |module: &str| {
            format!(
                " a-7 [0] 1.0: kmalloc: call_site=f\n a-7 [0] 1.0: <stack trace>\n => krealloc+0x1/0x2\n \
                 => f+0x1/0x2 {module}\n => g+0x1/0x2 [fsm_imx412]\n => h+0x1/0x2 [fsm_imx412_vboard]\n"
            )
        };
        assert_eq!(of_the_driver(&event("")).len(), 1);
        assert_eq!(of_the_driver(&event("[videodev]")).len(), 1);
        assert!(of_the_driver(&event("[fsm_imx412_vboard]")).is_empty());
        let trace = format!("# tracer: nop\n{}{}", event(""), event(""));
        assert_eq!(of_the_driver(&trace), [event(""), event("")]);
        assert!(of_the_driver("# tracer: nop\n").is_empty());
    }
}
