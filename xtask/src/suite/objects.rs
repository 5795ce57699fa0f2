// SPDX-License-Identifier: GPL-2.0-only

//! Checks of the built modules.

use super::tally::Tally;
use crate::object::{frames, needs, panics};
use crate::run::machine;
use crate::run::setup::Environment;
use anyhow::{Context, Result};

/// The modules, what Kconfig calls them, and whether dkms builds them.
const MODULES: [(&str, &str, bool); 2] = [
    ("fsm_imx412.ko", "VIDEO_FSM_IMX412", true),
    ("fsm_imx412_vboard.ko", "VIDEO_FSM_IMX412_VBOARD", false),
];

/// Judges the modules, as they are built for the virtual board's kernel.
///
/// # Errors
///
/// They cannot be built.
pub fn run(environment: &Environment, tally: &mut Tally) -> Result<()> {
    let repo = &environment.paths.repo;
    let symvers = environment.found.metadata.join("Module.symvers");
    let modules = machine::modules_of(environment)?;
    let built = |file: &str| {
        modules
            .iter()
            .find(|module| module.ends_with(file))
            .with_context(|| format!("the build left no {file}"))
    };
    let driver = built("fsm_imx412.ko")?;
    tally.judge(
        "the driver's module does not panic",
        panics::check(repo, driver),
    );
    tally.judge(
        "no function of the driver's module takes more than 1 KiB of the stack",
        frames::check(driver),
    );
    for (file, entry, dkms) in MODULES {
        tally.judge(
            &format!("{file}: Kconfig and dkms.conf name what it needs"),
            needs::check(repo, &symvers, built(file)?, entry, dkms),
        );
    }
    Ok(())
}
