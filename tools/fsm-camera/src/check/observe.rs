// SPDX-License-Identifier: GPL-2.0-only

//! Observations of a check: plain data, from which the verdict is made.

use super::signal::PatternSeen;
use crate::tree::Inck;
use crate::units::{Fps, Seconds, Size};
use serde::Serialize;

/// Everything that was seen of one sensor. `None` and empty lists are what was not come to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Observations {
    /// The family's nodes in the device tree.
    pub tree: Vec<NodeSeen>,
    /// The sensor's name, as `imx412`.
    pub part: Option<String>,
    /// The driver of the media device.
    pub receiver: Option<String>,
    /// The clock that the device tree gives the sensor.
    pub inck: Option<Inck>,
    /// The CSI-2 link, as the device tree has it.
    pub link: Option<LinkSeen>,
    /// The reason why no camera could be used although a driver is bound.
    pub no_camera: Option<String>,
    /// True if another program streams from it.
    pub busy: bool,
    /// The reason why the pipeline could not be set up.
    pub no_pipeline: Option<String>,
    /// Operations of the driver, and those that failed as they do when the bus fails.
    pub operations: u64,
    /// The operations that failed, with the kernel's error.
    pub bus_failures: Vec<String>,
    /// The reason why no stream could be started, if none could.
    pub no_start: Option<String>,
    /// The first run of frames.
    pub frames: Option<FramesSeen>,
    /// Other link frequencies, and whether frames came at them when none came at the first.
    pub other_links: Vec<(u64, bool)>,
    /// The test patterns, compared pixel by pixel.
    pub patterns: Vec<PatternSeen>,
    /// Black level, exposure and gain.
    pub light: Option<LightSeen>,
    /// Both flips.
    pub flips: Vec<FlipSeen>,
    /// Degrees Celsius.
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
    /// Its path in the device tree.
    pub path: String,
    /// The sensor's name, by its compatible.
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
    /// The supplies that the node names.
    pub supplies: Vec<SupplySeen>,
}

/// A supply of the sensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SupplySeen {
    /// Its property in the device tree.
    pub name: String,
    /// Its voltage, if its regulator says it.
    pub microvolts: Option<u64>,
}

/// The two ends of the link, as the device tree has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LinkSeen {
    /// `data-lanes` of the sensor's endpoint.
    pub lanes: Vec<u32>,
    /// `data-lanes` of the receiver's.
    pub receiver_lanes: Option<Vec<u32>>,
    /// The link frequency in force, Hz.
    pub frequency: Option<u64>,
    /// The CSI-2 virtual channel that the receiver listens to.
    pub virtual_channel: u32,
}

/// A run of frames.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FramesSeen {
    /// Frames that were waited for.
    pub wanted: u64,
    /// Frames that came.
    pub came: u64,
    /// Numbers that were left out.
    pub dropped: u64,
    /// Numbers that were left out at a tenth of the rate, if there were some at the first.
    pub dropped_slowly: Option<u64>,
    /// With the driver's mark that they are damaged.
    pub damaged: u64,
    /// Shorter than their format.
    pub short: u64,
    /// The rate by the sensor's controls.
    pub promised: Fps,
    /// The rate by number and time of frames.
    pub measured: Option<Fps>,
    /// True if the sensor answered on its bus after frames had stopped coming.
    pub answers: Option<bool>,
}

/// Means above black at known exposures and gains.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LightSeen {
    /// The darkest pixels at the shortest exposure.
    pub dark: u16,
    /// The black level that is set.
    pub black: u16,
    /// The darkest pixels after the black level was raised.
    pub dark_raised: u16,
    /// The number of levels that it was raised by.
    pub raised: u16,
    /// The mean at `exposure`, of the range above black, as the three that follow.
    pub mean: f64,
    /// At half the exposure.
    pub half: f64,
    /// At half the exposure with twice the gain.
    pub gained: f64,
    /// At the longest exposure with a gain of 16 times.
    pub brightest: f64,
    /// The exposure of the mean.
    pub exposure: Seconds,
}

/// An image beside the same with a flip.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FlipSeen {
    /// The control's name.
    pub name: String,
    /// Mean difference of the two as they are.
    pub as_is: f64,
    /// The same with one of them turned back.
    pub turned: f64,
}

/// The head of a report.
#[derive(Debug, Clone, Serialize)]
pub struct Setting {
    /// This program and its version.
    pub program: String,
    /// `uname -r`.
    pub kernel: String,
    /// The model of the machine, as its device tree has it.
    pub machine: String,
    /// The frames' size.
    pub size: Option<Size>,
    /// Bits of a pixel.
    pub bits: Option<u32>,
}
