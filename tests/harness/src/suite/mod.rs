// SPDX-License-Identifier: GPL-2.0-only

//! `make test`: every kind of test, counted together.

mod check;
mod e2e;
mod host;
mod kunit;
mod pattern;
mod tally;

use crate::env::paths::Paths;
use crate::env::progress::print;
use crate::run::setup::{self, Environment};
use anyhow::Result;
use clap::ValueEnum;
use tally::Tally;

/// A kind of test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Suite {
    /// The sensor as pure Rust, the emulated sensor, the harness: cargo test
    Host,
    /// Formatting, lints, warnings
    Check,
    /// KUnit in a guest with a kernel of our own configuration
    Kunit,
    /// The modules on Debian's kernel, driven from user space
    E2e,
}

/// Runs the named kinds, all if none is named. The last line counts the tests.
///
/// # Errors
///
/// The environment cannot be prepared. A test that cannot be run counts as failed instead.
pub fn run(paths: &Paths, suites: &[Suite]) -> Result<u8> {
    let suites = if suites.is_empty() {
        Suite::value_variants()
    } else {
        suites
    };
    let mut tally = Tally::default();
    let mut environment: Option<Environment> = None;
    let _lock = paths.lock_build()?;
    for suite in suites {
        // The quick ones first: they tell the most about a change while the rest is prepared.
        if *suite != Suite::Host && environment.is_none() {
            environment = Some(setup::environment(paths)?);
        }
        let result = match (suite, &environment) {
            (Suite::Check, Some(environment)) => check::run(environment, &mut tally),
            (Suite::Kunit, Some(environment)) => kunit::run(environment, &mut tally),
            (Suite::E2e, Some(environment)) => e2e::run(environment, &mut tally),
            _ => host::run(paths, &mut tally),
        };
        if let Err(error) = result {
            tally.fail(&format!("{suite:?} could not run"), &format!("{error:#}"));
        }
    }
    tally.report();
    print(&tally.to_string());
    Ok(u8::from(!tally.is_good()))
}
