// SPDX-License-Identifier: GPL-2.0-only

//! The sensors of the family: one static description each.
//!
//! Differences between the sensors are fields of [`Part`]; no other module depends on which sensor
//! it is. Common properties are constants of this file, the list in [`presets`], or, for registers
//! and rules, in the modules around this one.

mod imx378;
mod imx412;
mod imx477;
mod imx577;
pub mod presets;

pub use imx378::IMX378;
pub use imx412::IMX412;
pub use imx477::IMX477;
pub use imx577::IMX577;

use super::{
    area::{
        Binning,
        Rect,
        Size, //
    },
    regs::Phase, //
};
use core::{
    ffi::CStr,
    fmt,
    iter,
    num::NonZeroU64, //
};

/// Size of the pixel array in pixels, including optically black pixels and margins (mainline
/// binding sony,imx412, raspberrypi imx477.c).
pub const NATIVE: Size = Size::new(4072, 3176);

/// The pixels that can be read out, in coordinates of [`NATIVE`] (same sources).
///
/// The crop registers count from the corner of this rectangle.
pub const ACTIVE: Rect = Rect {
    left: 8,
    top: 16,
    size: Size::new(4056, 3040),
};

/// Integration in pck that the sensor adds to the coarse time (kmb-imx412.c, fr_imx412.c).
pub const FINE_INTEGRATION_PCK: u32 = 0x0790;
/// Lines of a frame that an exposure cannot use (all public drivers).
pub const EXPOSURE_MARGIN: u32 = 22;
/// Longest frame in lines that takes no shift (raspberrypi imx477.c).
pub const FRAME_LENGTH_MAX: u32 = 0xffdc;
/// Longest line in pck (raspberrypi imx477.c).
pub const LINE_LENGTH_MAX: u32 = 0xfff0;
/// Step of line lengths in pck: the array is read by four parallel pipes, see
/// [`pixel_rate`](super::clock::ClockTree::pixel_rate).
pub const LINE_LENGTH_STEP: u32 = 4;

/// Bits per pixel on the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// 8 bits, with the converters running at 10 bits.
    Eight,
    /// 10 bits, with the converters running at 10 bits.
    Ten,
    /// 12 bits, with the converters running at 12 bits.
    Twelve,
}

impl Depth {
    /// Returns the number of bits.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Eight => 8,
            Self::Ten => 10,
            Self::Twelve => 12,
        }
    }

    /// Returns the number of bits at which the converters run.
    pub const fn converter_bits(self) -> u8 {
        match self {
            Self::Eight | Self::Ten => 10,
            Self::Twelve => 12,
        }
    }

    /// Returns the step of output widths in pixels.
    pub const fn width_step(self) -> u16 {
        match self {
            Self::Ten => 4,
            Self::Eight | Self::Twelve => 2,
        }
    }
}

/// A sensor of the family.
pub struct Part {
    /// Name of the sub-device, by which applications and libcamera's helpers find it.
    pub name: &'static CStr,
    /// Name in Sony's spelling, in capitals.
    pub label: &'static str,
    /// Value of CHIP_ID. Sensors with the same die have the same value.
    pub chip_id: u16,
    /// Supported depths, the default first.
    pub depths: &'static [Depth],
    /// Limits of the clock tree.
    pub clocks: ClockLimits,
    /// Limits of line, frame and exposure.
    pub timing: TimingLimits,
    /// Limits of the gains.
    pub gains: GainLimits,
    /// Registers for lengths of more than 16 bits.
    pub shifts: Shifts,
    /// Value of BINNING_WEIGHTING in programs for the sensor.
    pub binning_weighting: u8,
    /// Value of SETTINGS_VERSION, if the sensor has it.
    pub settings_version: Option<u16>,
    /// Manufacturer settings, in the order of the program.
    pub settings: &'static [SettingsBlock],
}

impl Part {
    /// All supported sensors.
    pub const ALL: [&'static Self; 4] = [&IMX412, &IMX577, &IMX477, &IMX378];

    /// Returns the default depth.
    pub fn default_depth(&self) -> Depth {
        self.depths.first().copied().unwrap_or(Depth::Ten)
    }
}

/// Each part exists once, and is identified by its label.
impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.label == other.label
    }
}

impl Eq for Part {}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label)
    }
}

/// A chip identification other than that of the sensor that firmware names.
#[derive(Clone, Copy, Debug)]
pub struct WrongChip {
    /// Value of CHIP_ID.
    pub found: u16,
    /// The sensor named by firmware.
    pub expected: &'static Part,
}

impl fmt::Display for WrongChip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { found, expected } = self;

        write!(
            f,
            "chip ID is {found:#06x}, expected {:#06x} ({expected}): check compatible",
            expected.chip_id
        )?;
        let mut before = ", which is to be \"sony,";
        let mut known = false;
        for part in &Part::ALL {
            if part.chip_id == *found {
                f.write_str(before)?;
                f.write_str(part.name.to_str().unwrap_or(part.label))?;
                f.write_str("\"")?;
                before = " or \"sony,";
                known = true;
            }
        }
        if !known {
            f.write_str(", it is of an unknown sensor")?;
        }
        Ok(())
    }
}

/// Settings of one PLL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pll {
    /// Divides INCK to the comparison frequency.
    pub pre_divider: u8,
    /// Multiplies the comparison frequency to the output of the PLL; the register has 11 or 12
    /// bits.
    pub multiplier: u16,
}

pub(super) const fn pll(pre_divider: u8, multiplier: u16) -> Pll {
    Pll {
        pre_divider,
        multiplier,
    }
}

/// The settings of a clock tree of a public driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownTree {
    /// Input clock in Hz.
    pub inck_hz: u32,
    /// The video PLL.
    pub video: Pll,
    /// IVT_SYCK_DIV, from the video PLL to the pixel clock.
    pub video_divider: u8,
    /// The PLL of the link, if it has its own.
    pub link: Option<Pll>,
    /// IOP_SYCK_DIV, from the link's PLL to the bit rate of a lane.
    pub link_divider: u8,
}

/// Lowest and highest frequency in Hz, or rate in bit/s, both inclusive.
pub type Range = (u64, u64);

/// Limits of the clock tree of a sensor.
#[derive(Debug)]
pub struct ClockLimits {
    /// Output of the video PLL in Hz, whether or not the link runs on it.
    pub video_pll_hz: Range,
    /// Output of the PLL of the link in Hz, where it has its own.
    pub link_pll_hz: Range,
    /// Bit rate of a lane in bit/s.
    pub lane_rate: Range,
    /// Values of IVT_PREPLLCK_DIV and IOP_PREPLLCK_DIV.
    pub pre_dividers: &'static [u8],
    /// Values of IOP_SYCK_DIV.
    pub link_dividers: &'static [u8],
    /// Trees of public drivers, best known first.
    pub known: &'static [KnownTree],
    /// Values in the registers of the second PLL where it is unused.
    pub unused_pll: Pll,
}

/// Limits of line, frame and exposure.
#[derive(Debug)]
pub struct TimingLimits {
    /// Time that the converters need for a line, in pck.
    pub converters: ConverterLine,
    /// Time on the link for a line in addition to its pixels, in pck: headers, and the transitions
    /// between low power and high speed. The smallest one of a public program.
    pub link_overhead_pck: u32,
    /// Minimum ratio of the line length on two lanes to the time of the converters.
    pub two_lanes_factor: u32,
    /// Minimum vertical blanking in lines.
    pub vertical_blanking_min: u32,
    /// Shortest exposure in lines.
    pub exposure_min: u32,
}

/// Time that the converters need for a line, in pck.
#[derive(Debug)]
pub struct ConverterLine {
    /// At 10 bits, every pixel.
    pub ten: u32,
    /// At 10 bits, binned two by two.
    pub ten_binned: u32,
    /// At 12 bits, binned or not.
    pub twelve: u32,
}

/// Codes of the gains.
#[derive(Debug)]
pub struct GainLimits {
    /// Greatest code of the analogue gain, which is 1024 / (1024 - code).
    pub analogue_max: u16,
    /// Greatest code of the digital gain, in units of 1/256.
    pub digital_max: u16,
    /// Value of DPGA_USE_GLOBAL_GAIN.
    pub global_digital: u8,
}

/// Registers for frames and exposures of more lines than a 16-bit register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shifts {
    /// CIT_LSHIFT shifts the exposure, FLL_LSHIFT the frame length.
    Separate,
    /// CIT_LSHIFT shifts both by the same number of bits; there is no FLL_LSHIFT.
    Common,
}

/// Runs of register values, each with the address of its first one.
///
/// Packed, as there are hundreds of a byte or two: for each run the address, the number of values
/// and the values.
#[derive(Clone, Copy, Debug)]
pub struct Block(&'static [u8]);

impl Block {
    /// Without any runs.
    pub(super) const EMPTY: Self = Self(&[]);

    /// Removes the next run and returns it: an address with the values for it and for those that
    /// follow.
    pub(super) fn next_run(&mut self) -> Option<(u16, &'static [u8])> {
        let (&[high, low, count], behind) = self.0.split_first_chunk()?;
        let (values, behind) = behind.split_at_checked(count.into())?;
        self.0 = behind;
        Some((u16::from_be_bytes([high, low]), values))
    }

    /// Returns the runs.
    pub fn runs(mut self) -> impl Iterator<Item = (u16, &'static [u8])> {
        iter::from_fn(move || self.next_run())
    }
}

/// Returns the header of a run, evaluated at compile time: a run that is too long does not compile.
const fn header(address: u16, values: &[u8]) -> [u8; 3] {
    let [high, low] = address.to_be_bytes();
    assert!(values.len() <= 0xff);
    [high, low, values.len() as u8]
}

/// Returns the block of runs, `(address, &[value, ...])` each.
macro_rules! block {
    ($( ($address:expr, &[$($value:expr),* $(,)?] $(,)?) ),* $(,)?) => {
        Block(const { &[$(
            $crate::sensor::part::header($address, &[$($value),*])[0],
            $crate::sensor::part::header($address, &[$($value),*])[1],
            $crate::sensor::part::header($address, &[$($value),*])[2],
            $($value),*
        ),*] })
    };
}
use block;

/// Manufacturer settings: registers without a public description, with the values of public
/// drivers.
#[derive(Debug)]
pub struct SettingsBlock {
    /// The phase in which they are written.
    pub phase: Phase,
    /// The binning that they are for; `None` for both.
    pub binning: Option<Binning>,
    /// The resolution of the converters that they are for; `None` for both.
    pub converter_bits: Option<u8>,
    /// The link frequency in Hz that they are for; `None` for all.
    pub link_freq: Option<NonZeroU64>,
    /// Whether programs without this block leave some of its registers as they are.
    pub leaves_traces: bool,
    /// The settings.
    pub block: Block,
}

impl SettingsBlock {
    /// Returns settings for all readouts and links.
    const fn new(phase: Phase, block: Block) -> Self {
        Self {
            phase,
            binning: None,
            converter_bits: None,
            link_freq: None,
            leaves_traces: false,
            block,
        }
    }

    /// Returns settings for a binning.
    const fn readout(binning: Binning, block: Block) -> Self {
        Self {
            binning: Some(binning),
            ..Self::new(Phase::Readout, block)
        }
    }
}
