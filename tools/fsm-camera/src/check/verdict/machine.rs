// SPDX-License-Identifier: GPL-2.0-only

//! Causes that keep a sensor from being there at all.

use super::Suspect;
use crate::check::observe::{NodeSeen, Observations};

/// Returns the suspect if no driver is bound to a node.
pub(super) fn unbound(node: &NodeSeen) -> Option<Suspect> {
    if node.driver.is_some() {
        return None;
    }
    let path = &node.path;
    let title = |what: &str| format!("{path}: {what}");
    let log = node.log.iter().rev().find(|line| line.contains("error"));
    Some(if let Some((place, status)) = &node.disabled {
        Suspect {
            id: "node-disabled",
            weight: 95,
            title: title("the device tree has it switched off"),
            because: format!("{place} has status \"{status}\""),
            change: format!("set status = \"okay\" in {place}"),
        }
    } else if node.device.is_none() {
        Suspect {
            id: "no-adapter",
            weight: 90,
            title: title("its I2C bus is not there"),
            because:
                "the kernel has made no device of the node, so the adapter above it has no driver"
                    .into(),
            change: "load or build the driver of the I2C adapter (or mux) above the node".into(),
        }
    } else if let Some(reason) = &node.deferred {
        Suspect {
            id: "deferred",
            weight: 92,
            title: title("the driver waits for something that is not there"),
            because: reason.clone(),
            change: "load the driver of what is waited for, or switch its node on; a supplier without any driver makes the sensor wait for ever".into(),
        }
    } else if !node.driver_loaded {
        Suspect {
            id: "no-driver",
            weight: 93,
            title: title("no driver for it is loaded"),
            because: "the device is there, and neither fsm_imx412 nor another driver has it".into(),
            change: "modprobe fsm_imx412; if there is no such module: make install".into(),
        }
    } else {
        Suspect {
            id: "probe-failed",
            weight: 94,
            title: title("no driver is bound, although one is loaded"),
            because: log
                .cloned()
                .unwrap_or_else(|| "the kernel's log has no reason (any more)".into()),
            change: "docs/user-guide.md, Probe errors, lists each message with what to do".into(),
        }
    })
}

/// Returns a sensor without a way to memory.
pub(super) fn receiver(seen: &Observations) -> Option<Suspect> {
    if let Some(reason) = &seen.no_camera {
        return Some(Suspect {
            id: "no-receiver",
            weight: 90,
            title: "no media device has the sensor".into(),
            because: reason.clone(),
            change: "load the receiver's driver, and look in /sys/kernel/debug/devices_deferred for what it waits for; it must have a port that leads to the sensor".into(),
        });
    }
    if seen.busy {
        return Some(Suspect {
            id: "busy",
            weight: 96,
            title: "another program streams from the camera".into(),
            because: "the driver does not let controls be set that need the sensor in standby"
                .into(),
            change: "end it (fuser -v /dev/video* shows who has which node), then check again"
                .into(),
        });
    }
    seen.no_pipeline.as_ref().map(|reason| Suspect {
        id: "pipeline",
        weight: 85,
        title: "the pipeline cannot be set up".into(),
        because: reason.clone(),
        change: "choose a format that every part of the pipeline takes (fsm-camera list --graph shows all)".into(),
    })
}
