// SPDX-License-Identifier: GPL-2.0-only

//! Boards that are not here. Receivers of SoCs for which nothing plays the hardware: their drivers bind
//! the sensor, build the graph, agree on formats, and start and stop the sensor, on stub clocks and power
//! domains. No frames come. The drivers are Debian's, or what boards build because Debian does not. Then
//! one of the latter with frames, as the virtual board plays its hardware, and the cameras of device trees that
//! Debian ships, as they are described there, on virtual boards.

use super::e2e;
use super::tally::Tally;
use crate::guest::{camera, kmod};
use crate::kernel::{board_modules, modules, TARGET};
use crate::overlays::shipped;
use crate::run::machine::{Machine, System};
use crate::run::setup::Environment;
use anyhow::{Context, Result};
use picture::scene;
use std::fs;
use std::path::PathBuf;

/// Four cameras and four receivers.
const OVERLAY: &str = "tests/guest/boards/receivers.dtso";
/// Their drivers in Debian's kernel.
const DEBIAN: [&str; 2] = ["qcom-camss", "rockchip-isp1"];
/// Boards whose modules have the others.
const BOARDS: [&str; 2] = ["raspberry-pi-4", "jetson-nano"];
/// The first of these boards' receiver, which the virtual board plays.
const UNICAM: &str = "tests/guest/boards/unicam.dtso";
/// Clocks, power domains and the like.
const STUBS: &str = "tests/receivers/stubs";

/// Runs the guests.
///
/// # Errors
///
/// A module does not build, Debian's trees cannot be read, or the scene cannot be made.
pub fn run(environment: &Environment, tally: &mut Tally) -> Result<()> {
    let mut system = System::debian(environment)?;
    let camera = camera::build(&environment.paths, &environment.tree)?;
    system.programs.push(camera);
    let machine = Machine::running(system.clone(), environment, &[OVERLAY])?;
    let modules = [machine.modules(), &modules(environment)?[..]].concat();
    guest(
        environment,
        &machine.with_modules(modules),
        "receivers",
        "receivers",
        tally,
    )?;

    let machine = Machine::running(system, environment, &[UNICAM])?;
    let modules = [
        machine.modules(),
        &board_modules_of(environment, BOARDS[0])?[..],
    ]
    .concat();
    guest(
        environment,
        &machine.with_modules(modules),
        "unicam",
        "soc-unicam camera-check",
        tally,
    )?;

    let overlay = environment.paths.build("shipped/shipped.dtso")?;
    let trees = environment.found.binaries.join("dtb");
    fs::write(&overlay, shipped::overlay(&trees)?)?;
    let machine = Machine::with_overlays(environment, &[overlay])?;
    guest(environment, &machine, "shipped", "shipped", tally)
}

/// Boots a guest that runs these scripts.
fn guest(
    environment: &Environment,
    machine: &Machine<'_>,
    name: &str,
    scripts: &str,
    tally: &mut Tally,
) -> Result<()> {
    let scene = scene::scene(None)?;
    let ran = e2e::guest(
        environment,
        machine,
        (name, e2e::LIMIT),
        scripts,
        &scene,
        tally,
    );
    if let Err(error) = ran {
        tally.fail(
            &format!("{name}: the guest ran its scripts"),
            &format!("{error:#}"),
        );
    }
    Ok(())
}

fn modules(environment: &Environment) -> Result<Vec<PathBuf>> {
    let Environment { paths, tree, found } = environment;
    let folder = paths.empty_build_dir("receivers-modules")?;
    let mut modules = kmod::unpack(&found.binaries, &DEBIAN, &folder)?;
    for board in BOARDS {
        modules.extend(board_modules_of(environment, board)?);
    }
    let against = modules::Against {
        kernel: &found.metadata,
        target: &TARGET,
    };
    let source = paths.repo.join(STUBS);
    modules.extend(modules::build_from(
        paths,
        tree,
        &against,
        ("receivers-stubs", &source),
        &[],
    )?);
    Ok(modules)
}

/// Builds the modules that Debian's kernel lacks for a board.
fn board_modules_of(environment: &Environment, board: &str) -> Result<Vec<PathBuf>> {
    let mut modules = Vec::new();
    for entry in board_modules::build(environment, board)?
        .read_dir()
        .context("the board's modules are not there")?
    {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "ko") {
            modules.push(path);
        }
    }
    Ok(modules)
}
