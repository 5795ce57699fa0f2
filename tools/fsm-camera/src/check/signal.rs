// SPDX-License-Identifier: GPL-2.0-only

//! Test patterns, and what a frame that should show one tells of the link.
//!
//! The layout of the solid pattern is V4L2's and certain. That of bars and PN9 is MIPI CCS' in spirit, and
//! not public in detail: the verdict takes a frame that differs everywhere from PN9 for another layout,
//! if solid frames are right.

use crate::camera::Raw;
use crate::formats::{Colour, Order};
use serde::{Deserialize, Serialize};

/// A test pattern of the sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Red, green beside red, green beside blue, blue: 12 bits.
    Solid([u16; 4]),
    /// Eight bars of full colours.
    Bars,
    /// The same, fading to gray from top to bottom.
    FadingBars,
    /// Pseudo-random bits (PN9).
    Pn9,
}

impl Pattern {
    /// Returns the item of V4L2_CID_TEST_PATTERN.
    pub fn item(self) -> i64 {
        match self {
            Self::Solid(_) => 1,
            Self::Bars => 2,
            Self::FadingBars => 3,
            Self::Pn9 => 4,
        }
    }

    /// Returns its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Solid([red, ..]) if red >= 0x800 => "solid colour",
            Self::Solid(_) => "solid colour, inverted",
            Self::Bars => "colour bars",
            Self::FadingBars => "fading colour bars",
            Self::Pn9 => "PN9",
        }
    }

    /// Returns the pixels of a frame that shows it.
    pub fn pixels(self, like: &Raw) -> Vec<u16> {
        let Raw {
            width,
            height,
            bits,
            order,
            ..
        } = *like;
        let mut bits_to_come = Pn9::new();
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                values.push(match self {
                    Self::Solid(colours) => {
                        let at = match order.at(x, y) {
                            Colour::Red => 0,
                            Colour::GreenRed => 1,
                            Colour::GreenBlue => 2,
                            Colour::Blue => 3,
                        };
                        colours[at] >> (12 - bits.min(12))
                    }
                    Self::Bars | Self::FadingBars => {
                        let max = (1u32 << bits) - 1;
                        let (on, off) = match self {
                            Self::FadingBars => faded(max, y, height),
                            _ => (max, 0),
                        };
                        let value = if bar_has(x * 8 / width, order.at(x, y)) {
                            on
                        } else {
                            off
                        };
                        value as u16
                    }
                    Self::Pn9 => bits_to_come.take(bits),
                });
            }
        }
        values
    }
}

/// White, yellow, cyan, green, magenta, red, blue, black.
fn bar_has(bar: usize, colour: Colour) -> bool {
    let lacks = match colour {
        Colour::GreenRed | Colour::GreenBlue => bar & 4,
        Colour::Red => bar & 2,
        Colour::Blue => bar & 1,
    };
    lacks == 0
}

/// From full to half scale, and from 0 to half scale.
fn faded(max: u32, y: usize, height: usize) -> (u32, u32) {
    let middle = (max >> 1) + 1;
    let last = height.saturating_sub(1).max(1);
    let part = |range: u32| (range as usize * y / last) as u32;
    (max - part(max - middle), part(middle))
}

/// x^9 + x^5 + 1 from a seed of ones, most significant bit first.
struct Pn9(u16);

impl Pn9 {
    fn new() -> Self {
        Self(0x1ff)
    }

    fn take(&mut self, bits: u32) -> u16 {
        let mut value = 0;
        for _ in 0..bits {
            value = value << 1 | self.0 >> 8;
            self.0 = (self.0 << 1 | (self.0 >> 8 ^ self.0 >> 4) & 1) & 0x1ff;
        }
        value
    }
}

/// Data of one lane.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneSeen {
    /// Bits that were compared.
    pub bits: u64,
    /// Bits that differ.
    pub wrong: u64,
    /// All bits of it had this level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stuck: Option<bool>,
}

/// Observations in a frame with a pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternSeen {
    /// The pattern's name.
    pub name: String,
    /// Pixels that were compared.
    pub pixels: u64,
    /// Pixels that differ.
    pub wrong: u64,
    /// Lane 1 first.
    pub lanes: Vec<LaneSeen>,
    /// Wrong bits by their position in a pixel, lowest first.
    pub bit_positions: Vec<u64>,
    /// From this line on all are wrong, and none before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_at: Option<u64>,
    /// With these two lanes exchanged, all is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swapped: Option<(u64, u64)>,
    /// The order of colours that the frame has, where it is another one than its format says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
}

impl PatternSeen {
    /// Returns true if no pixel differs.
    pub fn is_right(&self) -> bool {
        self.wrong == 0
    }
}

/// Compares a frame with the pattern that it should show, which came over `lanes` lanes.
pub fn compare(raw: &Raw, pattern: Pattern, lanes: usize) -> PatternSeen {
    let lanes = lanes.max(1);
    let width = raw.width.max(1);
    let expected = pattern.pixels(raw);
    let mut seen = PatternSeen {
        name: pattern.name().to_owned(),
        pixels: raw.values.len() as u64,
        lanes: vec![LaneSeen::default(); lanes],
        bit_positions: vec![0; raw.bits as usize],
        ..PatternSeen::default()
    };
    let mut levels = vec![(true, true); lanes];
    let mut wrong_lines = Vec::new();
    let rows = raw.values.chunks(width).zip(expected.chunks(width));
    for (y, (found, wanted)) in rows.clone().enumerate() {
        if found != wanted {
            wrong_lines.push(y as u64);
        }
        for (found, wanted) in found.iter().zip(wanted) {
            let difference = found ^ wanted;
            seen.wrong += u64::from(difference != 0);
            for (at, count) in seen.bit_positions.iter_mut().enumerate() {
                *count += u64::from(difference >> at & 1);
            }
        }
        let (found, wanted) = (wire(found, raw.bits), wire(wanted, raw.bits));
        for (at, (found, wanted)) in found.iter().zip(&wanted).enumerate() {
            let lane = at % lanes;
            seen.lanes[lane].bits += 8;
            seen.lanes[lane].wrong += u64::from((found ^ wanted).count_ones());
            levels[lane].0 &= *found == 0;
            levels[lane].1 &= *found == u8::MAX;
        }
    }
    for (lane, (low, high)) in seen.lanes.iter_mut().zip(levels) {
        if lane.wrong > 0 && (low || high) {
            lane.stuck = Some(high);
        }
    }
    let height = raw.height as u64;
    if let Some(first) = wrong_lines.first() {
        let all = wrong_lines.len() as u64 == height - first;
        seen.cut_at = (*first > 0 && all).then_some(*first);
    }
    if !seen.is_right() && seen.cut_at.is_none() {
        seen.swapped = swapped(rows, raw.bits, lanes);
        if let Pattern::Solid(colours) = pattern {
            seen.order = order(raw, colours);
        }
    }
    seen
}

/// Returns the pair of lanes that explains all, if one does.
fn swapped<'a>(
    rows: impl Iterator<Item = (&'a [u16], &'a [u16])> + Clone,
    bits: u32,
    lanes: usize,
) -> Option<(u64, u64)> {
    for first in 0..lanes {
        for second in first + 1..lanes {
            let explains = rows.clone().all(|(found, wanted)| {
                let mut bytes = wire(found, bits);
                for turn in bytes.chunks_mut(lanes) {
                    if second < turn.len() {
                        turn.swap(first, second);
                    }
                }
                bytes == wire(wanted, bits)
            });
            if explains {
                return Some((first as u64 + 1, second as u64 + 1));
            }
        }
    }
    None
}

/// Returns the order of colours in a solid frame, if it is another one than it should be.
fn order(raw: &Raw, colours: [u16; 4]) -> Option<Order> {
    let [red, green_red, green_blue, blue] = colours.map(|value| value >> (12 - raw.bits.min(12)));
    let fits = |order: Order| {
        let rows = raw.values.chunks(raw.width.max(1)).enumerate();
        // A line or column at the edge may have been made up by the receiver.
        let inner = rows.take(raw.height.saturating_sub(2));
        inner
            .flat_map(|(y, row)| {
                let inner = row.len().saturating_sub(2);
                row.iter()
                    .take(inner)
                    .enumerate()
                    .map(move |(x, value)| (x, y, *value))
            })
            .all(|(x, y, value)| {
                value
                    == match order.at(x, y) {
                        Colour::Red => red,
                        Colour::GreenRed => green_red,
                        Colour::GreenBlue => green_blue,
                        Colour::Blue => blue,
                    }
            })
    };
    Order::ALL
        .into_iter()
        .find(|order| *order != raw.order && fits(*order))
}

/// Returns a line as it is on the link, in whole groups of pixels.
fn wire(row: &[u16], bits: u32) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(row.len() * 2);
    match bits {
        10 => {
            for group in row.chunks_exact(4) {
                bytes.extend(group.iter().map(|value| (value >> 2) as u8));
                let low = group
                    .iter()
                    .rev()
                    .fold(0, |low, value| low << 2 | value & 3);
                bytes.push(low as u8);
            }
        }
        12 => {
            for group in row.chunks_exact(2) {
                bytes.extend(group.iter().map(|value| (value >> 4) as u8));
                let low = group
                    .iter()
                    .rev()
                    .fold(0, |low, value| low << 4 | value & 15);
                bytes.push(low as u8);
            }
        }
        _ => bytes.extend(row.iter().map(|value| *value as u8)),
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    pub const COLOURS: [u16; 4] = [0xaa9, 0x336, 0xcc5, 0x55a];

    fn frame(pattern: Pattern) -> Raw {
        let mut raw = Raw {
            width: 64,
            height: 32,
            bits: 10,
            order: Order::Rggb,
            black: 64,
            values: Vec::new(),
        };
        raw.values = pattern.pixels(&raw);
        raw
    }

    /// Changes each line as it is on the link.
    fn on_wire(raw: &mut Raw, mut change: impl FnMut(&mut [u8])) {
        let width = raw.width;
        for row in raw.values.chunks_mut(width) {
            let mut bytes = wire(row, 10);
            change(&mut bytes);
            for (group, bytes) in row.chunks_mut(4).zip(bytes.chunks(5)) {
                for (at, value) in group.iter_mut().enumerate() {
                    *value = u16::from(bytes[at]) << 2 | u16::from(bytes[4] >> (2 * at) & 3);
                }
            }
        }
    }

    #[test]
    fn a_right_frame_is_right() {
        for pattern in [
            Pattern::Solid(COLOURS),
            Pattern::Bars,
            Pattern::FadingBars,
            Pattern::Pn9,
        ] {
            let seen = compare(&frame(pattern), pattern, 4);
            assert!(seen.is_right(), "{seen:?}");
            assert!(seen.lanes.iter().all(|lane| lane.stuck.is_none()));
        }
    }

    #[test]
    fn pn9_is_the_sequence_of_the_standard() {
        // ITU-T O.150's generator with a seed of ones begins with nine ones and five zeros.
        let mut bits = Pn9::new();
        let begin: Vec<u16> = (0..18).map(|_| bits.take(1)).collect();
        assert_eq!(
            begin,
            [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1]
        );
    }

    #[test]
    fn stuck_lanes_swapped_lanes_and_errors_are_told_apart() {
        for lanes in [2, 4] {
            for pattern in [Pattern::Pn9, Pattern::Solid(COLOURS)] {
                let mut raw = frame(pattern);
                on_wire(&mut raw, |bytes| {
                    bytes
                        .iter_mut()
                        .skip(1)
                        .step_by(lanes)
                        .for_each(|b| *b = 0xff);
                });
                let seen = compare(&raw, pattern, lanes);
                assert_eq!(seen.lanes[1].stuck, Some(true), "{seen:?}");
                assert_eq!(seen.lanes[0].wrong, 0);
                assert_eq!(seen.swapped, None);

                let mut raw = frame(pattern);
                on_wire(&mut raw, |bytes| {
                    for turn in bytes.chunks_mut(lanes) {
                        if turn.len() == lanes {
                            turn.swap(0, lanes - 1);
                        }
                    }
                });
                let seen = compare(&raw, pattern, lanes);
                assert_eq!(seen.swapped, Some((1, lanes as u64)), "{seen:?}");

                let mut raw = frame(pattern);
                on_wire(&mut raw, |bytes| bytes[lanes] ^= 1);
                let seen = compare(&raw, pattern, lanes);
                assert_eq!(seen.lanes[0].wrong, 32, "{seen:?}");
                assert!(seen.lanes[1..].iter().all(|lane| lane.wrong == 0));
                assert_eq!((seen.swapped, seen.lanes[0].stuck), (None, None));
            }
        }
    }

    #[test]
    fn a_frame_that_ends_early_is_cut() {
        let mut raw = frame(Pattern::Pn9);
        raw.values[20 * 64..].fill(0);
        let seen = compare(&raw, Pattern::Pn9, 4);
        assert_eq!(seen.cut_at, Some(20));
    }

    #[test]
    fn a_lost_line_shows_as_another_order() {
        let pattern = Pattern::Solid(COLOURS);
        let mut raw = frame(pattern);
        raw.values.drain(..64);
        raw.values.extend([0; 64]);
        let seen = compare(&raw, pattern, 4);
        assert_eq!(seen.order, Some(Order::Gbrg), "{seen:?}");
        assert_eq!(seen.swapped, None);
    }
}
