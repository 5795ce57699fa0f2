// SPDX-License-Identifier: GPL-2.0-only

//! Nothing is claimed twice: addresses of an I2C bus, lines of a GPIO controller.

use super::{bus, references};
use crate::overlays::tree::{parent, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// Returns the resources with more than one owner.
pub fn problems(tree: &Tree) -> Vec<String> {
    let mut found = addresses(tree);
    found.extend(lines(tree));
    found
}

/// A device and one of its addresses.
type Device<'a> = (&'a str, u32);

fn addresses(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, _) in tree.nodes().filter(|(_, node)| bus::is_bus(node)) {
        let own = devices(tree, path);
        let above: Vec<Device<'_>> = bus::segments(tree, path)
            .skip(1)
            .flat_map(|bus| devices(tree, bus))
            .collect();
        for (place, (device, address)) in own.iter().enumerate() {
            if !(0x08..=0x77).contains(address) {
                found.push(format!("{device}: {address:#04x} is no I2C address"));
            }
            let others = own[..place].iter().chain(&above);
            for (other, _) in others.filter(|(_, other)| other == address) {
                found.push(format!(
                    "{device} and {other} are both at {address:#04x} of one I2C bus"
                ));
            }
        }
    }
    found
}

/// Returns the devices of a bus. The broadcast address of sensors is one that they share.
fn devices<'a>(tree: &'a Tree, bus: &'a str) -> Vec<Device<'a>> {
    tree.children(bus)
        .filter(|(_, node)| node.is_enabled())
        .flat_map(|(path, node)| {
            let names = node.strings("reg-names");
            let own = move |place: &usize| names.get(*place).is_none_or(|name| name != "broadcast");
            let addresses = node.cells("reg").into_iter().enumerate();
            addresses
                .filter(move |(place, _)| own(place))
                .map(move |(_, address)| (path, address))
        })
        .collect()
}

fn lines(tree: &Tree) -> Vec<String> {
    let mut owners: BTreeMap<(&str, u32), Vec<String>> = BTreeMap::new();
    // Lines with an owner that has them to itself.
    let mut own = BTreeSet::new();
    for (path, node) in tree.nodes() {
        if node.properties.contains_key("gpio-hog") {
            let controller = parent(path).unwrap_or_default();
            if let Some(line) = node.cells("gpios").first() {
                owners
                    .entry((controller, *line))
                    .or_default()
                    .push(path.to_owned());
                own.insert((controller, *line));
            }
        }
        for reference in references::of(tree, node) {
            let gpio =
                reference.property.ends_with("gpio") || reference.property.ends_with("gpios");
            let controller = tree.path_of(reference.phandle).filter(|_| gpio);
            if let (Some(controller), Some(line)) = (controller, reference.arguments.first()) {
                let owner = format!("{path} ({})", reference.property);
                owners.entry((controller, *line)).or_default().push(owner);
                // Of regulators at one line the kernel counts the users (regulator_ena_gpio_request()).
                if !node.is_compatible(&["regulator-fixed"]) {
                    own.insert((controller, *line));
                }
            }
        }
    }
    owners
        .into_iter()
        .filter(|(line, owners)| owners.len() > 1 && own.contains(line))
        .map(|((controller, line), owners)| {
            format!(
                "line {line} of {controller} is claimed by {}",
                owners.join(" and ")
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overlays::tree::build::node;
    use crate::overlays::tree::Node;

    fn at(name: &str, address: u32) -> Node {
        node(name).with("reg", &[address])
    }

    #[test]
    fn one_address_twice_on_a_bus() {
        let bus = node("i2c").holding([at("a", 0x1a), at("b", 0x1a)]);
        assert_eq!(
            problems(&node("").holding([bus]).tree()),
            ["/i2c/b and /i2c/a are both at 0x1a of one I2C bus"]
        );
    }

    #[test]
    fn one_address_on_a_channel_and_in_front_of_its_mux() {
        let mux = |address| {
            let channels = [at("i2c@0", 0), at("i2c@1", 1)]
                .map(|channel| channel.holding([at("camera", address)]));
            let bus = node("i2c").holding([at("i2c-mux", 0x70).holding(channels), at("d", 0x39)]);
            node("").holding([bus]).tree()
        };
        assert_eq!(problems(&mux(0x1a)), [""; 0]);
        assert_eq!(problems(&mux(0x39)).len(), 2);
        assert_eq!(problems(&mux(0x70)).len(), 2);
    }

    #[test]
    fn broadcast_addresses_are_shared_and_what_is_off_claims_none() {
        let sensor = |name: &str, address| {
            node(name)
                .with("reg", &[address, 0x36])
                .text("reg-names", "sensor\0broadcast")
        };
        let bus = node("i2c").holding([
            sensor("a", 0x1a),
            sensor("b", 0x10),
            at("c", 0x1a).text("status", "disabled"),
        ]);
        assert_eq!(problems(&node("").holding([bus]).tree()), [""; 0]);
    }

    #[test]
    fn no_address_beyond_seven_bits() {
        let bus = node("i2c").holding([at("a", 0x80)]);
        assert_eq!(
            problems(&node("").holding([bus]).tree()),
            ["/i2c/a: 0x80 is no I2C address"]
        );
    }

    #[test]
    fn one_line_claimed_twice() {
        let tree = |line| {
            let hog = node("hog").with("gpio-hog", &[]).with("gpios", &[3, 0]);
            let controller = node("gpio").with("phandle", &[1]).with("#gpio-cells", &[2]);
            node("")
                .holding([
                    controller.holding([hog]),
                    node("camera").with("reset-gpios", &[1, line, 1]),
                ])
                .tree()
        };
        assert_eq!(problems(&tree(4)), [""; 0]);
        assert_eq!(
            problems(&tree(3)),
            ["line 3 of /gpio is claimed by /camera (reset-gpios) and /gpio/hog"]
        );
    }

    #[test]
    fn regulators_may_share_a_line_and_nothing_else_with_them() {
        let regulator = |name| {
            node(name)
                .text("compatible", "regulator-fixed")
                .with("gpio", &[1, 3, 0])
        };
        let tree = |last| {
            let controller = node("gpio").with("phandle", &[1]).with("#gpio-cells", &[2]);
            node("")
                .holding([controller, regulator("a"), regulator("b"), last])
                .tree()
        };
        assert_eq!(problems(&tree(node("camera"))), [""; 0]);
        assert_eq!(
            problems(&tree(node("camera").with("reset-gpios", &[1, 3, 1]))).len(),
            1
        );
    }
}
