// SPDX-License-Identifier: GPL-2.0-only

//! The receiver's side of each link: the input that the port is wired to, with as many lanes, in the
//! way that the SoC's driver reads.

use super::{graph, sensor, Subject};
use crate::overlays::boards::{Overlay, Receiver};
use crate::overlays::tree::{parent, Tree};

/// What is wrong between the overlays' sensors and their receivers.
pub fn problems(subject: &Subject<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for overlay in subject.overlays {
        // A sensor that is not there is another rule's matter.
        let Ok(path) = sensor::of(subject, overlay) else {
            continue;
        };
        let problem = judge(subject.merged, &sensor::endpoint(path), overlay).err();
        found.extend(problem.map(|problem| format!("{path}: {problem}")));
    }
    found
}

fn judge(tree: &Tree, source: &str, overlay: &Overlay) -> Result<(), String> {
    let sink = graph::remote(tree, source);
    match (overlay.board.receiver, sink) {
        (Receiver::Missing, None) => Ok(()),
        (Receiver::Missing, Some(sink)) => Err(format!(
            "it is connected to {sink}, but the board is listed as one without receiver"
        )),
        (_, None) => Err("it is not connected to the board's receiver".into()),
        (Receiver::Tegra210, Some(sink)) => tegra210(tree, sink, overlay),
        (Receiver::Msm8916, Some(sink)) => msm8916(tree, sink, overlay),
    }
}

/// The path of the part of the graph that an endpoint is in: `above(endpoint, 2)` is the node that
/// holds the ports of `ports/port@0/endpoint`, with one less.
fn above(path: &str, levels: usize) -> &str {
    (0..levels).fold(path, |path, _| parent(path).unwrap_or_default())
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted {
        return Ok(());
    }
    Err(format!("{what} is {found:?} and should be {wanted:?}"))
}

/// A channel of the CSI block, and the port of the VI block with the same number.
fn tegra210(tree: &Tree, sink: &str, overlay: &Overlay) -> Result<(), String> {
    let input = overlay.port.input;
    let channel = above(sink, 3);
    let csi = above(channel, 1);
    expect(
        "the sink",
        sink,
        &format!("{channel}/ports/port@0/endpoint"),
    )?;
    expect("its channel", channel, &format!("{csi}/channel@{input}"))?;
    let node = tree.get(channel).cloned().unwrap_or_default();
    expect("reg of the channel", node.cell("reg"), Some(input.into()))?;
    let pads = if overlay.lanes == 4 { 0b11 } else { 0b01 } << input;
    let calibrated = node.cells("nvidia,mipi-calibrate").get(1).copied();
    expect("the mask of pads to calibrate", calibrated, Some(pads))?;
    // The driver reads the number of lanes and nothing else.
    let lanes = tree
        .get(sink)
        .map_or(0, |node| node.cells("data-lanes").len());
    expect(
        "the receiver's number of lanes",
        lanes,
        overlay.lanes.into(),
    )?;

    let vi = above(csi, 1);
    for block in [vi, csi] {
        let block_node = tree.get(block);
        expect(
            block,
            block_node.is_some_and(|node| node.is_enabled()),
            true,
        )?;
    }
    let port = format!("{vi}/ports/port@{input}/endpoint");
    let out = graph::remote(tree, &format!("{channel}/ports/port@1/endpoint"));
    expect("what the channel sends to", out, Some(port.as_str()))
}

/// A CSIPHY. Its lanes are the pads of the SoC, of which 1 is the clock's.
fn msm8916(tree: &Tree, sink: &str, overlay: &Overlay) -> Result<(), String> {
    let camss = above(sink, 3);
    let input = overlay.port.input;
    expect(
        "the sink",
        sink,
        &format!("{camss}/ports/port@{input}/endpoint"),
    )?;
    let enabled = tree
        .get(camss)
        .is_some_and(|node| node.is_enabled() && node.is_compatible(&["qcom,msm8916-camss"]));
    expect("that the sink is an enabled CAMSS", enabled, true)?;
    let lanes = tree
        .get(sink)
        .map(|node| node.cells("data-lanes"))
        .unwrap_or_default();
    expect(
        "the receiver's data-lanes",
        &lanes[..],
        &[0, 2, 3, 4][..usize::from(overlay.lanes)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlays::boards::{boards, overlays};
    use crate::overlays::tree::build::node;
    use crate::overlays::tree::Node;

    fn connected(name: &str, own: u32, other: u32) -> Node {
        node(name)
            .with("phandle", &[own])
            .with("remote-endpoint", &[other])
    }

    /// A camera with this label, its endpoint 1 connected to 2, beside a receiver.
    fn board(label: &str, receiver: Node) -> Tree {
        let port = node("port").holding([connected("endpoint", 1, 2)]);
        let symbols = node("__symbols__").text(label, "/camera");
        let camera = node("camera").holding([port]);
        node("").holding([symbols, camera, receiver]).tree()
    }

    fn judged(merged: &Tree, name: &str) -> Vec<String> {
        let overlay = overlays()
            .unwrap()
            .find(|overlay| overlay.to_string() == name);
        problems(&Subject {
            base: &Tree::default(),
            merged,
            overlays: &[overlay.unwrap()],
        })
    }

    fn tegra(channel: &str, mask: u32, lanes: &[u32], port: &str) -> Vec<String> {
        let sink = connected("endpoint", 2, 1).with("data-lanes", lanes);
        let ports = node("ports").holding([
            node("port@0").holding([sink]),
            node("port@1").holding([connected("endpoint", 3, 4)]),
        ]);
        let channel = node(channel)
            .with("reg", &[4])
            .with("nvidia,mipi-calibrate", &[9, mask])
            .holding([ports]);
        let port = node(port).holding([connected("endpoint", 4, 3)]);
        let vi = node("vi").holding([
            node("csi").holding([channel]),
            node("ports").holding([port]),
        ]);
        judged(&board("cam1_sensor", vi), "jetson-nano-cam1-2lane")
    }

    #[test]
    fn tegra210_as_it_should_be() {
        assert_eq!(tegra("channel@4", 0x10, &[1, 2], "port@4"), [""; 0]);
    }

    #[test]
    fn tegra210_wired_to_something_else() {
        for (found, word) in [
            (tegra("channel@2", 0x10, &[1, 2], "port@4"), "channel"),
            (tegra("channel@4", 0x30, &[1, 2], "port@4"), "pads"),
            (tegra("channel@4", 0x10, &[1], "port@4"), "lanes"),
            (tegra("channel@4", 0x10, &[1, 2], "port@0"), "sends to"),
        ] {
            assert!(
                matches!(&found[..], [one] if one.contains(word)),
                "{found:?}"
            );
        }
    }

    fn camss(port: &str, lanes: &[u32], status: &str) -> Vec<String> {
        let sink = connected("endpoint", 2, 1).with("data-lanes", lanes);
        let camss = node("camss")
            .text("compatible", "qcom,msm8916-camss")
            .text("status", status)
            .holding([node("ports").holding([node(port).holding([sink])])]);
        judged(&board("j3_sensor", camss), "dragonboard-410c-j3-4lane")
    }

    #[test]
    fn msm8916_in_its_own_numbering() {
        assert_eq!(camss("port@0", &[0, 2, 3, 4], "okay"), [""; 0]);
        assert_eq!(camss("port@1", &[0, 2, 3, 4], "okay").len(), 1);
        assert_eq!(camss("port@0", &[1, 2, 3, 4], "okay").len(), 1);
        assert_eq!(camss("port@0", &[0, 2, 3, 4], "disabled").len(), 1);
    }

    #[test]
    fn connected_exactly_where_there_is_a_receiver() {
        let alone = node("camera").holding([node("port").holding([node("endpoint")])]);
        let symbols = node("__symbols__")
            .text("j5_sensor", "/camera")
            .text("cam0_sensor", "/camera");
        let alone = node("").holding([symbols, alone]).tree();
        assert_eq!(judged(&alone, "jetson-tx2-j5-2lane"), [""; 0]);
        assert_eq!(judged(&alone, "jetson-nano-cam0-2lane").len(), 1);
        let pair = board("j5_sensor", connected("nvcsi", 2, 1));
        assert_eq!(judged(&pair, "jetson-tx2-j5-2lane").len(), 1);
        assert!(boards()
            .unwrap()
            .iter()
            .any(|board| board.receiver == Receiver::Missing));
    }
}
