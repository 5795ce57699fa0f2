// SPDX-License-Identifier: GPL-2.0-only

//! Media devices as graphs of entities, pads and links.
//!
//! A graph is plain data: [`discover`](discover::discover) reads one from a device, and it can be kept
//! as JSON (`fsm-camera list --graph`), to plan a pipeline on a board that is not at hand.

pub mod discover;

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `MEDIA_ENT_F_IO_V4L`: a video node.
pub const VIDEO_NODE: u32 = 0x0001_0001;
/// `MEDIA_ENT_F_CAM_SENSOR`.
pub const SENSOR: u32 = 0x0002_0001;

/// A media device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    /// Its driver, such as `rp1-cfe`.
    pub driver: String,
    /// Its model, as the driver calls it.
    pub model: String,
    /// `/dev/mediaN`, if it is one of this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<PathBuf>,
    /// Its sub-devices and video nodes.
    pub entities: Vec<Entity>,
    /// Between pads; those to interfaces are [`Entity::node`].
    pub links: Vec<Link>,
}

/// A sub-device or a video node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Its number in this media device.
    pub id: u32,
    /// Its name, of which a sensor's begins with the sensor.
    pub name: String,
    /// `MEDIA_ENT_F_*`.
    pub function: u32,
    /// The node in `/dev`, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<PathBuf>,
    /// In the order of their numbers.
    pub pads: Vec<Pad>,
    /// Pixel formats of a video node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<NodeFormat>,
}

/// A pad, at which data enters or leaves an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pad {
    /// Its number in the entity.
    pub index: u16,
    /// Sink or source.
    pub direction: Direction,
}

/// Direction of data through a pad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Frames come in.
    Sink,
    /// Frames go out.
    Source,
}

/// A pad of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PadOf {
    /// The entity's number.
    pub entity: u32,
    /// The pad's number in it.
    pub pad: u16,
}

/// A way for data from a source pad to a sink pad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The pad that frames come from.
    pub source: PadOf,
    /// The pad that they go to.
    pub sink: PadOf,
    /// True if it is in use.
    pub enabled: bool,
    /// True if it is always in use.
    pub immutable: bool,
}

/// A pixel format of a video node, and the media bus code that it is for if the node says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeFormat {
    /// Four characters, such as `RG10`.
    pub fourcc: String,
    /// The media bus code that it is for, if the driver tells (`V4L2_CAP_IO_MC`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
}

impl Entity {
    /// Returns whether frames end here, in memory.
    pub fn is_video_node(&self) -> bool {
        self.function == VIDEO_NODE
    }

    /// Returns whether it is a sensor of the family that this program is for, going by its name,
    /// which begins with that of the sensor.
    pub fn is_known_sensor(&self) -> bool {
        self.part().is_some()
    }

    /// Returns the sensor that the name begins with.
    pub fn part(&self) -> Option<&'static str> {
        let name = self.name.split(' ').next()?;
        crate::PARTS.into_iter().find(|part| *part == name)
    }
}

impl Graph {
    /// Returns the entity with this number.
    pub fn entity(&self, id: u32) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.id == id)
    }

    /// Returns the sensors of the family in it.
    pub fn sensors(&self) -> impl Iterator<Item = &Entity> {
        self.entities
            .iter()
            .filter(|entity| entity.is_known_sensor())
    }
}
