// SPDX-License-Identifier: GPL-2.0-only

//! The clock tree, from INCK to the pixel and link clocks.
//!
//! ```text
//! INCK -> / pre-divider -> x multiplier = video PLL --> / 2 / 5 x 4 pipes = pixel rate
//!                                            |
//!                                            +-- one PLL ---+
//!                                                           +-> / link divider = bit rate of a lane
//!                                            +-- two PLLs --+                  = 2 x link frequency
//!                                            |
//! INCK -> / pre-divider -> x multiplier = link PLL
//! ```
//!
//! Limits, and where they come from:
//!
//! | quantity | limit | source |
//! |---|---|---|
//! | output of a PLL | 1.2 to 2.1 GHz | maintainer of raspberrypi imx477.c, raspberrypi/linux pull request 6208 |
//! | pre-divider | 1 to 4 | 2, 3 and 4 are in public drivers; an INCK of 6 MHz needs 1 |
//! | INCK / pre-divider | 6 to 12 MHz | the range that public drivers use |
//! | link divider | 1, 2, 4 | 1 and 2 in mainline imx412.c and raspberrypi imx477.c, 4 in other IMX577 tables |
//! | sync and pixel dividers | 2 and 5 | every public driver |
//!
//! They bound the multiplier to 100..=350. A lane rate between 1.05 and 1.2 Gbit/s cannot be made:
//! the floor of the PLLs lies above it and their ceiling, halved, below. Both PLLs have the same
//! limits, so the second one adds no link frequency: it sets the pixel rate free from the link.
//!
//! # Which of several solutions
//!
//! A solution makes the link frequency exactly; nothing is rounded. In this order:
//!
//! 1. a tree that a public driver runs as a whole, even where another has a higher pixel rate:
//!    600 MHz from 24 MHz is mainline's one PLL with 480 million pixels per second;
//! 2. the highest pixel rate, as long as the longest line that the part can count still holds the
//!    widest picture at 12 bits over two lanes: only link frequencies below 157.5 MHz need less than
//!    the 840 million that two PLLs give;
//! 3. one PLL rather than two;
//! 4. a setting of the video PLL that a public driver runs;
//! 5. pre-dividers that public drivers use (1 is not among them);
//! 6. the highest comparison frequencies.
//!
//! Two PLLs are known from programs for the IMX477 alone (raspberrypi imx477.c, NVIDIA
//! nv_imx477.c), which shares the registers.

mod unreachable;

use super::{
    readout::{
        Depth, //
        ACTIVE,
    },
    timing, //
};
use core::cmp::Reverse;
pub use unreachable::Unreachable;

const PLL_MIN_HZ: u64 = 1_200_000_000;
const PLL_MAX_HZ: u64 = 2_100_000_000;
const COMPARISON_MIN_HZ: u64 = 6_000_000;
const COMPARISON_MAX_HZ: u64 = 12_000_000;
const PRE_DIVIDERS: [u8; 4] = [1, 2, 3, 4];
const LINK_DIVIDERS: [u8; 3] = [1, 2, 4];
/// Fewest lanes that a link has.
const LANES_MIN: u64 = 2;

/// Divider of the video timing system clock, in all public drivers.
pub const VT_SYNC_DIVIDER: u8 = 2;
/// Divider of the video timing pixel clock; the only value allowed on the IMX577.
pub const VT_PIXEL_DIVIDER: u8 = 5;
const VT_DIVIDER: u64 = VT_SYNC_DIVIDER as u64 * VT_PIXEL_DIVIDER as u64;
/// Columns that the sensor reads in parallel; the pixel rate counts all of them.
const VT_PIPES: u64 = 4;

/// The input clock, one of the frequencies that the part supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inck(u32);

impl Inck {
    /// Supported frequencies in Hz (mainline binding sony,imx412 and the module's documentation).
    pub const SUPPORTED_HZ: [u32; 5] = [6_000_000, 12_000_000, 18_000_000, 24_000_000, 27_000_000];

    /// An input clock of `hz`, or `None` if the part does not support that frequency.
    pub fn new(hz: u32) -> Option<Self> {
        Self::SUPPORTED_HZ.contains(&hz).then_some(Self(hz))
    }

    /// The frequency in Hz.
    pub const fn hz(self) -> u32 {
        self.0
    }
}

/// Settings of one PLL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pll {
    /// Divides INCK to the comparison frequency.
    pub pre_divider: u8,
    /// Multiplies the comparison frequency to the PLL's output.
    pub multiplier: u16,
}

impl Pll {
    /// Output in Hz, if it is whole and within the part's limits.
    fn output_hz(self, inck: Inck) -> Option<u64> {
        let inck_hz = u64::from(inck.hz());
        let pre_divider = u64::from(self.pre_divider);
        let slowest = COMPARISON_MIN_HZ.checked_mul(pre_divider)?;
        let fastest = COMPARISON_MAX_HZ.checked_mul(pre_divider)?;
        let output_hz = exact_div(
            inck_hz.checked_mul(u64::from(self.multiplier))?,
            pre_divider,
        )?;
        let within = (slowest..=fastest).contains(&inck_hz)
            && (PLL_MIN_HZ..=PLL_MAX_HZ).contains(&output_hz);
        within.then_some(output_hz)
    }

    /// The highest multiplier behind this pre-divider that stays below `max_hz`.
    fn fastest(inck: Inck, pre_divider: u8, max_hz: u64) -> Option<Self> {
        let multiplier = max_hz
            .checked_mul(u64::from(pre_divider))?
            .checked_div(u64::from(inck.hz()))?;
        Some(pll(pre_divider, u16::try_from(multiplier).ok()?))
    }
}

const fn pll(pre_divider: u8, multiplier: u16) -> Pll {
    Pll {
        pre_divider,
        multiplier,
    }
}

/// A clock tree of a public driver: INCK, video PLL, link PLL if it has its own, link divider.
type Program = (u32, Pll, Option<Pll>, u8);

/// Clock trees of public drivers, best known first.
const KNOWN_GOOD: [Program; 6] = [
    // Intel kmb-imx412.c (2 lanes) and the Rockchip imx577.c.
    (24_000_000, pll(4, 350), None, 1),
    // Mainline imx412.c.
    (24_000_000, pll(4, 200), None, 1),
    // Intel kmb-imx412.c, DOL modes.
    (24_000_000, pll(4, 242), None, 1),
    // FRAMOS fr_imx412.c.
    (27_000_000, pll(4, 311), None, 1),
    // raspberrypi imx477.c, two programs.
    (24_000_000, pll(4, 350), Some(pll(2, 150)), 2),
    (24_000_000, pll(2, 175), Some(pll(2, 150)), 2),
];

/// A solved clock tree: every frequency in it is exact and within the part's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTree {
    inck: Inck,
    pll: Pll,
    /// Of its own for the link, if there is one.
    link_pll: Option<Pll>,
    /// Output of the video PLL.
    pll_hz: u64,
    lane_rate: u64,
    link_divider: u8,
}

impl ClockTree {
    /// Finds the settings that make exactly `link_freq` Hz (half the bit rate of a lane) from `inck`.
    ///
    /// The module's documentation tells which of several solutions is chosen.
    ///
    /// # Errors
    ///
    /// [`Unreachable`] names the nearest link frequencies that can be made.
    pub fn solve(inck: Inck, link_freq: u64) -> Result<Self, Unreachable> {
        let mut best: Option<Self> = None;
        for tree in Self::candidates(inck, link_freq) {
            if best.is_none_or(|held| tree.rank() < held.rank()) {
                best = Some(tree);
            }
        }
        best.ok_or_else(|| Unreachable::nearest(inck, link_freq))
    }

    /// The trees worth a comparison: for every way to make exactly `link_freq`, the one with that PLL
    /// alone and those with the fastest video PLL beside it.
    fn candidates(inck: Inck, link_freq: u64) -> impl Iterator<Item = Self> {
        dividers()
            .filter_map(move |(link_divider, pre_divider)| {
                let scaled = link_freq
                    .checked_mul(2)?
                    .checked_mul(u64::from(link_divider))?
                    .checked_mul(u64::from(pre_divider))?;
                let multiplier = exact_div(scaled, u64::from(inck.hz()))?;
                Some((
                    link_divider,
                    pll(pre_divider, u16::try_from(multiplier).ok()?),
                ))
            })
            .flat_map(move |(link_divider, link_pll)| {
                let pll_max_hz = video_pll_max_hz(link_freq.saturating_mul(2));
                let beside = PRE_DIVIDERS
                    .into_iter()
                    .filter_map(move |pre| Pll::fastest(inck, pre, pll_max_hz))
                    .map(move |video| (video, Some(link_pll)));
                core::iter::once((link_pll, None))
                    .chain(beside)
                    .filter_map(move |(video, link)| Self::checked(inck, video, link, link_divider))
            })
    }

    /// A tree of these settings, if it keeps to the part's limits and has whole frequencies.
    fn checked(inck: Inck, pll: Pll, link_pll: Option<Pll>, link_divider: u8) -> Option<Self> {
        let pll_hz = pll.output_hz(inck)?;
        let link_hz = match link_pll {
            Some(link_pll) => link_pll.output_hz(inck)?,
            None => pll_hz,
        };
        let lane_rate = exact_div(link_hz, u64::from(link_divider))?;
        exact_div(lane_rate, 2)?;
        exact_div(pll_hz.checked_mul(VT_PIPES)?, VT_DIVIDER)?;
        Some(Self {
            inck,
            pll,
            link_pll,
            pll_hz,
            lane_rate,
            link_divider,
        })
    }

    /// Order of preference among equal link frequencies, lowest first.
    fn rank(&self) -> impl Ord {
        let wanted = (self.inck.hz(), self.pll, self.link_pll, self.link_divider);
        let known_good = KNOWN_GOOD
            .iter()
            .position(|program| *program == wanted)
            .unwrap_or(KNOWN_GOOD.len());
        let known_pll = KNOWN_GOOD
            .iter()
            .position(|program| (program.0, program.1) == (wanted.0, wanted.1))
            .unwrap_or(KNOWN_GOOD.len());
        let unusual = |pll: Pll| (pll.pre_divider == 1, pll.pre_divider);
        (
            known_good,
            Reverse(self.pixel_rate()),
            self.link_pll.is_some(),
            known_pll,
            unusual(self.pll),
            self.link_pll.map(unusual),
        )
    }

    /// Whether a public driver runs exactly this tree.
    pub fn is_known_good(&self) -> bool {
        KNOWN_GOOD.contains(&(self.inck.hz(), self.pll, self.link_pll, self.link_divider))
    }

    /// The input clock.
    pub const fn inck(&self) -> Inck {
        self.inck
    }

    /// The settings of the video PLL, which is the only one unless [`ClockTree::link_pll`] says
    /// otherwise.
    pub const fn pll(&self) -> Pll {
        self.pll
    }

    /// The settings of the link's own PLL, if it has one.
    pub const fn link_pll(&self) -> Option<Pll> {
        self.link_pll
    }

    /// Divides the output of the PLL that the link runs on to the bit rate of a lane.
    pub const fn link_divider(&self) -> u8 {
        self.link_divider
    }

    /// Output of the video PLL in Hz.
    pub const fn pll_hz(&self) -> u64 {
        self.pll_hz
    }

    /// Output in Hz of the PLL that the link runs on.
    pub fn link_pll_hz(&self) -> u64 {
        self.lane_rate.saturating_mul(u64::from(self.link_divider))
    }

    /// Pixels that the array's readout counts per second: the unit of line lengths.
    pub const fn pixel_rate(&self) -> u64 {
        self.pll_hz.saturating_mul(VT_PIPES) / VT_DIVIDER
    }

    /// Bit rate of one lane, in bit/s.
    pub const fn lane_rate(&self) -> u64 {
        self.lane_rate
    }

    /// Frequency of the link's double data rate clock in Hz: half the bit rate of a lane.
    pub const fn link_freq(&self) -> u64 {
        self.lane_rate / 2
    }
}

/// The fastest video PLL with which a line of the widest picture at 12 bits over the fewest lanes can
/// still be counted.
fn video_pll_max_hz(lane_rate: u64) -> u64 {
    let line_bits = u64::from(ACTIVE.size.width).saturating_mul(Depth::Twelve.bits().into());
    let line_pck = u64::from(timing::LINE_LENGTH_MAX.saturating_sub(timing::LINK_OVERHEAD_PCK));
    let pixel_rate_max = lane_rate
        .saturating_mul(LANES_MIN)
        .saturating_mul(line_pck)
        .checked_div(line_bits)
        .unwrap_or(u64::MAX);
    (pixel_rate_max.saturating_mul(VT_DIVIDER) / VT_PIPES).min(PLL_MAX_HZ)
}

/// The quotient, if there is no remainder.
fn exact_div(dividend: u64, divisor: u64) -> Option<u64> {
    let quotient = dividend.checked_div(divisor)?;
    (quotient.checked_mul(divisor)? == dividend).then_some(quotient)
}

fn dividers() -> impl Iterator<Item = (u8, u8)> {
    LINK_DIVIDERS
        .into_iter()
        .flat_map(|link| PRE_DIVIDERS.into_iter().map(move |pre| (link, pre)))
}
