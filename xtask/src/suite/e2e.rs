// SPDX-License-Identifier: GPL-2.0-only

//! End to end: the modules on Debian's kernel, driven from user space by the scripts in
//! tests/guest/e2e, whose results are KTAP. A diagnostic "captured NAME" before a result says that it
//! is the host's to give: the guest could take the frame, and what is in it has to be judged.

use super::files;
use super::ktap::{Ktap, Line};
use super::pattern;
use super::queue::Queue;
use super::readout::Readout;
use super::tally::Tally;
use crate::capture::Capture;
use crate::env::paths;
use crate::env::progress::Progress;
use crate::guest::qemu::Pace;
use crate::guest::{camera, program};
use crate::run::kernel_log;
use crate::run::machine::{Job, Machine, System};
use crate::run::setup::Environment;
use anyhow::{ensure, Context, Result};
use picture::scene;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Time limit of a guest.
pub const LIMIT: Duration = Duration::from_secs(900);
/// Tolerated deviation of a measured rate from the promised one.
const RATE_TOLERANCE: f64 = 0.001;
/// The guest that takes two processors: threads race each other, or share the rows of frames.
const RACES: &str = "e2e-stress";

/// A guest: its name, its overlays, and its scripts in `tests/guest/e2e`.
pub type Guest = (&'static str, &'static str, &'static str);

/// The guests: overlays, and the scripts that run on them.
const GUESTS: &[Guest] = &[
    (
        "e2e",
        "dts/qemu-virt-cam0-4lane.dtso",
        "presets geometry compliance frames controls one-frame faults lifecycle",
    ),
    ("e2e-stress", "dts/qemu-virt-cam0-4lane.dtso", "rows short"),
    (
        "e2e-camera",
        "dts/qemu-virt-cam0-4lane.dtso",
        "camera-capture camera-use camera-check camera-faults",
    ),
    (
        "e2e-applications",
        "dts/qemu-virt-cam0-applications.dtso",
        "camera-check",
    ),
    (
        "e2e-2lane",
        "dts/qemu-virt-cam0-2lane.dtso",
        "frames-2lane camera-check",
    ),
    (
        "e2e-27mhz",
        "dts/qemu-virt-cam0-4lane-27mhz.dtso",
        "frames-27mhz camera-check camera-clock",
    ),
    (
        "e2e-2lane-27mhz",
        "dts/qemu-virt-cam0-2lane-27mhz.dtso",
        "frames-2lane-27mhz camera-check",
    ),
    (
        "e2e-one-bus",
        "dts/qemu-virt-one-bus-4lane.dtso",
        "one-bus broadcast camera-check",
    ),
    (
        "e2e-imx477",
        "tests/guest/boards/imx477.dtso",
        "SENSOR=imx477 family frames-imx477 PRESETS=2028x1520 compliance camera-check",
    ),
    (
        "e2e-imx378",
        "tests/guest/boards/imx378.dtso",
        "SENSOR=imx378 family frames-imx378 PRESETS=1920x1080 compliance camera-check",
    ),
    (
        "e2e-xvs",
        "dts/qemu-virt-cam0-cam1-xvs.dtso",
        "in-step camera-check",
    ),
    (
        "e2e-fpa-2a-96b",
        "dts/qemu-virt-fpa-2a-96b-j3-4lane.dtso",
        "frames-96b camera-check",
    ),
    (
        "e2e-fpa-4a-agx",
        "dts/qemu-virt-fpa-4a-agx-j5-4lane.dtso dts/qemu-virt-fpa-4a-agx-j6-4lane.dtso \
         dts/qemu-virt-fpa-4a-agx-j7-4lane.dtso dts/qemu-virt-fpa-4a-agx-j8-4lane.dtso",
        "fpa-4a fpa-4a-agx camera-check",
    ),
    (
        "e2e-fpa-4a-txa",
        "dts/qemu-virt-fpa-4a-txa-j5-4lane.dtso dts/qemu-virt-fpa-4a-txa-j6-4lane.dtso",
        "fpa-4a fpa-4a-txa camera-check",
    ),
    (
        "e2e-imx8mm",
        "tests/guest/boards/imx8mm.dtso",
        "soc-imx8mm camera-check",
    ),
    (
        "e2e-rp1-cfe",
        "tests/guest/boards/imx577-rp1-cfe.dtso",
        "soc-rp1-cfe camera-check",
    ),
];

/// Returns the queue of all guests, or of the one of this name.
///
/// # Errors
///
/// There is no guest of this name.
pub fn queue(name: Option<&str>) -> Result<Queue<Guest>> {
    let Some(name) = name else {
        return Ok(Queue::new(GUESTS));
    };
    let at = GUESTS.iter().position(|(guest, ..)| *guest == name);
    let at = at.with_context(|| {
        let names: Vec<_> = GUESTS.iter().map(|(guest, ..)| *guest).collect();
        format!("there is no guest {name}, but {}", names.join(", "))
    })?;
    Ok(Queue::new(&GUESTS[at..=at]))
}

/// Runs the scripts of all guests that were not taken yet, and counts their tests.
///
/// # Errors
///
/// The scene cannot be made.
pub fn run(environment: &Environment, guests: &Queue<Guest>, tally: &mut Tally) -> Result<()> {
    let scene = scene::scene(None)?;
    let mut system = System::debian(environment)?;
    let (paths, tree) = (&environment.paths, &environment.tree);
    system.programs.push(program::build(paths, tree)?);
    system.programs.push(camera::build(paths, tree)?);
    while let Some(&(name, overlays, scripts)) = guests.take() {
        let overlays: Vec<&str> = overlays.split(' ').collect();
        let mut system = system.clone();
        if name == RACES {
            system.pace = Pace::Host;
        }
        let ran = Machine::running(system, environment, &overlays).and_then(|machine| {
            guest(environment, &machine, (name, LIMIT), scripts, &scene, tally)
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

/// Boots one guest, which may take as long as it is allowed to, and counts what its scripts report.
///
/// # Errors
///
/// The guest dies, or a script does not run to its end.
pub fn guest(
    environment: &Environment,
    machine: &Machine<'_>,
    (name, limit): (&str, Duration),
    scripts: &str,
    scene: &[u8],
    tally: &mut Tally,
) -> Result<()> {
    let paths = &environment.paths;
    let share = paths.empty_build_dir(name)?;
    let job = Job {
        name: name.to_owned(),
        script: Some(format!("exec sh /guest/e2e/run.sh {scripts}\n").into_bytes()),
        scene: Some(scene.to_vec()),
        share: share.clone(),
        limit,
    };
    let progress = Progress::start(&format!("{name} in QEMU"), 0);
    let mut results = Results::default();
    let status = machine.run(&job, |line| {
        progress.advance(line);
        results.line(line, tally, |capture| judge(&share, capture, scene), name);
    })?;
    tally.took(name, progress.finish());
    ensure!(status == 0, "a script ended with status {status}");
    results.ended()?;
    let log = share.join("dmesg");
    if !log.exists() {
        // A kernel without a way to the folder prints it.
        let console = fs::read_to_string(paths.build(&format!("logs/{name}-console.log"))?)?;
        fs::write(&log, kernel_log::between_marks(&console)?)?;
    }
    files::judge(environment, &share.join("files"), name, tally);
    tally.judge(
        &format!("{name}: no warning in the kernel's log"),
        kernel_log::is_clean(&log),
    );
    Ok(())
}

/// Output of a guest.
#[derive(Debug, Default)]
struct Results {
    ktap: Ktap,
    /// Diagnostics since the last result.
    details: String,
    /// The frame that the next result is about.
    captured: Option<String>,
    /// The first line that is no KTAP.
    broken: Option<anyhow::Error>,
}

impl Results {
    /// Reads a line and counts what it says; `judge` looks at a frame.
    fn line(
        &mut self,
        line: &str,
        tally: &mut Tally,
        judge: impl FnOnce(&str) -> Result<()>,
        guest: &str,
    ) {
        match self.ktap.line(line) {
            Ok(Line::Test { name, passed }) => {
                let name = format!("{guest}: {name}");
                match (passed, self.captured.take()) {
                    (true, Some(capture)) => tally.judge(&name, judge(&capture)),
                    (true, None) => tally.pass(&name),
                    (false, _) => tally.fail(&name, self.details.trim_end()),
                }
                self.details.clear();
            }
            Ok(Line::Diagnostic(text)) => {
                if let Some(capture) = text.strip_prefix("captured ") {
                    self.captured = Some(capture.to_owned());
                } else if let Some(count) = text.strip_prefix("count ") {
                    if let Err(error) = tally.count(count) {
                        tally.fail(&format!("{guest}: counted {count}"), &format!("{error:#}"));
                    }
                } else {
                    self.details.push_str(text);
                    self.details.push('\n');
                }
            }
            Ok(Line::Structure) => self.details.clear(),
            Err(error) => {
                self.broken.get_or_insert(error);
            }
        }
    }

    /// Checks that the guest has printed all results.
    fn ended(self) -> Result<()> {
        match self.broken {
            Some(error) => Err(error),
            None => self.ktap.ended().with_context(|| self.details),
        }
    }
}

/// Looks at one frame: size, rate, every pixel, and whether the emulated sensor objected to
/// something.
fn judge(share: &Path, name: &str, scene: &[u8]) -> Result<()> {
    let folder = share.join(name);
    let capture = Capture::read(&folder)?;
    let frame = capture.frame(&folder)?;
    let error = (capture.fps_measured / capture.fps_expected - 1.0).abs();
    ensure!(
        error < RATE_TOLERANCE,
        "{:.3} frames per second instead of {:.3}",
        capture.fps_measured,
        capture.fps_expected
    );
    ensure!(
        capture.violations.is_empty(),
        "the sensor objects: {:?}",
        capture.violations
    );
    let readout = Readout::new((capture.width, capture.height), capture.crop)?;
    pattern::check(&frame, &capture.controls, &readout, scene)?;
    let text = |name: &str| {
        fs::read_to_string(folder.join(name)).with_context(|| format!("the script left no {name}"))
    };
    let controls = text("expected-controls")?;
    for setting in controls.trim().split_terminator(',') {
        let (name, value) = setting.split_once('=').context("a control without value")?;
        let (found, value) = (capture.controls.get(name), value.parse()?);
        ensure!(
            found == Some(&value),
            "{name} is {found:?} instead of {value}"
        );
    }
    let expected: f64 = text("expected-rate")?.trim().parse()?;
    ensure!(
        (capture.fps_expected / expected - 1.0).abs() < RATE_TOLERANCE,
        "the controls promise {:.3} frames per second instead of {expected}",
        capture.fps_expected
    );
    paths::remove(&folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cameras_of_every_overlay_for_qemu_are_checked() {
        let folder = paths::checkout().unwrap().join("dts");
        let checked: Vec<&str> = GUESTS
            .iter()
            .filter(|(.., scripts)| scripts.split(' ').any(|script| script == "camera-check"))
            .flat_map(|(_, overlays, _)| overlays.split_whitespace())
            .collect();
        for entry in fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.starts_with("qemu-virt-") && name.ends_with(".dtso") {
                let overlay = format!("dts/{name}");
                assert!(checked.contains(&overlay.as_str()), "{overlay}");
            }
        }
    }
}
