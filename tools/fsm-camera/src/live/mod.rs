// SPDX-License-Identifier: GPL-2.0-only

//! A web page with the image, a histogram, and a control for each setting in units.
//!
//! One thread takes frames and makes small images of some of them; it leaves out what comes
//! meanwhile, so that nothing queues. Each browser asks for an image newer than the one that it
//! has, and gets the newest at its own pace. Without a browser the stream stops.

mod pump;
mod server;
mod shared;

pub use server::{serve, Address};
pub use shared::{Change, Knob, Shot, View};

use crate::camera::Raw;
use crate::formats::Colour;

/// Bins of a histogram.
pub const BINS: usize = 64;
/// Of the cells of a frame, one of so many on each axis is counted.
const STEP: usize = 4;

/// Counts of red, green and blue values, from 0 to full scale.
pub fn histogram(raw: &Raw) -> [Vec<u32>; 3] {
    let mut counts = [vec![0; BINS], vec![0; BINS], vec![0; BINS]];
    let shift = raw.bits.saturating_sub(BINS.ilog2());
    for (y, row) in raw.values.chunks(raw.width.max(1)).enumerate() {
        if y / 2 % STEP != 0 {
            continue;
        }
        for (x, value) in row.iter().enumerate() {
            if x / 2 % STEP != 0 {
                continue;
            }
            let channel = match raw.order.at(x, y) {
                Colour::Red => 0,
                Colour::GreenRed | Colour::GreenBlue => 1,
                Colour::Blue => 2,
            };
            if let Some(count) = counts[channel].get_mut(usize::from(value >> shift)) {
                *count += 1;
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Order;

    #[test]
    fn a_histogram_counts_values_by_colour() {
        let raw = Raw {
            width: 16,
            height: 16,
            bits: 10,
            order: Order::Rggb,
            black: 64,
            values: (0..256)
                .map(|at| match (at / 16 % 2, at % 2) {
                    (0, 0) => 0,
                    (1, 1) => 1023,
                    _ => 512,
                })
                .collect(),
        };
        let [red, green, blue] = histogram(&raw);
        assert_eq!((red[0], green[32], blue[63]), (4, 8, 4));
        assert_eq!(red.iter().sum::<u32>(), 4);
    }
}
