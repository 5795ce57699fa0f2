// SPDX-License-Identifier: GPL-2.0-only

//! Observations, and the first suspect for each.

use fsm_camera::check::observe::{
    FramesSeen, LightSeen, LinkSeen, NodeSeen, Observations, SupplySeen,
};
use fsm_camera::check::signal::{LaneSeen, PatternSeen};
use fsm_camera::check::verdict::{suspects, Suspect};
use fsm_camera::formats::Order;
use fsm_camera::tree::Inck;
use fsm_camera::units::{Fps, Seconds};

/// Returns a board on which all is well.
fn good() -> Observations {
    Observations {
        tree: vec![NodeSeen {
            path: "/i2c/camera@1a".into(),
            part: "imx412".into(),
            device: Some("0-001a".into()),
            driver: Some("fsm_imx412".into()),
            driver_loaded: true,
            supplies: vec![SupplySeen {
                name: "avdd-supply".into(),
                microvolts: Some(2_800_000),
            }],
            ..NodeSeen::default()
        }],
        part: Some("imx412".into()),
        receiver: Some("receiver".into()),
        inck: Some(Inck {
            hz: 27_000_000,
            source: "clock-frequency of /oscillator".into(),
        }),
        link: Some(LinkSeen {
            lanes: vec![1, 2, 3, 4],
            receiver_lanes: Some(vec![1, 2, 3, 4]),
            frequency: Some(600_000_000),
            virtual_channel: 0,
        }),
        operations: 100,
        frames: Some(FramesSeen {
            wanted: 20,
            came: 20,
            dropped: 0,
            dropped_slowly: None,
            damaged: 0,
            short: 0,
            promised: Fps(30.0),
            measured: Some(Fps(30.003)),
            answers: None,
        }),
        patterns: vec![pattern("solid colour"), pattern("PN9")],
        light: Some(LightSeen {
            dark: 64,
            black: 64,
            dark_raised: 97,
            raised: 32,
            mean: 0.3,
            half: 0.16,
            gained: 0.31,
            brightest: 0.9,
            exposure: Seconds(0.01),
        }),
        temperature: Some(42),
        restarts: Some((20, 20)),
        power: Some((true, true)),
        ..Observations::default()
    }
}

fn pattern(name: &str) -> PatternSeen {
    PatternSeen {
        name: name.into(),
        pixels: 1000,
        lanes: vec![
            LaneSeen {
                bits: 10_000,
                ..LaneSeen::default()
            };
            4
        ],
        bit_positions: vec![0; 10],
        ..PatternSeen::default()
    }
}

fn first(change: impl FnOnce(&mut Observations)) -> Suspect {
    let mut seen = good();
    change(&mut seen);
    suspects(&seen).into_iter().next().expect("a suspect")
}

fn frames(seen: &mut Observations) -> &mut FramesSeen {
    seen.frames.as_mut().unwrap()
}

#[test]
fn nothing_is_wrong_with_a_good_board() {
    assert_eq!(suspects(&good()), []);
}

#[test]
fn a_busy_machine_is_no_fault_of_the_camera() {
    let mut seen = good();
    frames(&mut seen).dropped = 7;
    frames(&mut seen).dropped_slowly = Some(0);
    assert_eq!(suspects(&seen), []);
    frames(&mut seen).dropped_slowly = Some(2);
    assert_eq!(suspects(&seen)[0].id, "dropped");
}

#[test]
fn a_rate_names_the_inck_that_explains_it() {
    for (said, real) in [(27, 24), (24, 27), (24, 25), (24, 12), (27, 37)] {
        let suspect = first(|seen| {
            seen.inck.as_mut().unwrap().hz = said * 1_000_000;
            let real = if real == 37 { 37.125 } else { real as f64 };
            frames(seen).measured = Some(Fps(30.0 * real / said as f64));
        });
        assert_eq!(suspect.id, "inck");
        assert!(
            suspect.title.contains(&format!("INCK is {real}")),
            "{suspect:?}"
        );
        assert!(suspect.title.contains(&format!("says {said} MHz")));
    }
}

#[test]
fn without_a_rate_in_the_tree_every_pair_that_fits_is_named() {
    let suspect = first(|seen| {
        seen.inck = None;
        frames(seen).measured = Some(Fps(30.0 * 24.0 / 27.0));
    });
    assert!(
        suspect.title.contains("24 MHz where the tree says 27 MHz"),
        "{suspect:?}"
    );
}

#[test]
fn a_rate_that_no_oscillator_explains_says_what_would() {
    let suspect = first(|seen| frames(seen).measured = Some(Fps(30.0 * 0.82)));
    assert_eq!(suspect.id, "rate");
    assert!(suspect.change.contains("22.14 MHz"), "{suspect:?}");
}

#[test]
fn silence_with_an_answer_is_the_link_and_without_one_the_supply() {
    let silent = |answers| {
        first(|seen| {
            frames(seen).came = 0;
            frames(seen).measured = None;
            frames(seen).answers = Some(answers);
            seen.patterns.clear();
            seen.light = None;
        })
    };
    let link = silent(true);
    assert_eq!(link.id, "no-frames");
    for word in [
        "link frequency",
        "lanes",
        "polarity",
        "virtual channel",
        "field",
    ] {
        assert!(link.change.contains(word), "{link:?}");
    }
    assert_eq!(silent(false).id, "supply");
}

#[test]
fn lanes_that_differ_at_the_two_ends_come_first_when_nothing_arrives() {
    let suspect = first(|seen| {
        frames(seen).came = 0;
        frames(seen).answers = Some(true);
        seen.link.as_mut().unwrap().receiver_lanes = Some(vec![1, 2]);
        seen.other_links = vec![(450_000_000, true), (750_000_000, false)];
    });
    assert!(
        suspect
            .change
            .starts_with("frames come at a link frequency of 450 MHz"),
        "{suspect:?}"
    );
    assert!(suspect
        .change
        .contains("4 at the sensor, 2 at the receiver"));
}

#[test]
fn lanes_are_named() {
    let wrong = |change: fn(&mut PatternSeen)| {
        first(|seen| {
            for pattern in &mut seen.patterns {
                pattern.wrong = 100;
                change(pattern);
            }
        })
    };
    let stuck = wrong(|pattern| {
        pattern.lanes[1].wrong = 5000;
        pattern.lanes[1].stuck = Some(false);
    });
    assert_eq!(
        (stuck.id, stuck.title.as_str()),
        ("lane-stuck", "lane 2 is stuck at 0")
    );
    let errors = wrong(|pattern| pattern.lanes[3].wrong = 10);
    assert_eq!(
        (errors.id, errors.title.as_str()),
        ("lane-errors", "lane 4 has bit errors")
    );
    assert!(errors.because.contains("1 in 1000"), "{errors:?}");
    let swapped = wrong(|pattern| {
        pattern.swapped = Some((1, 2));
        pattern.lanes.iter_mut().for_each(|lane| lane.wrong = 4000);
    });
    assert_eq!(swapped.id, "lanes-swapped");
    let all = wrong(|pattern| pattern.lanes.iter_mut().for_each(|lane| lane.wrong = 10));
    assert_eq!(all.id, "link-errors");
}

#[test]
fn another_layout_of_pn9_is_no_fault() {
    let mut seen = good();
    let noise = &mut seen.patterns[1];
    noise.wrong = 990;
    noise.lanes.iter_mut().for_each(|lane| lane.wrong = 5000);
    assert_eq!(suspects(&seen), []);
    // But it is one if solid frames are wrong, too.
    seen.patterns[0].wrong = 10;
    seen.patterns[0].lanes[0].wrong = 10;
    assert!(!suspects(&seen).is_empty());
}

#[test]
fn frames_that_end_early_and_colours_that_moved() {
    let cut = first(|seen| {
        seen.patterns[1].wrong = 500;
        seen.patterns[1].cut_at = Some(300);
    });
    assert_eq!(cut.id, "short-frames");
    let moved = first(|seen| {
        seen.patterns[0].wrong = 900;
        seen.patterns[0].order = Some(Order::Gbrg);
    });
    assert_eq!(moved.id, "bayer-order");
    assert!(moved.title.contains("GBRG"));
}

#[test]
fn darkness_and_controls_without_effect() {
    let dark = first(|seen| {
        let light = seen.light.as_mut().unwrap();
        (light.mean, light.half, light.gained, light.brightest) = (0.0, 0.0, 0.0, 0.001);
    });
    assert_eq!(dark.id, "dark");
    let exposure = first(|seen| seen.light.as_mut().unwrap().half = 0.3);
    assert_eq!(exposure.id, "exposure");
    let gain = first(|seen| seen.light.as_mut().unwrap().gained = 0.16);
    assert_eq!(gain.id, "gain");
}

#[test]
fn a_bus_that_fails_now_and_then() {
    let suspect = first(|seen| seen.bus_failures = vec!["start: EIO".into(); 3]);
    assert_eq!(suspect.id, "i2c");
    assert!(suspect.because.contains("3 of 100"));
}

#[test]
fn each_way_of_not_being_bound_has_its_own_cause() {
    let unbound = |change: fn(&mut NodeSeen)| {
        first(|seen| {
            *seen = Observations {
                tree: good().tree,
                ..Observations::default()
            };
            seen.tree[0].driver = None;
            change(&mut seen.tree[0]);
        })
    };
    assert_eq!(unbound(|node| node.driver_loaded = false).id, "no-driver");
    let deferred = unbound(|node| node.deferred = Some("supplier pmic not ready".into()));
    assert_eq!(deferred.id, "deferred");
    assert!(deferred.because.contains("pmic"));
    let disabled = unbound(|node| node.disabled = Some(("/i2c".into(), "disabled".into())));
    assert_eq!(disabled.id, "node-disabled");
    assert!(disabled.change.contains("/i2c"));
    assert_eq!(unbound(|node| node.device = None).id, "no-adapter");
    let refused = unbound(|node| node.log = vec!["x 0-001a: error -EINVAL: clocks: INCK".into()]);
    assert_eq!(refused.id, "probe-failed");
    assert!(refused.because.contains("INCK"));
    assert_eq!(suspects(&Observations::default())[0].id, "no-node");
}

#[test]
fn a_sensor_that_is_told_to_stay_powered_may() {
    assert_eq!(
        first(|seen| seen.power = Some((true, false))).id,
        "runtime-pm"
    );
    let mut seen = good();
    seen.power = Some((true, false));
    seen.stays_powered = true;
    assert_eq!(suspects(&seen), []);
}

#[test]
fn a_supply_of_another_voltage() {
    let suspect = first(|seen| seen.tree[0].supplies[0].microvolts = Some(1_800_000));
    assert_eq!(suspect.id, "voltage");
    assert!(suspect.because.contains("1800 mV"), "{suspect:?}");
}

#[test]
fn a_camera_in_use_is_no_fault_of_its_pipeline() {
    let found = suspects(&Observations {
        busy: true,
        frames: None,
        ..good()
    });
    assert_eq!(found[0].id, "busy");
    assert!(found.iter().all(|suspect| suspect.id != "pipeline"));
}
