// SPDX-License-Identifier: GPL-2.0-only

//! Cutting differences into bus writes.

use imx412_host::sensor::part::IMX412;
use imx412_host::sensor::program::{self, Extent};
use imx412_host::sensor::regs::{self, Latch, Phase};
use imx412_host::sensor::{Activity, Burst, Config, Known, RegisterImage, WriteLimit};
use proptest::prelude::*;

use super::decode::{after_reset, image_of, Registers};
use super::strategies::{activity, configured, live_step, step, Step};
use Activity::{Standby, Streaming};

/// Returns all limits that make a difference, and some without effect.
fn limits() -> impl Iterator<Item = usize> {
    (3..=Burst::MAX_WIRE + 2).chain([255, 4096, usize::MAX])
}

fn bursts(image: &RegisterImage, known: &Known, limit: usize) -> Vec<Burst> {
    let limit = WriteLimit::new(limit).expect("a limit of at least 3");
    image.diff(known).bursts(limit).collect()
}

/// A register file that takes writes as they come over the bus.
fn write(registers: &mut Registers, wire: &[u8]) {
    let (address, data) = wire.split_at(2);
    let first = u16::from_be_bytes([address[0], address[1]]);
    registers.extend((first..).zip(data.iter().copied()));
}

/// Returns the known contents and the registers of a sensor at `activity` with `config`.
fn programmed(config: &Config, activity: Activity) -> (Known, Registers) {
    let mut known = Known::new();
    let mut registers = after_reset();
    let image = image_of(config, activity);
    for burst in bursts(&image, &known, 4096) {
        write(&mut registers, burst.wire());
    }
    known.commit(&image);
    (known, registers)
}

/// Returns what can differ in a sensor that has had its program.
fn change_of(config: &Config, activity: Activity) -> RegisterImage {
    let mut image = RegisterImage::new();
    program::compose_into(config, activity, Extent::Change, &mut image);
    image
}

fn is_hold(burst: &Burst, value: u8) -> bool {
    burst.wire() == [0x01, 0x04, value]
}

#[test]
fn a_limit_below_one_register_is_refused() {
    for bytes in 0..3 {
        assert_eq!(WriteLimit::new(bytes), None);
    }
    assert!(WriteLimit::new(3).is_some());
    assert_eq!(WriteLimit::new(usize::MAX), Some(WriteLimit::UNLIMITED));
}

/// The figures that a cold start costs on an adapter without limits and on qcom-cci.
#[test]
fn a_cold_start_takes_few_messages() {
    let (_, config) = example();
    let image = image_of(&config, Streaming);
    let bytes = image.diff(&Known::new()).entries().count();
    let count = |limit| bursts(&image, &Known::new(), limit).len();
    assert_eq!(count(3), bytes);
    assert!(
        count(10) < bytes / 2,
        "{} messages for {bytes} bytes",
        count(10)
    );
    assert!(count(4096) < count(10));
}

fn example() -> (imx412_host::sensor::Board, Config) {
    use imx412_host::sensor::Board;
    let board = Board::new(24_000_000, 4, &[1_050_000_000], &IMX412).expect("a board");
    let config = Config::default_for(&board);
    (board, config)
}

#[test]
fn a_burst_names_its_first_register_and_carries_the_rest() {
    let (_, config) = example();
    let image = image_of(&config, Standby);
    let known = Known::new();
    let all = bursts(&image, &known, 10);
    let lanes = all
        .iter()
        .find(|burst| burst.address() == 0x0112)
        .expect("depth and lanes");
    assert_eq!(lanes.wire(), [0x01, 0x12, 0x0A, 0x0A, 0x03]);
    assert_eq!(lanes.data(), [0x0A, 0x0A, 0x03]);
    let bytes: Vec<_> = lanes.bytes().collect();
    assert_eq!(bytes, [(0x0112, 0x0A), (0x0113, 0x0A), (0x0114, 0x03)]);
}

#[test]
fn a_small_gap_of_known_bytes_is_bridged_and_a_large_one_is_not() {
    use imx412_host::sensor::Setting;
    let (_, config) = example();
    let config = config.with(Setting::TestPattern.to(1)).expect("a pattern");
    let (known, _) = programmed(&config, Standby);
    let change = |channels: &[Setting]| {
        let config = channels.iter().fold(config, |config, &channel| {
            config.with(channel.to(0x0AAA)).expect("a colour")
        });
        bursts(&image_of(&config, Standby), &known, 4096)
    };
    // Two bytes between red and blue cost less than a message.
    let near = change(&[Setting::TestRed, Setting::TestBlue]);
    assert_eq!(near.len(), 1);
    assert_eq!(near[0].wire(), [6, 2, 0x0A, 0xAA, 0x0F, 0xFF, 0x0A, 0xAA]);
    // Four between red and the second green do not.
    let far = change(&[Setting::TestRed, Setting::TestGreenBlue]);
    assert_eq!(far.len(), 2);
}

/// A phase ends a burst even where the addresses go on.
#[test]
fn phases_are_not_joined() {
    let mut image = RegisterImage::new();
    image.set_in(Phase::Structure, &regs::X_ADD_STA, 0x0102);
    image.set_in(Phase::Live, &regs::Y_ADD_STA, 0x0304);
    let bursts = bursts(&image, &Known::new(), 4096);
    let wires: Vec<_> = bursts.iter().map(Burst::wire).collect();
    assert_eq!(wires, [[0x03, 0x44, 1, 2], [0x03, 0x46, 3, 4]]);
}

#[test]
fn a_change_while_streaming_is_one_group_hold() {
    use imx412_host::sensor::Setting;
    let (_, config) = example();
    let (known, _) = programmed(&config, Streaming);
    let next = config
        .with(Setting::VerticalBlanking.to(1000))
        .and_then(|config| config.with(Setting::Exposure.to(3000)))
        .expect("valid changes");
    let wires: Vec<Vec<u8>> = bursts(&image_of(&next, Streaming), &known, 4096)
        .iter()
        .map(|burst| burst.wire().to_vec())
        .collect();
    assert_eq!(
        wires,
        [
            vec![0x01, 0x04, 1],
            vec![0x02, 0x02, 0x0B, 0xB8],
            vec![0x03, 0x40, 0x0F, 0xC8],
            vec![0x01, 0x04, 0],
        ]
    );
    // Nothing to change, nothing to hold.
    assert_eq!(bursts(&image_of(&config, Streaming), &known, 4096), []);
}

/// One byte, or a register that public drivers write without a hold.
#[test]
fn what_cannot_be_torn_apart_is_not_held() {
    use imx412_host::sensor::Setting;
    let (_, config) = example();
    let (known, _) = programmed(&config, Streaming);
    let wires = |changes: &[(Setting, u32)], limit| -> Vec<Vec<u8>> {
        let next = changes.iter().try_fold(config, |config, (setting, value)| {
            config.with(setting.to(*value))
        });
        let image = image_of(&next.expect("valid changes"), Streaming);
        let bursts = bursts(&image, &known, limit);
        bursts.iter().map(|burst| burst.wire().to_vec()).collect()
    };
    let exposure = [(Setting::Exposure, 99)];
    let gain = [(Setting::AnalogueGain, 0x123)];
    assert_eq!(wires(&exposure, 4096), [[0x02, 0x02, 0, 99]]);
    assert_eq!(wires(&gain, 4), [[0x02, 0x04, 1, 0x23]]);
    assert_eq!(wires(&[(Setting::AnalogueGain, 5)], 3), [[0x02, 0x05, 5]]);

    let is_held = |wires: &[Vec<u8>]| {
        let hold = |value| vec![0x01, 0x04, value];
        wires.first() == Some(&hold(1)) && wires.last() == Some(&hold(0))
    };
    assert!(is_held(&wires(&[exposure[0], gain[0]], 4096)));
    assert!(is_held(&wires(&[(Setting::DigitalGain, 0x234)], 4096)));
    // Two messages for the two bytes.
    assert!(is_held(&wires(&exposure, 3)));
}

#[test]
fn starting_and_stopping_are_not_held() {
    let (_, config) = example();
    let (known, _) = programmed(&config, Standby);
    let start = bursts(&image_of(&config, Streaming), &known, 4096);
    assert_eq!(start.len(), 1);
    assert_eq!(start[0].wire(), [0x01, 0x00, 1]);
    let (known, _) = programmed(&config, Streaming);
    let stop = bursts(&image_of(&config, Standby), &known, 4096);
    assert_eq!(stop.len(), 1);
    assert_eq!(stop[0].wire(), [0x01, 0x00, 0]);
}

/// A hold that an interrupted change may have left is released before anything else.
#[test]
fn an_interrupted_hold_is_released_first() {
    use imx412_host::sensor::Setting;
    let (_, config) = example();
    let (mut known, _) = programmed(&config, Streaming);
    let next = config
        .with(Setting::Exposure.to(99))
        .and_then(|config| config.with(Setting::AnalogueGain.to(0x123)))
        .expect("valid changes");
    known.forget_difference(&change_of(&next, Streaming));

    let again = bursts(&change_of(&next, Streaming), &known, 4096);
    assert!(is_hold(&again[0], 0) && is_hold(&again[1], 1));
    assert_eq!(again[2].wire(), [0x02, 0x02, 0, 99, 1, 0x23]);
    assert!(is_hold(&again[3], 0));
    assert_eq!(again.len(), 4);

    let stopped = bursts(&change_of(&next, Standby), &known, 4096);
    assert_eq!(stopped[0].wire(), [1, 0, 0]);
    assert!(is_hold(&stopped[1], 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bursts_carry_the_difference_within_every_limit(
        (board, before) in configured(), steps in prop::collection::vec(step(), 0..6),
        [from, to] in [activity(), activity()],
    ) {
        let after = steps.iter().fold(before, |config, step| step.apply(&board, config));
        let (known, held) = programmed(&before, from);
        let image = image_of(&after, to);
        let difference: Registers =
            image.diff(&known).entries().map(|entry| (entry.address, entry.value)).collect();

        for limit in limits() {
            let bursts = bursts(&image, &known, limit);
            let mut registers = held.clone();
            let mut written = Registers::new();
            for burst in &bursts {
                prop_assert!((3..=limit).contains(&burst.wire().len()));
                prop_assert!(burst.wire().len() <= Burst::MAX_WIRE);
                write(&mut registers, burst.wire());
                written.extend(burst.bytes());
            }
            // The sensor ends up holding the image,
            for entry in image.entries() {
                prop_assert_eq!(registers.get(&entry.address), Some(&entry.value));
            }
            // and got the difference and nothing else that would change it.
            for (address, value) in &written {
                prop_assert!(
                    difference.get(address) == Some(value) || held.get(address) == Some(value)
                );
            }
            prop_assert!(difference.keys().all(|address| written.contains_key(address)));
        }
    }

    #[test]
    fn without_known_bytes_bursts_are_the_difference_in_its_order(
        (_, config) in configured(), activity in activity(),
    ) {
        let image = image_of(&config, activity);
        let known = Known::new();
        let expected: Vec<_> =
            image.diff(&known).entries().map(|entry| (entry.address, entry.value)).collect();
        for limit in limits() {
            let bursts = bursts(&image, &known, limit);
            let carried: Vec<_> = bursts.iter().flat_map(|burst| burst.bytes()).collect();
            prop_assert_eq!(&carried, &expected);
        }
    }

    #[test]
    fn bursts_are_as_few_as_the_limit_allows((_, config) in configured(), activity in activity()) {
        let image = image_of(&config, activity);
        let known = Known::new();
        for limit in limits() {
            let room = limit.min(Burst::MAX_WIRE) - 2;
            let mut expected = 0;
            let mut run = 0;
            let mut last = None;
            for entry in image.diff(&known).entries() {
                let follows = last == Some((entry.phase, entry.address.wrapping_sub(1)));
                run = if follows && run < room { run + 1 } else { 1 };
                expected += usize::from(run == 1);
                last = Some((entry.phase, entry.address));
            }
            prop_assert_eq!(bursts(&image, &known, limit).len(), expected);
        }
    }

    /// Phases never mix in a burst and never go backwards; a live change touches only what latches at
    /// the frame boundary, all of it inside of one hold if frames could tear it apart.
    #[test]
    fn phases_and_holds_are_kept(
        (board, before) in configured(),
        steps in prop::collection::vec(step(), 0..6),
        [from, to] in [activity(), activity()],
        limit in 3usize..100,
    ) {
        let after = steps.iter().fold(before, |config, step| step.apply(&board, config));
        let (known, _) = programmed(&before, from);
        let image = image_of(&after, to);
        let bursts = bursts(&image, &known, limit);
        let live = from.is_streaming() && to.is_streaming() && !bursts.is_empty();
        let holds: Vec<_> =
            bursts.iter().filter(|burst| burst.address() == regs::GRP_PARAM_HOLD.address).collect();
        let ahead = image.diff(&known).entries().any(|entry| entry.phase < Phase::Live);

        let changed: Vec<_> = image
            .diff(&known)
            .entries()
            .filter(|entry| entry.phase == Phase::Live)
            .map(|entry| entry.address)
            .collect();
        let is_torn = match changed[..] {
            [] | [_] => false,
            [0x0202, 0x0203] | [0x0204, 0x0205] => limit < 4,
            _ => true,
        };

        if live && is_torn {
            prop_assert!(holds.len() == 2 && is_hold(holds[0], 1) && is_hold(holds[1], 0));
            prop_assert!(is_hold(&bursts[bursts.len() - 1], 0));
            let held = bursts.iter().skip_while(|burst| !is_hold(burst, 1)).skip(1);
            for (address, _) in held.take_while(|burst| !is_hold(burst, 0)).flat_map(Burst::bytes) {
                let latch = regs::find(address).map(|register| register.latch);
                prop_assert_eq!(latch, Some(Latch::Frame));
            }
            prop_assert!(ahead || is_hold(&bursts[0], 1));
        } else {
            prop_assert!(holds.is_empty());
        }

        let phase_of = |address| {
            let entry = image.entries().find(|entry| entry.address == address);
            entry.map(|entry| entry.phase)
        };
        let mut last = None;
        for burst in bursts.iter().filter(|burst| !is_hold(burst, 0) && !is_hold(burst, 1)) {
            let phase = phase_of(burst.address());
            prop_assert!(burst.bytes().all(|(address, _)| phase_of(address) == phase));
            prop_assert!(last <= phase);
            last = phase;
        }
    }

    /// A live change fails at any message: what takes it back leaves the sensor as it was, the hold released
    /// last of all, and nothing but the old values in it.
    #[test]
    fn a_live_change_that_failed_is_taken_back(
        (board, before) in configured(),
        steps in prop::collection::vec(live_step(), 1..6),
        arrived in 0usize..40,
        limit in 3usize..100,
    ) {
        let after = steps.iter().fold(before, |config, step| step.apply(&board, config));
        let (mut known, held) = programmed(&before, Streaming);
        let mut registers = held.clone();
        let image = change_of(&after, Streaming);
        let change = bursts(&image, &known, limit);
        for (at, burst) in change.iter().enumerate() {
            if at < arrived {
                write(&mut registers, burst.wire());
            }
        }
        known.forget_difference(&image);

        let image = change_of(&before, Streaming);
        let limit = WriteLimit::new(limit).expect("a limit of at least 3");
        let undone: Vec<_> = image.diff(&known).undo(limit).collect();
        undone.iter().for_each(|burst| write(&mut registers, burst.wire()));
        known.commit(&image);
        prop_assert!(undone.last().is_some_and(|burst| is_hold(burst, 0)));
        let (_, values) = undone.split_last().expect("the release");
        for (address, value) in values.iter().flat_map(Burst::bytes) {
            prop_assert!(address != regs::GRP_PARAM_HOLD.address);
            prop_assert_eq!(held.get(&address), Some(&value));
        }
        // Colours stay that only the solid pattern has, if that was what failed.
        registers.retain(|address, _| held.contains_key(address) || !(0x0602..0x060A).contains(address));
        prop_assert_eq!(registers, held);
        prop_assert!(image.diff(&known).is_empty());
        // Nor is there anything left to do about it, in the whole program.
        prop_assert!(image_of(&before, Streaming).diff(&known).bursts(limit).next().is_none());
    }

    /// After a failure anywhere, going on from what is known brings the sensor to the wanted state, or back
    /// to the one before.
    #[test]
    fn an_interrupted_transfer_is_made_good(
        (board, before) in configured(),
        steps in prop::collection::vec(step(), 1..6),
        [from, to] in [activity(), activity()],
        arrived in 0usize..400,
        limit in 3usize..100,
        back in any::<bool>(),
    ) {
        let after = steps.iter().fold(before, |config: Config, step: &Step| step.apply(&board, config));
        let (mut known, mut registers) = programmed(&before, from);
        let image = image_of(&after, to);
        for (at, burst) in bursts(&image, &known, limit).iter().enumerate() {
            if at < arrived {
                write(&mut registers, burst.wire());
            }
        }
        known.forget_difference(&image);
        let image = if back { image_of(&before, to) } else { image };
        for burst in bursts(&image, &known, limit) {
            write(&mut registers, burst.wire());
        }
        known.commit(&image);
        for entry in image.entries() {
            prop_assert_eq!(registers.get(&entry.address), Some(&entry.value));
        }
        prop_assert_eq!(registers.get(&regs::GRP_PARAM_HOLD.address), Some(&0));
        prop_assert!(image.diff(&known).is_empty());
    }
}
