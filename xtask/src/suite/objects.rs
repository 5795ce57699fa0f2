// SPDX-License-Identifier: GPL-2.0-only

//! What can be told from the built modules.

use super::tally::Tally;
use crate::object::{frames, panics};
use crate::run::board;
use crate::run::setup::Environment;
use anyhow::{Context, Result};
use std::path::PathBuf;

/// Judges the driver's module.
///
/// # Errors
///
/// The modules cannot be built.
pub fn run(environment: &Environment, tally: &mut Tally) -> Result<()> {
    let driver = driver(environment)?;
    tally.judge(
        "the driver's module does not panic",
        panics::check(&environment.paths.repo, &driver),
    );
    tally.judge(
        "no function of the driver's module takes more than 1 KiB of the stack, but for those listed",
        frames::check(&environment.paths.repo, &driver),
    );
    Ok(())
}

fn driver(environment: &Environment) -> Result<PathBuf> {
    board::modules_of(environment)?
        .into_iter()
        .find(|module| module.ends_with("fsm_imx412.ko"))
        .context("the build left no fsm_imx412.ko")
}
