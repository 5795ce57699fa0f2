// SPDX-License-Identifier: GPL-2.0-only

//! The sensors of the family, as far as they differ.
//!
//! Written from the public sources and not from the driver's tables, as the whole model.

mod imx412;
mod imx477;

use core::ffi::CStr;
pub use imx412::{
    IMX412,
    IMX577, //
};
pub use imx477::{
    IMX378,
    IMX477, //
};

/// A first address and the values from there on.
pub(crate) type Run = (u16, &'static [u8]);

/// Least and greatest frequency in Hz, both allowed.
pub(crate) type Range = (u64, u64);

/// A sensor of the family, and its limits.
#[derive(Debug)]
pub struct Part {
    /// As the device tree names it.
    pub compatible: &'static CStr,
    /// Value of the chip id register.
    pub chip_id: u16,
    /// Bits per pixel that it can send.
    pub depths: &'static [u32],
    /// Output of the video PLL.
    pub video_pll_hz: Range,
    /// Output of the second PLL.
    pub link_pll_hz: Range,
    /// Values of IVT_SYCK_DIV.
    pub video_dividers: &'static [u8],
    /// Values of IOP_SYCK_DIV.
    pub link_dividers: &'static [u8],
    /// Shortest line in pck at 8 and 10 bits: every pixel, and binned.
    pub line_min_10_bit: (u32, u32),
    /// Shortest line in pck at 12 bits.
    pub line_min_12_bit: u32,
    /// Least vertical blanking in lines.
    pub blanking_min: u32,
    /// CIT_LSHIFT shifts the frame length as well, and FLL_LSHIFT is no register.
    pub one_shift: bool,
    /// Values of BINNING_WEIGHTING.
    pub binning_weightings: &'static [u8],
    /// Manufacturer registers that every program has.
    pub global: &'static [Run],
    /// Other values of these registers that hardware is known to run with.
    pub alternatives: &'static [(u16, u8)],
    /// First and last address of registers that may be written, in standby, and need not be.
    pub quality: (u16, u16),
    /// Manufacturer registers that follow the readout.
    pub readouts: &'static [ReadoutRegisters],
    /// D-PHY timings that programs write; none if all leave them to the sensor.
    pub dphy: &'static [DphyTiming],
}

/// A D-PHY timing in registers, for DPHY_CTRL = 2.
#[derive(Debug)]
pub struct DphyTiming {
    /// Bits per second and lane that it is for.
    pub lane_rate: u64,
    /// TCLK_POST, THS_PREPARE, THS_ZERO_MIN, THS_TRAIL, TCLK_TRAIL_MIN, TCLK_PREPARE, TCLK_ZERO, TLPX, and
    /// the two without a name.
    pub registers: [u16; 10],
}

/// Manufacturer registers for some readouts.
#[derive(Debug)]
pub struct ReadoutRegisters {
    /// Binned two by two, or every pixel.
    pub binned: bool,
    /// Bits per pixel.
    pub bits: &'static [u32],
    /// The registers.
    pub block: &'static [Run],
}

impl Part {
    /// All of them.
    pub const ALL: [&'static Self; 4] = [&IMX412, &IMX577, &IMX477, &IMX378];
}

/// Each part exists once.
impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.compatible == other.compatible
    }
}

impl Eq for Part {}
