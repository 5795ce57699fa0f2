// SPDX-License-Identifier: GPL-2.0-only

//! The known contents of a sensor.

use std::collections::BTreeMap;

use imx412_host::sensor::part::{IMX412, IMX477};
use imx412_host::sensor::regs;
use imx412_host::sensor::wire::witness::{witnesses, Run};
use imx412_host::sensor::{
    Activity, Board, Burst, Config, Known, RegisterImage, Setting, Synchronisation, WriteLimit,
};

use super::decode;

fn config() -> Config {
    let board = Board::new(24_000_000, 4, &[1_050_000_000], &IMX412).expect("a board");
    Config::default_for(&board)
}

/// Returns the program that ends in a stream.
fn image_of(config: &Config) -> RegisterImage {
    decode::image_of(config, Activity::Streaming)
}

fn program_bursts(known: &Known) -> Vec<Burst> {
    let image = image_of(&config());
    image.diff(known).bursts(WriteLimit::UNLIMITED).collect()
}

#[test]
fn reset_leaves_standby_without_what_could_disturb_others_and_nothing_else() {
    let mut known = Known::new();
    known.commit(&image_of(&config()));
    assert!(known.may_stream());
    assert_eq!(known.get(&regs::EXCK_FREQ), Some(24));

    known.reset();
    for known in [&known, &Known::new()] {
        for register in regs::ALL {
            let expected = decode::RESET.contains(&register.address).then_some(0);
            assert_eq!(known.get(register), expected, "{}", register.name);
        }
        // Nor are the manufacturer settings known.
        let rest = image_of(&config()).diff(known).entries().count();
        let all = image_of(&config()).entries().count();
        assert_eq!(rest, all - decode::RESET.len() + 1);
    }
    assert!(!known.may_stream());
}

#[test]
fn a_sensor_that_may_hold_anything_may_stream() {
    let mut known = Known::new();
    assert!(!known.is_clear());
    known.clear();
    assert!(known.is_clear());
    assert!(known.may_stream());
    // Every byte is written, the hold's release and all that is off included. The start is, either way.
    let all: usize = program_bursts(&known).iter().map(|b| b.data().len()).sum();
    let fresh: usize = program_bursts(&Known::new())
        .iter()
        .map(|b| b.data().len())
        .sum();
    assert_eq!(all, fresh + decode::RESET.len() - 1);
}

#[test]
fn what_is_acknowledged_is_known_and_what_failed_is_not() {
    let image = image_of(&config());
    let mut known = Known::new();
    known.commit(&image);
    for register in regs::ALL {
        let mut entries = image.entries();
        let entry = entries.find(|entry| entry.address == register.address);
        assert_eq!(
            known.get(register),
            entry.map(|entry| entry.value),
            "{}",
            register.name
        );
    }
    assert_eq!(program_bursts(&known), []);

    // All of it is written again, as any of it may have arrived.
    known.reset();
    let before = program_bursts(&known);
    known.forget_difference(&image);
    let again = program_bursts(&known);
    assert_eq!(again.first().map(Burst::wire), Some(&[0x01, 0x04, 0][..]));
    assert_eq!(again[1..], before);
}

#[test]
fn a_sensor_of_unknown_mode_may_be_streaming() {
    let mut known = Known::new();
    known.commit(&decode::image_of(&config(), Activity::Standby));
    assert!(!known.may_stream());
    known.forget(&regs::MODE_SEL);
    assert!(known.may_stream());
}

/// A few bytes tell a sensor that has kept its registers from one that was reset, and from one that
/// somebody else has started.
#[test]
fn witnesses_tell_what_was_lost() {
    let standby = decode::image_of(&config(), Activity::Standby);
    let mut known = Known::new();
    known.commit(&standby);

    let read = |registers: &BTreeMap<u16, u8>, known: &Known| {
        witnesses(known).iter().all(|run| {
            let addresses = (run.register.address..).take(run.bytes);
            let bytes: Vec<_> = addresses
                .map(|address| registers.get(&address).copied().unwrap_or(0))
                .collect();
            assert!(bytes.len() <= Run::MAX);
            known.agrees(&run.register, &bytes)
        })
    };
    let mut registers = decode::registers_of(&config());
    assert!(read(&registers, &known));
    for (address, value) in [(0x0100, 1), (0x0104, 1), (0x3C7E, 0), (0x3C7F, 0)] {
        let kept = registers.insert(address, value);
        assert!(!read(&registers, &known), "{address:#06x}");
        registers.insert(address, kept.expect("a register of the program"));
    }
    // The thermometer's switch tells nothing: it may have been turned on since the reset.
    let reset = BTreeMap::from([(0x0138, 1)]);
    assert!(!read(&reset, &known));

    // An IMX477 has no version tag.
    let board = Board::new(24_000_000, 2, &[450_000_000], &IMX477).expect("a board");
    let config = Config::default_for(&board);
    known.reset();
    known.commit(&decode::image_of(&config, Activity::Standby));
    assert!(read(&decode::registers_of(&config), &known));
    assert!(!read(&BTreeMap::new(), &known));

    // As a source it has its thermometer off in standby, as after a reset.
    let source = config
        .with(Setting::Synchronisation.to(Synchronisation::Source.code()))
        .expect("a source");
    known.reset();
    known.commit(&decode::image_of(&source, Activity::Standby));
    let registers = decode::registers_at(&source, Activity::Standby);
    assert!(read(&registers, &known));
    assert!(!read(&BTreeMap::from([(0x0136, 0x18)]), &known));
}

/// A whole image at once, as a group of sensors gets it.
#[test]
fn an_image_is_known_as_a_whole_or_not() {
    let config = config();
    let next = config.with(Setting::Exposure.to(1234)).expect("in range");
    let mut known = Known::new();
    known.commit(&image_of(&config));
    assert!(image_of(&config).diff(&known).is_empty());

    // The exposure may have arrived, and a hold before it; the rest was not written.
    known.forget_difference(&image_of(&next));
    for register in [regs::GRP_PARAM_HOLD, regs::COARSE_INTEG_TIME] {
        assert_eq!(known.get(&register), None, "{:#06x}", register.address);
    }
    assert_eq!(known.get(&regs::ANA_GAIN_GLOBAL), Some(0));
    assert_eq!(known.get(&regs::MODE_SEL), Some(1));
}
