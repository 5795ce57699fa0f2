// SPDX-License-Identifier: GPL-2.0-only

//! Time: line and frame lengths, blanking, frame rate and exposure.
//!
//! A line lasts `line length / pixel rate`, a frame `frame length` lines, an exposure
//! `coarse integration time` lines and a constant.
//!
//! # How short a line can be
//!
//! The rules are in [`line_length_floor`] and [`line_length_default`] and nowhere else:
//!
//! * The converters need 4512 pck at 10 bits, 6224 at 12 bits, and 2976 for 10 bits binned two by two.
//!   Every public program keeps to that, at every pixel rate and crop (mainline imx412.c, Intel
//!   kmb-imx412.c, FRAMOS fr_imx412.c). Binned at 12 bits it stays 6224: raspberrypi/linux pull request
//!   6798 reports black pictures on the IMX477 below some 5930.
//! * The link must carry the line's pixels, with [`LINK_OVERHEAD_PCK`] to spare for packet headers and
//!   the change between low power and high speed.
//!
//! The longer of the two is the shortest line, and on four lanes also the one to start with. On two
//! lanes a line starts out twice as long as the converters need: so do all public programs for the
//! IMX412 (kmb-imx412.c, fr_imx412.c), whatever the width of their output. Horizontal blanking can
//! be lowered from there to the shortest line: no program for the IMX412 shows that to work, the
//! experiments of pull request 6798, on two lanes of an IMX477, do.
//!
//! # Frame intervals
//!
//! [`interval`] turns a frame interval into line and frame length.
//!
//! # Long exposures
//!
//! [`long`] decides how more lines are counted than a register holds.

pub mod interval;
pub mod long;

use super::{
    arithmetic::{
        div_ceil,
        gcd,
        round_div,
        saturating_u32,
        up_to_multiple, //
    },
    board::{
        Lanes,
        Link, //
    },
    readout::{
        Binning,
        Depth,
        Readout, //
    }, //
};

/// Integration that the sensor adds to the coarse time, in pck (kmb-imx412.c, fr_imx412.c).
pub const FINE_INTEGRATION_PCK: u32 = 0x0790;
/// Shortest exposure in lines (mainline imx412.c, kmb-imx412.c).
pub const EXPOSURE_MIN: u32 = 8;
/// Lines of a frame that an exposure cannot use (all public drivers).
pub const EXPOSURE_MARGIN: u32 = 22;
/// Fewest blank lines, "determined from the default register value and empirically confirmed" by
/// FRAMOS.
pub const VERTICAL_BLANKING_MIN: u32 = 52;
/// Longest frame in lines that takes no shift (raspberrypi imx477.c); [`long`] has longer ones.
pub const FRAME_LENGTH_MAX: u32 = 0xffdc;
/// Longest line in pck (raspberrypi imx477.c).
pub const LINE_LENGTH_MAX: u32 = 0xfff0;
/// Line lengths are multiples of this: the array is read by four parallel pipes.
pub const LINE_LENGTH_STEP: u32 = 4;
/// What a line takes on the link beside its pixels, in pck.
///
/// The smallest margin of the public programs: the 1332x990 mode of raspberrypi imx477.c has a line
/// of 6664 where its pixels take 6216.
pub const LINK_OVERHEAD_PCK: u32 = 448;

/// Frame rates to start with, the first that can be reached is taken.
const NICE_RATES: [u32; 3] = [60, 30, 15];

/// A duration in seconds, as a reduced fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Counts seconds.
    pub numerator: u32,
    /// Divides them.
    pub denominator: u32,
}

/// The three numbers that set the frame rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Pixel clocks (pck) per second.
    pub pixel_rate: u64,
    /// Pixel clocks per line, blanking included.
    pub line_length: u32,
    /// Lines per frame, blanking included.
    pub frame_length: u32,
}

impl Timing {
    /// Pixel clocks from one frame to the next.
    fn frame_pck(&self) -> u64 {
        u64::from(self.line_length).saturating_mul(u64::from(self.frame_length))
    }

    /// Time from one frame to the next.
    ///
    /// It is exact, unless it takes more than 32 bits: then both numbers are halved until they fit,
    /// which for the longest frames that there are is less than one millionth off.
    pub fn frame_interval(&self) -> Interval {
        let divisor = gcd(self.frame_pck(), self.pixel_rate).max(1);
        let numerator = self.frame_pck() / divisor;
        let denominator = self.pixel_rate / divisor;
        let bits = u64::BITS.saturating_sub((numerator | denominator).leading_zeros());
        let unit = 1_u64 << bits.saturating_sub(u32::BITS);
        Interval {
            numerator: saturating_u32(numerator / unit),
            denominator: saturating_u32(round_div(denominator, unit)),
        }
    }

    /// Frames per 1000 seconds, rounded to the nearest.
    pub fn frame_rate_millihertz(&self) -> u64 {
        let pck = self.frame_pck();
        round_div(self.pixel_rate.saturating_mul(1000), pck)
    }

    /// Duration of a line in ns, rounded to the nearest.
    pub fn line_time_ns(&self) -> u64 {
        round_div(
            u64::from(self.line_length).saturating_mul(1_000_000_000),
            self.pixel_rate,
        )
    }

    /// Duration of a frame in us, rounded up.
    pub fn frame_time_us(&self) -> u64 {
        let pck = self.frame_pck();
        div_ceil(pck.saturating_mul(1_000_000), self.pixel_rate)
    }

    /// What an exposure of `lines` collects light for, in ns, rounded to the nearest.
    pub fn integration_ns(&self, lines: u32) -> u64 {
        let coarse = u64::from(lines).saturating_mul(u64::from(self.line_length));
        let pck = coarse.saturating_add(u64::from(FINE_INTEGRATION_PCK));
        // In two steps: the longest exposures last for minutes.
        let rate = self.pixel_rate.max(1);
        let rest = round_div((pck % rate).saturating_mul(1_000_000_000), rate);
        (pck / rate)
            .saturating_mul(1_000_000_000)
            .saturating_add(rest)
    }

    /// The frame length whose frame interval is nearest to `interval`, at this line length.
    ///
    /// It may lie outside what the readout allows.
    pub fn frame_length_for(&self, interval: Interval) -> u32 {
        let pck = u64::from(interval.numerator).saturating_mul(self.pixel_rate);
        let line = u64::from(interval.denominator).saturating_mul(u64::from(self.line_length));
        saturating_u32(round_div(pck, line))
    }

    /// Duration of a line in INCK periods, rounded up.
    pub fn line_length_inck(&self, inck_hz: u32) -> u32 {
        let cycles = u64::from(self.line_length).saturating_mul(u64::from(inck_hz));
        saturating_u32(div_ceil(cycles, self.pixel_rate))
    }
}

/// Shortest line in pck for this readout on this link; see the module's documentation.
pub fn line_length_floor(readout: &Readout, link: &Link) -> u32 {
    line_length(line_of_converters(readout), readout, link)
}

/// Line in pck to start with for this readout on this link; see the module's documentation.
pub fn line_length_default(readout: &Readout, link: &Link) -> u32 {
    let converters = line_of_converters(readout);
    let proven = match link.lanes() {
        Lanes::Four => converters,
        Lanes::Two => converters.saturating_mul(2),
    };
    line_length(proven, readout, link)
}

/// What the converters need for a line, in pck.
pub fn line_of_converters(readout: &Readout) -> u32 {
    match (readout.depth(), readout.binning()) {
        (Depth::Eight | Depth::Ten, Binning::None) => 4512,
        (Depth::Eight | Depth::Ten, Binning::TwoByTwo) => 2976,
        (Depth::Twelve, _) => 6224,
    }
}

/// What the link needs for a line, in pck.
pub fn line_of_link(readout: &Readout, link: &Link) -> u32 {
    let bits = u64::from(readout.depth().bits());
    let line_bits = u64::from(readout.output().width).saturating_mul(bits);
    let pixels = div_ceil(
        line_bits.saturating_mul(link.tree().pixel_rate()),
        link.total_rate(),
    );
    saturating_u32(pixels).saturating_add(LINK_OVERHEAD_PCK)
}

/// `line`, or what the link needs if that is longer.
fn line_length(line: u32, readout: &Readout, link: &Link) -> u32 {
    let line = line.max(line_of_link(readout, link)).min(LINE_LENGTH_MAX);
    up_to_multiple(line, LINE_LENGTH_STEP)
}

/// Shortest frame in lines for this readout.
pub fn frame_length_floor(readout: &Readout) -> u32 {
    readout.lines_read().saturating_add(VERTICAL_BLANKING_MIN)
}

/// The frame length to start with: that of 60, 30 or 15 frames per second, whichever is the first
/// that the line length allows, else the shortest.
pub fn frame_length_default(readout: &Readout, pixel_rate: u64, line_length: u32) -> u32 {
    let floor = frame_length_floor(readout);
    let timing = Timing {
        pixel_rate,
        line_length,
        frame_length: floor,
    };
    NICE_RATES
        .iter()
        .map(|&rate| {
            timing.frame_length_for(Interval {
                numerator: 1,
                denominator: rate,
            })
        })
        .find(|length| (floor..=FRAME_LENGTH_MAX).contains(length))
        .unwrap_or(floor)
}
