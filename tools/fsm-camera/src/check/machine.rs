// SPDX-License-Identifier: GPL-2.0-only

//! The sensors in the device tree, by sysfs, debugfs and the kernel's log.

use super::observe::{LinkSeen, NodeSeen, SupplySeen};
use crate::tree::{Node, ROOT};
use std::fs;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Names of supplies, those of Raspberry Pi's trees included.
const SUPPLIES: [&str; 6] = [
    "avdd-supply",
    "dvdd-supply",
    "dovdd-supply",
    "VANA-supply",
    "VDIG-supply",
    "VDDL-supply",
];
/// Drivers that take the family's sensors.
const DRIVERS: [&str; 5] = ["fsm_imx412", "imx412", "imx577", "imx477", "imx378"];
/// Lines of the log that a report has at most.
const MOST_LINES: usize = 20;
/// `O_NONBLOCK` of Linux.
const NONBLOCK: i32 = 0o4000;

/// Returns the sensors in the device tree.
pub fn nodes() -> Vec<NodeSeen> {
    let log = log();
    let deferred = fs::read_to_string("/sys/kernel/debug/devices_deferred").unwrap_or_default();
    Node::sensors(Path::new(ROOT))
        .iter()
        .map(|node| node_seen(node, &log, &deferred))
        .collect()
}

fn node_seen(node: &Node, log: &[String], deferred: &str) -> NodeSeen {
    let device = device(node);
    let name = device
        .as_ref()
        .and_then(|device| Some(device.file_name()?.to_string_lossy().into_owned()));
    let driver = device
        .as_ref()
        .and_then(|device| fs::read_link(device.join("driver")).ok())
        .and_then(|driver| Some(driver.file_name()?.to_string_lossy().into_owned()));
    let waits = name.as_ref().and_then(|name| {
        deferred
            .lines()
            .find_map(|line| {
                let (device, reason) = line.split_once(['\t', ' ']).unwrap_or((line, ""));
                (device == name).then(|| reason.trim().to_owned())
            })
            .map(|reason| match reason.as_str() {
                "" => "the driver core does not say for what".to_owned(),
                _ => reason,
            })
    });
    let waits = waits.or_else(|| {
        let waiting = device.as_ref()?.join("waiting_for_supplier");
        let waiting = fs::read_to_string(waiting).ok()?;
        (driver.is_none() && waiting.trim() == "1")
            .then(|| "a supplier that the device tree names has no device yet".to_owned())
    });
    NodeSeen {
        path: node.path(),
        part: node.part().unwrap_or_default().to_owned(),
        disabled: node.enabled().err(),
        driver_loaded: DRIVERS
            .iter()
            .any(|driver| Path::new("/sys/bus/i2c/drivers").join(driver).exists()),
        log: name
            .as_ref()
            .map_or_else(Vec::new, |name| of_device(log, name)),
        supplies: SUPPLIES
            .into_iter()
            .filter_map(|name| supply(node, name))
            .collect(),
        device: name,
        driver,
        deferred: waits,
    }
}

/// Returns the device that a bus has made of a node.
fn device(node: &Node) -> Option<PathBuf> {
    let devices = fs::read_dir("/sys/bus/i2c/devices").ok()?;
    devices.flatten().map(|entry| entry.path()).find(|device| {
        fs::canonicalize(device.join("of_node")).is_ok_and(|found| found == node.folder())
    })
}

fn supply(node: &Node, name: &str) -> Option<SupplySeen> {
    let regulator = node.reference(name)?;
    let microvolts = fs::read_dir("/sys/class/regulator")
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|class| {
            fs::canonicalize(class.join("of_node")).is_ok_and(|found| found == regulator.folder())
        })
        .and_then(|class| fs::read_to_string(class.join("microvolts")).ok())
        .and_then(|text| text.trim().parse().ok());
    Some(SupplySeen {
        name: name.to_owned(),
        microvolts,
    })
}

/// Returns the kernel's log without times; empty where a user may not read it.
fn log() -> Vec<String> {
    let Ok(mut file) = fs::OpenOptions::new()
        .read(true)
        .custom_flags(NONBLOCK)
        .open("/dev/kmsg")
    else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let mut record = [0u8; 8192];
    loop {
        match file.read(&mut record) {
            Ok(0) => break,
            Ok(length) => {
                let text = String::from_utf8_lossy(record.get(..length).unwrap_or_default());
                let message = text.split_once(';').map_or("", |(_, message)| message);
                lines.extend(message.lines().next().map(str::to_owned));
            }
            // Records were overwritten while they were being read.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            Err(_) => break,
        }
    }
    lines
}

/// Returns the newest lines about a device.
fn of_device(log: &[String], name: &str) -> Vec<String> {
    let word = format!(" {name}: ");
    let lines: Vec<_> = log.iter().filter(|line| line.contains(&word)).collect();
    let first = lines.len().saturating_sub(MOST_LINES);
    lines.into_iter().skip(first).cloned().collect()
}

/// Both ends of a sensor's link.
pub fn link(node: &Node, frequency: Option<u64>) -> LinkSeen {
    let endpoint = node.endpoint();
    let remote = endpoint.as_ref().and_then(Node::remote);
    LinkSeen {
        lanes: endpoint
            .and_then(|endpoint| endpoint.cells("data-lanes"))
            .unwrap_or_default(),
        receiver_lanes: remote.and_then(|remote| remote.cells("data-lanes")),
        frequency,
        virtual_channel: 0,
    }
}

/// `uname -r`, and the machine's model.
pub fn kernel_and_model() -> (String, String) {
    let read = |path: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.trim_end_matches(['\0', '\n']).to_owned()
    };
    (
        read("/proc/sys/kernel/osrelease"),
        read(&format!("{ROOT}/model")),
    )
}
