// SPDX-License-Identifier: GPL-2.0-only

//! From raw pixels to an image to look at: black level, white balance of a gray world, demosaicing,
//! sRGB's curve. No colour matrix: there is no measured one in public.

use crate::camera::Raw;
use crate::formats::{Colour, Order};
use anyhow::{Context, Result};
use demosaic::{demosaic_interleaved, Algorithm, CfaPattern};

/// Pixels of 8 bits per colour, encoded as sRGB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels of a line.
    pub width: usize,
    /// Lines.
    pub height: usize,
    /// Red, green, blue, line by line.
    pub rgb: Vec<u8>,
}

/// Steps of the table that encodes linear light.
const STEPS: usize = 1 << 12;
/// Gains of a white balance beyond which it makes noise of a dark frame.
const MOST_GAIN: f32 = 4.0;

fn pattern(order: Order) -> CfaPattern {
    match order {
        Order::Rggb => CfaPattern::bayer_rggb(),
        Order::Grbg => CfaPattern::bayer_grbg(),
        Order::Gbrg => CfaPattern::bayer_gbrg(),
        Order::Bggr => CfaPattern::bayer_bggr(),
    }
}

/// Returns the gains of red, green and blue that make the mean of a frame gray.
pub fn gray_world(raw: &Raw) -> [f32; 3] {
    let mut sums = [0f64; 3];
    let mut counts = [0f64; 3];
    for (y, line) in raw.values.chunks(raw.width.max(1)).enumerate() {
        for (x, value) in line.iter().enumerate() {
            let colour = match raw.order.at(x, y) {
                Colour::Red => 0,
                Colour::GreenRed | Colour::GreenBlue => 1,
                Colour::Blue => 2,
            };
            sums[colour] += f64::from(value.saturating_sub(raw.black));
            counts[colour] += 1.0;
        }
    }
    let mean = |at: usize| sums[at] / f64::max(counts[at], 1.0);
    let green = mean(1);
    [0, 1, 2].map(|at| {
        let mean = mean(at);
        if mean > 0.0 && green > 0.0 {
            ((green / mean) as f32).clamp(1.0 / MOST_GAIN, MOST_GAIN)
        } else {
            1.0
        }
    })
}

/// Develops a frame.
///
/// # Errors
///
/// It is too small to be demosaiced.
pub fn develop(raw: &Raw) -> Result<Picture> {
    let gains = gray_world(raw);
    let white = ((1u32 << raw.bits) - 1) as f32;
    let black = f32::from(raw.black);
    let scale = 1.0 / (white - black).max(1.0);
    let mut linear = Vec::with_capacity(raw.values.len());
    for (y, line) in raw.values.chunks(raw.width.max(1)).enumerate() {
        for (x, value) in line.iter().enumerate() {
            let gain = match raw.order.at(x, y) {
                Colour::Red => gains[0],
                Colour::GreenRed | Colour::GreenBlue => gains[1],
                Colour::Blue => gains[2],
            };
            linear.push(((f32::from(*value) - black) * scale * gain).clamp(0.0, 1.0));
        }
    }
    let mut colours = vec![0.0; 3 * linear.len()];
    demosaic_interleaved(
        &linear,
        raw.width,
        raw.height,
        &pattern(raw.order),
        Algorithm::Mhc,
        &mut colours,
    )
    .with_context(|| {
        format!(
            "a frame of {}x{} cannot be demosaiced",
            raw.width, raw.height
        )
    })?;
    let table = curve();
    let rgb = colours.into_iter().map(|value| encode(&table, value));
    Ok(Picture {
        width: raw.width,
        height: raw.height,
        rgb: rgb.collect(),
    })
}

/// Makes a small image of a frame, at most `widest` pixels wide where that leaves a line: each of its
/// pixels is the mean of some whole cells. Cheap enough to be done many times a second.
pub fn preview(raw: &Raw, widest: usize) -> Picture {
    let cells = (raw.width / 2, raw.height / 2);
    // Of a frame that is much wider than high a line is left, however wide.
    let step = cells.0.div_ceil(widest.max(1)).min(cells.1).max(1);
    let (width, height) = (cells.0 / step, cells.1 / step);
    let gains = gray_world(raw);
    let scale = 1.0 / (((1u32 << raw.bits) - 1) as f32 - f32::from(raw.black)).max(1.0);
    let table = curve();
    let order = raw.order.cell();
    let mut rgb = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            let mut sums = [0u32; 3];
            let mut counts = [0u32; 3];
            // Of large steps the cells on the diagonal do.
            for cell in 0..step {
                let (left, top) = (2 * (x * step + cell), 2 * (y * step + cell));
                for (at, colour) in order.into_iter().enumerate() {
                    let place = (top + at / 2) * raw.width + left + at % 2;
                    let Some(value) = raw.values.get(place) else {
                        continue;
                    };
                    let channel = match colour {
                        Colour::Red => 0,
                        Colour::GreenRed | Colour::GreenBlue => 1,
                        Colour::Blue => 2,
                    };
                    sums[channel] += u32::from(value.saturating_sub(raw.black));
                    counts[channel] += 1;
                }
            }
            for channel in 0..3 {
                let mean = sums[channel] as f32 / counts[channel].max(1) as f32;
                rgb.push(encode(&table, mean * scale * gains[channel]));
            }
        }
    }
    Picture { width, height, rgb }
}

fn encode(table: &[u8], linear: f32) -> u8 {
    let at = (linear.clamp(0.0, 1.0) * (STEPS - 1) as f32).round() as usize;
    table.get(at).copied().unwrap_or(u8::MAX)
}

/// sRGB's curve (IEC 61966-2-1).
fn curve() -> Vec<u8> {
    (0..STEPS)
        .map(|step| {
            let linear = step as f32 / (STEPS - 1) as f32;
            let encoded = if linear <= 0.003_130_8 {
                12.92 * linear
            } else {
                1.055 * linear.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0).round() as u8
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a frame of one colour, given as red, green and blue above black.
    fn flat(order: Order, colour: [u16; 3]) -> Raw {
        let (width, height) = (32, 16);
        let mut values = Vec::new();
        for y in 0..height {
            for x in 0..width {
                values.push(
                    64 + match order.at(x, y) {
                        Colour::Red => colour[0],
                        Colour::GreenRed | Colour::GreenBlue => colour[1],
                        Colour::Blue => colour[2],
                    },
                );
            }
        }
        Raw {
            width,
            height,
            bits: 10,
            order,
            black: 64,
            values,
        }
    }

    #[test]
    fn a_gray_world_becomes_gray_in_every_order() {
        for order in Order::ALL {
            let raw = flat(order, [100, 200, 400]);
            assert_eq!(gray_world(&raw), [2.0, 1.0, 0.5]);
            for picture in [develop(&raw).unwrap(), preview(&raw, 8)] {
                let middle = 3 * (picture.width * picture.height / 2 + picture.width / 2);
                let pixel = &picture.rgb[middle..middle + 3];
                assert!(
                    pixel.iter().all(|value| value.abs_diff(pixel[0]) <= 1),
                    "{order:?}: {pixel:?}"
                );
                // (200 / 959) in sRGB's curve.
                assert!(pixel[0].abs_diff(126) <= 1, "{pixel:?}");
            }
        }
    }

    #[test]
    fn a_preview_is_as_small_as_asked_for_and_darkness_stays_dark() {
        let mut raw = flat(Order::Rggb, [0; 3]);
        raw.values.fill(60);
        let picture = preview(&raw, 8);
        assert_eq!((picture.width, picture.height), (8, 4));
        assert!(picture.rgb.iter().all(|value| *value == 0));
        assert_eq!(picture.rgb.len(), 3 * 8 * 4);
        let picture = preview(&raw, 1);
        assert_eq!((picture.width, picture.height), (2, 1));
    }
}
