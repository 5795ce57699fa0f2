// SPDX-License-Identifier: GPL-2.0-only

//! Conversion of frame intervals to line and frame lengths.
//!
//! The frame length is changed, at the current line length. The line is changed only for intervals
//! that no frame length results in: to the shortest line for shorter intervals, and to the shortest
//! sufficient one for longer intervals.

use super::{
    frame_length_default,
    frame_length_floor,
    line_length_min,
    long,
    Interval,
    Timing, //
    LINE_LENGTH_MAX,
    LINE_LENGTH_STEP,
};
use crate::sensor::{
    arithmetic::{
        div_ceil,
        saturating_u32,
        up_to_multiple, //
    },
    link::Link,
    part::Part,
    readout::Readout, //
};

/// Enumerated rates in frames per second, in addition to the fastest and the slowest.
const RATES: [u32; 20] = [
    240, 200, 180, 150, 120, 100, 90, 75, 60, 50, 48, 40, 30, 25, 24, 15, 10, 5, 2, 1,
];

/// Line length in pck and frame length in lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths {
    /// Line length in pck.
    pub line: u32,
    /// Frame length in lines.
    pub frame: u32,
}

/// Returns the lengths whose frame interval is nearest to `wanted`, where `line_length` is the
/// current line length; for long frames ([`long`]) to within a line.
///
/// A zero interval requests the default one.
pub fn nearest(
    part: &Part,
    readout: &Readout,
    link: &Link,
    line_length: u32,
    wanted: Interval,
) -> Lengths {
    let pixel_rate = link.tree().pixel_rate();
    let start = line_length_min(part, readout, link);
    if wanted.numerator == 0 || wanted.denominator == 0 {
        return Lengths {
            line: start,
            frame: frame_length_default(part, readout, pixel_rate, start),
        };
    }

    let frame_min = frame_length_floor(part, readout);
    let frame_at = |line: u32| {
        let timing = Timing {
            pixel_rate,
            line_length: line,
            frame_length: frame_min,
        };
        timing.frame_length_for(wanted)
    };
    let present = frame_at(line_length);
    let line = if present > long::LINES_MAX {
        line_for(pixel_rate, wanted).max(line_length)
    } else if present < frame_min {
        start
    } else {
        line_length
    };
    Lengths {
        line,
        frame: long::nearest(frame_at(line).max(frame_min)),
    }
}

/// Returns the shortest line with which the longest frame lasts for `wanted`.
fn line_for(pixel_rate: u64, wanted: Interval) -> u32 {
    let pck = u64::from(wanted.numerator).saturating_mul(pixel_rate);
    let lines = u64::from(wanted.denominator).saturating_mul(u64::from(long::LINES_MAX));
    let line = saturating_u32(div_ceil(pck, lines)).min(LINE_LENGTH_MAX);
    up_to_multiple(line, LINE_LENGTH_STEP)
}

/// Returns the `index`th enumerated frame interval for this readout on this link, the shortest
/// first, or `None` past the last.
///
/// Each is met exactly when it is requested with lines of the default length.
pub fn offered(part: &Part, readout: &Readout, link: &Link, index: usize) -> Option<Interval> {
    let timing = |line: u32, frame: u32| Timing {
        pixel_rate: link.tree().pixel_rate(),
        line_length: line,
        frame_length: frame,
    };
    let start = line_length_min(part, readout, link);
    let fastest = timing(start, frame_length_floor(part, readout));
    let slowest = timing(LINE_LENGTH_MAX, long::LINES_MAX);
    let between = RATES.iter().filter_map(|&rate| {
        let wanted = Interval {
            numerator: 1,
            denominator: rate,
        };
        let lengths = nearest(part, readout, link, start, wanted);
        let found = timing(lengths.line, lengths.frame);
        (found.frame_pck() > fastest.frame_pck()).then_some(found)
    });
    core::iter::once(fastest)
        .chain(between)
        .chain(core::iter::once(slowest))
        .nth(index)
        .map(|timing| timing.frame_interval())
}
