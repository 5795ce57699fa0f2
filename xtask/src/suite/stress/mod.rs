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
use crate::kernel::own::Own;
use crate::kernel::release::Series;
use crate::kernel::{modules, stress};
use crate::run::machine::{Machine, System};
use crate::run::setup::{self, Environment};
use anyhow::{ensure, Result};
use picture::scene;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

/// Time limit of a guest, which interprets a kernel that checks every access.
const LIMIT: Duration = Duration::from_secs(3600);
/// Time limit of each random ioctl, in addition to that.
const LIMIT_OF_A_CALL: Duration = Duration::from_millis(20);
/// Processors of the machines that the limits are made for.
const LANES: usize = 2;

const KUNIT: kunit::Place = kunit::Place {
    name: "stress-kunit",
    kernel: &stress::KERNEL,
    limit: LIMIT,
    pace: Pace::Host,
};

/// Guests whose threads race each other, which takes two processors.
const RACES: [&str; 3] = ["stress-random", "stress-races", "stress-late"];

const ONE: &str = "dts/qemu-virt-cam0-4lane.dtso";
const TWO: &str = "dts/qemu-virt-one-bus-4lane.dtso";
/// Two modules behind channels of a mux, an expander for each.
const MUX: &[&str] = &[
    "dts/qemu-virt-fpa-4a-agx-j5-4lane.dtso",
    "dts/qemu-virt-fpa-4a-agx-j6-4lane.dtso",
];
/// The same with lines that they share.
const SHARED_LINES: &[&str] = &[
    "dts/qemu-virt-fpa-4a-txa-j5-4lane.dtso",
    "dts/qemu-virt-fpa-4a-txa-j6-4lane.dtso",
];
const ALWAYS_ON: &str = "tests/guest/boards/always-on.dtso";

/// A guest: name, overlays, scripts.
type Guest = (&'static str, &'static [&'static str], &'static str);

const GUESTS: &[Guest] = &[
    ("stress-bind", &[ONE], "bind leaks"),
    ("stress-board", &[ONE], "board leaks"),
    ("stress-walk", &[ONE], "walk leaks"),
    ("stress-calls", &[ONE], "calls leaks"),
    ("stress-groups", &[TWO], "groups leaks"),
    ("stress-bus", &[ONE], "bus leaks"),
    (
        "stress-mux",
        MUX,
        "SLOT=j6 OPERATIONS=bind,cold-start,temperature wired leaks",
    ),
    (
        "stress-shared-lines",
        SHARED_LINES,
        "SLOT=j6 OPERATIONS=bind,cold-start,temperature wired leaks",
    ),
    (
        "stress-always-on",
        &[ALWAYS_ON],
        "SLOT=cam0 OPERATIONS=bind,warm-start,controls wired leaks",
    ),
    ("stress-random", &[ONE], "random leaks"),
    ("stress-races", &[ONE], "races leaks"),
    ("stress-cycles", &[ONE], "cycles leaks"),
    (
        "stress-e2e",
        &[ONE],
        "use-cam0 one-frame controls faults leaks",
    ),
    ("stress-e2e-one-bus", &[TWO], "broadcast leaks"),
];

/// Those on the kernel that releases objects of the driver core late: each within 4 s, then the one that it is part
/// of.
const LATE_GUESTS: &[Guest] = &[(
    "stress-late",
    &[ONE],
    "STRESS_AFTERLIFE=15 ROUNDS=40 BINDS=100 STREAMS=100 use-cam0 one-frame races cycles leaks",
)];

/// A guest's job.
enum Job {
    /// The KUnit suites.
    Kunit,
    /// Scripts on a virtual board.
    Scripts {
        kernel: &'static Own,
        overlays: Vec<PathBuf>,
        scripts: String,
    },
}

/// Runs it all, or the guests whose names are `wanted`; `calls` is how many random ioctls there are.
/// The last line counts the tests.
///
/// # Errors
///
/// There is no guest of a name. The kernel, the modules or the programs do not build.
pub fn run(paths: &Paths, series: Option<Series>, calls: u64, wanted: &[String]) -> Result<u8> {
    let environment = &setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    let jobs = jobs(paths, calls, wanted)?;
    tools::install(paths, stress::COMPILER)?;
    let mut systems = BTreeMap::new();
    for (_, job) in &jobs {
        if let Job::Scripts { kernel, .. } = job {
            if !systems.contains_key(kernel.product) {
                systems.insert(kernel.product, system(environment, kernel)?);
            }
        }
    }
    let limit = LIMIT + LIMIT_OF_A_CALL.saturating_mul(u32::try_from(calls).unwrap_or(u32::MAX));
    let next = AtomicUsize::new(0);
    let lane = || {
        let mut tally = Tally::default();
        while let Some((name, job)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let ran = match job {
                Job::Kunit => kunit::run(environment, &KUNIT, &mut tally),
                Job::Scripts {
                    kernel,
                    overlays,
                    scripts,
                } => {
                    let mut system = systems[kernel.product].clone();
                    if RACES.contains(&name.as_str()) {
                        system.pace = Pace::Host;
                    }
                    Machine::running(system, environment, overlays).and_then(|machine| {
                        let scene = scene::scene(None)?;
                        let place = (name.as_str(), limit);
                        e2e::guest(environment, &machine, place, scripts, &scene, &mut tally)
                    })
                }
            };
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
    let mut tally = Tally::default();
    for lane in tallies {
        tally.merge(lane.map_err(|_| anyhow::anyhow!("a lane of guests panicked"))?);
    }
    print(tally.table().trim_end());
    tally.report();
    print(&tally.to_string());
    Ok(u8::from(!tally.is_good()))
}

/// Returns the guests of these names, all if none is named.
fn jobs(paths: &Paths, calls: u64, wanted: &[String]) -> Result<Vec<(String, Job)>> {
    let mut jobs = vec![(KUNIT.name.to_owned(), Job::Kunit)];
    let late = LATE_GUESTS.iter().map(|guest| (&stress::LATE, guest));
    let all = GUESTS
        .iter()
        .map(|guest| (&stress::KERNEL, guest))
        .chain(late);
    for (kernel, (name, overlays, scripts)) in all {
        let job = Job::Scripts {
            kernel,
            overlays: overlays.iter().map(PathBuf::from).collect(),
            scripts: format!("CALLS={calls} {scripts}"),
        };
        jobs.push(((*name).to_owned(), job));
    }
    for (number, text) in trees::overlays().iter().enumerate() {
        let name = format!("stress-trees-{}", number + 1);
        let file = paths.build(&format!("stress/{name}.dtso"))?;
        fs::write(&file, text)?;
        let job = Job::Scripts {
            kernel: &stress::KERNEL,
            overlays: vec![file],
            scripts: "trees leaks".to_owned(),
        };
        jobs.push((name, job));
    }
    for name in wanted {
        let names = || jobs.iter().map(|(name, _)| name.as_str());
        ensure!(
            names().any(|known| known == name),
            "there is no guest {name}, but {}",
            names().collect::<Vec<_>>().join(", ")
        );
    }
    jobs.retain(|(name, _)| wanted.is_empty() || wanted.contains(name));
    Ok(jobs)
}

/// Returns a sanitizer kernel, with modules built for it and the program that drives them.
///
/// # Errors
///
/// One of them does not build.
pub fn system(environment: &Environment, kernel: &Own) -> Result<System> {
    let Environment { paths, tree, found } = environment;
    tools::install(paths, stress::COMPILER)?;
    let folder = kernel.build(environment)?;
    let release = fs::read_to_string(folder.join("include/config/kernel.release"))?;
    let build = |name: &str, source: &Path| {
        let against = modules::Against {
            kernel: &folder,
            target: kernel.target,
        };
        let name = format!("{}-{name}-{}", kernel.product, found.release.series);
        modules::build_from(paths, tree, &against, (&name, source), &[])
    };
    let mut modules = build("modules", &paths.repo)?;
    // It would load by itself, as it is for the same devices.
    modules.retain(|file| !file.ends_with(kunit::MODULE));
    modules.extend(build(
        "injectable",
        &paths.repo.join("tests/stress/injectable"),
    )?);
    Ok(System {
        kernel: folder.join("arch/arm64/boot/Image"),
        release: release.trim().to_owned(),
        archives: vec![found.userland.clone()],
        modules,
        programs: vec![program::build(paths, tree)?],
        pace: Pace::Instructions,
        disk: None,
    })
}
