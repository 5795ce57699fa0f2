// SPDX-License-Identifier: GPL-2.0-only

//! Settings of a pipeline from a sensor to memory: a pure function of a graph and a
//! request.
//!
//! Every pad on the way has a format of its own, and its field must be "none" as the sensor's is:
//! STREAMON fails with EPIPE where one of them differs, and with ENOLINK where a link is off.

use crate::formats::{Bus, Layout, Memory};
use crate::graph::{Direction, Entity, Graph, Link, PadOf};
use anyhow::{bail, Context, Result};
use serde::{Deserialize, Serialize};

/// Requested output of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// `MEDIA_BUS_FMT_*` of the sensor.
    pub code: u32,
    /// Pixels of a line.
    pub width: u32,
    /// Lines.
    pub height: u32,
}

/// One thing to set. They come in the order in which they are to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// Takes a link out of use that occupies a pad on the way.
    Disable {
        /// The pad at its beginning.
        source: PadOf,
        /// The pad at its end.
        sink: PadOf,
    },
    /// Puts a link on the way into use.
    Enable {
        /// The pad at its beginning.
        source: PadOf,
        /// The pad at its end.
        sink: PadOf,
    },
    /// Gives a pad the format, with field "none".
    PadFormat {
        /// The entity's number.
        entity: u32,
        /// The pad's number in it.
        pad: u16,
        /// `MEDIA_BUS_FMT_*`.
        code: u32,
        /// Pixels of a line.
        width: u32,
        /// Lines.
        height: u32,
    },
    /// Gives the video node its format.
    NodeFormat {
        /// The number of the node's entity.
        entity: u32,
        /// The pixel format.
        fourcc: String,
        /// Pixels of a line.
        width: u32,
        /// Lines.
        height: u32,
    },
}

/// A way from a sensor to a video node, and all that has to be set for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The links on the way, from the sensor on.
    pub links: Vec<Link>,
    /// The video node.
    pub node: u32,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// Longer ways than any receiver of Linux has are not looked at.
const MOST_LINKS: usize = 8;

/// Plans the pipeline of the sensor `sensor`, to the video node of the name `node` if that is given.
///
/// # Errors
///
/// No way leads to a video node that can hold such frames.
pub fn plan(graph: &Graph, sensor: u32, wanted: Wanted, node: Option<&str>) -> Result<Plan> {
    let bus = Bus::of_code(wanted.code)?;
    let ways = ways(graph, sensor)?;
    let mut best: Option<(u32, Vec<Link>, Memory)> = None;
    let mut seen = Vec::new();
    for way in ways {
        let Some(end) = way.last().and_then(|link| graph.entity(link.sink.entity)) else {
            continue;
        };
        if node.is_some_and(|name| !is_named(end, name)) {
            continue;
        }
        seen.push(end.name.clone());
        let Some(memory) = memory_format(end, bus) else {
            continue;
        };
        let cost = cost(graph, &way, memory);
        if best.as_ref().is_none_or(|(least, ..)| cost < *least) {
            best = Some((cost, way, memory));
        }
    }
    let Some((_, links, memory)) = best else {
        bail!(explain(graph, bus, node, &mut seen));
    };
    let end = links.last().context("a way without links")?.sink.entity;
    Ok(Plan {
        steps: steps(graph, &links, wanted, memory),
        links,
        node: end,
    })
}

/// By its name, or by its node as `/dev/video3` or `video3`.
fn is_named(entity: &Entity, name: &str) -> bool {
    entity.name == name
        || entity
            .node
            .as_ref()
            .is_some_and(|node| node.ends_with(name.trim_start_matches("/dev/")))
}

fn explain(graph: &Graph, bus: Bus, node: Option<&str>, seen: &mut Vec<String>) -> String {
    seen.sort();
    seen.dedup();
    match (seen.is_empty(), node) {
        (true, Some(name)) => {
            let nodes: Vec<_> = graph.entities.iter().filter(|e| e.is_video_node()).collect();
            let names: Vec<_> = nodes.iter().map(|entity| entity.name.as_str()).collect();
            format!(
                "no way leads from the sensor to a video node {name} in {}; its video nodes are: {}",
                graph.driver,
                names.join(", ")
            )
        }
        (true, None) => format!(
            "no way leads from the sensor to a video node in {}: the receiver is not complete",
            graph.driver
        ),
        (false, _) => format!(
            "none of the video nodes that the sensor reaches ({}) takes raw frames of {} bits in the order {}",
            seen.join(", "),
            bus.bits,
            bus.order.name()
        ),
    }
}

/// Returns all ways from the sensor to video nodes.
fn ways(graph: &Graph, sensor: u32) -> Result<Vec<Vec<Link>>> {
    let entity = graph
        .entity(sensor)
        .with_context(|| format!("the media device has no entity {sensor}"))?;
    let mut found = Vec::new();
    // Only the first source pad of a sensor carries images.
    let image = entity
        .pads
        .iter()
        .filter(|pad| pad.direction == Direction::Source)
        .map(|pad| pad.index)
        .min()
        .with_context(|| format!("{} has no source pad", entity.name))?;
    let first = PadOf {
        entity: sensor,
        pad: image,
    };
    follow(graph, first, &mut Vec::new(), &mut found);
    Ok(found)
}

fn follow(graph: &Graph, source: PadOf, way: &mut Vec<Link>, found: &mut Vec<Vec<Link>>) {
    if way.len() == MOST_LINKS {
        return;
    }
    for link in graph.links.iter().filter(|link| link.source == source) {
        let Some(next) = graph.entity(link.sink.entity) else {
            continue;
        };
        if way.iter().any(|before| before.source.entity == next.id) {
            continue;
        }
        way.push(*link);
        if next.is_video_node() {
            found.push(way.clone());
        }
        for pad in &next.pads {
            if pad.direction == Direction::Source {
                let source = PadOf {
                    entity: next.id,
                    pad: pad.index,
                };
                follow(graph, source, way, found);
            }
        }
        way.pop();
    }
}

/// Short ways first, and those that leave pixels as they are; of equal ones those that take nothing
/// from another sensor, then that which is set up already, then the first.
fn cost(graph: &Graph, way: &[Link], memory: Memory) -> u32 {
    let processes = |link: &Link| {
        let name = graph.entity(link.sink.entity).map_or("", |e| &e.name);
        let name = name.to_ascii_lowercase();
        ["pix", "embedded", "metadata", "stat", "config"]
            .iter()
            .any(|word| name.contains(word))
    };
    let mut cost = 0;
    for link in way {
        cost += 10_000;
        cost += if processes(link) { 100_000 } else { 0 };
        cost += if link.enabled { 0 } else { 10 };
        // Parts that another sensor uses are the last choice.
        cost += if rivals(graph, link).next().is_some() {
            1_000
        } else {
            0
        };
        cost += u32::from(link.source.pad);
    }
    cost + if memory.layout == Layout::Packed {
        1
    } else {
        0
    }
}

/// Returns the format of the node for frames of `bus`.
fn memory_format(node: &Entity, bus: Bus) -> Option<Memory> {
    Memory::of_bus(bus).find(|memory| {
        node.formats.iter().any(|format| {
            format.fourcc == memory.name() && format.code.is_none_or(|code| code == bus.code)
        })
    })
}

/// Links in use that have to go for `link`: a sink pad takes from one source.
fn rivals<'a>(graph: &'a Graph, link: &'a Link) -> impl Iterator<Item = &'a Link> {
    graph.links.iter().filter(|other| {
        other.sink == link.sink && other.source != link.source && other.enabled && !other.immutable
    })
}

fn steps(graph: &Graph, links: &[Link], wanted: Wanted, memory: Memory) -> Vec<Step> {
    let mut steps = Vec::new();
    for link in links {
        for other in rivals(graph, link) {
            steps.push(Step::Disable {
                source: other.source,
                sink: other.sink,
            });
        }
    }
    for link in links.iter().filter(|link| !link.enabled) {
        steps.push(Step::Enable {
            source: link.source,
            sink: link.sink,
        });
    }
    let format = |end: PadOf| Step::PadFormat {
        entity: end.entity,
        pad: end.pad,
        code: wanted.code,
        width: wanted.width,
        height: wanted.height,
    };
    for link in links {
        steps.push(format(link.source));
        match graph.entity(link.sink.entity) {
            Some(node) if node.is_video_node() => steps.push(Step::NodeFormat {
                entity: node.id,
                fourcc: memory.name(),
                width: wanted.width,
                height: wanted.height,
            }),
            _ => steps.push(format(link.sink)),
        }
    }
    steps
}
