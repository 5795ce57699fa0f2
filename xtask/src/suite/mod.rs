// SPDX-License-Identifier: GPL-2.0-only

//! `make test`: every kind of test, counted together.

#[cfg(test)]
mod agreement;
mod browser;
mod check;
mod e2e;
mod files;
mod host;
mod install;
mod ktap;
mod kunit;
mod live;
mod objects;
mod overlays;
mod pattern;
pub mod pictures;
mod queue;
mod readout;
mod receivers;
mod series;
pub mod stress;
mod tally;

use crate::env::paths::Paths;
use crate::env::progress::print;
use crate::kernel::release::Series;
use crate::run::setup::{self, Environment};
use crate::run::times;
use anyhow::{anyhow, Result};
use clap::ValueEnum;
use queue::Queue;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};
use tally::Tally;

/// A kind of test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Suite {
    /// The sensor as pure Rust, the emulated sensor, xtask: cargo test
    Host,
    /// Formatting, lints, warnings
    Check,
    /// Overlays for boards, in the kernel's device trees
    Overlays,
    /// KUnit in a guest with a kernel of our own configuration
    Kunit,
    /// The modules on Debian's kernel, driven from user space
    E2e,
    /// fsm-camera's web page, in a browser
    Live,
    /// The modules on the other series of kernels that they are for
    Series,
    /// Installation on boards: dkms, modules that Debian's kernel lacks
    Install,
    /// libcamera, GStreamer, OpenCV and Python on top of it, as Debian ships them
    Pictures,
    /// Receivers' drivers without frames, on stub clocks and power domains
    Receivers,
}

/// Suites that run in parallel: a guest keeps one processor busy, so builds and another guest have
/// the second. Who is done with the rest takes end-to-end guests from the other.
const LANES: [&[Suite]; 2] = [
    &[
        Suite::Host,
        Suite::Check,
        Suite::Overlays,
        Suite::Kunit,
        Suite::Install,
        Suite::Receivers,
        Suite::Series,
        Suite::Live,
        Suite::E2e,
        Suite::Pictures,
    ],
    &[Suite::Pictures, Suite::E2e],
];

/// Guests that the lanes take from each other.
struct Queues {
    e2e: Queue<e2e::Guest>,
    pictures: Queue<pictures::Guest>,
}

/// Runs the named kinds, all if none is named, and of their guests only `guest` if that is
/// given. The last line counts the tests.
///
/// # Errors
///
/// The environment cannot be prepared. A test that cannot be run counts as failed instead.
pub fn run(
    paths: &Paths,
    series: Option<Series>,
    wanted: &[Suite],
    guest: Option<&str>,
) -> Result<u8> {
    let start = Instant::now();
    let target = target(wanted, guest);
    let wanted = if wanted.is_empty() {
        Suite::value_variants()
    } else {
        wanted
    };
    let environment = match wanted {
        [Suite::Host] => None,
        _ => Some(setup::environment(paths, series)?),
    };
    let _lock = paths.lock_build()?;
    let lanes = LANES.map(|lane| lane.iter().copied().filter(|suite| wanted.contains(suite)));
    let (of_pictures, of_e2e) = match guest {
        Some(name) if pictures::is_guest(name) => (guest, None),
        _ => (None, guest),
    };
    let queues = Queues {
        e2e: e2e::queue(of_e2e)?,
        pictures: pictures::queue(of_pictures),
    };
    let tallies = thread::scope(|scope| {
        let running =
            lanes.map(|lane| scope.spawn(|| run_lane(paths, environment.as_ref(), lane, &queues)));
        running.map(ScopedJoinHandle::join)
    });
    let mut total = Tally::default();
    for tally in tallies {
        total.merge(tally.map_err(|_| anyhow!("a lane of tests panicked"))?);
    }
    print(&format!("\n{}", times::table(total.stages())));
    if let (Some(target), true) = (target, total.is_good()) {
        times::keep(paths, target, start.elapsed(), total.stages())?;
    }
    total.report();
    print(&total.to_string());
    Ok(u8::from(!total.is_good()))
}

/// Returns the target of the Makefile that runs these tests, if its times are kept.
fn target(wanted: &[Suite], guest: Option<&str>) -> Option<&'static str> {
    match (wanted, guest) {
        ([], None) => Some("make test"),
        ([Suite::Host, Suite::Check, Suite::E2e], Some(_)) => Some("make test-quick"),
        _ => None,
    }
}

fn run_lane(
    paths: &Paths,
    environment: Option<&Environment>,
    lane: impl Iterator<Item = Suite>,
    queues: &Queues,
) -> Tally {
    let mut tally = Tally::default();
    for suite in lane {
        let (start, noted) = (Instant::now(), tally.stages().len());
        let result = match (suite, environment) {
            (Suite::Check, Some(environment)) => check::run(environment, &mut tally),
            (Suite::Overlays, Some(environment)) => overlays::run(environment, &mut tally),
            (Suite::Kunit, Some(environment)) => kunit::run(environment, &kunit::SMALL, &mut tally),
            (Suite::E2e, Some(environment)) => e2e::run(environment, &queues.e2e, &mut tally),
            (Suite::Pictures, Some(environment)) => {
                pictures::run(environment, &queues.pictures, &mut tally)
            }
            (Suite::Live, Some(environment)) => live::run(environment, &mut tally),
            (Suite::Series, Some(environment)) => series::run(environment, &mut tally),
            (Suite::Install, Some(environment)) => install::run(environment, &mut tally),
            (Suite::Receivers, Some(environment)) => receivers::run(environment, &mut tally),
            _ => host::run(paths, &mut tally),
        };
        if let Err(error) = result {
            tally.fail(&format!("{suite:?} could not run"), &format!("{error:#}"));
        }
        // Guests that were noted on their own are no part of it.
        let guests: Duration = tally.stages()[noted..].iter().map(|(_, took)| *took).sum();
        let name = suite
            .to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned());
        tally.took(&name, start.elapsed().saturating_sub(guests));
    }
    tally
}
