// SPDX-License-Identifier: GPL-2.0-only

//! The pulse for a flash on the FSTROBE pin.
//!
//! The registers are those of MIPI CCS, whose driver in mainline (ccs-core.c) has their widths,
//! units and ranges; raspberrypi imx477.c (pull request 6945) uses them on the IMX477 and IMX378,
//! and writes them ahead of each start.

use crate::sensor::clock::Inck;

/// Microseconds in a second.
const US: u64 = 1_000_000;

/// Largest number of periods of INCK, and of lines.
const REGISTER_MAX: u64 = 0xffff;

/// Largest multiplier of a width.
const MULTIPLIER_MAX: u64 = 0xff;

/// The strobe: one pulse per frame, if enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strobe {
    /// Enables the pulse.
    pub enabled: bool,
    /// Width in microseconds, 1 to [`Strobe::duration_max`].
    pub duration_us: u32,
    /// Lines from the sensor's point of reference in a frame to the pulse.
    pub delay_lines: u16,
}

/// The width of a pulse as in the registers: `multiplier` times `periods` of INCK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Width {
    /// FLASH_STRB_WIDTH_H_RS, 1 to 65535.
    pub periods: u16,
    /// FLASH_STRB_ADJ, 1 to 255.
    pub multiplier: u8,
}

impl Strobe {
    /// Default: off. No public source has a default width; 1 ms is this driver's choice.
    pub const DEFAULT: Self = Self {
        enabled: false,
        duration_us: 1000,
        delay_lines: 0,
    };

    /// Returns the largest width in microseconds with this INCK.
    pub fn duration_max(inck: Inck) -> u32 {
        let periods = REGISTER_MAX.saturating_mul(MULTIPLIER_MAX);
        let us = periods
            .saturating_mul(US)
            .checked_div(u64::from(inck.hz()))
            .unwrap_or(0);
        u32::try_from(us).unwrap_or(u32::MAX)
    }

    /// Returns the smallest width that the registers can hold and that is not below the requested
    /// one. The multiplier is as small as possible, for the finest steps.
    pub fn width(&self, inck: Inck) -> Width {
        let wanted = u64::from(self.duration_us)
            .saturating_mul(u64::from(inck.hz()))
            .div_ceil(US);
        let multiplier = wanted.div_ceil(REGISTER_MAX).clamp(1, MULTIPLIER_MAX);
        let periods = wanted
            .checked_next_multiple_of(multiplier)
            .and_then(|whole| whole.checked_div(multiplier))
            .unwrap_or(REGISTER_MAX)
            .clamp(1, REGISTER_MAX);
        Width {
            periods: u16::try_from(periods).unwrap_or(u16::MAX),
            multiplier: u8::try_from(multiplier).unwrap_or(u8::MAX),
        }
    }
}
