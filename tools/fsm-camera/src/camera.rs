// SPDX-License-Identifier: GPL-2.0-only

//! A sensor and the pipeline behind it.

use crate::controls::id;
use crate::formats::{unpack, Bus, Memory, Order};
use crate::graph::discover::{devices, discover};
use crate::graph::{Entity, Graph, PadOf};
use crate::plan::{plan, Plan, Step, Wanted};
use crate::sensor::{Sensor, State};
use crate::stream::{Frame, Node, NodeLayout, Stream};
use crate::sys::abi::{BusFormat, LinkDescription, PadDescription, SubdevFormat};
use crate::sys::Device;
use crate::units::{Fps, Gain, Seconds, Size};
use anyhow::{anyhow, bail, ensure, Context, Result};
use std::fmt::Display;

/// A camera: one sensor of the family in a media device.
#[derive(Debug)]
pub struct Camera {
    graph: Graph,
    entity: u32,
    sensor: Sensor,
}

/// The requested settings. All others remain as they are, except the format, which starts from the
/// whole array at 10 bits, and the test pattern, which is off.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The frame's; the nearest that the sensor makes is taken.
    pub size: Option<Size>,
    /// Bits per pixel.
    pub depth: Option<u32>,
    /// The exposure time. Without a rate, a frame is as long as this needs.
    pub exposure: Option<Seconds>,
    /// Analogue as far as that goes, then digital.
    pub gain: Option<Gain>,
    /// Frames per second.
    pub fps: Option<Fps>,
    /// True for a mirrored image.
    pub hflip: Option<bool>,
    /// True for an image upside down.
    pub vflip: Option<bool>,
    /// Item of the test pattern's menu.
    pub pattern: i64,
    /// Video node, by its name or that of its entity.
    pub node: Option<String>,
}

/// A pipeline that is set up.
#[derive(Debug)]
pub struct Configured {
    /// The sensor's settings, read back.
    pub state: State,
    /// The way to memory, and what was set on it.
    pub plan: Plan,
    /// The layout of frames in memory.
    pub layout: NodeLayout,
    node: Node,
    /// Settings that differ from the requested ones.
    pub rounded: Vec<String>,
}

/// The pixels of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw {
    /// Pixels of a line.
    pub width: usize,
    /// Lines.
    pub height: usize,
    /// Bits of a pixel that count: the lower ones of a value.
    pub bits: u32,
    /// The colours of the first two pixels of the first two lines.
    pub order: Order,
    /// The black level.
    pub black: u16,
    /// Line by line.
    pub values: Vec<u16>,
}

/// Returns all cameras of this machine, and the media devices that cannot be read.
pub fn all() -> (Vec<(Graph, u32)>, Vec<anyhow::Error>) {
    let mut found = Vec::new();
    let mut errors = Vec::new();
    for device in devices() {
        match discover(&device) {
            Ok(graph) => {
                let sensors: Vec<_> = graph.sensors().map(|sensor| sensor.id).collect();
                found.extend(sensors.into_iter().map(|sensor| (graph.clone(), sensor)));
            }
            Err(error) => errors.push(error),
        }
    }
    (found, errors)
}

impl Camera {
    /// Finds the camera of this number or name, as `fsm-camera list` shows them; the only one if
    /// none is given.
    ///
    /// # Errors
    ///
    /// There is none, or [`WrongChoice`].
    pub fn find(wanted: Option<&str>) -> Result<Self> {
        let (cameras, mut errors) = all();
        let names: Vec<String> = cameras
            .iter()
            .filter_map(|(graph, id)| Some(graph.entity(*id)?.name.clone()))
            .collect();
        if names.is_empty() {
            let error = errors.pop().unwrap_or_else(|| {
                anyhow!("no media device has a sensor ({})", crate::PARTS.join(", "))
            });
            bail!("{error:#}; fsm-camera check looks for the reason");
        }
        let index = choose(&names, wanted)?;
        let (graph, entity) = cameras.into_iter().nth(index).context("a camera is gone")?;
        Self::of(graph, entity)
    }

    /// Returns the camera with this sensor.
    ///
    /// # Errors
    ///
    /// The sensor has no node that this program may open.
    pub fn of(graph: Graph, entity: u32) -> Result<Self> {
        let sensor = graph
            .entity(entity)
            .context("the media device has no such entity")?;
        let node = sensor.node.as_ref().with_context(|| {
            format!(
                "{} has no node: its receiver has not made the nodes of its sub-devices (yet)",
                sensor.name
            )
        })?;
        Ok(Self {
            sensor: Sensor::open(node)?,
            graph,
            entity,
        })
    }

    /// Returns the media device.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Returns the sensor's entity.
    ///
    /// # Errors
    ///
    /// None: it is in the graph as long as the camera is.
    pub fn entity(&self) -> Result<&Entity> {
        self.graph.entity(self.entity).context("the sensor is gone")
    }

    /// Returns the sensor's sub-device.
    pub fn sensor(&self) -> &Sensor {
        &self.sensor
    }

    /// Sets all of it: sensor, links, every pad, video node.
    ///
    /// # Errors
    ///
    /// A stream runs, something that is asked for does not exist, or the bus fails.
    pub fn configure(&self, settings: &Settings) -> Result<Configured> {
        let sensor = &self.sensor;
        // Before anything is set: another program's stream goes on as it is.
        ensure!(
            !sensor.is_streaming(),
            "the sensor streams for another program: end that first (fuser -v /dev/video* shows who \
             has which node)"
        );
        let mut rounded = Vec::new();
        let mut first = Vec::new();
        for (control, wanted) in [(id::HFLIP, settings.hflip), (id::VFLIP, settings.vflip)] {
            if let Some(wanted) = wanted {
                first.push((control, i64::from(wanted)));
            }
        }
        if sensor.get(id::TEST_PATTERN).is_ok() {
            first.push((id::TEST_PATTERN, settings.pattern));
        } else {
            ensure!(settings.pattern == 0, "the sensor has no test patterns");
        }
        sensor.set(&first)?;

        let code = sensor.code(settings.depth.unwrap_or(10))?;
        let size = match settings.size {
            Some(size) => size,
            None => sensor
                .sizes(code)
                .into_iter()
                .max_by_key(|size| u64::from(size.width) * u64::from(size.height))
                .context("the sensor names no sizes")?,
        };
        let format = sensor.set_format(code, size)?;
        if (format.width, format.height) != (size.width, size.height) {
            rounded.push(format!(
                "size: {size} asked for, {}x{} set, the nearest that the sensor makes",
                format.width, format.height
            ));
        }
        sensor.expose(settings.fps, settings.exposure, settings.gain)?;
        let (plan, layout, node) = self.route(&format, settings.node.as_deref())?;
        let state = sensor.state()?;
        note(&mut rounded, "fps", settings.fps, state.fps, |v| v.0);
        note(
            &mut rounded,
            "exposure",
            settings.exposure,
            state.exposure,
            |v| v.0,
        );
        let gain = Gain(state.analogue_gain.0 * state.digital_gain.0);
        note(&mut rounded, "gain", settings.gain, gain, |v| v.0);
        Ok(Configured {
            state,
            plan,
            layout,
            node,
            rounded,
        })
    }

    /// Sets links, pads and node for the sensor's format.
    fn route(&self, format: &BusFormat, node: Option<&str>) -> Result<(Plan, NodeLayout, Node)> {
        // Links may have changed since the camera was found.
        let path = self.graph.device.as_ref().context("a recorded graph")?;
        let graph = discover(path)?;
        let wanted = Wanted {
            code: format.code,
            width: format.width,
            height: format.height,
        };
        let plan = plan(&graph, self.entity, wanted, node)?;
        let media =
            Device::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut end = None;
        for step in &plan.steps {
            match step {
                Step::Disable { source, sink } => link(&media, &graph, *source, *sink, false)?,
                Step::Enable { source, sink } => link(&media, &graph, *source, *sink, true)?,
                Step::PadFormat { entity, pad, .. } if *entity == self.entity && *pad == 0 => {}
                Step::PadFormat { entity, pad, .. } => {
                    pad_format(&graph, *entity, *pad, *format)?;
                }
                Step::NodeFormat { entity, fourcc, .. } => {
                    let found = graph.entity(*entity).context("the video node is gone")?;
                    let path = found
                        .node
                        .as_ref()
                        .with_context(|| format!("{} has no node", found.name))?;
                    let node = Node::open(path)?;
                    let memory = Memory::of_fourcc(fourcc)?;
                    let layout = node.set_format(memory, format.width, format.height)?;
                    end = Some((layout, node));
                }
            }
        }
        let (layout, node) = end.context("the plan has no video node")?;
        Ok((plan, layout, node))
    }
}

/// Returns the index of the camera that is wanted.
fn choose(names: &[String], wanted: Option<&str>) -> Result<usize, WrongChoice> {
    let Some(wanted) = wanted else {
        return match names.len() {
            1 => Ok(0),
            count => Err(WrongChoice(format!(
                "there are {count} cameras; choose one by --camera and its number or name: {}",
                numbered(names)
            ))),
        };
    };
    let number = wanted.parse().ok().filter(|number| *number < names.len());
    let named = names.iter().position(|name| name == wanted);
    named.or(number).ok_or_else(|| {
        WrongChoice(format!(
            "there is no camera {wanted}, but {}",
            numbered(names)
        ))
    })
}

/// There are cameras, but not the one that is wanted, or several and none is named.
#[derive(Debug)]
pub struct WrongChoice(String);

impl Display for WrongChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongChoice {}

fn numbered(names: &[String]) -> String {
    let names: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| format!("{at} ({name})"))
        .collect();
    names.join(", ")
}

/// Notes what differs by more than one in a thousand.
fn note<T: Display + Copy>(
    rounded: &mut Vec<String>,
    name: &str,
    wanted: Option<T>,
    found: T,
    value: impl Fn(T) -> f64,
) {
    if let Some(wanted) = wanted {
        if (value(found) / value(wanted) - 1.0).abs() > 1e-3 {
            rounded.push(format!("{name}: {wanted} asked for, {found} set"));
        }
    }
}

fn name_of(graph: &Graph, end: PadOf) -> String {
    let name = graph.entity(end.entity).map_or("?", |entity| &entity.name);
    format!("\"{name}\":{}", end.pad)
}

fn link(media: &Device, graph: &Graph, source: PadOf, sink: PadOf, on: bool) -> Result<()> {
    /// `MEDIA_PAD_FL_SOURCE`, `MEDIA_PAD_FL_SINK`.
    const SOURCE: u32 = 2;
    const SINK: u32 = 1;
    let end = |end: PadOf, flags| PadDescription {
        entity: end.entity,
        index: end.pad,
        flags,
        ..PadDescription::default()
    };
    let mut description = LinkDescription {
        source: end(source, SOURCE),
        sink: end(sink, SINK),
        flags: u32::from(on),
        ..LinkDescription::default()
    };
    media.setup_link(&mut description).with_context(|| {
        format!(
            "cannot turn the link {} -> {} {}: does another program stream?",
            name_of(graph, source),
            name_of(graph, sink),
            if on { "on" } else { "off" }
        )
    })
}

fn pad_format(graph: &Graph, entity: u32, pad: u16, format: BusFormat) -> Result<()> {
    let end = PadOf { entity, pad };
    let found = graph.entity(entity).context("an entity is gone")?;
    // The driver of a video node sets what has no node of its own.
    let Some(path) = &found.node else {
        return Ok(());
    };
    let device = Device::open(path)
        .with_context(|| format!("cannot open {} of {}", path.display(), found.name))?;
    let mut wanted = SubdevFormat {
        which: 1,
        pad: pad.into(),
        format,
        ..SubdevFormat::default()
    };
    device
        .set_pad_format(&mut wanted)
        .with_context(|| format!("cannot set the format of {}", name_of(graph, end)))?;
    let became = wanted.format;
    ensure!(
        (became.width, became.height, became.code) == (format.width, format.height, format.code),
        "{} takes {}x{} {:#06x} in place of {}x{} {:#06x}: choose another size or depth",
        name_of(graph, end),
        became.width,
        became.height,
        became.code,
        format.width,
        format.height,
        format.code
    );
    Ok(())
}

impl Configured {
    /// Begins to stream.
    ///
    /// # Errors
    ///
    /// See [`StartError`](crate::stream::StartError).
    pub fn start(self, buffers: u32) -> Result<(Stream, State), crate::stream::StartError> {
        Ok((self.node.start(self.layout, buffers)?, self.state))
    }
}

impl State {
    /// Returns the pixels of a frame that was taken in this state.
    ///
    /// # Errors
    ///
    /// The frame is too short.
    pub fn raw(&self, frame: &Frame, layout: NodeLayout) -> Result<Raw> {
        let bus = Bus::of_code(self.code)?;
        let size = (
            usize::try_from(layout.width)?,
            usize::try_from(layout.height)?,
        );
        let values = unpack(
            &frame.bytes,
            layout.memory,
            bus.bits,
            size,
            usize::try_from(layout.stride)?,
        )?;
        let default = 1i64 << (bus.bits - 4);
        Ok(Raw {
            width: size.0,
            height: size.1,
            bits: bus.bits,
            order: bus.order,
            black: u16::try_from(self.black_level.unwrap_or(default)).unwrap_or(0),
            values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_is_chosen_by_number_or_name_and_several_are_told() {
        let names = ["imx412 0-001a", "imx477 1-001a"].map(str::to_owned);
        assert_eq!(choose(&names[..1], None).unwrap(), 0);
        assert_eq!(choose(&names, Some("1")).unwrap(), 1);
        assert_eq!(choose(&names, Some("imx477 1-001a")).unwrap(), 1);
        for wanted in [None, Some("2"), Some("imx477"), Some("-1")] {
            let error = choose(&names, wanted).unwrap_err().to_string();
            assert!(
                error.contains("0 (imx412 0-001a), 1 (imx477 1-001a)"),
                "{error}"
            );
        }
    }
}
