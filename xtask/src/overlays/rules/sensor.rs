// SPDX-License-Identifier: GPL-2.0-only

//! Each overlay brings a sensor that the driver will take: on a bus that is switched on, with the
//! port's lanes, and link frequencies that the sensor's own solver reaches and the receiver takes.

use super::{bus, Subject};
use crate::overlays::boards::Overlay;
use crate::overlays::tree::{parent, Node, Tree};
use imx412_host::sensor::{Board, Part};

/// Returns the problems of the overlays' sensors.
pub fn problems(subject: &Subject<'_>) -> Vec<String> {
    subject
        .overlays
        .iter()
        .flat_map(|overlay| match of(subject, overlay) {
            Ok(path) => judge(subject.merged, path, overlay),
            Err(problem) => vec![problem],
        })
        .collect()
}

/// Returns the sensor that an overlay brings, by its label.
pub fn of<'a>(subject: &'a Subject<'_>, overlay: &Overlay) -> Result<&'a str, String> {
    let label = format!("{}_sensor", overlay.port.name);
    let symbols = subject.merged.get("/__symbols__");
    let path = symbols.and_then(|symbols| symbols.strings(&label).pop());
    let node = path.and_then(|path| subject.merged.nodes().find(|(found, _)| *found == path));
    match node {
        Some((path, _)) if subject.base.get(path).is_some() => {
            Err(format!("{path} is in the base tree already"))
        }
        Some((path, _)) => Ok(path),
        None => Err(format!("no node is labelled {label}")),
    }
}

/// Returns the sensor's endpoint.
pub fn endpoint(sensor: &str) -> String {
    format!("{sensor}/port/endpoint")
}

fn judge(tree: &Tree, path: &str, overlay: &Overlay) -> Vec<String> {
    let mut found = unusable(tree, path, overlay.board.link_max_hz);
    let adapter = overlay.adapter.name;
    let part = tree.get(path).and_then(part);
    if Part::ALL
        .iter()
        .any(|part| part.name.to_string_lossy() == adapter)
        && part.is_none_or(|part| part.name.to_string_lossy() != adapter)
    {
        found.push(format!("{path} is no {adapter}"));
    }
    let lanes = lanes(tree, path);
    if lanes != (1..=u32::from(overlay.lanes)).collect::<Vec<_>>() {
        found.push(format!(
            "{path}: data-lanes are {lanes:?} in an overlay of {} lanes",
            overlay.lanes
        ));
    }
    found
}

/// Returns the sensor that the driver takes a node for.
pub fn part(node: &Node) -> Option<&'static Part> {
    Part::ALL.into_iter().find(|part| {
        let name = part.name.to_string_lossy();
        node.is_compatible(&[&format!("sony,{name}")])
    })
}

fn lanes(tree: &Tree, path: &str) -> Vec<u32> {
    let endpoint = tree.get(&endpoint(path));
    endpoint.map_or_else(Vec::new, |node| node.cells("data-lanes"))
}

/// Returns the problems that keep the driver from binding to a sensor, or the receiver from its
/// link.
pub fn unusable(tree: &Tree, path: &str, link_max_hz: u64) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |problem: String| found.push(format!("{path}: {problem}"));

    let Some(part) = tree.get(path).and_then(part) else {
        return vec![format!("{path} is no sensor")];
    };
    match bus_of(tree, path) {
        Err(problem) => say(problem),
        Ok(bus) => {
            if let Some(off) = bus::disabled(tree, bus) {
                say(format!("{off}, which its bus needs, is not enabled"));
            }
        }
    }
    let Some(endpoint) = tree.get(&endpoint(path)) else {
        say("there is no port/endpoint".into());
        return found;
    };
    let Some(inck) = inck_hz(tree, path) else {
        say("neither its clock nor assigned-clock-rates says how fast it is clocked".into());
        return found;
    };
    let links = endpoint.pairs("link-frequencies");
    let lanes = lanes(tree, path).len();
    if let Err(error) = Board::new(inck, lanes as u32, &links, part) {
        say(error.to_string());
    }
    for link in links {
        if link > link_max_hz {
            say(format!(
                "a link of {link} Hz is beyond the {link_max_hz} Hz of the receiver"
            ));
        }
    }
    found
}

fn bus_of<'a>(tree: &'a Tree, sensor: &'a str) -> Result<&'a str, String> {
    let above = parent(sensor).unwrap_or_default();
    match tree.get(above) {
        Some(node) if bus::is_bus(node) => Ok(above),
        _ => Err(format!("{above} is no I2C bus")),
    }
}

fn inck_hz(tree: &Tree, sensor: &str) -> Option<u32> {
    let sensor = tree.get(sensor)?;
    let clock = *sensor.cells("clocks").first()?;
    // A fixed clock, or one of the SoC's that is set for the sensor.
    let fixed = tree.path_of(clock).and_then(|path| tree.get(path));
    fixed
        .and_then(|clock| clock.cell("clock-frequency"))
        .or_else(|| sensor.cell("assigned-clock-rates"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlays::boards::named;
    use crate::overlays::tree::build::node;
    use crate::overlays::tree::Node;

    /// Returns the problems of a Jetson Nano with such a camera.
    fn nano(inck: u32, lanes: &[u32], link: u32, status: &str) -> Vec<String> {
        let endpoint = node("endpoint")
            .with("data-lanes", lanes)
            .with("link-frequencies", &[0, link]);
        let camera = node("camera@1a")
            .text("compatible", "sony,imx412")
            .with("clocks", &[1])
            .holding([node("port").holding([endpoint])]);
        let clock = node("clock")
            .with("phandle", &[1])
            .with("clock-frequency", &[inck]);
        let bus = node("i2c").text("status", status).holding([camera]);
        let merged = symbols(node("").holding([clock, bus]));
        let overlays: Vec<Overlay> = named("jetson-nano").unwrap().overlays().take(1).collect();
        problems(&Subject {
            base: &Tree::default(),
            merged: &merged,
            overlays: &overlays,
        })
    }

    fn symbols(root: Node) -> Tree {
        let symbols = node("__symbols__").text("cam0_sensor", "/i2c/camera@1a");
        root.holding([symbols]).tree()
    }

    #[test]
    fn a_sensor_as_it_should_be() {
        assert_eq!(nano(27_000_000, &[1, 2], 742_500_000, "okay"), [""; 0]);
    }

    #[test]
    fn a_link_that_the_plls_do_not_make() {
        let found = nano(24_000_000, &[1, 2], 742_500_000, "okay");
        assert!(
            matches!(&found[..], [one] if one.contains("742500000")),
            "{found:?}"
        );
    }

    #[test]
    fn a_link_too_fast_for_the_receiver() {
        assert_eq!(
            nano(27_000_000, &[1, 2], 1_049_625_000, "okay"),
            ["/i2c/camera@1a: a link of 1049625000 Hz is beyond the 750000000 Hz of the receiver"]
        );
    }

    #[test]
    fn lanes_that_the_name_does_not_say() {
        let found = nano(27_000_000, &[1, 2, 3, 4], 742_500_000, "okay");
        assert!(
            matches!(&found[..], [one] if one.contains("data-lanes")),
            "{found:?}"
        );
    }

    #[test]
    fn a_module_with_another_sensor_than_its_name_says() {
        let endpoint = node("endpoint")
            .with("data-lanes", &[1, 2])
            .with("link-frequencies", &[0, 450_000_000]);
        let camera = node("camera@1a")
            .text("compatible", "sony,imx577")
            .with("clocks", &[1])
            .holding([node("port").holding([endpoint])]);
        let clock = node("clock")
            .with("phandle", &[1])
            .with("clock-frequency", &[24_000_000]);
        let merged = symbols(node("").holding([clock, node("i2c").holding([camera])]));
        let judged = |name: &str| {
            let board = named("raspberry-pi-5").unwrap();
            let overlay = board.overlays().find(|overlay| overlay.short() == name);
            problems(&Subject {
                base: &Tree::default(),
                merged: &merged,
                overlays: &[overlay.unwrap()],
            })
        };
        assert_eq!(judged("imx577-cam0-2lane"), [""; 0]);
        assert_eq!(judged("imx477-cam0-2lane"), ["/i2c/camera@1a is no imx477"]);
    }

    #[test]
    fn a_bus_that_nobody_switched_on() {
        let found = nano(27_000_000, &[1, 2], 742_500_000, "disabled");
        assert!(
            matches!(&found[..], [one] if one.contains("not enabled")),
            "{found:?}"
        );
    }

    #[test]
    fn no_sensor_or_one_that_was_there_before() {
        let merged = symbols(node("").holding([node("i2c").holding([node("camera@1a")])]));
        let overlays: Vec<Overlay> = named("jetson-nano").unwrap().overlays().collect();
        let subject = Subject {
            base: &merged,
            merged: &merged,
            overlays: &overlays,
        };
        assert_eq!(
            problems(&subject),
            [
                "/i2c/camera@1a is in the base tree already",
                "no node is labelled cam1_sensor"
            ]
        );
    }
}
