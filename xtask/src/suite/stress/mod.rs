// SPDX-License-Identifier: GPL-2.0-only

//! `make stress`: tries to break the modules on a kernel with sanitizers and failures on request.
//! docs/reliability.md says what is tried, and how to read a failure.

mod trees;

use super::e2e;
use super::kunit;
use super::tally::Tally;
use crate::env::paths::Paths;
use crate::env::progress::print;
use crate::env::tools;
use crate::guest::program;
use crate::guest::qemu::Pace;
use crate::kernel::release::Series;
use crate::kernel::{modules, stress};
use crate::picture::scene;
use crate::run::board::{Board, System};
use crate::run::setup::{self, Environment};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

/// What a guest may take: it interprets a kernel that checks every access.
const LIMIT: Duration = Duration::from_secs(3600);
/// Processors of the machines that the limits are made for.
const LANES: usize = 2;

const KUNIT: kunit::Place = kunit::Place {
    name: "stress-kunit",
    kernel: &stress::KERNEL,
    limit: LIMIT,
};

const ONE: &str = "dts/qemu-virt-cam0-4lane.dtso";
const TWO: &str = "dts/qemu-virt-one-bus-4lane.dtso";

/// The guests: name, overlays, scripts.
const GUESTS: &[(&str, &[&str], &str)] = &[
    ("stress-walk", &[ONE], "walk leaks"),
    ("stress-calls", &[ONE], "calls leaks"),
    ("stress-groups", &[TWO], "groups leaks"),
    ("stress-bus", &[ONE], "bus leaks"),
    ("stress-random", &[ONE], "random leaks"),
    ("stress-races", &[ONE], "races leaks"),
    ("stress-cycles", &[ONE], "cycles leaks"),
    ("stress-e2e", &[ONE], "one-frame controls faults leaks"),
    ("stress-e2e-one-bus", &[TWO], "one-bus broadcast leaks"),
];

/// Runs it all, or the guests whose names are `wanted`; `calls` is how many random ioctls there are.
/// The last line counts the tests.
///
/// # Errors
///
/// The kernel, the modules or the programs do not build.
pub fn run(paths: &Paths, series: Option<Series>, calls: u64, wanted: &[String]) -> Result<u8> {
    let environment = &setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    tools::install(paths, stress::COMPILER, "usr/bin/clang-19")?;
    let mut tally = Tally::default();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    if is_wanted("stress-kunit") {
        let ran = kunit::run(environment, &KUNIT, &mut tally);
        if let Err(error) = ran {
            tally.fail("KUnit could not run", &format!("{error:#}"));
        }
    }

    let system = system(environment)?;
    let mut guests: Vec<(String, Vec<PathBuf>, String)> = GUESTS
        .iter()
        .map(|(name, overlays, scripts)| {
            let overlays = overlays.iter().map(PathBuf::from).collect();
            let scripts = format!("CALLS={calls} {scripts}");
            ((*name).to_owned(), overlays, scripts)
        })
        .collect();
    for (number, text) in trees::overlays().iter().enumerate() {
        let name = format!("stress-trees-{}", number + 1);
        let file = paths.build(&format!("stress/{name}.dtso"))?;
        fs::write(&file, text)?;
        guests.push((name, vec![file], "trees leaks".into()));
    }
    guests.retain(|(name, ..)| is_wanted(name));

    let next = AtomicUsize::new(0);
    let lane = || {
        let mut tally = Tally::default();
        while let Some((name, overlays, scripts)) = guests.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let ran = guest(environment, &system, (name, overlays, scripts), &mut tally);
            if let Err(error) = ran {
                tally.fail(&format!("{name}: the guest ran"), &format!("{error:#}"));
            }
        }
        tally
    };
    let tallies = thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
        lanes
            .into_iter()
            .map(ScopedJoinHandle::join)
            .collect::<Vec<_>>()
    });
    for lane in tallies {
        tally.merge(lane.map_err(|_| anyhow::anyhow!("a lane of guests panicked"))?);
    }
    print(tally.table().trim_end());
    tally.report();
    print(&tally.to_string());
    Ok(u8::from(!tally.is_good()))
}

fn guest(
    environment: &Environment,
    system: &System,
    (name, overlays, scripts): (&str, &[PathBuf], &str),
    tally: &mut Tally,
) -> Result<()> {
    let board = Board::running(system.clone(), environment, overlays)?;
    let scene = scene::scene(None)?;
    e2e::guest(environment, &board, (name, LIMIT), scripts, &scene, tally)
}

/// The sanitizer kernel, with modules built for it and the program that drives them.
///
/// # Errors
///
/// One of them does not build.
pub fn system(environment: &Environment) -> Result<System> {
    let Environment { paths, tree, found } = environment;
    tools::install(paths, stress::COMPILER, "usr/bin/clang-19")?;
    let kernel = stress::KERNEL.build(environment)?;
    let release = fs::read_to_string(kernel.join("include/config/kernel.release"))?;
    let build = |name: &str, source: &Path| {
        let against = modules::Against {
            kernel: &kernel,
            target: stress::KERNEL.target,
        };
        let name = format!("{name}-{}", found.release.series);
        modules::build_from(paths, tree, &against, (&name, source), &[])
    };
    let mut modules = build("stress-modules", &paths.repo)?;
    // It would load by itself, as it is for the same devices.
    modules.retain(|file| !file.ends_with(kunit::MODULE));
    modules.extend(build(
        "stress-injectable",
        &paths.repo.join("tests/stress/injectable"),
    )?);
    Ok(System {
        kernel: kernel.join("arch/arm64/boot/Image"),
        release: release.trim().to_owned(),
        archives: vec![found.userland.clone()],
        modules,
        programs: vec![program::build(paths, tree)?],
        pace: Pace::Host,
        disk: None,
    })
}
