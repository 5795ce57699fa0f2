// SPDX-License-Identifier: GPL-2.0-only

//! Device trees that are wrong in one property: an overlay has many boards, each with a change of its
//! own. The guest's program judges them (tests/stress/src/trees.rs).

use std::fmt::Write;

/// Boards of one guest: minor numbers of V4L2 end at 256, and a camera has two.
const BOARDS: usize = 60;

/// A property that is changed.
struct Property {
    /// The node that has it: a label without its slot.
    node: &'static str,
    name: &'static str,
    /// Names for it in messages: one of these, with bars between.
    word: &'static str,
    /// Values that are wrong, or right, in a way of its own.
    values: &'static [&'static str],
}

const fn property(
    node: &'static str,
    name: &'static str,
    word: &'static str,
    values: &'static [&'static str],
) -> Property {
    Property {
        node,
        name,
        word,
        values,
    }
}

/// Values for every property.
const ANY: &[&str] = &[
    "<0>",
    "<1>",
    "<0xffffffff>",
    "<0 0 0 0 0 0 0 0 0 0 0 0>",
    "\"nonsense\"",
    "\"\"",
    "[01 02 03]",
    "/bits/ 64 <1>",
];

const PROPERTIES: &[Property] = &[
    property(
        "sensor",
        "reg",
        // The I2C core names the node whose address it cannot use, and no property.
        "reg|Failed to create I2C device",
        &["<0x1b>", "<0x36>", "<0x80>", "<0x1a 0x36>"],
    ),
    property(
        "sensor",
        "reg-names",
        "reg",
        &["\"broadcast\"", "\"sensor\", \"broadcast\""],
    ),
    property(
        "sensor",
        "clocks",
        "clocks",
        &["<&SLOT_sensor>", "<&SLOT_avdd>"],
    ),
    property(
        "sensor",
        "avdd-supply",
        "avdd|supplies",
        &["<&SLOT_sensor>", "<&SLOT_inck>"],
    ),
    property(
        "sensor",
        "dvdd-supply",
        "dvdd|supplies",
        &["<&SLOT_sensor>"],
    ),
    property(
        "sensor",
        "dovdd-supply",
        "dovdd|supplies",
        &["<&SLOT_sensor>"],
    ),
    property(
        "sensor",
        "reset-gpios",
        "reset",
        &[
            "<&SLOT_board 4 0>",
            "<&SLOT_board 99 1>",
            "<&SLOT_board>",
            "<&SLOT_sensor 4 1>",
        ],
    ),
    property("sensor", "orientation", "orientation", &["<2>", "<3>"]),
    property(
        "sensor",
        "rotation",
        "rotation",
        &["<90>", "<180>", "<359>", "<360>", "<(-90)>"],
    ),
    property(
        "sensor",
        "sony,sync-mode",
        "sony,sync-mode",
        &[
            "\"source\"",
            "\"standalone\"",
            "\"Source\"",
            "\"source\", \"sink\"",
        ],
    ),
    property("sensor", "sony,always-on", "sony,always-on", &[]),
    property(
        "source",
        "data-lanes",
        "data-lanes",
        &[
            "<1 2>",
            "<1 2 3>",
            "<1 2 3 4 5>",
            "<1 1 2 2>",
            "<4 3 2 1>",
            "<1 3>",
            "<0 1 2 3>",
            "<257 258>",
            "<1 2 3 4>, <1>",
            "<2 3 4 5>",
        ],
    ),
    property(
        "source",
        "link-frequencies",
        "link-frequencies",
        &[
            "/bits/ 64 <0>",
            "/bits/ 64 <0xffffffffffffffff>",
            "/bits/ 64 <1050000001>",
            "/bits/ 64 <1050000000 0>",
            "/bits/ 64 <600000000 600000000>",
            "/bits/ 64 <2100000000>",
            "/bits/ 64 <1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20>",
        ],
    ),
    property(
        "source",
        "remote-endpoint",
        "endpoint",
        &["<&SLOT_sensor>", "<&SLOT_source>"],
    ),
    property("source", "clock-lanes", "clock-lanes", &["<5>", "<0 0>"]),
    property(
        "source",
        "lane-polarities",
        "lane-polarities",
        &[
            "<0 0 0 0 0>",
            "<1 0 0 0 0>",
            "<0 1 0 0 0>",
            "<0 0>",
            "<2 0 0 0 0>",
        ],
    ),
    property(
        "source",
        "line-orders",
        "line-orders",
        &["<0 0 0 0>", "<5 5 5 5>"],
    ),
    property(
        "source",
        "bus-type",
        "bus-type",
        &["<4>", "<2>", "<3>", "<5>", "<6>"],
    ),
    property("source", "clock-noncontinuous", "clock-noncontinuous", &[]),
    property(
        "sink",
        "data-lanes",
        "data-lanes",
        &["<1 2>", "<1>", "<4 3 2 1>"],
    ),
    property(
        "sink",
        "remote-endpoint",
        "endpoint",
        &["<&SLOT_sensor>", "<&SLOT_sink>"],
    ),
    property(
        "board",
        "clocks",
        "clock",
        &["<&SLOT_sensor>", "<&SLOT_inck>"],
    ),
    property("board", "clock-names", "inck", &["\"xclk\""]),
    property(
        "board",
        "fsm-imx412,address",
        // The driver cannot tell which of the two is wrong.
        "reg|address",
        &["<0x10>", "<0x36>"],
    ),
    property(
        "board",
        "fsm-imx412,chip-id",
        "chip",
        &["<0x0477>", "<0x0378>"],
    ),
    property(
        "i2c",
        "fsm-imx412,max-write-bytes",
        "max-write-bytes|I2C adapter cannot write",
        &["<2>", "<3>", "<4>", "<5>"],
    ),
    property(
        "i2c",
        "fsm-imx412,max-read-bytes",
        "max-read-bytes",
        &["<2>", "<3>"],
    ),
    property(
        "oscillator",
        "clock-frequency",
        "clocks",
        &[
            "<6000000>",
            "<27000000>",
            "<23880000>",
            "<23999999>",
            "<24000001>",
            "<5000000>",
            "<28000000>",
            "<100000000>",
        ],
    ),
    property(
        "avdd",
        "gpio",
        // A supply that nothing switches on: the sensor does not answer.
        "avdd|supplies",
        &["<&SLOT_board 1 0>", "<&SLOT_sensor 0 0>"],
    ),
    property(
        "inck",
        "enable-gpios",
        // The sensor waits for the clock, or does not answer.
        "inck|INCK",
        &["<&SLOT_board 3 1>", "<&SLOT_board 2 0>"],
    ),
];

/// Returns the overlays, each with as many boards as a guest has.
pub fn overlays() -> Vec<String> {
    let cases: Vec<(String, &Property, String)> = PROPERTIES
        .iter()
        .flat_map(|property| {
            let gone = ("gone", format!("/delete-property/ {};", property.name));
            let empty = ("empty", format!("{};", property.name));
            let values = ANY.iter().chain(property.values);
            let values = values.map(|value| (*value, format!("{} = {value};", property.name)));
            [gone, empty]
                .into_iter()
                .chain(values)
                .map(move |(what, text)| {
                    let name = format!("{} {}: {what}", property.node, property.name);
                    (name.replace('"', "'").replace("SLOT_", ""), property, text)
                })
        })
        .collect();
    cases.chunks(BOARDS).map(overlay).collect()
}

fn overlay(cases: &[(String, &Property, String)]) -> String {
    let mut text = String::from(
        "// SPDX-License-Identifier: GPL-2.0-only\n/dts-v1/;\n/plugin/;\n\
         #define FSM_IMX412_LANES 1 2 3 4\n",
    );
    for (number, (name, property, change)) in cases.iter().enumerate() {
        let slot = format!("t{number}");
        let change = change.replace("SLOT", &slot);
        let Property { node, word, .. } = property;
        // Writing into a String does not fail.
        let _ = write!(
            text,
            "#undef FSM_IMX412_ID\n#define FSM_IMX412_ID {slot}\n\
             #include \"../../dts/qemu-virt-slot.dtsi\"\n\
             &{slot}_{node} {{ {change} }};\n\
             &{slot}_board {{ stress,case = \"{name}\"; stress,property = \"{word}\"; }};\n"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_two_hundred_at_least_and_every_one_is_a_board() {
        let overlays = overlays();
        let boards = |text: &String| text.matches("stress,case").count();
        assert!(overlays.iter().map(boards).sum::<usize>() >= 200);
        assert!(overlays
            .iter()
            .all(|text| (1..=BOARDS).contains(&boards(text))));
        assert!(overlays.iter().all(|text| !text.contains("SLOT")));
    }
}
