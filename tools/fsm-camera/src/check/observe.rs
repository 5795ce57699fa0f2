// SPDX-License-Identifier: GPL-2.0-only

//! Observations of a check: plain data, from which the verdict is made.

use super::signal::PatternSeen;
use crate::tree::Inck;
use crate::units::{Fps, Seconds, Size};
use serde::Serialize;

/// Everything that was seen of one sensor. `None` and empty lists are what was not come to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Observations {
    pub tree: Vec<NodeSeen>,
    pub part: Option<String>,
    pub receiver: Option<String>,
    pub inck: Option<Inck>,
    pub link: Option<LinkSeen>,
    /// The reason why no camera could be used although a driver is bound.
    pub no_camera: Option<String>,
    /// The reason why the pipeline could not be set up.
    pub no_pipeline: Option<String>,
    /// Operations of the driver, and those that failed as they do when the bus fails.
    pub operations: u64,
    pub bus_failures: Vec<String>,
    /// The reason why no stream could be started, if none could.
    pub no_start: Option<String>,
    pub frames: Option<FramesSeen>,
    /// Other link frequencies, and whether frames came at them when none came at the first.
    pub other_links: Vec<(u64, bool)>,
    pub patterns: Vec<PatternSeen>,
    pub light: Option<LightSeen>,
    pub flips: Vec<FlipSeen>,
    pub temperature: Option<i64>,
    /// Starts that were tried again and again, and those that brought a frame.
    pub restarts: Option<(u64, u64)>,
    /// True if the sensor was `active` while it streamed, and `suspended` some time after.
    pub power: Option<(bool, bool)>,
    /// It is to stay powered: `sony,always-on`, or "on" in sysfs.
    pub stays_powered: bool,
}

/// A node of the device tree, and what has become of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NodeSeen {
    pub path: String,
    pub part: String,
    /// The node that is not in use, and its status.
    pub disabled: Option<(String, String)>,
    /// Name of the device on its bus, if the bus has one.
    pub device: Option<String>,
    /// The driver that is bound.
    pub driver: Option<String>,
    /// The missing supplier, for which the driver core waits.
    pub deferred: Option<String>,
    /// True if a driver for it is loaded.
    pub driver_loaded: bool,
    /// Lines of the kernel's log about it, without times.
    pub log: Vec<String>,
    pub supplies: Vec<SupplySeen>,
}

/// A supply of the sensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SupplySeen {
    pub name: String,
    pub microvolts: Option<u64>,
}

/// The two ends of the link, as the device tree has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LinkSeen {
    pub lanes: Vec<u32>,
    pub receiver_lanes: Option<Vec<u32>>,
    pub frequency: Option<u64>,
    pub virtual_channel: u32,
}

/// A run of frames.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FramesSeen {
    pub wanted: u64,
    pub came: u64,
    /// Numbers that were left out, and the same at a tenth of the rate if it was tried.
    pub dropped: u64,
    pub dropped_slowly: Option<u64>,
    /// With the driver's mark that they are damaged.
    pub damaged: u64,
    /// Shorter than their format.
    pub short: u64,
    pub promised: Fps,
    pub measured: Option<Fps>,
    /// True if the sensor answered on its bus after frames had stopped coming.
    pub answers: Option<bool>,
}

/// Means above black at known exposures and gains.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LightSeen {
    /// Values of the darkest pixels at the shortest exposure, the black level, and the same after
    /// the level was raised by `raised`.
    pub dark: u16,
    pub black: u16,
    pub dark_raised: u16,
    pub raised: u16,
    /// At an exposure, at half of it, and at half of it with twice the gain; of the range above black.
    pub mean: f64,
    pub half: f64,
    pub gained: f64,
    /// At the longest exposure with a gain of 16 times.
    pub brightest: f64,
    pub exposure: Seconds,
}

/// An image beside the same with a flip.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlipSeen {
    pub name: String,
    /// Mean difference of the two as they are, and with one of them turned.
    pub as_is: f64,
    pub turned: f64,
}

/// The head of a report.
#[derive(Debug, Clone, Serialize)]
pub struct Setting {
    pub program: String,
    /// `uname -r`.
    pub kernel: String,
    /// The model of the machine, as its device tree has it.
    pub machine: String,
    pub size: Option<Size>,
    pub bits: Option<u32>,
}
