// SPDX-License-Identifier: GPL-2.0-only

//! The other series of Debian's kernels that the modules are for: they build there, and drive the
//! camera.

use super::e2e;
use super::tally::Tally;
use crate::env::progress::print;
use crate::kernel::modules;
use crate::kernel::release::{Absent, TESTED};
use crate::run::machine::Machine;
use crate::run::setup::{self, Environment};
use anyhow::Result;
use picture::scene;

/// The board, of which there is a list of frames.
const OVERLAY: &str = "dts/qemu-virt-cam0-2lane-27mhz.dtso";
/// Frames by the pixel, control changes in one frame, and coming and going.
const SCRIPTS: &str = "frames-2lane-27mhz one-frame lifecycle";

/// Runs a short guest on each.
///
/// # Errors
///
/// The scene cannot be made.
pub fn run(environment: &Environment, tally: &mut Tally) -> Result<()> {
    let own = environment.found.release.series;
    let scene = scene::scene(None)?;
    for series in TESTED.into_iter().filter(|series| *series != own) {
        let other = match setup::environment(&environment.paths, Some(series)) {
            Ok(other) => other,
            // Series leave the archive; that is no fault of the modules.
            Err(error) if error.is::<Absent>() => {
                print(&format!("not tested on Linux {series}: {error}"));
                continue;
            }
            Err(error) => return Err(error),
        };
        tally.judge(
            &format!("modules for Linux {series} build without a warning, clippy included"),
            modules::build(&other, &other.found.metadata, "clippy", &modules::STRICT),
        );
        let name = format!("e2e-{series}");
        let ran = Machine::with_overlays(&other, &[OVERLAY]).and_then(|machine| {
            e2e::guest(
                &other,
                &machine,
                (&name, e2e::LIMIT),
                SCRIPTS,
                &scene,
                tally,
            )
        });
        if let Err(error) = ran {
            tally.fail(
                &format!("{name}: the guest ran its scripts"),
                &format!("{error:#}"),
            );
        }
    }
    Ok(())
}
