// SPDX-License-Identifier: GPL-2.0-only

//! `fsm-camera list`.

use super::screen::Screen;
use anyhow::{Context, Result};
use clap::Args;
use fsm_camera::camera::{all, Camera};
use fsm_camera::graph::discover::{devices, discover};
use fsm_camera::graph::Graph;
use fsm_camera::plan::{plan, Wanted};
use fsm_camera::tree::Node;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The folder of sysfs with the devices of I2C buses.
const CLIENTS: &str = "/sys/bus/i2c/devices";

#[derive(Args)]
pub struct Options {
    /// Print the media devices themselves as JSON: entities, pads, links, nodes' formats
    #[arg(long)]
    graph: bool,
}

/// A camera, as it is listed.
#[derive(Serialize)]
struct Listed {
    number: usize,
    name: String,
    part: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_tree: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compatible: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lanes: Option<usize>,
    link_frequencies: Vec<u64>,
    receiver: String,
    media: Option<PathBuf>,
    sensor: Option<PathBuf>,
    video: Option<PathBuf>,
    /// The reason why there is no video node.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<String>,
}

pub fn run(screen: &Screen, options: &Options) -> Result<ExitCode> {
    if options.graph {
        let graphs: Result<Vec<_>> = devices().iter().map(|path| discover(path)).collect();
        screen.json(&graphs?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (cameras, errors) = all();
    for error in errors {
        eprintln!("warning: {error:#}");
    }
    let listed: Vec<_> = cameras
        .into_iter()
        .enumerate()
        .map(|(number, (graph, entity))| listed(number, graph, entity))
        .collect();
    if screen.json {
        screen.json(&listed)?;
    } else {
        for camera in &listed {
            show(screen, camera)?;
        }
        if listed.is_empty() {
            eprintln!("no camera: fsm-camera check looks for the reason");
        }
    }
    Ok(if listed.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn listed(number: usize, graph: Graph, entity: u32) -> Listed {
    let sensor = graph.entity(entity);
    let node = sensor.and_then(|sensor| sensor.node.clone());
    let tree = node
        .as_deref()
        .and_then(tree_node)
        .or_else(|| client_node(Path::new(CLIENTS), &sensor?.name));
    let endpoint = tree.as_ref().and_then(Node::endpoint);
    let mut listed = Listed {
        number,
        name: sensor.map(|sensor| sensor.name.clone()).unwrap_or_default(),
        part: sensor.and_then(|sensor| sensor.part()),
        device_tree: tree.as_ref().map(Node::path),
        compatible: tree
            .as_ref()
            .and_then(|tree| tree.texts("compatible").into_iter().next()),
        lanes: endpoint.as_ref().and_then(Node::lanes),
        link_frequencies: endpoint
            .and_then(|endpoint| endpoint.wide_cells("link-frequencies"))
            .unwrap_or_default(),
        receiver: graph.driver.clone(),
        media: graph.device.clone(),
        sensor: node,
        video: None,
        trouble: None,
    };
    match video(graph, entity) {
        Ok(video) => listed.video = video,
        Err(error) => listed.trouble = Some(format!("{error:#}")),
    }
    listed
}

/// Returns the node of the device tree that a sub-device's device has.
pub fn tree_node(node: &Path) -> Option<Node> {
    let class = Path::new("/sys/class/video4linux").join(node.file_name()?);
    Node::of_device(&class.join("device"))
}

/// Returns the same by the entity's name, which ends in that of the device on its bus: some receivers
/// give sub-devices no nodes.
fn client_node(clients: &Path, entity: &str) -> Option<Node> {
    let (_, client) = entity.rsplit_once(' ')?;
    Node::of_device(&clients.join(client))
}

/// Returns the video node for frames in the sensor's current format.
fn video(graph: Graph, entity: u32) -> Result<Option<PathBuf>> {
    let camera = Camera::of(graph, entity)?;
    let format = camera.sensor().format()?;
    let wanted = Wanted {
        code: format.code,
        width: format.width,
        height: format.height,
    };
    let plan = plan(camera.graph(), entity, wanted, None)?;
    let node = camera
        .graph()
        .entity(plan.node)
        .context("the plan leads nowhere")?;
    Ok(node.node.clone())
}

fn show(screen: &Screen, camera: &Listed) -> Result<()> {
    let path = |path: &Option<PathBuf>| match path {
        Some(path) => path.display().to_string(),
        None => "none".to_owned(),
    };
    screen.line(&format!("camera {}: {}", camera.number, camera.name))?;
    if let (Some(place), Some(compatible)) = (&camera.device_tree, &camera.compatible) {
        screen.pair("device tree", &format!("{place} ({compatible})"))?;
    }
    if let Some(lanes) = camera.lanes {
        let frequencies: Vec<_> = camera
            .link_frequencies
            .iter()
            .map(|hz| format!("{} MHz", *hz as f64 / 1e6))
            .collect();
        screen.pair(
            "link",
            &format!("{lanes} lanes, {}", frequencies.join(", ")),
        )?;
    }
    screen.pair(
        "receiver",
        &format!("{} ({})", camera.receiver, path(&camera.media)),
    )?;
    screen.pair("sensor node", &path(&camera.sensor))?;
    match &camera.trouble {
        None => screen.pair("video node", &path(&camera.video)),
        Some(trouble) => screen.pair("video node", &format!("none: {trouble}")),
    }
}
