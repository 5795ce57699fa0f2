// SPDX-License-Identifier: GPL-2.0-only

//! The clock tree, from INCK to the pixel and link clocks.
//!
//! One PLL feeds everything:
//!
//! ```text
//!                                            +-> / sync divider (2) / pixel divider (5) x 4 pipes = pixel rate
//! INCK -> / pre-divider -> x multiplier = PLL
//!                                            +-> / link divider = bit rate of a lane = 2 x link frequency
//! ```
//!
//! Limits, and where they come from:
//!
//! | quantity | limit | source |
//! |---|---|---|
//! | PLL output | 1.2 to 2.1 GHz | maintainer of raspberrypi imx477.c, raspberrypi/linux pull request 6208 |
//! | pre-divider | 1 to 4 | 2, 3 and 4 are in public drivers; an INCK of 6 MHz needs 1 |
//! | INCK / pre-divider | 6 to 12 MHz | the range that public drivers use |
//! | link divider | 1, 2, 4 | 1 and 2 in mainline imx412.c and raspberrypi imx477.c, 4 in other IMX577 tables |
//! | sync and pixel dividers | 2 and 5 | every public driver |
//!
//! They bound the multiplier to 100..=350. A lane rate between 1.05 and 1.2 Gbit/s cannot be made:
//! the PLL's floor lies above it and its ceiling, halved, below.

use core::fmt;
use core::ops::RangeInclusive;

const PLL_MIN_HZ: u64 = 1_200_000_000;
const PLL_MAX_HZ: u64 = 2_100_000_000;
const COMPARISON_MIN_HZ: u64 = 6_000_000;
const COMPARISON_MAX_HZ: u64 = 12_000_000;
const PRE_DIVIDERS: [u8; 4] = [1, 2, 3, 4];
const LINK_DIVIDERS: [u8; 3] = [1, 2, 4];
/// Multipliers that can lead into the range of the PLL: its limits over those of the comparison
/// frequency.
const MULTIPLIERS: RangeInclusive<u16> = 100..=350;

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

/// PLL settings that public drivers run, best known first.
///
/// When one of them gives the wanted output it is taken before any computed equivalent.
const KNOWN_GOOD: [(u32, Pll); 5] = [
    // Intel kmb-imx412.c (2 lanes) and the Rockchip imx577.c: 2100 MHz.
    (24_000_000, pll(4, 350)),
    // Mainline imx412.c: 1200 MHz.
    (24_000_000, pll(4, 200)),
    // Intel kmb-imx412.c, DOL modes: 1452 MHz.
    (24_000_000, pll(4, 242)),
    // FRAMOS fr_imx412.c: 2099.25 MHz.
    (27_000_000, pll(4, 311)),
    // NVIDIA nv_imx477.c: 2100 MHz.
    (24_000_000, pll(2, 175)),
];

const fn pll(pre_divider: u8, multiplier: u16) -> Pll {
    Pll {
        pre_divider,
        multiplier,
    }
}

/// A solved clock tree: every frequency in it is exact and within the part's limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTree {
    inck: Inck,
    pll: Pll,
    /// Output of the PLL.
    pll_hz: u64,
    link_divider: u8,
}

impl ClockTree {
    /// Finds the settings that make exactly `link_freq` Hz (half the bit rate of a lane) from `inck`.
    ///
    /// Of several solutions a known-good one is preferred, then a pre-divider that public drivers
    /// use (1 is not among them), then the highest comparison frequency.
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

    /// All settings that make exactly `link_freq`.
    fn candidates(inck: Inck, link_freq: u64) -> impl Iterator<Item = Self> {
        dividers().filter_map(move |(link_divider, pre_divider)| {
            let scaled = link_freq
                .checked_mul(2)?
                .checked_mul(u64::from(link_divider))?
                .checked_mul(u64::from(pre_divider))?;
            let multiplier = exact_div(scaled, u64::from(inck.hz()))?;
            let pll = pll(pre_divider, u16::try_from(multiplier).ok()?);
            Self::checked(inck, pll, link_divider)
        })
    }

    /// A tree of these settings, if it keeps to the part's limits and has whole frequencies.
    fn checked(inck: Inck, pll: Pll, link_divider: u8) -> Option<Self> {
        let inck_hz = u64::from(inck.hz());
        let pre_divider = u64::from(pll.pre_divider);
        let pll_hz = exact_div(
            inck_hz.saturating_mul(u64::from(pll.multiplier)),
            pre_divider,
        )?;
        exact_div(pll_hz, u64::from(link_divider).saturating_mul(2))?;

        let slowest = COMPARISON_MIN_HZ.saturating_mul(pre_divider);
        let fastest = COMPARISON_MAX_HZ.saturating_mul(pre_divider);
        let within =
            (slowest..=fastest).contains(&inck_hz) && (PLL_MIN_HZ..=PLL_MAX_HZ).contains(&pll_hz);
        within.then_some(Self {
            inck,
            pll,
            pll_hz,
            link_divider,
        })
    }

    /// Order of preference among equal outputs, lowest first.
    fn rank(&self) -> (usize, bool, u8) {
        let known_good = KNOWN_GOOD
            .iter()
            .position(|&(hz, pll)| hz == self.inck.hz() && pll == self.pll)
            .unwrap_or(KNOWN_GOOD.len());
        let pre_divider = self.pll.pre_divider;
        (known_good, pre_divider == 1, pre_divider)
    }

    /// The input clock.
    pub const fn inck(&self) -> Inck {
        self.inck
    }

    /// The settings of the PLL.
    pub const fn pll(&self) -> Pll {
        self.pll
    }

    /// Divides the PLL's output to the bit rate of a lane.
    pub const fn link_divider(&self) -> u8 {
        self.link_divider
    }

    /// Output of the PLL in Hz.
    pub const fn pll_hz(&self) -> u64 {
        self.pll_hz
    }

    /// Pixels that the array's readout counts per second: the unit of line lengths.
    pub const fn pixel_rate(&self) -> u64 {
        self.pll_hz.saturating_mul(VT_PIPES) / VT_DIVIDER
    }

    /// Bit rate of one lane, in bit/s.
    pub fn lane_rate(&self) -> u64 {
        self.pll_hz / u64::from(self.link_divider).max(1)
    }

    /// Frequency of the link's double data rate clock in Hz: half the bit rate of a lane.
    pub fn link_freq(&self) -> u64 {
        self.lane_rate() / 2
    }
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

/// A link frequency that the clock tree cannot make, with its nearest neighbours that it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The input clock that was to be multiplied.
    pub inck: Inck,
    /// The frequency asked for, in Hz.
    pub link_freq: u64,
    /// The nearest lower frequency that can be made, if any, in Hz.
    pub below: Option<u64>,
    /// The nearest higher frequency that can be made, if any, in Hz.
    pub above: Option<u64>,
}

impl Unreachable {
    fn nearest(inck: Inck, link_freq: u64) -> Self {
        let mut below = None;
        let mut above = None;
        for (link_divider, pre_divider) in dividers() {
            for multiplier in MULTIPLIERS {
                let pll = pll(pre_divider, multiplier);
                let Some(tree) = ClockTree::checked(inck, pll, link_divider) else {
                    continue;
                };
                let reachable = tree.link_freq();
                if reachable < link_freq {
                    below = below.max(Some(reachable));
                } else {
                    above = Some(above.map_or(reachable, |held: u64| held.min(reachable)));
                }
            }
        }
        Self {
            inck,
            link_freq,
            below,
            above,
        }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "link frequency {} Hz cannot be made exactly from an INCK of {} Hz; nearest: ",
            self.link_freq,
            self.inck.hz(),
        )?;
        match (self.below, self.above) {
            (Some(below), Some(above)) => write!(f, "{below} Hz and {above} Hz"),
            (Some(only), None) | (None, Some(only)) => write!(f, "{only} Hz"),
            (None, None) => f.write_str("none"),
        }
    }
}
