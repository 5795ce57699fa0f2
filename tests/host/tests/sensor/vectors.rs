// SPDX-License-Identifier: GPL-2.0-only

//! Programs of public drivers that are known to work, reproduced register by register.

use std::collections::{BTreeMap, BTreeSet};

use imx412_host::sensor::part::presets::PRESETS;
use imx412_host::sensor::readout::{Binning, Rect, Size};
use imx412_host::sensor::{Activity, Board, Config, Depth, Part, Readout, Scaling, Setting};
use serde::Deserialize;

use super::decode::{assert_close, image_of, rates, registers_at, value, Registers};

#[derive(Deserialize)]
struct Vector {
    source: String,
    driver: String,
    mode: String,
    /// Not the IMX412.
    part: Option<String>,
    inck_hz: u32,
    lanes: u32,
    bits: u8,
    declared: Declared,
    /// Registers that the driver leaves as reset does.
    reset_values: Vec<String>,
    /// Writes in the driver's order; later ones win.
    regs: Vec<String>,
}

/// Properties of the mode, by the driver.
#[derive(Deserialize)]
struct Declared {
    fps: f64,
    pixel_rate: Option<u64>,
    link_freq: Option<u64>,
}

impl Vector {
    fn all() -> Vec<Self> {
        let vectors: Vec<_> = [
            include_str!("../../vectors/full_frame.json"),
            include_str!("../../vectors/readouts.json"),
            include_str!("../../vectors/several_exposures.json"),
            include_str!("../../vectors/imx477.json"),
        ]
        .into_iter()
        .flat_map(|text| serde_json::from_str::<Vec<Self>>(text).expect("vectors"))
        .collect();
        assert_eq!(vectors.len(), 18);
        vectors
    }

    /// Returns the programs for the IMX412.
    fn of_imx412() -> impl Iterator<Item = Self> {
        Self::all()
            .into_iter()
            .filter(|vector| vector.part.is_none())
    }

    fn part(&self) -> &'static Part {
        let name = self.part.as_deref().unwrap_or("imx412");
        Part::ALL
            .into_iter()
            .find(|part| part.name.to_str() == Ok(name))
            .unwrap_or_else(|| panic!("no part {name}"))
    }

    /// Frames that make up one image: those of several exposures follow each other.
    fn frames(&self) -> f64 {
        match self.registers().get(&0x00E4) {
            None | Some(0) => 1.0,
            Some(1) => 2.0,
            Some(2) => 4.0,
            Some(other) => panic!("{other} exposures"),
        }
    }

    /// Returns the readout by the registers; parts that the driver does not write are off or follow
    /// from others.
    fn readout(&self, depth: Depth) -> Readout {
        let registers = self.registers();
        let get = |address| value(&registers, address, 2) as u16;
        let or = |address, otherwise| match registers.contains_key(&address) {
            true => get(address),
            false => otherwise,
        };
        let analogue = Rect {
            left: get(0x0344),
            top: get(0x0346),
            size: Size::new(get(0x0348) + 1 - get(0x0344), get(0x034A) + 1 - get(0x0346)),
        };
        let digital = Rect {
            left: or(0x0408, 0),
            top: or(0x040A, 0),
            size: Size::new(get(0x040C), get(0x040E)),
        };
        let binning = match registers.get(&0x0900) {
            Some(1) => Binning::TwoByTwo,
            _ => Binning::None,
        };
        // Raspberry Pi leaves a digital crop of the whole array, and a ratio, in its binned modes, where
        // the scaler is off: the crop has no effect beyond the binned image.
        let factor = binning.factor();
        let digital = Rect {
            size: Size::new(
                digital.size.width.min(analogue.size.width / factor),
                digital.size.height.min(analogue.size.height / factor),
            ),
            ..digital
        };
        let m = match registers.get(&0x0401) {
            Some(0) => 16,
            _ => or(0x0404, 16),
        };
        let scaling = Scaling::new(m).expect("a ratio");
        let readout = Readout::new(analogue, binning, Some(digital), scaling, depth)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name()));
        assert_eq!(
            (readout.output().width, readout.output().height),
            (get(0x034C), get(0x034E)),
            "{}",
            self.name()
        );
        readout
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

    /// Returns whether the program ends in a stream.
    fn activity(&self) -> Activity {
        match self.registers().get(&0x0100) {
            Some(1) => Activity::Streaming,
            _ => Activity::Standby,
        }
    }

    /// Returns the configuration of the program.
    fn config(&self) -> Config {
        let registers = self.registers();
        let link_freq = rates(&registers, self.inck_hz).lane_rate / 2.0;
        assert_eq!(link_freq.fract(), 0.0);
        let board = Board::new(self.inck_hz, self.lanes, &[link_freq as u64], self.part())
            .unwrap_or_else(|error| panic!("{}: {error}", self.name()));
        let depth = match self.bits {
            10 => Depth::Ten,
            12 => Depth::Twelve,
            bits => panic!("{bits} bits"),
        };

        let readout = self.readout(depth);
        let Size { width, height } = readout.output();
        let frame_length = value(&registers, 0x0340, 2);
        let line_length = value(&registers, 0x0342, 2);
        let mut changes = vec![
            Setting::VerticalBlanking.to(frame_length - u32::from(height)),
            Setting::HorizontalBlanking.to(line_length - u32::from(width)),
        ];
        // FRAMOS sets exposure and gain through controls, its tables have neither.
        if registers.contains_key(&0x0202) {
            changes.push(Setting::Exposure.to(value(&registers, 0x0202, 2)));
            changes.push(Setting::AnalogueGain.to(value(&registers, 0x0204, 2)));
            changes.push(Setting::DigitalGain.to(value(&registers, 0x020E, 2)));
        }
        let start = Config::default_for(&board).with_readout(readout);
        changes
            .into_iter()
            .try_fold(start, |config, change| config.with(change))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name()))
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
    /// Prefix of the names of the modes concerned.
    mode: &'static str,
    address: u16,
    /// Theirs, then ours; `None` if we do not write the register.
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
const INTEL_DOL_2: &str = "Intel Keem Bay kmb-imx412.c mode_4056x3040_2DOL_1452_regs";
const INTEL_DOL_3: &str = "Intel Keem Bay kmb-imx412.c mode_4056x3040_3DOL_1452_regs";
const FRAMOS: &str = "FRAMOS fr_imx412.c ";
const RASPBERRY_PI: &str = "Raspberry Pi imx477.c ";
const RPI_4056X3040: &str = "Raspberry Pi imx477.c mode_4056x3040_regs";
const RPI_4056X2160: &str = "Raspberry Pi imx477.c mode_4056x2160_regs";
const RPI_2028X1520: &str = "Raspberry Pi imx477.c mode_2028x1520_regs";
const RPI_2028X1080: &str = "Raspberry Pi imx477.c mode_2028x1080_regs";
const RPI_1332X990: &str = "Raspberry Pi imx477.c mode_1332x990_regs";

const OWN_LENGTH: &str = "the frame length is a control here and must not follow the exposure";
const NO_XVS: &str = "a sensor on its own does not drive XVS";
const VERSION: &str = "a version tag; drivers disagree on it for one mode";
const CLOCK_RUNS: &str = "the clock lane runs on between frames, as V4L2 is told";
const ONE_EXPOSURE: &str = "a frame has one exposure here";
const NO_EMBEDDED_DATA: &str = "no lines of embedded data are sent";
const SECOND_EXPOSURE: &str =
    "the depth of an exposure that is not taken, kept equal to that of the first";
const SCALER_OFF: &str = "the scaler is off, and the digital crop is that of the binned image";
const SAME_PLL: &str = "2100 MHz from the dividers of the other modes";
const SAME_TIMING: &str = "the D-PHY timing of the link frequency, as in the other modes";

const DIFFERENCES: &[Difference] = &[
    differs(
        MAINLINE,
        0x9232,
        0xE2,
        Some(0xB2),
        "every other driver, and the neighbours, have B2",
    ),
    differs(INTEL_2, 0x3C7E, 0x04, Some(0x08), VERSION),
    differs(
        INTEL_2,
        0x3F4C,
        0x01,
        None,
        "unknown, and in no other program for full frames",
    ),
    differs(INTEL_2, 0xE000, 0x01, Some(0x00), CLOCK_RUNS),
    differs(INTEL_DOL_2, 0x3C7E, 0x0B, Some(0x08), VERSION),
    differs(INTEL_DOL_2, 0xE000, 0x01, Some(0x00), CLOCK_RUNS),
    differs(INTEL_DOL_2, 0x00E3, 0x01, Some(0x00), ONE_EXPOSURE),
    differs(INTEL_DOL_2, 0x00E4, 0x01, Some(0x00), ONE_EXPOSURE),
    differs(INTEL_DOL_2, 0x00E5, 0x00, Some(0x01), ONE_EXPOSURE),
    differs(INTEL_DOL_2, 0x00EC, 0xB4, None, ONE_EXPOSURE),
    differs(INTEL_DOL_2, 0x3E10, 0x01, Some(0x00), ONE_EXPOSURE),
    differs(INTEL_DOL_2, 0x3E11, 0x02, Some(0x00), ONE_EXPOSURE),
    differs(INTEL_DOL_2, 0xE013, 0x01, Some(0x00), ONE_EXPOSURE),
    differs(INTEL_DOL_3, 0x3C7E, 0x0B, Some(0x08), VERSION),
    differs(INTEL_DOL_3, 0xE000, 0x01, Some(0x00), CLOCK_RUNS),
    differs(INTEL_DOL_3, 0x00E3, 0x01, Some(0x00), ONE_EXPOSURE),
    differs(INTEL_DOL_3, 0x00E4, 0x02, Some(0x00), ONE_EXPOSURE),
    differs(INTEL_DOL_3, 0x00E5, 0x00, Some(0x01), ONE_EXPOSURE),
    differs(INTEL_DOL_3, 0x00EC, 0xB4, None, ONE_EXPOSURE),
    differs(INTEL_DOL_3, 0x3E10, 0x01, Some(0x00), ONE_EXPOSURE),
    differs(INTEL_DOL_3, 0x3E11, 0x02, Some(0x00), ONE_EXPOSURE),
    differs(INTEL_DOL_3, 0xE013, 0x01, Some(0x00), ONE_EXPOSURE),
    differs(FRAMOS, 0x0350, 0x01, Some(0x00), OWN_LENGTH),
    differs(FRAMOS, 0x3040, 0x01, Some(0x00), NO_XVS),
    differs(FRAMOS, 0x4B81, 0x01, Some(0x00), NO_XVS),
    differs(RASPBERRY_PI, 0xBCF1, 0x02, Some(0x00), NO_EMBEDDED_DATA),
    differs(RPI_4056X3040, 0x00FC, 0x0A, Some(0x0C), SECOND_EXPOSURE),
    differs(RPI_4056X3040, 0x00FD, 0x0A, Some(0x0C), SECOND_EXPOSURE),
    differs(RPI_4056X3040, 0x00FE, 0x0A, Some(0x0C), SECOND_EXPOSURE),
    differs(RPI_4056X3040, 0x00FF, 0x0A, Some(0x0C), SECOND_EXPOSURE),
    differs(RPI_4056X2160, 0x00FC, 0x0A, Some(0x0C), SECOND_EXPOSURE),
    differs(RPI_4056X2160, 0x00FD, 0x0A, Some(0x0C), SECOND_EXPOSURE),
    differs(RPI_4056X2160, 0x00FE, 0x0A, Some(0x0C), SECOND_EXPOSURE),
    differs(RPI_4056X2160, 0x00FF, 0x0A, Some(0x0C), SECOND_EXPOSURE),
    differs(RPI_2028X1520, 0x0405, 0x20, Some(0x10), SCALER_OFF),
    differs(RPI_2028X1520, 0x040C, 0x0F, Some(0x07), SCALER_OFF),
    differs(RPI_2028X1520, 0x040D, 0xD8, Some(0xEC), SCALER_OFF),
    differs(RPI_2028X1520, 0x040E, 0x0B, Some(0x05), SCALER_OFF),
    differs(RPI_2028X1520, 0x040F, 0xE0, Some(0xF0), SCALER_OFF),
    differs(RPI_2028X1080, 0x0405, 0x20, Some(0x10), SCALER_OFF),
    differs(RPI_2028X1080, 0x040C, 0x0F, Some(0x07), SCALER_OFF),
    differs(RPI_2028X1080, 0x040D, 0xD8, Some(0xEC), SCALER_OFF),
    differs(RPI_1332X990, 0x0305, 0x02, Some(0x04), SAME_PLL),
    differs(RPI_1332X990, 0x0306, 0x00, Some(0x01), SAME_PLL),
    differs(RPI_1332X990, 0x0307, 0xAF, Some(0x5E), SAME_PLL),
    differs(RPI_1332X990, 0xE04D, 0x5F, Some(0x7F), SAME_TIMING),
];

#[test]
fn every_register_of_a_known_good_program_is_reproduced() {
    let mut unexpected = Vec::new();
    for vector in Vector::all() {
        let name = vector.name();
        let ours = registers_at(&vector.config(), vector.activity());
        for (address, theirs) in vector.registers() {
            let found = (theirs, ours.get(&address).copied());
            let (expected, reason) = DIFFERENCES
                .iter()
                .find(|d| name.starts_with(d.mode) && d.address == address)
                .map_or(((theirs, Some(theirs)), "no difference"), |d| {
                    (d.values, d.reason)
                });
            if found != expected {
                unexpected.push(format!(
                    "{name}: {address:#06x}: {found:02X?}, not {reason}"
                ));
            }
        }
    }
    assert!(unexpected.is_empty(), "{unexpected:#?}");
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
        let mut found = vectors
            .iter()
            .filter(|vector| vector.name().starts_with(mode))
            .peekable();
        assert!(found.peek().is_some(), "no vector {mode}");
        for vector in found {
            assert!(
                vector.registers().contains_key(address),
                "{}: {address:#06x} is not written",
                vector.name()
            );
        }
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
        let pictures = fps / vector.frames();
        assert!((declared.fps - pictures).abs() < 0.5, "{name}: {fps} fps");
    }
}

/// The line that we start with is the one that known-good programs have, and there is no shorter one.
#[test]
fn line_lengths_of_known_good_programs_are_our_defaults() {
    for vector in Vector::of_imx412() {
        let config = vector.config();
        let limits = config.limits(Setting::HorizontalBlanking);
        assert_eq!(
            config.horizontal_blanking(),
            limits.default,
            "{}",
            vector.name()
        );
        assert_eq!(limits.min, limits.default);
    }
}

/// Known-good programs read the array as our presets do.
#[test]
fn every_readout_of_a_known_good_program_is_a_preset() {
    for vector in Vector::of_imx412() {
        let readout = *vector.config().readout();
        assert!(
            PRESETS
                .iter()
                .any(|preset| preset.readout(readout.depth()) == readout),
            "{}",
            vector.name()
        );
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
        let image = image_of(&vector.config(), vector.activity());
        for &address in overridden
            .iter()
            .filter(|address| seen.contains_key(address))
        {
            let writes = image.entries().filter(|entry| entry.address == address);
            assert_eq!(writes.count(), 1, "{}: {address:#06x}", vector.name());
        }
    }
    // FRAMOS: start and stop; lanes and line length of two lanes; converters at 12 bits. Raspberry Pi:
    // depth, and manufacturer registers.
    assert_eq!(
        overridden,
        BTreeSet::from([
            0x0100, 0x0112, 0x0113, 0x0114, 0x0342, 0x0343, 0x3F4B, 0x4AE9, 0x4AEA, 0x7B75, 0x7B76,
            0x7B77, 0x7B78, 0x7B79, 0x9A4C, 0x9A4D,
        ])
    );
}
