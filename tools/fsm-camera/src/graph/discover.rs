// SPDX-License-Identifier: GPL-2.0-only

//! Reads the media devices of this machine.

use super::{Direction, Entity, Graph, Link, NodeFormat, Pad, PadOf};
use crate::formats::fourcc_text;
use crate::sys::abi::{text, FormatDescription, MediaDeviceInfo};
use crate::sys::{self, Device, Parts};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// `MEDIA_LNK_FL_ENABLED`, `_IMMUTABLE` and `_LINK_TYPE` with `_INTERFACE_LINK` in it.
const ENABLED: u32 = 1;
const IMMUTABLE: u32 = 1 << 1;
const LINK_TYPE: u32 = 0xf << 28;
const INTERFACE_LINK: u32 = 1 << 28;
/// `MEDIA_PAD_FL_SINK`.
const SINK: u32 = 1;
/// `V4L2_CAP_IO_MC`: formats can be listed by media bus code.
const IO_MC: u32 = 0x2000_0000;
/// `V4L2_CAP_VIDEO_CAPTURE_MPLANE`, and the buffer types of captures.
pub(crate) const CAPTURE_PLANAR: u32 = 1 << 12;
pub(crate) const TYPE_CAPTURE: u32 = 1;
pub(crate) const TYPE_CAPTURE_PLANAR: u32 = 9;

/// Returns the media devices, in the order of their numbers.
pub fn devices() -> Vec<PathBuf> {
    let mut numbers: Vec<u32> = fs::read_dir("/sys/bus/media/devices")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            name.strip_prefix("media")?.parse().ok()
        })
        .collect();
    numbers.sort_unstable();
    numbers
        .into_iter()
        .map(|number| PathBuf::from(format!("/dev/media{number}")))
        .collect()
}

/// Reads one media device.
///
/// # Errors
///
/// It cannot be opened or asked.
pub fn discover(path: &Path) -> Result<Graph> {
    let device = Device::open(path).with_context(|| {
        format!(
            "cannot open {}: is this user in the group that owns it (often video)?",
            path.display()
        )
    })?;
    let mut info = MediaDeviceInfo::default();
    device
        .media_info(&mut info)
        .with_context(|| format!("{} is no media device", path.display()))?;
    let parts = sys::topology(&device)
        .with_context(|| format!("cannot read the topology of {}", path.display()))?;
    let mut graph = graph(&parts, text(&info.driver), text(&info.model));
    graph.device = Some(path.to_owned());
    for entity in &mut graph.entities {
        if let (true, Some(node)) = (entity.is_video_node(), &entity.node) {
            // Its driver may be busy or gone; a plan that needs the node says so.
            entity.formats = formats(node).unwrap_or_default();
        }
    }
    Ok(graph)
}

fn graph(parts: &Parts, driver: String, model: String) -> Graph {
    let pad_of = |id: u32| {
        let pad = parts.pads.iter().find(|pad| pad.id == id)?;
        Some(PadOf {
            entity: pad.entity,
            pad: u16::try_from(pad.index).ok()?,
        })
    };
    let entities = parts
        .entities
        .iter()
        .map(|entity| Entity {
            id: entity.id,
            name: text(&entity.name),
            function: entity.function,
            node: node(parts, entity.id),
            pads: parts
                .pads
                .iter()
                .filter(|pad| pad.entity == entity.id)
                .filter_map(|pad| {
                    Some(Pad {
                        index: u16::try_from(pad.index).ok()?,
                        direction: if pad.flags & SINK != 0 {
                            Direction::Sink
                        } else {
                            Direction::Source
                        },
                    })
                })
                .collect(),
            formats: Vec::new(),
        })
        .collect();
    let links = parts
        .links
        .iter()
        .filter(|link| link.flags & LINK_TYPE == 0)
        .filter_map(|link| {
            Some(Link {
                source: pad_of(link.source)?,
                sink: pad_of(link.sink)?,
                enabled: link.flags & ENABLED != 0,
                immutable: link.flags & IMMUTABLE != 0,
            })
        })
        .collect();
    Graph {
        driver,
        model,
        device: None,
        entities,
        links,
    }
}

/// Returns the node of an entity: an interface is linked to it, and sysfs knows the name for its
/// numbers.
fn node(parts: &Parts, entity: u32) -> Option<PathBuf> {
    let link = parts
        .links
        .iter()
        .find(|link| link.flags & LINK_TYPE == INTERFACE_LINK && link.sink == entity)?;
    let interface = parts
        .interfaces
        .iter()
        .find(|interface| interface.id == link.source)?;
    let device = format!("/sys/dev/char/{}:{}", interface.major, interface.minor);
    let name = fs::read_link(device).ok()?;
    Some(Path::new("/dev").join(name.file_name()?))
}

fn formats(node: &Path) -> Result<Vec<NodeFormat>> {
    let device = Device::open(node)?;
    let capabilities = device.capability()?.device_caps;
    let kind = if capabilities & CAPTURE_PLANAR != 0 {
        TYPE_CAPTURE_PLANAR
    } else {
        TYPE_CAPTURE
    };
    let list = |code: u32| {
        let mut found = Vec::new();
        let mut description = FormatDescription {
            kind,
            code,
            ..FormatDescription::default()
        };
        while device.enumerate_format(&mut description).is_ok() {
            found.push(NodeFormat {
                fourcc: fourcc_text(description.fourcc),
                code: (code != 0).then_some(code),
            });
            description.index += 1;
        }
        found
    };
    if capabilities & IO_MC == 0 {
        return Ok(list(0));
    }
    let by_code: Vec<_> = crate::formats::bus_codes().flat_map(list).collect();
    Ok(if by_code.is_empty() { list(0) } else { by_code })
}
