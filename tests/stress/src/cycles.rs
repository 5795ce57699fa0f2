// SPDX-License-Identifier: GPL-2.0-only

//! The same thing many times over, with the kernel's memory before and after.

use crate::camera::Camera;
use crate::files;
use crate::report;
use crate::stream::{self, Open};
use std::fs;
use std::thread;
use std::time::Duration;

/// Kernel memory that comes and goes by itself, in KiB: traces that the sanitizers keep, caches of
/// each processor. A leak of 64 bytes in each of the cycles that `make stress` does is more.
const NOISE: u64 = 160;
/// The variable with the seconds for which the kernel keeps what was released; none if it is not set.
const AFTERLIFE: &str = "STRESS_AFTERLIFE";
/// A share of the cycles comes before the first measurement: what is made once is no leak.
const WARM_UP: u32 = 5;

/// Binds and unbinds, then starts and stops.
pub fn run(slot: &str, binds: u32, streams: u32) -> Result<(), String> {
    let camera = Camera::wait(slot)?;
    let bound = repeat("binds", binds, || {
        let camera = Camera::wait(slot)?;
        camera.unbind().map_err(|e| e.to_string())?;
        camera.bind().map_err(|e| e.to_string())
    });
    report::check("cycles: binds leave no memory behind", bound);

    let camera = Camera::wait(camera.slot())?;
    let open = Open::of(&camera).map_err(|e| e.to_string())?;
    open.set_up().map_err(|e| format!("setting up: {e}"))?;
    let streamed = repeat("stream cycles", streams, || {
        open.queue().map_err(|e| format!("queueing: {e}"))?;
        open.start().map_err(|e| format!("starting: {e}"))?;
        open.stop().map_err(|e| format!("stopping: {e}"))?;
        open.buffers(0).map_err(|e| format!("giving back: {e}"))
    });
    drop(open);
    report::check("cycles: streams leave no memory behind", streamed);
    report::check("cycles: a plain stream afterwards", stream::plain(&camera));
    Ok(())
}

/// Does something `count` times, tells how often it did, and compares the memory before and after.
fn repeat(
    name: &str,
    count: u32,
    mut cycle: impl FnMut() -> Result<(), String>,
) -> Result<(), String> {
    let mut before = 0;
    for number in 0..count {
        if number == count / WARM_UP {
            before = used()?;
        }
        if let Err(error) = cycle() {
            report::count(name, number.into());
            return Err(format!("cycle {number}: {error}"));
        }
    }
    report::count(name, count.into());
    let after = used()?;
    println!("kernel memory: {before} KiB before, {after} KiB after");
    if after > before + NOISE {
        return Err(format!("{} KiB are gone", after - before));
    }
    Ok(())
}

/// Memory that the kernel has for itself, in KiB.
fn used() -> Result<u64, String> {
    let afterlife = std::env::var(AFTERLIFE).map_or(Ok(0), |seconds| seconds.parse());
    thread::sleep(Duration::from_secs(
        afterlife.map_err(|e| format!("{AFTERLIFE}: {e}"))?,
    ));
    // Freed memory remains in KASAN's quarantine until its cache is shrunk.
    for cache in fs::read_dir("/sys/kernel/slab")
        .into_iter()
        .flatten()
        .flatten()
    {
        let _ = files::write(cache.path().join("shrink"), "1");
    }
    let of = |name: &str| {
        files::number("/proc/meminfo", name).ok_or(format!("/proc/meminfo has no {name}"))
    };
    Ok(of("SUnreclaim")? + of("KernelStack")? + of("VmallocUsed")? + of("Percpu")?)
}
