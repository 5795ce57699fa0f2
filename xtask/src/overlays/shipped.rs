// SPDX-License-Identifier: GPL-2.0-only

//! Cameras of device trees that Debian ships, moved to virtual boards: what the trees say of each
//! sensor, and the limits of the I2C controller that it is on.

use super::boards::boards;
use super::rules::sensor;
use super::tree::{parent, Node, Tree};
use anyhow::{ensure, Context, Result};
use std::fmt::Write as _;
use std::path::Path;

/// Limits of i2c-qcom-cci.c for a message, by the last of the controller's `compatible`: bytes
/// written, bytes read.
const LIMITS: [(&str, u32, u32); 2] = [("qcom,msm8996-cci", 11, 12), ("qcom,msm8916-cci", 10, 12)];

/// Supplies of the sensor, as the binding and the virtual board call them.
const SUPPLIES: [&str; 3] = ["avdd", "dvdd", "dovdd"];

/// Returns an overlay for QEMU's machine with a slot for each tree that has a camera; `trees` has
/// them.
///
/// # Errors
///
/// A tree cannot be read, or has a camera that does not fit a virtual board.
pub fn overlay(trees: &Path) -> Result<String> {
    let mut text =
        "/* SPDX-License-Identifier: GPL-2.0-only */\n\n/dts-v1/;\n/plugin/;\n".to_owned();
    let named = boards()?.iter().filter(|board| board.has_camera());
    for (number, name) in named.flat_map(|board| &board.trees).enumerate() {
        let tree = Tree::read(&trees.join(format!("{name}.dtb")))?;
        text += &slot(number, name, &tree).with_context(|| (*name).to_owned())?;
    }
    Ok(text)
}

fn slot(number: usize, name: &str, tree: &Tree) -> Result<String> {
    let cameras = tree
        .nodes()
        .filter(|(_, node)| sensor::part(node).is_some() && node.is_enabled());
    let (path, node) = cameras.last().context("there is no camera")?;
    let endpoint = tree
        .get(&sensor::endpoint(path))
        .context("the camera has no endpoint")?;
    let (write_bytes, read_bytes) = limits(tree, path)?;
    let inck = node.cell("assigned-clock-rates").context("no clock rate")?;
    let [controller, line, flags] = node.cells("reset-gpios")[..] else {
        anyhow::bail!("reset-gpios is no line with flags");
    };
    ensure!(
        tree.path_of(controller).is_some(),
        "line {line} is nobody's"
    );

    // The virtual board's receiver numbers its lanes from 1.
    let lanes: Vec<String> = (1..=endpoint.cells("data-lanes").len())
        .map(|lane| lane.to_string())
        .collect();
    let lanes = lanes.join(" ");
    let id = format!("cam{number}");
    let cells = |node: &Node, property: &str| -> Option<String> {
        let cells = node.cells(property);
        let words: Vec<String> = cells.iter().map(|cell| format!("{cell:#x}")).collect();
        (!words.is_empty()).then(|| format!("\t{property} = <{}>;\n", words.join(" ")))
    };
    let mut text = String::new();
    write!(
        text,
        "\n/* {name}{path} */\n\
         #undef FSM_IMX412_ID\n#define FSM_IMX412_ID {id}\n\
         #undef FSM_IMX412_LANES\n#define FSM_IMX412_LANES {lanes}\n\
         #undef FSM_IMX412_INCK_HZ\n#define FSM_IMX412_INCK_HZ {inck}\n\
         #undef QEMU_VIRT_MAX_WRITE_BYTES\n#define QEMU_VIRT_MAX_WRITE_BYTES {write_bytes}\n\
         #undef QEMU_VIRT_MAX_READ_BYTES\n#define QEMU_VIRT_MAX_READ_BYTES {read_bytes}\n\
         #include \"qemu-virt-slot.dtsi\"\n\n\
         &{id}_sensor {{\n\tcompatible = \"{}\";\n",
        node.strings("compatible").join("\", \"")
    )?;
    for property in ["reg", "orientation", "rotation", "assigned-clock-rates"] {
        text +=
            &cells(node, property).unwrap_or_else(|| format!("\t/delete-property/ {property};\n"));
    }
    writeln!(text, "\tassigned-clocks = <&{id}_inck>;")?;
    writeln!(text, "\treset-gpios = <&{id}_board 4 {flags}>;")?;
    let supplied = |supply: &&str| node.properties.contains_key(&format!("{supply}-supply"));
    let missing: Vec<&str> = SUPPLIES
        .into_iter()
        .filter(|supply| !supplied(supply))
        .collect();
    for supply in &missing {
        writeln!(text, "\t/delete-property/ {supply}-supply;")?;
    }
    write!(text, "}};\n\n&{id}_source {{\n")?;
    for property in ["data-lanes", "clock-lanes", "link-frequencies"] {
        text += &cells(endpoint, property).unwrap_or_default();
    }
    text += "};\n";
    // Supplies that the tree does not have are always on.
    for supply in missing {
        write!(text, "\n&{id}_{supply} {{\n\tregulator-always-on;\n}};\n")?;
    }
    Ok(text)
}

fn limits(tree: &Tree, camera: &str) -> Result<(u32, u32)> {
    let controller = parent(camera).and_then(parent).unwrap_or_default();
    let names = tree
        .get(controller)
        .map(|node| node.strings("compatible"))
        .unwrap_or_default();
    let last = names.last().map_or("", String::as_str);
    let found = LIMITS.iter().find(|(name, ..)| *name == last);
    let (_, write, read) =
        found.with_context(|| format!("the limits of {controller}, a {last}, are not known"))?;
    Ok((*write, *read))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlays::tree::build::node;

    fn tree(compatible: &str) -> Tree {
        let endpoint = node("endpoint")
            .with("data-lanes", &[0, 1, 2, 3])
            .with("clock-lanes", &[7])
            .with("link-frequencies", &[0, 600_000_000]);
        let camera = node("camera@1a")
            .text("compatible", "sony,imx577")
            .with("reg", &[0x1a])
            .with("assigned-clock-rates", &[24_000_000])
            .with("avdd-supply", &[3])
            .with("reset-gpios", &[9, 133, 1])
            .holding([node("port").holding([endpoint])]);
        let cci = node("cci@1")
            .text("compatible", compatible)
            .holding([node("i2c-bus@0").holding([camera])]);
        node("")
            .holding([cci, node("gpio").with("phandle", &[9])])
            .tree()
    }

    #[test]
    fn a_slot_has_what_the_tree_says() {
        let text = slot(2, "qcom/x", &tree("qcom,sa8775p-cci\0qcom,msm8996-cci")).unwrap();
        for line in [
            "#define FSM_IMX412_ID cam2",
            "#define FSM_IMX412_LANES 1 2 3 4",
            "#define QEMU_VIRT_MAX_WRITE_BYTES 11",
            "compatible = \"sony,imx577\";",
            "data-lanes = <0x0 0x1 0x2 0x3>;",
            "clock-lanes = <0x7>;",
            "link-frequencies = <0x0 0x23c34600>;",
            "reset-gpios = <&cam2_board 4 1>;",
            "/delete-property/ dvdd-supply;",
            "&cam2_dvdd {\n\tregulator-always-on;",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(!text.contains("/delete-property/ avdd-supply"));
    }

    #[test]
    fn an_unknown_controller_is_named() {
        let error = slot(0, "x", &tree("qcom,new-cci")).unwrap_err();
        assert!(error.to_string().contains("qcom,new-cci"), "{error}");
    }
}
