// SPDX-License-Identifier: GPL-2.0-only

//! Pipelines of the receivers that boards have, planned from graphs in tests/graphs. They were recorded
//! from the kernel's own drivers, in guests of this project (`fsm-camera list --graph`), camss' with the
//! links off again. The one with two sensors behind camss (MSM8916) was written from camss_link_entities()
//! of Linux 7.3.

use fsm_camera::graph::{Graph, PadOf};
use fsm_camera::plan::{plan, Plan, Step, Wanted};

const RGGB10: u32 = 0x300f;
const GRBG12: u32 = 0x3011;
const RGGB12: u32 = 0x3012;

fn graph(name: &str) -> Graph {
    let file = format!("{}/tests/graphs/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn wanted(code: u32) -> Wanted {
    Wanted {
        code,
        width: 1920,
        height: 1080,
    }
}

fn pad(graph: &Graph, end: PadOf) -> String {
    format!("{}:{}", graph.entity(end.entity).unwrap().name, end.pad)
}

/// Returns the steps in words.
fn words(graph: &Graph, plan: &Plan) -> Vec<String> {
    plan.steps
        .iter()
        .map(|step| match step {
            Step::Disable { source, sink } => {
                format!("off {} {}", pad(graph, *source), pad(graph, *sink))
            }
            Step::Enable { source, sink } => {
                format!("on {} {}", pad(graph, *source), pad(graph, *sink))
            }
            Step::PadFormat {
                entity,
                pad: index,
                code,
                width,
                height,
            } => {
                let end = PadOf {
                    entity: *entity,
                    pad: *index,
                };
                format!("pad {} {code:#x} {width}x{height}", pad(graph, end))
            }
            Step::NodeFormat {
                entity,
                fourcc,
                width,
                height,
            } => {
                let name = &graph.entity(*entity).unwrap().name;
                format!("node {name} {fourcc} {width}x{height}")
            }
        })
        .collect()
}

fn planned(name: &str, code: u32) -> Vec<String> {
    let graph = graph(name);
    let sensor = graph.sensors().next().unwrap().id;
    words(&graph, &plan(&graph, sensor, wanted(code), None).unwrap())
}

#[test]
fn imx7_csi_turns_the_sensors_link_on() {
    assert_eq!(
        planned("imx7-csi", GRBG12),
        [
            "on imx412 0-001a:0 csis-b0000000.mipi-csi:0",
            "pad imx412 0-001a:0 0x3011 1920x1080",
            "pad csis-b0000000.mipi-csi:0 0x3011 1920x1080",
            "pad csis-b0000000.mipi-csi:1 0x3011 1920x1080",
            "pad csi:0 0x3011 1920x1080",
            "pad csi:1 0x3011 1920x1080",
            "node csi capture BA12 1920x1080",
        ]
    );
}

#[test]
fn rp1_cfe_goes_round_the_front_end_into_a_packed_format() {
    assert_eq!(
        planned("rp1-cfe", RGGB10),
        [
            "on csi2:1 rp1-cfe-csi2-ch0:0",
            "pad imx577 0-001a:0 0x300f 1920x1080",
            "pad csi2:0 0x300f 1920x1080",
            "pad csi2:1 0x300f 1920x1080",
            "node rp1-cfe-csi2-ch0 pRAA 1920x1080",
        ]
    );
}

#[test]
fn camss_takes_a_raw_interface_and_not_the_processed_one() {
    assert_eq!(
        planned("qcom-camss", RGGB10),
        [
            "on msm_csiphy0:1 msm_csid0:0",
            "on msm_csid0:1 msm_ispif0:0",
            "on msm_ispif0:1 msm_vfe0_rdi0:0",
            "pad imx412 3-001a:0 0x300f 1920x1080",
            "pad msm_csiphy0:0 0x300f 1920x1080",
            "pad msm_csiphy0:1 0x300f 1920x1080",
            "pad msm_csid0:0 0x300f 1920x1080",
            "pad msm_csid0:1 0x300f 1920x1080",
            "pad msm_ispif0:0 0x300f 1920x1080",
            "pad msm_ispif0:1 0x300f 1920x1080",
            "pad msm_vfe0_rdi0:0 0x300f 1920x1080",
            "pad msm_vfe0_rdi0:1 0x300f 1920x1080",
            "node msm_vfe0_video0 pRAA 1920x1080",
        ]
    );
}

/// As after a plan: its links are in use.
fn applied(graph: &mut Graph, plan: &Plan) {
    for link in &mut graph.links {
        for used in &plan.links {
            if (link.source, link.sink) == (used.source, used.sink) {
                link.enabled = true;
            }
        }
    }
}

#[test]
fn a_second_camera_takes_what_the_first_has_left() {
    let mut graph = graph("qcom-camss-two-sensors");
    let sensors: Vec<u32> = graph.sensors().map(|sensor| sensor.id).collect();
    let [first, second] = sensors[..] else {
        panic!("{sensors:?}");
    };
    let plan_of = |graph: &Graph, sensor| plan(graph, sensor, wanted(RGGB10), None).unwrap();
    let one = plan_of(&graph, first);
    applied(&mut graph, &one);
    let two = plan_of(&graph, second);
    assert_ne!(one.node, two.node);
    assert!(
        !two.steps
            .iter()
            .any(|step| matches!(step, Step::Disable { .. })),
        "{:?}",
        words(&graph, &two)
    );
    // The first finds its own way again, with nothing to turn on.
    let again = plan_of(&graph, first);
    assert_eq!(again.links.len(), one.links.len());
    assert!(!again
        .steps
        .iter()
        .any(|step| matches!(step, Step::Enable { .. })));
}

#[test]
fn a_node_that_is_asked_for_is_taken_from_who_has_it() {
    let mut graph = graph("qcom-camss-two-sensors");
    let sensors: Vec<u32> = graph.sensors().map(|sensor| sensor.id).collect();
    let one = plan(&graph, sensors[0], wanted(RGGB10), Some("/dev/video0")).unwrap();
    applied(&mut graph, &one);
    let two = plan(&graph, sensors[1], wanted(RGGB10), Some("video0")).unwrap();
    assert_eq!(one.node, two.node);
    let words = words(&graph, &two);
    assert!(words[0].starts_with("off "), "{words:?}");
}

#[test]
fn unicam_goes_to_the_image_node() {
    assert_eq!(
        planned("unicam", RGGB10),
        [
            "pad imx412 1-001a:0 0x300f 1920x1080",
            "pad unicam:0 0x300f 1920x1080",
            "pad unicam:1 0x300f 1920x1080",
            "node unicam-image RG10 1920x1080",
        ]
    );
}

#[test]
fn tegra_video_lists_formats_without_codes() {
    assert_eq!(
        planned("tegra-video", RGGB12).last().unwrap(),
        "node b0180000.vi-output-0 RG12 1920x1080"
    );
}

#[test]
fn what_cannot_be_says_what_there_is() {
    let graph = graph("rp1-cfe");
    let sensor = graph.sensors().next().unwrap().id;
    let error = |code, node| {
        let error = plan(&graph, sensor, wanted(code), node).unwrap_err();
        format!("{error:#}")
    };
    let found = error(RGGB10, Some("video77"));
    assert!(found.contains("rp1-cfe-csi2-ch0"), "{found}");
    let found = error(RGGB10, Some("rp1-cfe-fe-stats"));
    assert!(found.contains("10 bits"), "{found}");
    assert!(error(0x2006, None).contains("0x2006"));
}
