// SPDX-License-Identifier: GPL-2.0-only

//! Turns raw frames into images: subtracts the black level, demosaics, and encodes the linear
//! result as sRGB. There is no white balance and no colour matrix: the emulated sensor sees the
//! scene's sRGB primaries as they are.

use super::bayer::Raw;
use super::{Picture, Rgb};
use anyhow::{Context, Result};
use demosaic::{demosaic_interleaved, Algorithm, CfaPattern};

/// Steps of the table that encodes linear light, enough for neighbours to differ by one at most in
/// the dark.
const STEPS: usize = 1 << 14;

/// Develops a frame.
///
/// # Errors
///
/// The frame is too small to be demosaiced.
pub fn develop(raw: &Raw) -> Result<Picture> {
    let black = f32::from(raw.black_level());
    let scale = 1.0 / (f32::from(raw.white_level()) - black);
    let linear: Vec<f32> = raw
        .values
        .iter()
        .map(|value| ((f32::from(*value) - black) * scale).max(0.0))
        .collect();
    let mut colours = vec![0.0; 3 * linear.len()];
    // Malvar, He, Cutler: as fast as bilinear to the eye, and without its coloured edges.
    demosaic_interleaved(
        &linear,
        raw.width,
        raw.height,
        &CfaPattern::bayer_rggb(),
        Algorithm::Mhc,
        &mut colours,
    )
    .context("the frame cannot be demosaiced")?;
    let table = encoding();
    let mut pixels: Vec<Rgb> = colours
        .chunks_exact(3)
        .map(|colour| -> Rgb {
            [colour[0], colour[1], colour[2]]
                .map(|value| table[(value.clamp(0.0, 1.0) * (STEPS - 1) as f32).round() as usize])
        })
        .collect();
    raw.flips.turn(&mut pixels, raw.width);
    Picture::from_pixels(raw.width, raw.height, pixels).context("pixels are missing")
}

fn encoding() -> Vec<u8> {
    (0..STEPS)
        .map(|step| encode(step as f32 / (STEPS - 1) as f32))
        .collect()
}

/// Linear light, 0 to 1, in sRGB encoding (IEC 61966-2-1).
pub fn encode(linear: f32) -> u8 {
    let encoded = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (encoded * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::super::bayer::Flips;
    use super::*;

    /// Returns the image by a perfect sensor of one colour, given in linear light.
    fn flat(colour: [f32; 3], bits: u32) -> Raw {
        let mut raw = Raw {
            width: 32,
            height: 32,
            bits,
            values: Vec::new(),
            flips: Flips::default(),
        };
        let (black, white) = (f32::from(raw.black_level()), f32::from(raw.white_level()));
        for at in 0..32 * 32 {
            let channel = at % 32 % 2 + at / 32 % 2;
            raw.values
                .push((black + colour[channel] * (white - black)).round() as u16);
        }
        raw
    }

    #[test]
    fn known_colours_come_out_as_known() {
        // Linear 0.2140 is sRGB 127 (IEC 61966-2-1's own mid-grey), 0.0 is 0, 1.0 is 255.
        for bits in [10, 12] {
            let picture = develop(&flat([1.0, 0.2140, 0.0], bits)).unwrap();
            for (x, y) in [(8, 8), (9, 8), (8, 9), (9, 9)] {
                let [red, green, blue] = picture.at(x, y);
                assert_eq!((red, blue), (255, 0), "at {x},{y}, {bits} bits");
                assert!(
                    green.abs_diff(127) <= 1,
                    "green {green} at {x},{y}, {bits} bits"
                );
            }
        }
    }

    #[test]
    fn values_below_black_are_black() {
        let mut raw = flat([0.0; 3], 10);
        raw.values.fill(12);
        assert!(develop(&raw)
            .unwrap()
            .pixels()
            .iter()
            .all(|pixel| *pixel == [0; 3]));
    }
}
