// SPDX-License-Identifier: GPL-2.0-only

//! A camera that is in the kernel's own tree of a board: the driver takes it as it is, and the
//! receiver that the list of boards names is at its other end.

use super::{bus, graph, sensor};
use crate::overlays::boards::Board;
use crate::overlays::tree::{parent, Tree};

/// Returns the problems of the cameras of a tree.
pub fn problems(tree: &Tree, board: &Board) -> Vec<String> {
    let cameras: Vec<&str> = tree
        .nodes()
        .filter(|(_, node)| sensor::part(node).is_some() && node.is_enabled())
        .map(|(path, _)| path)
        .collect();
    if cameras.len() != board.ports.len() {
        return vec![format!(
            "there are {} cameras that the driver takes, instead of {}",
            cameras.len(),
            board.ports.len()
        )];
    }
    let of = |path: &&str| {
        let mut found = sensor::unusable(tree, path, board.link_max_hz);
        found.extend(receiver(tree, path, board).err());
        found
    };
    cameras.iter().flat_map(of).collect()
}

/// The sensor's other end is an input of an enabled receiver, with as many lanes.
fn receiver(tree: &Tree, path: &str, board: &Board) -> Result<(), String> {
    let source = sensor::endpoint(path);
    let sink = graph::remote(tree, &source).ok_or(format!("{path} is connected to nothing"))?;
    if graph::remote(tree, sink) != Some(&source) {
        return Err(format!("{sink} is not connected to {path}"));
    }
    let port = parent(sink).unwrap_or_default();
    let camss = parent(port).and_then(parent).unwrap_or_default();
    let is_receiver = tree.get(camss).is_some_and(|node| {
        node.is_enabled()
            && node
                .strings("compatible")
                .iter()
                .any(|name| name.ends_with("-camss"))
    });
    if !is_receiver || bus::disabled(tree, camss).is_some() {
        return Err(format!("{camss} is no receiver that is switched on"));
    }
    let lanes = |path: &str| {
        let node = tree.get(path);
        node.map_or(0, |node| node.cells("data-lanes").len())
    };
    let input = |port: &str| {
        let address = port.rsplit('@').next();
        address.and_then(|address| u8::from_str_radix(address, 16).ok())
    };
    let listed = board.ports.iter().any(|listed| {
        Some(listed.input) == input(port)
            && listed.lanes.iter().any(|&wanted| {
                usize::from(wanted) == lanes(&source) && lanes(&source) == lanes(sink)
            })
    });
    if !listed {
        return Err(format!(
            "{path} sends {} lanes to {port}, which takes {}: not what the list of boards has",
            lanes(&source),
            lanes(sink)
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlays::boards::named;
    use crate::overlays::tree::build::node;

    /// Returns the problems of a Talos EVK with such a camera and receiver.
    fn talos(rate: u32, lanes: &[u32], port: &str, status: &str) -> Vec<String> {
        let end = |own: u32, other: u32| {
            node("endpoint")
                .with("phandle", &[own])
                .with("remote-endpoint", &[other])
                .with("data-lanes", lanes)
        };
        let source = end(1, 2).with("link-frequencies", &[0, 600_000_000]);
        let camera = node("camera@1a")
            .text("compatible", "sony,imx577")
            .with("clocks", &[9, 59])
            .with("assigned-clock-rates", &[rate])
            .holding([node("port").holding([source])]);
        let cci = node("cci@1").holding([node("i2c-bus@1").holding([camera])]);
        let camss = node("isp@2")
            .text("compatible", "qcom,sm6150-camss")
            .text("status", status)
            .holding([node("ports").holding([node(port).holding([end(2, 1)])])]);
        let tree = node("").holding([cci, camss]).tree();
        problems(&tree, named("qcom-talos-evk").unwrap())
    }

    #[test]
    fn a_camera_as_it_is_shipped() {
        let lanes = [1, 2, 3, 4];
        assert_eq!(talos(24_000_000, &lanes, "port@1", "okay"), [""; 0]);
        // Numbers of lanes are the receiver's matter, how many there are is the sensor's.
        assert_eq!(talos(24_000_000, &[0, 1, 2, 3], "port@1", "okay"), [""; 0]);
    }

    #[test]
    fn a_camera_that_does_not_work() {
        for (found, word) in [
            (
                talos(19_200_000, &[1, 2, 3, 4], "port@1", "okay"),
                "19200000",
            ),
            (talos(24_000_000, &[1, 2], "port@1", "okay"), "2 lanes"),
            (talos(24_000_000, &[1, 2, 3, 4], "port@0", "okay"), "port@0"),
            (
                talos(24_000_000, &[1, 2, 3, 4], "port@1", "disabled"),
                "isp@2",
            ),
        ] {
            assert!(
                matches!(&found[..], [one] if one.contains(word)),
                "{found:?}"
            );
        }
    }
}
