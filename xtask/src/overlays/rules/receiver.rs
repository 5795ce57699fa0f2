// SPDX-License-Identifier: GPL-2.0-only

//! The receiver's side of each link: the input that the port is wired to, with as many lanes, in the
//! way that the SoC's driver reads.

use super::{graph, sensor, Subject};
use crate::overlays::boards::{Overlay, Receiver};
use crate::overlays::tree::{parent, Tree};

/// Returns the problems between the overlays' sensors and their receivers.
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
        (Receiver::Camss, Some(sink)) => msm8916(tree, sink, overlay),
        (Receiver::Rp1Cfe, Some(sink)) => rp1_cfe(tree, sink, overlay),
        (Receiver::Unicam, Some(sink)) => unicam(tree, sink, overlay),
        (Receiver::MipiCsis, Some(sink)) => mipi_csis(tree, sink, overlay),
    }
}

/// Returns the path of the part of the graph that an endpoint is in: `above(endpoint, 2)` is the
/// node that holds the ports of `ports/port@0/endpoint`, with one less.
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

/// Checks that the node is enabled and supported by the receiver's driver.
fn expect_receiver(tree: &Tree, path: &str, compatible: &str) -> Result<(), String> {
    let found = tree
        .get(path)
        .is_some_and(|node| node.is_enabled() && node.is_compatible(&[compatible]));
    expect(
        &format!("that {path} is an enabled {compatible}"),
        found,
        true,
    )
}

/// Checks that the receiver's end of the link has the overlay's lanes, numbered from 1.
fn expect_lanes(tree: &Tree, sink: &str, overlay: &Overlay) -> Result<(), String> {
    let lanes = tree.get(sink).map(|node| node.cells("data-lanes"));
    let wanted: Vec<u32> = (1..=u32::from(overlay.lanes)).collect();
    expect(
        "the receiver's data-lanes",
        lanes.unwrap_or_default(),
        wanted,
    )
}

/// One of RP1's two receivers, by their addresses.
fn rp1_cfe(tree: &Tree, sink: &str, overlay: &Overlay) -> Result<(), String> {
    let csi = above(sink, 2);
    let address = ["csi@40110000", "csi@40128000"]
        .get(usize::from(overlay.port.input))
        .copied();
    expect("the receiver", csi.rsplit('/').next(), address)?;
    expect_receiver(tree, csi, "raspberrypi,rp1-cfe")?;
    expect_lanes(tree, sink, overlay)
}

/// One of BCM2711's two receivers, by their addresses, with lanes that it has.
fn unicam(tree: &Tree, sink: &str, overlay: &Overlay) -> Result<(), String> {
    let csi = above(sink, 2);
    let address = ["csi@7e800000", "csi@7e801000"]
        .get(usize::from(overlay.port.input))
        .copied();
    expect("the receiver", csi.rsplit('/').next(), address)?;
    expect_receiver(tree, csi, "brcm,bcm2835-unicam")?;
    let has = tree
        .get(csi)
        .and_then(|node| node.cell("brcm,num-data-lanes"));
    expect(
        "that the receiver has so many lanes",
        has >= Some(overlay.lanes.into()),
        true,
    )?;
    // MEDIA_BUS_TYPE_CSI2_DPHY
    let bus = tree.get(sink).and_then(|node| node.cell("bus-type"));
    expect("the receiver's bus-type", bus, Some(4))?;
    expect_lanes(tree, sink, overlay)
}

/// i.MX8MM's CSI-2 receiver, and the capture block that it sends to.
fn mipi_csis(tree: &Tree, sink: &str, overlay: &Overlay) -> Result<(), String> {
    let csis = above(sink, 3);
    expect("the sink", sink, &format!("{csis}/ports/port@0/endpoint"))?;
    expect_receiver(tree, csis, "fsl,imx8mm-mipi-csi2")?;
    expect_lanes(tree, sink, overlay)?;
    let out = graph::remote(tree, &format!("{csis}/ports/port@1/endpoint"))
        .ok_or("the receiver sends to nothing")?;
    expect_receiver(tree, above(out, 2), "fsl,imx7-csi")
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

    /// Returns a camera with this label, its endpoint 1 connected to 2, beside a receiver.
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

    /// Returns a receiver whose one port is connected to the camera.
    fn single(name: &str, compatible: &str, lanes: &[u32]) -> Node {
        let sink = connected("endpoint", 2, 1)
            .with("data-lanes", lanes)
            .with("bus-type", &[4]);
        node(name)
            .text("compatible", compatible)
            .with("brcm,num-data-lanes", &[2])
            .holding([node("port").holding([sink])])
    }

    #[test]
    fn raspberry_pis_receivers_by_their_addresses() {
        let pi5 = |name, lanes| {
            let csi = single(name, "raspberrypi,rp1-cfe", lanes);
            judged(&board("cam1_sensor", csi), "raspberry-pi-5-cam1-2lane").len()
        };
        assert_eq!(pi5("csi@40128000", &[1, 2]), 0);
        assert_eq!(pi5("csi@40110000", &[1, 2]), 1);
        assert_eq!(pi5("csi@40128000", &[2, 1]), 1);
        let cm4 = |name, lanes| {
            let csi = single("csi@7e801000", "brcm,bcm2835-unicam", lanes);
            judged(&board("cam1_sensor", csi), name).len()
        };
        assert_eq!(cm4("raspberry-pi-cm4-io-cam1-2lane", &[1, 2]), 0);
        // The receiver above has two lanes.
        assert_eq!(cm4("raspberry-pi-cm4-io-cam1-4lane", &[1, 2, 3, 4]), 1);
    }

    #[test]
    fn imx8mm_with_the_capture_block_behind() {
        let imx8mm = |compatible| {
            let sink = connected("endpoint", 2, 1).with("data-lanes", &[1, 2]);
            let csis = node("mipi-csi@32e30000")
                .text("compatible", "fsl,imx8mm-mipi-csi2")
                .holding([node("ports").holding([
                    node("port@0").holding([sink]),
                    node("port@1").holding([connected("endpoint", 3, 4)]),
                ])]);
            let csi = node("csi@32e20000")
                .text("compatible", compatible)
                .holding([node("port").holding([connected("endpoint", 4, 3)])]);
            let soc = node("soc").holding([csis, csi]);
            judged(&board("cam0_sensor", soc), "gateworks-venice-cam0-2lane").len()
        };
        assert_eq!(imx8mm("fsl,imx7-csi"), 0);
        assert_eq!(imx8mm("fsl,imx8mm-isi"), 1);
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
