// SPDX-License-Identifier: GPL-2.0-only

//! Expected frames: the sensor's test patterns and the scene, computed here only from their
//! definitions, so that nothing of the emulated sensor's own code takes part.
//!
//! Coordinates are those of the frame, the mosaic is RGGB, `max` is 2^bits - 1:
//!
//! * solid: each colour's 12-bit test data, shifted right to the depth.
//! * bars: eight of equal width, white, yellow, cyan, green, magenta, red, blue, black.
//! * fading bars: the same; from top to bottom full colour falls to, and missing colour rises to,
//!   half scale.
//! * PN9: the sequence of x^9 + x^5 + 1 from a seed of ones, most significant bit first, through
//!   the frame without a gap.
//! * scene: linear light times exposure (in units of 10 ms), analogue and digital gain, scaled to
//!   the range above the black level, plus the black level; without defect correction, some
//!   photosites show none of it (docs/virtual-board.md); then cropped, binned and scaled (see
//!   [`Readout`]).

use super::readout::Readout;
use anyhow::{bail, ensure, Result};
use picture::bayer::{Raw, WIDTH};
use std::collections::BTreeMap;

/// Colours of the eight bars: red, green, blue.
const BARS: [[bool; 3]; 8] = [
    [true, true, true],
    [true, true, false],
    [false, true, true],
    [false, true, false],
    [true, false, true],
    [true, false, false],
    [false, false, true],
    [false, false, false],
];

/// Nanoseconds of exposure after which the scene's white just saturates.
const REFERENCE_EXPOSURE: f64 = 10e6;
/// Part of the integration time that the sensor adds to the lines, in pixel clocks.
const FINE_INTEGRATION: f64 = 1936.0;
/// Column and row of photosites that are at full scale, unless the sensor corrects them.
const HOT: [(usize, usize); 5] = [
    (0, 0),
    (1900, 1400),
    (1951, 1450),
    (2002, 1551),
    (2053, 1603),
];
/// The same for those that are at the black level.
const DEAD: [(usize, usize); 5] = [
    (2101, 1400),
    (2150, 1501),
    (2200, 1600),
    (1901, 1651),
    (4055, 3039),
];
/// Tolerated deviation of a pixel of the scene: the emulated sensor rounds light before it
/// computes.
const TOLERANCE: u16 = 1;

/// Checks a frame against what the controls ask for. `readout` says which part of the scene it
/// shows, and how.
///
/// # Errors
///
/// A pixel is wrong; the message says which, and what it should be.
pub fn check(
    frame: &Raw,
    controls: &BTreeMap<String, i64>,
    readout: &Readout,
    scene: &[u8],
) -> Result<()> {
    let control = |name: &str| controls.get(name).copied().unwrap_or_default();
    match control("test_pattern") {
        0 => {
            let mut exposed = expose(frame, controls, scene);
            if controls.get("defect_correction") == Some(&0) {
                spoil(
                    &mut exposed,
                    frame.white_level(),
                    black_level(frame, controls),
                );
            }
            nearly(frame, &readout.read(&exposed, frame.flips)?)
        }
        1 => {
            let data = [
                [control("red_pixel_value"), control("green_red_pixel_value")],
                [
                    control("green_blue_pixel_value"),
                    control("blue_pixel_value"),
                ],
            ];
            exactly(frame, |x, y| {
                (data[y % 2][x % 2] as u16) >> (12 - frame.bits)
            })
        }
        2 => exactly(frame, |x, y| {
            if in_bar(frame, x, y) {
                frame.white_level()
            } else {
                0
            }
        }),
        3 => exactly(frame, |x, y| fading(frame, x, y)),
        4 => {
            let mut pseudo_random = Pn9::new();
            let bits = frame.bits;
            exactly(frame, |_, _| pseudo_random.take(bits))
        }
        other => bail!("no test pattern {other}"),
    }
}

/// Compares all pixels, in raster order.
fn exactly(frame: &Raw, mut expected: impl FnMut(usize, usize) -> u16) -> Result<()> {
    for (at, found) in frame.values.iter().enumerate() {
        let (x, y) = (at % frame.width, at / frame.width);
        let expected = expected(x, y);
        ensure!(
            *found == expected,
            "pixel {x},{y} is {found} instead of {expected}"
        );
    }
    Ok(())
}

fn in_bar(frame: &Raw, x: usize, y: usize) -> bool {
    BARS[x * 8 / frame.width][x % 2 + y % 2]
}

fn fading(frame: &Raw, x: usize, y: usize) -> u16 {
    let (max, mid) = (u32::from(frame.white_level()), 1u32 << (frame.bits - 1));
    let (y_part, last) = (y as u32, frame.height as u32 - 1);
    let value = if in_bar(frame, x, y) {
        max - (max - mid) * y_part / last
    } else {
        mid * y_part / last
    };
    value as u16
}

/// The pseudo-random sequence, as a shift register.
struct Pn9(u16);

impl Pn9 {
    fn new() -> Self {
        Self(0x1ff)
    }

    fn take(&mut self, bits: u32) -> u16 {
        (0..bits).fold(0, |value, _| {
            // The oldest of nine bits leaves; bit n is bit n - 9 xor bit n - 5.
            let out = self.0 >> 8 & 1;
            let next = out ^ (self.0 >> 4 & 1);
            self.0 = (self.0 << 1 | next) & 0x1ff;
            value << 1 | out
        })
    }
}

/// Returns the values of the photosites under the scene, at the depth and the line length of
/// `frame`.
fn expose(frame: &Raw, controls: &BTreeMap<String, i64>, scene: &[u8]) -> Vec<u16> {
    let control = |name: &str| controls.get(name).copied().unwrap_or_default() as f64;
    let line = frame.width as f64 + control("horizontal_blanking");
    let exposure = (control("exposure") * line + FINE_INTEGRATION) * 1e9 / control("pixel_rate");
    let gain = 1024.0 / (1024.0 - control("analogue_gain")) * control("digital_gain") / 256.0;
    let white = f64::from(frame.white_level());
    let black = f64::from(black_level(frame, controls));
    // The control moves the image up or down, the range stays.
    let range = white - f64::from(frame.black_level());
    let scale = range * exposure / REFERENCE_EXPOSURE * gain;
    let table: Vec<u16> = (0..=255u8)
        .map(|value| (linear(value) * scale + black).min(white).round() as u16)
        .collect();
    scene.iter().map(|seen| table[usize::from(*seen)]).collect()
}

/// Returns the value of a photosite without light.
fn black_level(frame: &Raw, controls: &BTreeMap<String, i64>) -> u16 {
    controls
        .get("sensor_black_level")
        .map_or(frame.black_level(), |level| *level as u16)
}

/// Puts the defects of the array into what its photosites give.
fn spoil(photosites: &mut [u16], hot: u16, dead: u16) {
    for (places, value) in [(HOT, hot), (DEAD, dead)] {
        for (x, y) in places {
            photosites[y * WIDTH + x] = value;
        }
    }
}

/// Compares all pixels with those computed here.
fn nearly(frame: &Raw, expected: &[u16]) -> Result<()> {
    ensure!(
        frame.values.len() == expected.len(),
        "the frame has {} pixels instead of {}",
        frame.values.len(),
        expected.len()
    );
    for (at, (found, expected)) in frame.values.iter().zip(expected).enumerate() {
        ensure!(
            found.abs_diff(*expected) <= TOLERANCE,
            "pixel {},{} is {found} instead of {expected}",
            at % frame.width,
            at / frame.width
        );
    }
    Ok(())
}

/// Returns an sRGB value as linear light, 0 to 1 (IEC 61966-2-1).
fn linear(value: u8) -> f64 {
    let encoded = f64::from(value) / 255.0;
    if encoded <= 0.04045 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Crop;
    use picture::bayer::{Flips, HEIGHT};

    fn frame(values: Vec<u16>, width: usize) -> Raw {
        Raw {
            width,
            height: values.len() / width,
            bits: 10,
            values,
            flips: Flips::default(),
        }
    }

    fn controls(pattern: i64) -> BTreeMap<String, i64> {
        BTreeMap::from([("test_pattern".to_owned(), pattern)])
    }

    fn full_frame() -> Readout {
        let crop = Crop {
            left: 8,
            top: 16,
            width: 4056,
            height: 3040,
        };
        Readout::new((4056, 3040), crop).unwrap()
    }

    #[test]
    fn bars_are_the_eight_colours_in_order() {
        let row = |filter: usize| {
            (0..16).map(move |x| if BARS[x / 2][x % 2 + filter] { 1023 } else { 0 })
        };
        let good: Vec<u16> = row(0).chain(row(1)).collect();
        // White and yellow have red and green; white has blue, yellow has not.
        assert_eq!(good[..4], [1023; 4]);
        assert_eq!(good[16..20], [1023, 1023, 1023, 0]);
        check(&frame(good.clone(), 16), &controls(2), &full_frame(), &[]).unwrap();
        let mut bad = good;
        bad[21] ^= 1;
        let error = check(&frame(bad, 16), &controls(2), &full_frame(), &[]).unwrap_err();
        assert!(error.to_string().starts_with("pixel 5,1 is"));
    }

    #[test]
    fn the_pseudo_random_sequence_repeats_after_511_bits() {
        let mut sequence = Pn9::new();
        let bits: Vec<u16> = (0..1022).map(|_| sequence.take(1)).collect();
        assert_eq!(bits[..511], bits[511..]);
        // Known start of PN9 (ITU-T O.150): nine ones, then 00000 1111 0 1110 0001.
        let start = [
            1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1,
        ];
        assert_eq!(bits[..22], start);
        assert_eq!(bits[..511].iter().sum::<u16>(), 256);
    }

    #[test]
    fn defects_stand_out_of_a_black_picture_when_they_are_not_corrected() {
        let crop = Crop {
            left: 8 + 1900,
            top: 16 + 1400,
            width: 104,
            height: 52,
        };
        let readout = Readout::new((104, 52), crop).unwrap();
        let scene = vec![0; WIDTH * HEIGHT];
        let check = |correction: i64, values: Vec<u16>| {
            let controls = BTreeMap::from([
                ("defect_correction".to_owned(), correction),
                ("sensor_black_level".to_owned(), 100),
                ("pixel_rate".to_owned(), 840_000_000),
            ]);
            check(&frame(values, 104), &controls, &readout, &scene)
        };
        let even = vec![100; 104 * 52];
        let mut spoilt = even.clone();
        spoilt[0] = 1023;
        spoilt[50 * 104 + 51] = 1023;
        check(1, even.clone()).unwrap();
        check(1, spoilt.clone()).unwrap_err();
        check(0, spoilt).unwrap();
        check(0, even).unwrap_err();
    }

    #[test]
    fn the_scenes_white_saturates_at_ten_milliseconds() {
        let controls = BTreeMap::from(
            [
                ("exposure", 2079),
                ("horizontal_blanking", 4038),
                ("pixel_rate", 840_000_000),
                ("digital_gain", 256),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        // 2079 lines of 4040 clocks and 1936 more at 840 MHz: 10.0013 ms.
        let check = |values: Vec<u16>, scene: &[u8]| {
            let frame = frame(values, 2);
            nearly(&frame, &expose(&frame, &controls, scene))
        };
        check(vec![1023, 64], &[255, 0]).unwrap();
        // sRGB 188 is half of the light.
        check(vec![546, 64], &[188, 0]).unwrap();
        check(vec![544, 64], &[188, 0]).unwrap_err();
        check(vec![1020, 64], &[255, 0]).unwrap_err();
        check(vec![1023, 64], &[255]).unwrap_err();
    }
}
