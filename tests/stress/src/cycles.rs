// SPDX-License-Identifier: GPL-2.0-only

//! The same thing many times over, with the kernel's memory before and after.

mod kept;

use crate::camera::Camera;
use crate::report;
use crate::stream::{self, Open};
use crate::sys;
use kept::Kept;

/// A fifth of the cycles comes before the first measurement: memory that is taken once is no leak.
const WARM_UP: u32 = 5;
/// Cycles in which one more object counts as a leak.
const RARITY: u32 = 8;
/// Cycles that show that kept memory is found.
const PROOF: u32 = 80;

/// Binds and unbinds, then starts and stops.
pub fn run(slot: &str, binds: u32, streams: u32) -> Result<(), String> {
    let camera = Camera::wait(slot)?;
    let mut open = Vec::new();
    let seen = grown(PROOF, || {
        open.push(sys::open(&camera.sensor).map_err(|e| format!("opening: {e}"))?);
        Ok(())
    });
    drop(open);
    report::check(
        "cycles: memory of nodes that stay open is seen",
        seen.and_then(|grown| grown.first().map(|_| ()).ok_or("nothing".into())),
    );

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

/// Does something `count` times, reports the number, and fails if it leaves memory behind.
fn repeat(
    name: &str,
    count: u32,
    mut cycle: impl FnMut() -> Result<(), String>,
) -> Result<(), String> {
    let mut done = 0;
    let grown = grown(count, || {
        cycle().map_err(|error| format!("cycle {done}: {error}"))?;
        done += 1;
        Ok(())
    });
    report::count(name, done);
    match grown?[..] {
        [] => Ok(()),
        ref grown => Err(grown.join("\n")),
    }
}

/// Does something `count` times, and returns what the kernel keeps more of after each half of them.
fn grown(count: u32, mut cycle: impl FnMut() -> Result<(), String>) -> Result<Vec<String>, String> {
    let warm_up = count / WARM_UP;
    let half = (count - warm_up) / 2;

    (0..warm_up).try_for_each(|_| cycle())?;
    let start = Kept::now()?;
    (0..half).try_for_each(|_| cycle())?;
    let middle = Kept::now()?;
    (0..half).try_for_each(|_| cycle())?;
    let end = Kept::now()?;
    Ok(kept::grown(
        [&start, &middle, &end],
        (half / RARITY).max(1).into(),
    ))
}
