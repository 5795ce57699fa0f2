// SPDX-License-Identifier: GPL-2.0-only

//! Memory that is allocated and kept, by the kernel's trace events.

use super::sleep_deep;
use super::trace::Trace;
use crate::camera::Camera;
use crate::control;
use crate::files;
use crate::stream::Open;
use crate::v4l2::control::{ANALOGUE_GAIN, EXPOSURE};
use std::collections::{BTreeMap, HashMap};

/// Drivers take their memory by kmalloc(); what has caches of its own, as names in sysfs, is the kernel's.
const EVENTS: [&str; 2] = ["kmem:kmalloc", "kmem:kfree"];

/// Allocates for each sysfs file that this program opens, and is not seen to free it: that is done
/// after a grace period of RCU.
const OPEN: &str = "kernfs_fop_open";

/// Bytes that are kept of all that was allocated since the tracer was started, by the caller of the
/// allocator.
fn kept(trace: &Trace) -> Result<BTreeMap<String, u64>, String> {
    let mut live: HashMap<String, (String, u64)> = HashMap::new();
    for line in trace.text()?.lines() {
        let field = |name: &str| {
            let mut words = line.split_whitespace();
            words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
        };
        let Some(pointer) = field("ptr") else {
            continue;
        };
        match field("bytes_alloc").and_then(|bytes| bytes.parse().ok()) {
            Some(bytes) => {
                let caller = field("call_site").unwrap_or("an unknown caller");
                live.insert(pointer.to_owned(), (caller.to_owned(), bytes))
            }
            None => live.remove(pointer),
        };
    }
    let mut callers = BTreeMap::new();
    let lasting = live
        .into_values()
        .filter(|(caller, _)| !caller.starts_with(OPEN));
    for (caller, bytes) in lasting {
        *callers.entry(caller).or_default() += bytes;
    }
    Ok(callers)
}

/// Returns the bytes that are allocated while `act` runs and kept, without those of the tracer
/// itself. Prints the callers of the allocator.
fn kept_of(act: impl FnOnce() -> Result<(), String>) -> Result<u64, String> {
    let trace = Trace::of_events(&EVENTS)?;
    trace.clear()?;
    let tracer: u64 = kept(&trace)?.into_values().sum();
    trace.clear()?;
    act()?;
    let callers = kept(&trace)?;
    for (caller, bytes) in &callers {
        println!("{bytes:6} bytes by {caller}");
    }
    Ok(callers.into_values().sum::<u64>().saturating_sub(tracer))
}

/// Measures the memory of a bound driver: the allocations of binding it that still exist
/// afterwards.
pub fn of_bind(camera: &Camera, bind: &str, unbind: &str) -> Result<(), String> {
    sleep_deep(camera)?;
    files::write(unbind, &camera.client).map_err(|e| e.to_string())?;
    let bytes = kept_of(|| files::write(bind, &camera.client).map_err(|e| e.to_string()))?;
    Camera::wait(camera.slot())?;
    println!("bench memory per bound sensor: memory={bytes}");
    Ok(())
}

/// Measures the memory that is kept after a stream has ended, with a control set.
pub fn of_stream(camera: &Camera, open: &Open) -> Result<(), String> {
    sleep_deep(camera)?;
    let bytes = kept_of(|| {
        open.start().map_err(|e| format!("starting: {e}"))?;
        control::set(&open.sensor, &[(EXPOSURE, 1100), (ANALOGUE_GAIN, 200)])
            .map_err(|e| format!("setting controls: {e}"))?;
        open.stop().map_err(|e| format!("stopping: {e}"))?;
        sleep_deep(camera)
    })?;
    println!("bench memory kept after a stream: memory={bytes}");
    Ok(())
}
