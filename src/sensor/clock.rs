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
//! | output of a PLL, lane rate, pre-divider, link divider | [`ClockLimits`] of the sensor | there |
//! | INCK / pre-divider | 6 to 12 MHz | the range that public drivers use |
//! | sync divider | 2, in trees of public drivers also others | public drivers |
//! | pixel divider | 5 | every public driver |
//!
//! With a PLL output of 1.2 to 2.1 GHz they bound the multiplier to 100..=350, and a lane rate
//! between 1.05 and 1.2 Gbit/s cannot be made: the floor of the PLLs lies above it and their
//! ceiling, halved, below. The second PLL makes the pixel rate independent of the link.
//!
//! # Which of several solutions
//!
//! A solution makes the link frequency exactly; nothing is rounded. In this order:
//!
//! 1. a tree that a public driver runs as a whole, even where another has a higher pixel rate:
//!    600 MHz from 24 MHz is mainline's one PLL with 480 million pixels per second;
//! 2. the highest pixel rate, as long as the longest line that the sensor can count still holds the
//!    widest image at 12 bits over two lanes: only link frequencies below 157.5 MHz need less than
//!    the 840 million that two PLLs give;
//! 3. one PLL rather than two;
//! 4. a setting of the video PLL that a public driver runs;
//! 5. pre-dividers that public drivers use (1 is not among them);
//! 6. the highest comparison frequencies.
//!
//! Two PLLs are known from programs for the IMX477 (raspberrypi imx477.c, NVIDIA nv_imx477.c) and
//! the IMX577.

mod unreachable;

use super::{
    arithmetic::round_div,
    part::{
        pll,
        ClockLimits,
        Depth,
        KnownTree,
        Part,
        Pll,
        Range, //
        ACTIVE,
        LINE_LENGTH_MAX,
    }, //
};
use core::cmp::Reverse;
pub use unreachable::Unreachable;

const COMPARISON_MIN_HZ: u64 = 6_000_000;
const COMPARISON_MAX_HZ: u64 = 12_000_000;
/// Largest multiplier that can lead into the range of a PLL: 2.1 GHz over the least comparison
/// frequency.
const MULTIPLIER_MAX: u16 = 350;
/// Fewest lanes that a link has.
const LANES_MIN: u64 = 2;

/// Divider of the video timing system clock, in all public drivers.
pub const VT_SYNC_DIVIDER: u8 = 2;
/// Divider of the video timing pixel clock; the only value allowed on the IMX577.
pub const VT_PIXEL_DIVIDER: u8 = 5;
const VT_DIVIDER: u64 = VT_SYNC_DIVIDER as u64 * VT_PIXEL_DIVIDER as u64;
/// Columns that the sensor reads in parallel; the pixel rate counts all of them.
const VT_PIPES: u64 = 4;

/// The input clock: one of the frequencies that the sensor supports, as exactly as the board makes
/// it.
///
/// Boards round the requested frequency (the 24 MHz of msm8916 are 23.88), and clock drivers the
/// one that they report. The PLLs are configured for the supported frequency; the true rates are in
/// proportion to the true input clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inck {
    hz: u32,
    nominal_hz: u32,
}

impl Inck {
    /// Supported frequencies in Hz (mainline binding sony,imx412 and the module's documentation).
    pub const SUPPORTED_HZ: [u32; 5] = [6_000_000, 12_000_000, 18_000_000, 24_000_000, 27_000_000];

    /// The slowest input clock: 6 MHz less the tolerance.
    pub const SLOWEST: Self = Self {
        hz: 5_940_000,
        nominal_hz: 6_000_000,
    };

    /// Largest deviation of an input clock from a supported frequency, in per cent (as in
    /// mainline's ov5645.c).
    pub const TOLERANCE_PERCENT: u32 = 1;

    /// Returns the input clock of `hz`, or `None` if it is not within
    /// [`Inck::TOLERANCE_PERCENT`] of a frequency that the sensor supports.
    pub fn new(hz: u32) -> Option<Self> {
        let nominal_hz = Self::SUPPORTED_HZ.iter().copied().find(|&nominal| {
            hz.abs_diff(nominal) <= (nominal / 100).saturating_mul(Self::TOLERANCE_PERCENT)
        })?;
        Some(Self { hz, nominal_hz })
    }

    /// Returns the frequency in Hz.
    pub const fn hz(self) -> u32 {
        self.hz
    }

    /// Returns the supported frequency that it stands for, in Hz.
    pub const fn nominal_hz(self) -> u32 {
        self.nominal_hz
    }
}

impl Pll {
    /// Returns the output in Hz from the supported frequency, if it is whole and in `range`.
    fn output_hz(self, inck: Inck, range: Range) -> Option<u64> {
        let inck_hz = u64::from(inck.nominal_hz());
        let pre_divider = u64::from(self.pre_divider);
        let comparison = (
            COMPARISON_MIN_HZ.saturating_mul(pre_divider),
            COMPARISON_MAX_HZ.saturating_mul(pre_divider),
        );
        let output_hz = exact_div(
            inck_hz.saturating_mul(u64::from(self.multiplier)),
            pre_divider,
        )?;
        (is_within(inck_hz, comparison) && is_within(output_hz, range)).then_some(output_hz)
    }

    /// Returns `times` the output behind an input clock of `inck_hz`, over `divider`, in Hz and
    /// rounded to the nearest.
    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    fn rate(self, inck_hz: u32, times: u64, divider: u64) -> u64 {
        // 27 MHz times 4095 times 4 is far below 2^64.
        let output = u64::from(inck_hz).saturating_mul(u64::from(self.multiplier));
        round_div(
            output.saturating_mul(times),
            u64::from(self.pre_divider).saturating_mul(divider),
        )
    }

    /// Returns the highest multiplier behind this pre-divider that stays below `max_hz`.
    fn fastest(inck: Inck, pre_divider: u8, max_hz: u64) -> Option<Self> {
        let multiplier = max_hz
            .checked_mul(u64::from(pre_divider))?
            .checked_div(u64::from(inck.nominal_hz()))?;
        Some(pll(pre_divider, u16::try_from(multiplier).ok()?))
    }
}

impl KnownTree {
    /// Returns the divider from the output of the video PLL to the pixel clock.
    fn pixel_divider(&self) -> u64 {
        u64::from(self.video_divider).saturating_mul(VT_PIXEL_DIVIDER.into())
    }
}

/// A solved clock tree: from the supported frequency that INCK stands for, every frequency in it is
/// exact and within the limits of the sensor. The rates that its methods return follow the true
/// INCK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockTree {
    /// The true input clock; that of the settings is the supported one.
    inck_hz: u32,
    settings: KnownTree,
    /// Set if a public driver uses this tree.
    is_known_good: bool,
}

impl ClockTree {
    /// Finds the settings that make exactly `link_freq` Hz (half the bit rate of a lane) from the
    /// frequency that `inck` stands for.
    ///
    /// The module documentation has the order of preference among several solutions.
    ///
    /// # Errors
    ///
    /// Returns [`Unreachable`], which has the nearest link frequencies that can be made.
    pub fn solve(part: &Part, inck: Inck, link_freq: u64) -> Result<Self, Unreachable> {
        let wanted = (link_freq, link_freq);
        for &known in part.clocks.known {
            if let Some(tree) = Self::checked(&part.clocks, inck, known, wanted) {
                return Ok(Self {
                    is_known_good: true,
                    ..tree
                });
            }
        }
        let mut best = None;
        Self::visit(part, inck, wanted, &mut |tree| {
            let rank = tree.rank(part);
            if best.is_none_or(|(held, _)| rank < held) {
                best = Some((rank, tree));
            }
        });
        best.map(|(_, tree)| tree)
            .ok_or_else(|| Unreachable::nearest(part, inck, link_freq))
    }

    /// Calls `f` with the trees worth a comparison: for every way to make a link frequency within
    /// `wanted`, the one with only that PLL and those with the fastest video PLL in addition to it.
    fn visit(part: &Part, inck: Inck, wanted: Range, f: &mut dyn FnMut(Self)) {
        let limits = &part.clocks;
        for &link_divider in limits.link_dividers {
            let mut tree = |video: Pll, link: Option<Pll>| {
                let settings = KnownTree {
                    inck_hz: inck.nominal_hz(),
                    video,
                    video_divider: VT_SYNC_DIVIDER,
                    link,
                    link_divider,
                };
                if let Some(tree) = Self::checked(limits, inck, settings, wanted) {
                    f(tree);
                }
            };
            for &pre_divider in limits.pre_dividers {
                // No slower PLL can make it.
                let least_hz = wanted
                    .0
                    .saturating_mul(2)
                    .saturating_mul(link_divider.into());
                let Some(slowest) = Pll::fastest(inck, pre_divider, least_hz) else {
                    continue;
                };
                for multiplier in slowest.multiplier..=MULTIPLIER_MAX {
                    let link_pll = pll(pre_divider, multiplier);
                    let lane_rate = link_pll.rate(inck.nominal_hz(), 1, link_divider.into());
                    if lane_rate / 2 > wanted.1 {
                        break;
                    }
                    let video_max_hz = video_pll_max_hz(part, lane_rate);
                    tree(link_pll, None);
                    for &pre_divider in limits.pre_dividers {
                        if let Some(video) = Pll::fastest(inck, pre_divider, video_max_hz) {
                            tree(video, Some(link_pll));
                        }
                    }
                }
            }
        }
    }

    /// Returns the tree of these settings, if they are for this INCK, keep to the limits and make
    /// whole frequencies and a link frequency within `wanted`.
    fn checked(
        limits: &ClockLimits,
        inck: Inck,
        settings: KnownTree,
        wanted: Range,
    ) -> Option<Self> {
        if settings.inck_hz != inck.nominal_hz() {
            return None;
        }
        let pll_hz = settings.video.output_hz(inck, limits.video_pll_hz)?;
        let link_hz = match settings.link {
            Some(link_pll) => link_pll.output_hz(inck, limits.link_pll_hz)?,
            None => pll_hz,
        };
        let lane_rate = exact_div(link_hz, settings.link_divider.into())?;
        let link_freq = exact_div(lane_rate, 2)?;
        exact_div(pll_hz.saturating_mul(VT_PIPES), settings.pixel_divider())?;
        (is_within(lane_rate, limits.lane_rate) && is_within(link_freq, wanted)).then_some(Self {
            inck_hz: inck.hz(),
            settings,
            is_known_good: false,
        })
    }

    /// Returns the order of preference among equal link frequencies, lowest first.
    fn rank(&self, part: &Part) -> (Reverse<u64>, bool, usize, u8, u8) {
        let known = part.clocks.known;
        let known_pll = known
            .iter()
            .position(|known| (known.inck_hz, known.video) == (self.settings.inck_hz, self.pll()))
            .unwrap_or(known.len());
        // From 2 on, and 1 last.
        let unusual = |pll: Pll| pll.pre_divider.wrapping_sub(2);
        (
            Reverse(self.pixel_rate()),
            self.link_pll().is_some(),
            known_pll,
            unusual(self.pll()),
            self.link_pll().map_or(0, unusual),
        )
    }

    /// Returns whether a public driver runs exactly this tree.
    pub const fn is_known_good(&self) -> bool {
        self.is_known_good
    }

    /// Returns the input clock.
    pub const fn inck(&self) -> Inck {
        Inck {
            hz: self.inck_hz,
            nominal_hz: self.settings.inck_hz,
        }
    }

    /// Returns the settings of the video PLL, which is the only one unless there is a
    /// [`ClockTree::link_pll`].
    pub const fn pll(&self) -> Pll {
        self.settings.video
    }

    /// Returns the divider of the video timing system clock, IVT_SYCK_DIV.
    pub const fn video_divider(&self) -> u8 {
        self.settings.video_divider
    }

    /// Returns the settings of the PLL of the link, if it has its own.
    pub const fn link_pll(&self) -> Option<Pll> {
        self.settings.link
    }

    /// Returns the settings of the PLL that the link runs on.
    fn pll_of_link(&self) -> Pll {
        self.settings.link.unwrap_or(self.settings.video)
    }

    /// Returns the divider from the output of the PLL that the link runs on to the bit rate of a
    /// lane.
    pub const fn link_divider(&self) -> u8 {
        self.settings.link_divider
    }

    /// Returns the same tree behind an INCK of exactly the supported frequency: the registers are
    /// set up for that.
    pub const fn nominal(&self) -> Self {
        Self {
            inck_hz: self.settings.inck_hz,
            ..*self
        }
    }

    /// Returns the output of the video PLL in Hz.
    pub fn pll_hz(&self) -> u64 {
        self.pll().rate(self.inck_hz, 1, 1)
    }

    /// Returns the output in Hz of the PLL that the link runs on.
    pub fn link_pll_hz(&self) -> u64 {
        self.pll_of_link().rate(self.inck_hz, 1, 1)
    }

    /// Returns the pixels that the readout of the array counts per second: the unit of line
    /// lengths.
    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    pub fn pixel_rate(&self) -> u64 {
        let divider = self.settings.pixel_divider();
        self.pll().rate(self.inck_hz, VT_PIPES, divider)
    }

    /// Returns the bit rate of one lane, in bit/s.
    pub fn lane_rate(&self) -> u64 {
        self.pll_of_link()
            .rate(self.inck_hz, 1, self.link_divider().into())
    }

    /// Returns the frequency of the double data rate clock of the link in Hz: half the bit rate of
    /// a lane.
    pub fn link_freq(&self) -> u64 {
        self.pll_of_link().rate(
            self.inck_hz,
            1,
            u64::from(self.link_divider()).saturating_mul(2),
        )
    }
}

/// Returns the fastest video PLL with which a line of the widest image at 12 bits over the fewest
/// lanes can still be counted.
fn video_pll_max_hz(part: &Part, lane_rate: u64) -> u64 {
    let line_bits = u64::from(ACTIVE.size.width).saturating_mul(Depth::Twelve.bits().into());
    let line_pck = u64::from(LINE_LENGTH_MAX.saturating_sub(part.timing.link_overhead_pck));
    let pixel_rate_max = lane_rate
        .saturating_mul(LANES_MIN)
        .saturating_mul(line_pck)
        .checked_div(line_bits)
        .unwrap_or(u64::MAX);
    (pixel_rate_max.saturating_mul(VT_DIVIDER) / VT_PIPES).min(part.clocks.video_pll_hz.1)
}

fn is_within(hz: u64, (least, greatest): Range) -> bool {
    (least..=greatest).contains(&hz)
}

/// Returns the quotient, if there is no remainder.
fn exact_div(dividend: u64, divisor: u64) -> Option<u64> {
    let quotient = dividend.checked_div(divisor)?;
    (quotient.checked_mul(divisor)? == dividend).then_some(quotient)
}
