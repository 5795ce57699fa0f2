// SPDX-License-Identifier: GPL-2.0-only

//! Changes of several sensors that change together.

use super::{prepare, sleep_deep, text, Bus, Cost};
use crate::camera::Camera;
use crate::control;
use crate::stream::Open;
use crate::sys;
use crate::v4l2;
use crate::v4l2::control::{ANALOGUE_GAIN, BROADCAST, EXPOSURE};

/// Sets exposure and gain on the first of one, two, four and so on of the sensors in `slots`, which are on
/// one bus and stream.
pub fn run(slots: &[String]) -> Result<(), String> {
    let cameras = slots
        .iter()
        .map(|slot| Camera::wait(slot))
        .collect::<Result<Vec<_>, _>>()?;
    let nodes = cameras
        .iter()
        .map(|camera| Open::of(camera).map_err(text("opening the nodes")))
        .collect::<Result<Vec<_>, _>>()?;
    let first = cameras.first().ok_or("no slots")?;
    let bus = Bus::of(first)?;

    for open in &nodes {
        prepare(open).map_err(text("setting up"))?;
    }
    let mut size = 1;
    while size <= nodes.len() {
        let members = &nodes[..size];
        for open in members {
            control::set(&open.sensor, &[(BROADCAST, 1)]).map_err(text("joining"))?;
        }
        for open in members {
            open.start().map_err(text("starting"))?;
        }
        let mut costs: Vec<Cost> = Vec::new();
        for at in 0..super::CHANGES {
            let values: [&[(u32, i64)]; 2] = [
                &[(EXPOSURE, 1000), (ANALOGUE_GAIN, 100)],
                &[(EXPOSURE, 1300), (ANALOGUE_GAIN, 600)],
            ];
            let mut controls = control::list(values[at % 2]);
            let (result, cost) =
                bus.cost(|| sys::control(&members[0].sensor, v4l2::S_EXT_CTRLS, &mut controls))?;
            result.map_err(text("setting controls"))?;
            if at >= 2 {
                costs.push(cost);
            }
        }
        super::report(&format!("group of {size}"), &costs);
        for open in members {
            open.stop().map_err(text("stopping"))?;
        }
        for (open, camera) in members.iter().zip(&cameras) {
            sleep_deep(camera)?;
            control::set(&open.sensor, &[(BROADCAST, 0)]).map_err(text("leaving"))?;
        }
        size *= 2;
    }
    Ok(())
}
