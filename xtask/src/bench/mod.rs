// SPDX-License-Identifier: GPL-2.0-only

//! `make bench`: the driver beside mainline's, on one virtual board in one guest.
//!
//! QEMU counts instructions, so that figures depend on no machine: docs/performance.md says how to read
//! them.

mod aims;
pub mod docs;
mod figures;
mod peers;
mod size;

use crate::env::paths::Paths;
use crate::env::progress::{print, Progress};
use crate::guest::program;
use crate::kernel::release::Series;
use crate::run::machine::{Job, Machine, System, OVERLAY};
use crate::run::setup::{self, Environment};
use anyhow::{ensure, Result};
use figures::Figures;
use picture::scene;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// Time limit of a guest that counts instructions.
const LIMIT: Duration = Duration::from_secs(900);
/// The guest with four sensors that change together.
const GROUP: &str = "tests/guest/boards/one-bus-four.dtso";

/// The driver measured, and mainline's.
pub const OURS: &str = "fsm_imx412";
pub const PEER: &str = "imx412";
/// The virtual camera, and the kernel's.
pub const BOARD: &str = "fsm_imx412_vboard";
pub const VIVID: &str = "vivid";

/// Guests: name, board, and what they run.
const GUESTS: &[(&str, &str, &str)] = &[
    ("bench-drivers", OVERLAY, "exec sh /guest/bench/run.sh\n"),
    (
        "bench-group",
        GROUP,
        "exec imx412-stress bench-group cam0,cam1,cam2,cam3\n",
    ),
    (
        "bench-frames",
        OVERLAY,
        "modprobe vivid node_types=1 && exec imx412-stress bench-frames cam0\n",
    ),
];

/// Measures, prints the figures and how they differ from the last ones, and leaves them in
/// `build/bench/figures.json`.
///
/// # Errors
///
/// Something does not build, or a guest cannot measure.
pub fn run(paths: &Paths, series: Option<Series>) -> Result<u8> {
    let environment = setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    let peers = peers::build(&environment)?;
    let mut system = System::debian(&environment)?;
    let ours = system.modules.clone();
    system
        .programs
        .push(program::build(paths, &environment.tree)?);
    system.modules.extend(peers::of_debian(&environment)?);
    system.modules.extend(
        peers
            .iter()
            .filter(|file| file.ends_with("imx412.ko"))
            .cloned(),
    );

    let mut figures = Figures {
        kernel: environment.found.release.name.clone(),
        ..Figures::default()
    };
    for module in ours.iter().chain(&peers) {
        figures.add_size(module)?;
    }
    for job in GUESTS {
        guest(&environment, &system, job, &mut figures)?;
    }

    let folder = paths.empty_build_dir("bench")?;
    fs::write(folder.join("figures.json"), figures.json()?)?;
    print(&figures.table(&aims::table(&figures)));
    let worse = docs::worse(paths, &figures)?;
    print(&worse);
    Ok(0)
}

fn guest(
    environment: &Environment,
    system: &System,
    &(name, overlay, script): &(&str, &str, &str),
    figures: &mut Figures,
) -> Result<()> {
    let machine = Machine::running(system.clone(), environment, &[PathBuf::from(overlay)])?;
    let job = Job {
        name: name.to_owned(),
        script: Some(script.as_bytes().to_vec()),
        scene: Some(scene::scene(None)?),
        share: environment.paths.empty_build_dir(name)?,
        limit: LIMIT,
    };
    let progress = Progress::start(&format!("{name} in QEMU"), 0);
    let mut driver = OURS.to_owned();
    let mut broken = Ok(());
    let status = machine.run(&job, |line| {
        progress.advance(line);
        if let Some(name) = line.strip_prefix("driver ") {
            driver = name.to_owned();
        } else if let Some(figure) = line.strip_prefix("bench ") {
            let added = figures.add(&driver, figure);
            if broken.is_ok() {
                broken = added;
            }
        }
    })?;
    progress.finish();
    broken?;
    ensure!(
        status == 0,
        "the guest {name} could not measure: see build/logs/{name}-output.log"
    );
    Ok(())
}
