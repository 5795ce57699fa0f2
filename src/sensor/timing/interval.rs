// SPDX-License-Identifier: GPL-2.0-only

//! Conversion of frame intervals to line and frame lengths.
//!
//! The frame length is changed, at the current line length. The line is changed only for intervals
//! that no frame length results in: to the shortest line for shorter intervals, and to the shortest
//! sufficient one for longer intervals.

use super::{
    frame_length_floor,
    line_length_min,
    long,
    Interval,
    Timing, //
    FRAME_LENGTH_MAX,
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

/// Default frame rates in Hz: the first of them that is possible.
const DEFAULT_RATES: [u32; 3] = [60, 30, 15];

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

/// Returns the default lengths: the shortest line, and the frame length of the first of 60, 30 and
/// 15 frames per second that it allows, otherwise the shortest.
pub fn default(part: &Part, readout: &Readout, link: &Link) -> Lengths {
    let line = line_length_min(part, readout, link);
    let shortest = frame_length_floor(part, readout);
    let timing = Timing {
        pixel_rate: link.tree().pixel_rate(),
        line_length: line,
        frame_length: shortest,
    };
    for &rate in &DEFAULT_RATES {
        let frame = timing.frame_length_for(Interval {
            numerator: 1,
            denominator: rate,
        });
        if (shortest..=FRAME_LENGTH_MAX).contains(&frame) {
            return Lengths { line, frame };
        }
    }
    Lengths {
        line,
        frame: shortest,
    }
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
    if wanted.numerator == 0 || wanted.denominator == 0 {
        return default(part, readout, link);
    }

    let pixel_rate = link.tree().pixel_rate();
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
        line_length_min(part, readout, link)
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
    let pixel_rate = link.tree().pixel_rate();
    let timing = |line: u32, frame: u32| Timing {
        pixel_rate,
        line_length: line,
        frame_length: frame,
    };
    let start = line_length_min(part, readout, link);
    let fastest = timing(start, frame_length_floor(part, readout));
    let mut found = fastest;
    let mut left = index;
    for &rate in &RATES {
        let wanted = Interval {
            numerator: 1,
            denominator: rate,
        };
        let Lengths { line, frame } = nearest(part, readout, link, start, wanted);
        let slower = timing(line, frame);
        if left > 0 && slower.frame_pck() > fastest.frame_pck() {
            found = slower;
            left = left.saturating_sub(1);
        }
    }
    match left {
        0 => Some(found.frame_interval()),
        1 => Some(timing(LINE_LENGTH_MAX, long::LINES_MAX).frame_interval()),
        _ => None,
    }
}
