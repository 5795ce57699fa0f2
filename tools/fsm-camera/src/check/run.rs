// SPDX-License-Identifier: GPL-2.0-only

//! The steps of a check.

use super::machine;
use super::observe::{Observations, Setting};
use super::report::{Outcome, Report, StepDone};
use crate::camera::{Camera, Configured, Raw, Settings, WrongChoice};
use crate::controls::{self, id};
use crate::sensor::State;
use crate::stream::{Frame, StartError};
use crate::tree::Node;
use crate::units::{short, Fps, Size};
use anyhow::Result;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;

/// Options of a check.
#[derive(Debug, Clone)]
pub struct Options {
    /// The camera, as for [`Camera::find`].
    pub camera: Option<String>,
    /// The frames' size.
    pub size: Size,
    /// Bits of a pixel.
    pub depth: u32,
    /// The video node, as for [`Settings::node`].
    pub node: Option<String>,
    /// Starts that are tried.
    pub restarts: u64,
    /// Ends the check early when it becomes true.
    pub stop: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            camera: None,
            size: Size {
                width: 1920,
                height: 1080,
            },
            depth: 10,
            node: None,
            restarts: 20,
            stop: Arc::default(),
        }
    }
}

/// A check that was ended by [`Options::stop`].
#[derive(Debug)]
pub struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the check was ended before it was done; there is no report")
    }
}

impl std::error::Error for Stopped {}

/// A rate that every link of the family makes at sizes like the default.
const RATE: Fps = Fps(30.0);
/// Number of retries of an operation that failed on the bus.
pub(super) const TRIES: usize = 4;
/// A frame that is later than two periods and this does not come.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Buffers of a stream.
pub(super) const BUFFERS: u32 = 4;
/// Failures in a row that no bus has that fails now and then.
const DEAD: u32 = 3;
/// `V4L2_FSM_IMX412_SYNCHRONISATION_STANDALONE`.
const STANDALONE: i64 = 0;
/// Changes of a control in a row.
const CHANGES: i64 = 200;
/// Errors that buses return: EIO, ENXIO, EAGAIN, ETIMEDOUT, EREMOTEIO.
const BUS_ERRORS: [i32; 5] = [5, 6, 11, 110, 121];

/// A frame without its pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrived {
    pub(super) sequence: u32,
    pub(super) time: f64,
    pub(super) damaged: bool,
    pub(super) whole: bool,
}

/// Results of a run of frames.
pub(super) struct Run {
    pub(super) frames: Vec<Arrived>,
    /// The last one.
    pub(super) raw: Option<Raw>,
    pub(super) state: State,
}

/// The check as it goes on.
pub(super) struct Check<'a> {
    pub(super) options: &'a Options,
    pub(super) seen: Observations,
    steps: Vec<StepDone>,
    tell: &'a mut dyn FnMut(&StepDone),
}

/// Walks through all steps; `tell` hears of each when it is done.
///
/// # Errors
///
/// [`WrongChoice`] of a camera, [`Stopped`], and no other.
pub fn run(options: &Options, tell: &mut dyn FnMut(&StepDone)) -> Result<Report> {
    let found = match Camera::find(options.camera.as_deref()) {
        Err(error) if error.is::<WrongChoice>() => return Err(error),
        found => found,
    };
    let mut check = Check {
        options,
        seen: Observations::default(),
        steps: Vec::new(),
        tell,
    };
    check.machine();
    match found {
        Ok(camera) => check.camera(&camera),
        Err(error) => {
            let bound = check.seen.tree.iter().any(|node| node.driver.is_some());
            if bound {
                let error = format!("{error:#}");
                check.step("media device", Outcome::Bad, error.clone());
                check.seen.no_camera = Some(error);
            } else {
                let why = "sensors come into media devices when a driver is bound";
                check.step("media device", Outcome::Open, why);
            }
        }
    }
    if check.is_stopped() {
        return Err(Stopped.into());
    }
    let (kernel, machine) = machine::kernel_and_model();
    let setting = Setting {
        program: format!("fsm-camera {}", env!("CARGO_PKG_VERSION")),
        kernel,
        machine,
        size: Some(options.size),
        bits: Some(options.depth),
    };
    Ok(Report::new(setting, check.steps, check.seen))
}

/// Returns the kernel's error inside of another.
fn errno(error: &anyhow::Error) -> Option<i32> {
    error.chain().find_map(|cause| {
        let io = cause
            .downcast_ref::<io::Error>()
            .or_else(|| cause.downcast_ref::<StartError>().map(StartError::error))?;
        io.raw_os_error()
    })
}

impl Check<'_> {
    pub(super) fn is_stopped(&self) -> bool {
        self.options.stop.load(Ordering::Relaxed)
    }

    pub(super) fn step(&mut self, name: &'static str, outcome: Outcome, detail: impl Into<String>) {
        // It may have failed for that only.
        if self.is_stopped() {
            return;
        }
        let step = StepDone {
            name,
            outcome,
            detail: detail.into(),
        };
        (self.tell)(&step);
        self.steps.push(step);
    }

    pub(super) fn judge(&mut self, name: &'static str, good: bool, detail: impl Into<String>) {
        let outcome = if good { Outcome::Good } else { Outcome::Bad };
        self.step(name, outcome, detail);
    }

    /// Does something that goes over the bus, again if the bus fails, and counts. A check that is
    /// stopped does nothing more.
    pub(super) fn attempt<T>(
        &mut self,
        what: &str,
        operation: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        if self.is_stopped() {
            return Err(Stopped.into());
        }
        self.persist(what, operation)
    }

    /// As [`Check::attempt`], also in a check that is stopped.
    pub(super) fn persist<T>(
        &mut self,
        what: &str,
        mut operation: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        let mut tries = 0;
        loop {
            tries += 1;
            self.seen.operations += 1;
            match operation() {
                Err(error) if errno(&error).is_some_and(|code| BUS_ERRORS.contains(&code)) => {
                    self.seen.bus_failures.push(format!("{what}: {:#}", error));
                    if tries == TRIES {
                        return Err(error);
                    }
                }
                other => return other,
            }
        }
    }

    fn machine(&mut self) {
        self.seen.tree = machine::nodes();
        if self.seen.tree.is_empty() {
            self.step("device tree", Outcome::Open, "no node of a sensor");
            return;
        }
        for node in self.seen.tree.clone() {
            let place = match &node.disabled {
                None => format!("{} has an {}", node.path, node.part),
                Some((place, status)) => format!("{}: {place} is \"{status}\"", node.path),
            };
            self.judge("device tree", node.disabled.is_none(), place);
            let driver = match (&node.driver, &node.deferred) {
                (Some(driver), _) => {
                    format!("{driver} is bound, so that chip ID and probe were right")
                }
                (None, Some(reason)) => format!("waits: {reason}"),
                (None, None) => match node.log.last() {
                    Some(line) => format!("none is bound; the kernel says: {line}"),
                    None => "none is bound".to_owned(),
                },
            };
            self.judge("driver", node.driver.is_some(), driver);
            let supplies: Vec<_> = node
                .supplies
                .iter()
                .map(|supply| match supply.microvolts {
                    Some(microvolts) => format!("{} {} mV", supply.name, microvolts / 1000),
                    None => format!("{} of unknown voltage", supply.name),
                })
                .collect();
            self.step(
                "supplies",
                if supplies.is_empty() {
                    Outcome::Open
                } else {
                    Outcome::Good
                },
                if supplies.is_empty() {
                    "the device tree names none".to_owned()
                } else {
                    supplies.join(", ")
                },
            );
        }
    }

    fn camera(&mut self, camera: &Camera) {
        let name = camera.entity().map(|entity| entity.name.clone());
        let name = name.unwrap_or_default();
        self.seen.part = camera
            .entity()
            .ok()
            .and_then(|entity| entity.part())
            .map(str::to_owned);
        self.seen.receiver = Some(camera.graph().driver.clone());
        self.step(
            "media device",
            Outcome::Good,
            format!("{name} behind {}", camera.graph().driver),
        );
        let tree = node_of(camera);
        self.seen.inck = tree.as_ref().and_then(Node::inck);
        match self.seen.inck.clone() {
            Some(inck) => self.step(
                "INCK",
                Outcome::Good,
                format!("{} MHz, says {}", inck.hz as f64 / 1e6, inck.source),
            ),
            None => self.step(
                "INCK",
                Outcome::Open,
                "the device tree does not say its rate",
            ),
        }
        let frequency = camera.sensor().link_frequency();
        self.seen.link = tree.map(|tree| machine::link(&tree, frequency));
        if let Some(link) = self.seen.link.clone() {
            let same = link
                .receiver_lanes
                .as_ref()
                .is_none_or(|lanes| lanes.len() == link.lanes.len());
            self.judge(
                "link",
                same,
                format!(
                    "{} lanes at the sensor, {} at the receiver, {} MHz",
                    link.lanes.len(),
                    link.receiver_lanes
                        .map_or("unknown".to_owned(), |lanes| lanes.len().to_string()),
                    link.frequency.unwrap_or(0) as f64 / 1e6
                ),
            );
        }

        if camera.sensor().is_streaming() {
            let why = "another program streams from the camera";
            self.step("use", Outcome::Bad, why);
            self.seen.busy = true;
            self.temperature(camera);
            return;
        }
        let pace = self.own_pace(camera);
        self.steps_of(camera);
        if let Some(pace) = pace {
            let _ = self.persist("end", || {
                camera.sensor().set(&[(id::SYNCHRONISATION, pace)])
            });
        }
    }

    /// Makes a sensor that waits for the pulses of another run by itself, as it sends nothing
    /// otherwise. Returns its previous synchronisation, to be restored after the check.
    fn own_pace(&mut self, camera: &Camera) -> Option<i64> {
        let sensor = camera.sensor();
        let found = sensor.get(id::SYNCHRONISATION).ok()?;
        if found == STANDALONE {
            return None;
        }
        let set = self.attempt("synchronisation", || {
            sensor.set(&[(id::SYNCHRONISATION, STANDALONE)])
        });
        let good = set.is_ok();
        self.judge(
            "synchronisation",
            good,
            "the sensor is part of a group; for this check it runs by itself",
        );
        good.then_some(found)
    }

    fn steps_of(&mut self, camera: &Camera) {
        let Some(frames) = self.first_frames(camera) else {
            self.temperature(camera);
            return;
        };
        self.bus(camera);
        if frames.came > 0 {
            self.patterns(camera);
            self.light(camera);
            self.flips(camera);
        }
        self.temperature(camera);
        if frames.came > 0 {
            self.restarts(camera);
        }
        self.power(camera);
        self.leave(camera);
    }

    /// Many small changes while the sensor streams: what a bus that fails now and then does not bear.
    fn bus(&mut self, camera: &Camera) {
        let settings = self.settings();
        let Ok((_stream, state)) =
            self.attempt("bus", || Ok(camera.configure(&settings)?.start(BUFFERS)?))
        else {
            self.step("I2C bus", Outcome::Open, "no stream could be started");
            return;
        };
        let lines = state.timing.lines(state.exposure);
        let before = self.seen.bus_failures.len();
        let mut dead = 0;
        for change in 0..CHANGES {
            let value = [(id::EXPOSURE, lines / 2 + change % 2)];
            let changed = self.attempt("a change of the exposure", || {
                Ok(controls::try_set(camera.sensor().device(), &value)?)
            });
            // A sensor that does not answer at all needs no more of them.
            dead = if changed.is_ok() { 0 } else { dead + 1 };
            if dead == DEAD {
                break;
            }
        }
        let failed = self.seen.bus_failures.len() - before;
        self.judge(
            "I2C bus",
            failed == 0,
            if dead == DEAD {
                "the sensor does not answer any more".to_owned()
            } else {
                format!("{failed} of {CHANGES} changes of the exposure failed")
            },
        );
    }

    /// Settings that most steps have.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            size: Some(self.options.size),
            depth: Some(self.options.depth),
            fps: Some(RATE),
            hflip: Some(false),
            vflip: Some(false),
            node: self.options.node.clone(),
            ..Settings::default()
        }
    }

    /// Sets all up and takes frames until `count` have come or one does not.
    pub(super) fn stream(
        &mut self,
        what: &str,
        camera: &Camera,
        settings: &Settings,
        controls: &[(u32, i64)],
        count: u64,
    ) -> Result<Run> {
        let (stream, state) = self.attempt(what, || {
            let mut configured: Configured = camera.configure(settings)?;
            if !controls.is_empty() {
                camera.sensor().set(controls)?;
                configured.state = camera.sensor().state()?;
            }
            Ok(configured.start(BUFFERS)?)
        })?;
        let limit = PATIENCE + Duration::from_secs_f64(2.0 / state.fps.0);
        let bytes = stream.layout().bytes();
        let mut frames = Vec::new();
        let mut frame = Frame::default();
        while (frames.len() as u64) < count && !self.is_stopped() {
            match stream.next(limit, &mut frame) {
                Ok(true) => frames.push(Arrived {
                    sequence: frame.sequence,
                    time: frame.time,
                    damaged: frame.damaged,
                    whole: frame.bytes.len() as u64 >= bytes,
                }),
                Ok(false) | Err(_) => break,
            }
        }
        let raw = (!frames.is_empty())
            .then(|| state.raw(&frame, stream.layout()).ok())
            .flatten();
        Ok(Run { frames, raw, state })
    }
}

pub(super) fn node_of(camera: &Camera) -> Option<Node> {
    let name = camera.sensor().path().file_name()?;
    Node::of_device(
        &Path::new("/sys/class/video4linux")
            .join(name)
            .join("device"),
    )
}

/// Returns a part of something in percent.
pub(super) fn percent(part: f64) -> String {
    format!("{} %", short(part * 100.0))
}
