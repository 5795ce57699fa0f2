// SPDX-License-Identifier: GPL-2.0-only

//! An image that libcamera has processed, beside the raw frames. It comes from a guest of its own:
//! the applications are on a disk, which exists only after it was requested once.

use super::sheet::{self, Cell};
use crate::guest::applications;
use crate::run::machine::{Job, Machine, System, WITH_APPLICATIONS};
use crate::run::setup::Environment;
use anyhow::{bail, Result};
use picture::file;
use std::path::Path;

/// The script that the guest runs.
const SCRIPT: &str = ". /guest/demo/processed.sh\n";
const NAME: &str = "libcamera";

/// Takes the image, into `folder`. None if there are no applications.
///
/// # Errors
///
/// The guest fails.
pub fn take(environment: &Environment, scene: &[u8], folder: &Path) -> Result<Option<Cell>> {
    let paths = &environment.paths;
    let Some(disk) = applications::find(paths) else {
        return Ok(None);
    };
    let system = System {
        disk: Some(disk),
        ..System::debian(environment)?
    };
    let share = paths.empty_build_dir("demo-libcamera")?;
    let job = Job {
        name: "demo-libcamera".into(),
        script: Some(SCRIPT.into()),
        scene: Some(scene.to_vec()),
        share: share.clone(),
        limit: super::LIMIT,
    };
    let machine = Machine::running(system, environment, &[WITH_APPLICATIONS])?;
    let mut last = String::new();
    let status = machine.run(&job, |line| line.clone_into(&mut last))?;
    if status != 0 {
        bail!("libcamera took no picture in the guest: {last}");
    }
    let picture = file::load(&share.join("processed.ppm"))?;
    file::save(&picture, &folder.join(format!("{NAME}.png")))?;
    Ok(Some(Cell {
        name: NAME.to_owned(),
        caption: format!(
            "{}x{}  processed: exposure, white balance, gamma",
            picture.width(),
            picture.height()
        ),
        thumbnail: sheet::thumbnail(&picture),
    }))
}
