// SPDX-License-Identifier: GPL-2.0-only

//! Programs of public drivers that are known to work, reproduced register by register.

use std::collections::{BTreeMap, BTreeSet};

use imx412_host::sensor::{
    program, Board, Config, ControlChange, Depth, Readout, RegisterImage, Variant,
};
use serde::Deserialize;

use super::decode::{assert_close, rates, registers_of, value, Registers};

#[derive(Deserialize)]
struct Vector {
    source: String,
    driver: String,
    mode: String,
    inck_hz: u32,
    lanes: u32,
    bits: u8,
    declared: Declared,
    /// Registers that the driver leaves as reset does.
    reset_values: Vec<String>,
    /// Writes in the driver's order; later ones win.
    regs: Vec<String>,
}

/// What the driver itself says of the mode.
#[derive(Deserialize)]
struct Declared {
    fps: f64,
    pixel_rate: Option<u64>,
    link_freq: Option<u64>,
}

impl Vector {
    fn all() -> Vec<Self> {
        let vectors: Vec<Self> =
            serde_json::from_str(include_str!("../../vectors/full_frame.json"))
                .expect("vectors/full_frame.json");
        assert_eq!(vectors.len(), 6);
        vectors
    }

    fn name(&self) -> String {
        format!("{} {} {}", self.source, self.driver, self.mode)
    }

    fn registers(&self) -> Registers {
        self.reset_values
            .iter()
            .chain(&self.regs)
            .map(|write| parse(write))
            .collect()
    }

    /// The configuration that says what the program does.
    fn config(&self) -> Config {
        let registers = self.registers();
        let link_freq = rates(&registers, self.inck_hz).lane_rate / 2.0;
        assert_eq!(link_freq.fract(), 0.0);
        let board = Board::new(
            self.inck_hz,
            self.lanes,
            &[link_freq as u64],
            Variant::Imx412,
        )
        .unwrap_or_else(|error| panic!("{}: {error}", self.name()));
        let depth = match self.bits {
            10 => Depth::Ten,
            12 => Depth::Twelve,
            bits => panic!("{bits} bits"),
        };

        let mut changes = vec![
            ControlChange::VerticalBlanking(value(&registers, 0x0340, 2) - 3040),
            ControlChange::HorizontalBlanking(value(&registers, 0x0342, 2) - 4056),
        ];
        // FRAMOS sets exposure and gain through controls, its tables have neither.
        if registers.contains_key(&0x0202) {
            changes.push(ControlChange::Exposure(value(&registers, 0x0202, 2)));
            changes.push(ControlChange::AnalogueGain(value(&registers, 0x0204, 2)));
            changes.push(ControlChange::DigitalGain(value(&registers, 0x020E, 2)));
        }
        let full_frame = Config::default_for(&board).with_readout(Readout::full_frame(depth));
        changes
            .into_iter()
            .try_fold(full_frame, Config::with)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name()))
            .with_streaming(registers.get(&0x0100) == Some(&1))
    }
}

fn parse(write: &str) -> (u16, u8) {
    let (address, value) = write.split_once('=').expect("address=value");
    (
        u16::from_str_radix(address, 16).expect("address"),
        u8::from_str_radix(value, 16).expect("value"),
    )
}

/// A register that we deliberately do not write as a driver does.
struct Difference {
    mode: &'static str,
    address: u16,
    /// Theirs, then ours; `None` where we leave the register alone.
    values: (u8, Option<u8>),
    reason: &'static str,
}

const fn differs(
    mode: &'static str,
    address: u16,
    theirs: u8,
    ours: Option<u8>,
    reason: &'static str,
) -> Difference {
    Difference {
        mode,
        address,
        values: (theirs, ours),
        reason,
    }
}

const MAINLINE: &str = "mainline imx412.c mode_4056x3040";
const INTEL_2: &str = "Intel Keem Bay kmb-imx412.c mode_4056x3040_2L_regs";
const FRAMOS: &str = "FRAMOS fr_imx412.c mode_4056x3040_10bit_4lane";
const FRAMOS_2: &str = "FRAMOS fr_imx412.c mode_4056x3040_10bit_2lane";
const FRAMOS_12: &str = "FRAMOS fr_imx412.c mode_4056x3040_12bit_4lane";

const OWN_LENGTH: &str = "the frame length is a control here and must not follow the exposure";
const NO_XVS: &str = "a sensor on its own does not drive XVS";

const DIFFERENCES: &[Difference] = &[
    differs(
        MAINLINE,
        0x9232,
        0xE2,
        Some(0xB2),
        "every other driver, and the neighbours, have B2",
    ),
    differs(
        INTEL_2,
        0x3C7E,
        0x04,
        Some(0x08),
        "a version tag; drivers disagree on it for one mode",
    ),
    differs(
        INTEL_2,
        0x3F4C,
        0x01,
        None,
        "unknown, and in no other program for full frames",
    ),
    differs(
        INTEL_2,
        0xE000,
        0x01,
        Some(0x00),
        "the clock lane runs on between frames, as V4L2 is told",
    ),
    differs(FRAMOS, 0x0350, 0x01, Some(0x00), OWN_LENGTH),
    differs(FRAMOS, 0x3040, 0x01, Some(0x00), NO_XVS),
    differs(FRAMOS, 0x4B81, 0x01, Some(0x00), NO_XVS),
    differs(FRAMOS_2, 0x0350, 0x01, Some(0x00), OWN_LENGTH),
    differs(FRAMOS_2, 0x3040, 0x01, Some(0x00), NO_XVS),
    differs(FRAMOS_2, 0x4B81, 0x01, Some(0x00), NO_XVS),
    differs(FRAMOS_12, 0x0350, 0x01, Some(0x00), OWN_LENGTH),
    differs(FRAMOS_12, 0x3040, 0x01, Some(0x00), NO_XVS),
    differs(FRAMOS_12, 0x4B81, 0x01, Some(0x00), NO_XVS),
];

#[test]
fn every_register_of_a_known_good_program_is_reproduced() {
    for vector in Vector::all() {
        let name = vector.name();
        let ours = registers_of(&vector.config());
        for (address, theirs) in vector.registers() {
            let ours = ours.get(&address).copied();
            let expected = DIFFERENCES
                .iter()
                .find(|d| d.mode == name && d.address == address);
            match expected {
                Some(difference) => assert_eq!(
                    (theirs, ours),
                    difference.values,
                    "{name}: {address:#06x} ({})",
                    difference.reason
                ),
                None => assert_eq!(ours, Some(theirs), "{name}: {address:#06x}"),
            }
        }
    }
}

#[test]
fn every_deliberate_difference_is_one() {
    let vectors = Vector::all();
    for Difference {
        mode,
        address,
        values: (theirs, ours),
        ..
    } in DIFFERENCES
    {
        assert_ne!(
            Some(*theirs),
            *ours,
            "{mode}: {address:#06x} does not differ"
        );
        let vector = vectors.iter().find(|vector| vector.name() == *mode);
        let registers = vector
            .unwrap_or_else(|| panic!("no vector {mode}"))
            .registers();
        assert!(
            registers.contains_key(address),
            "{mode}: {address:#06x} is not written"
        );
    }
}

#[test]
fn derived_rates_agree_with_known_good_programs() {
    for vector in Vector::all() {
        let name = vector.name();
        let theirs = rates(&vector.registers(), vector.inck_hz);
        let config = vector.config();
        let interval = config.frame_interval();
        let fps = f64::from(interval.denominator) / f64::from(interval.numerator);
        let lane_rate = 2 * config.link_freq();
        assert_close(&name, config.pixel_rate() as f64, theirs.pixel_rate);
        assert_close(&name, lane_rate as f64, theirs.lane_rate);
        assert_close(&name, fps, theirs.fps);

        let declared = &vector.declared;
        assert!(
            declared
                .pixel_rate
                .is_none_or(|rate| rate == config.pixel_rate()),
            "{name}"
        );
        assert!(
            declared
                .link_freq
                .is_none_or(|rate| rate == config.link_freq()),
            "{name}"
        );
        // FRAMOS' device trees round to whole frames per second.
        assert!((declared.fps - fps).abs() < 0.5, "{name}: {fps} fps");
    }
}

/// The shortest line that we compute is the one that known-good programs have.
#[test]
fn line_lengths_of_known_good_programs_are_our_defaults() {
    for vector in Vector::all() {
        let config = vector.config();
        let limits = config.horizontal_blanking_limits();
        assert_eq!(
            config.horizontal_blanking(),
            limits.default,
            "{}",
            vector.name()
        );
        assert_eq!(limits.min, limits.default);
    }
}

/// Some drivers write a block and then override parts of it, so that order matters. Ours must not need that.
#[test]
fn what_drivers_override_is_written_once() {
    let mut overridden = BTreeSet::new();
    for vector in Vector::all() {
        let mut seen = BTreeMap::new();
        for (address, value) in vector.regs.iter().map(|write| parse(write)) {
            if seen
                .insert(address, value)
                .is_some_and(|earlier| earlier != value)
            {
                overridden.insert(address);
            }
        }
        let mut image = RegisterImage::new();
        program::compose_into(&vector.config(), &mut image);
        for &address in &overridden {
            let writes = image
                .entries()
                .iter()
                .filter(|entry| entry.address == address);
            assert_eq!(writes.count(), 1, "{}: {address:#06x}", vector.name());
        }
    }
    // FRAMOS: start and stop; lanes and line length of two lanes; converters at 12 bits.
    assert_eq!(
        overridden,
        BTreeSet::from([0x0100, 0x0114, 0x0342, 0x0343, 0x3F4B])
    );
}
