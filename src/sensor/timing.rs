// SPDX-License-Identifier: GPL-2.0-only

//! Time: line and frame lengths, blanking, frame rate and exposure.
//!
//! A line lasts `line length / pixel rate`, a frame `frame length` lines, an exposure
//! `coarse integration time` lines and a constant.
//!
//! # Shortest line
//!
//! The rules of [`line_length_min`]:
//!
//! * The converters need a number of pck that depends on depth and binning, at every pixel rate and
//!   crop.
//! * The link must carry the pixels of the line, with some pck to spare for packet headers and the
//!   change
//!   between low power and high speed.
//! * On two lanes a line of the IMX412 is twice as long as the converters need: so it is in all
//!   public
//!   programs for it (kmb-imx412.c, fr_imx412.c), whatever the width of their output. Shorter lines may
//!   work, as they did on two lanes of an IMX477 in the experiments of pull request 6798; no program for
//!   the IMX412 has them.
//!
//! All are [`TimingLimits`](super::part::TimingLimits) of the sensor. The longest of them is the
//! shortest line, and the default. User space assumes the two to be equal: libcamera sets HBLANK to
//! its minimum once, when it opens a sensor, and its IPAs use the sum of width and minimum as the
//! length of a line in every format after that.
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

pub use super::part::{
    EXPOSURE_MARGIN,
    FINE_INTEGRATION_PCK,
    FRAME_LENGTH_MAX,
    LINE_LENGTH_MAX,
    LINE_LENGTH_STEP, //
};
use super::{
    arithmetic::{
        at_least_one,
        div_ceil,
        gcd,
        round_div,
        saturating_u32,
        up_to_multiple, //
    },
    clock::ClockTree,
    link::{
        Lanes,
        Link, //
    },
    part::{
        ConverterLine,
        Part, //
    },
    readout::{
        Binning,
        Depth,
        Readout, //
    }, //
};

/// A duration in seconds, as a reduced fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Numerator, in seconds.
    pub numerator: u32,
    /// Denominator.
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
    /// Returns the pixel clocks from one frame to the next.
    fn frame_pck(&self) -> u64 {
        u64::from(self.line_length).saturating_mul(u64::from(self.frame_length))
    }

    /// Returns the frame interval in seconds.
    ///
    /// It is exact, unless it takes more than 32 bits: then both numbers are halved until they fit,
    /// with an error of less than one millionth for the longest possible frames.
    pub fn frame_interval(&self) -> Interval {
        let divisor = at_least_one(gcd(self.frame_pck(), self.pixel_rate));
        let numerator = self.frame_pck() / divisor;
        let denominator = self.pixel_rate / divisor;
        let bits = u64::BITS.saturating_sub((numerator | denominator).leading_zeros());
        let excess = bits.saturating_sub(u32::BITS);
        let unit = 1_u64 << excess;
        Interval {
            numerator: saturating_u32(numerator >> excess),
            denominator: saturating_u32(round_div(denominator, unit)),
        }
    }

    /// Returns the frames per 1000 seconds, rounded to the nearest.
    pub fn frame_rate_millihertz(&self) -> u64 {
        let pck = self.frame_pck();
        round_div(self.pixel_rate.saturating_mul(1000), pck)
    }

    /// Returns the duration of a line in ns, rounded to the nearest.
    pub fn line_time_ns(&self) -> u64 {
        round_div(
            u64::from(self.line_length).saturating_mul(1_000_000_000),
            self.pixel_rate,
        )
    }

    /// Returns the duration of a frame in us, rounded up.
    pub fn frame_time_us(&self) -> u64 {
        let pck = self.frame_pck();
        div_ceil(pck.saturating_mul(1_000_000), self.pixel_rate)
    }

    /// Returns the integration time of an exposure of `lines` in ns, rounded to the nearest.
    pub fn integration_ns(&self, lines: u32) -> u64 {
        let coarse = u64::from(lines).saturating_mul(u64::from(self.line_length));
        let pck = coarse.saturating_add(u64::from(FINE_INTEGRATION_PCK));
        // In two steps, as the longest exposures last for minutes.
        let rate = at_least_one(self.pixel_rate);
        let rest = round_div((pck % rate).saturating_mul(1_000_000_000), rate.get());
        (pck / rate)
            .saturating_mul(1_000_000_000)
            .saturating_add(rest)
    }

    /// Returns the frame length whose frame interval is nearest to `interval`, at this line length.
    ///
    /// It may be outside of the limits of the readout.
    pub fn frame_length_for(&self, interval: Interval) -> u32 {
        let pck = u64::from(interval.numerator).saturating_mul(self.pixel_rate);
        let line = u64::from(interval.denominator).saturating_mul(u64::from(self.line_length));
        saturating_u32(round_div(pck, line))
    }

    /// Returns the duration of a line in INCK periods, rounded up, with the pixel clock of `tree`.
    pub fn line_length_inck(&self, tree: &ClockTree) -> u32 {
        // The ratio of the two rates does not depend on the deviation of INCK.
        let tree = tree.nominal();
        let cycles = u64::from(self.line_length).saturating_mul(u64::from(tree.inck().hz()));
        saturating_u32(div_ceil(cycles, tree.pixel_rate()))
    }
}

/// Returns the shortest line in pck for this readout on this link, which is also the default; see
/// the module documentation.
pub fn line_length_min(part: &Part, readout: &Readout, link: &Link) -> u32 {
    let converters = line_of_converters(part, readout);
    let proven = match link.lanes() {
        Lanes::Four => converters,
        Lanes::Two => converters.saturating_mul(part.timing.two_lanes_factor),
    };
    let line = proven
        .max(line_of_link(part, readout, link))
        .min(LINE_LENGTH_MAX);
    up_to_multiple(line, LINE_LENGTH_STEP)
}

/// Returns the time that the converters need for a line, in pck.
pub fn line_of_converters(part: &Part, readout: &Readout) -> u32 {
    let ConverterLine {
        ten,
        ten_binned,
        twelve,
    } = part.timing.converters;
    match (readout.depth(), readout.binning()) {
        (Depth::Eight | Depth::Ten, Binning::None) => ten,
        (Depth::Eight | Depth::Ten, Binning::TwoByTwo) => ten_binned,
        (Depth::Twelve, _) => twelve,
    }
}

/// Returns the time that the link needs for a line, in pck.
pub fn line_of_link(part: &Part, readout: &Readout, link: &Link) -> u32 {
    let bits = u64::from(readout.depth().bits());
    let line_bits = u64::from(readout.output().width).saturating_mul(bits);
    // The ratio of the two rates does not depend on the deviation of INCK.
    let pixels = div_ceil(
        line_bits.saturating_mul(link.tree().nominal().pixel_rate()),
        link.total_rate(),
    );
    saturating_u32(pixels).saturating_add(part.timing.link_overhead_pck)
}

/// Returns the shortest frame in lines for this readout.
pub fn frame_length_floor(part: &Part, readout: &Readout) -> u32 {
    readout
        .lines_read()
        .saturating_add(part.timing.vertical_blanking_min)
}
