// SPDX-License-Identifier: GPL-2.0-only

//! Frames and exposures of more lines than a register of 16 bits counts.
//!
//! The sensor shifts the value of the register to the left by up to seven bits. Public drivers
//! disagree about the registers of the shifts:
//!
//! * FRAMOS fr_imx412.c shifts the exposure by 0x3100 (CIT_LSHIFT) and the frame length by 0x3210
//!   (FLL_LSHIFT), each by as much as it needs;
//! * raspberrypi imx477.c writes only 0x3100, which there shifts both;
//! * mainline imx412.c, Intel kmb-imx412.c and Rockchip imx577.c write 0 to 0x3210 and have no long
//!   exposures.
//!
//! [`Shifts`] of the sensor has the variant; each shift is the smallest possible one.
//!
//! Up to [`FRAME_LENGTH_MAX`] nothing is shifted and every number of lines is possible, then every
//! other, then every fourth. The steps meet: what a shift counts to at most is the number before
//! the first that needs the next shift, so that lengths grow without a jump. Where one shift is for
//! both, an exposure comes in the steps of its frame.

use super::FRAME_LENGTH_MAX;
use crate::sensor::part::Shifts;

/// The largest shift in bits (raspberrypi imx477.c).
pub const SHIFT_MAX: u8 = 7;

/// Longest frame in lines.
pub const LINES_MAX: u32 = FRAME_LENGTH_MAX << SHIFT_MAX;

/// A number of lines as in the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The value that is shifted, at most [`FRAME_LENGTH_MAX`].
    pub register: u32,
    /// Number of bits that it is shifted left, 0 to 7.
    pub shift: u8,
}

impl Lines {
    /// Returns the registers for `lines`, less what they cannot hold.
    pub const fn of(lines: u32) -> Self {
        let shift = shift(lines);
        Self {
            register: down(lines, shift),
            shift,
        }
    }

    /// Returns the registers for an exposure of `lines` in a frame of `frame_length`. What they
    /// cannot hold is left out.
    pub const fn of_exposure(shifts: Shifts, frame_length: u32, lines: u32) -> Self {
        let shift = exposure_shift(shifts, frame_length, lines);
        Self {
            register: down(lines, shift),
            shift,
        }
    }
}

/// Returns the shift for an exposure of `lines` in a frame of `frame_length`.
const fn exposure_shift(shifts: Shifts, frame_length: u32, lines: u32) -> u8 {
    shift(match shifts {
        Shifts::Separate => lines,
        Shifts::Common => frame_length,
    })
}

/// Returns the steps in which an exposure of about `lines` comes in a frame of `frame_length`.
pub const fn exposure_step(shifts: Shifts, frame_length: u32, lines: u32) -> u32 {
    up(1, exposure_shift(shifts, frame_length, lines))
}

/// Returns the longest exposure up to `lines` that the registers can hold in a frame of
/// `frame_length`.
pub const fn exposure_at_most(shifts: Shifts, frame_length: u32, lines: u32) -> u32 {
    let shift = exposure_shift(shifts, frame_length, lines);
    up(down(lines, shift), shift)
}

/// Returns the exposure nearest to `lines` that the registers can hold in a frame of
/// `frame_length`, of two the longer.
pub const fn nearest_exposure(shifts: Shifts, frame_length: u32, lines: u32) -> u32 {
    let half = exposure_step(shifts, frame_length, lines) >> 1;
    exposure_at_most(shifts, frame_length, lines.saturating_add(half))
}

/// Shifts left by at most [`SHIFT_MAX`], which the compiler is not sure of.
const fn up(value: u32, shift: u8) -> u32 {
    value.wrapping_shl(shift as u32)
}

/// Shifts right by at most [`SHIFT_MAX`].
const fn down(value: u32, shift: u8) -> u32 {
    value.wrapping_shr(shift as u32)
}

/// Returns the smallest shift with which a register holds `lines`.
// Its callers are many, and a copy in each is larger than a call.
#[inline(never)]
const fn shift(lines: u32) -> u8 {
    let mut shift = 0_u8;
    while shift < SHIFT_MAX && lines > up(FRAME_LENGTH_MAX, shift) {
        shift = shift.saturating_add(1);
    }
    shift
}

/// Returns the number of lines nearest to `lines` that the registers can hold, of two the larger.
pub const fn nearest(lines: u32) -> u32 {
    let half = up(1, shift(lines)) >> 1;
    at_most(lines.saturating_add(half))
}

/// Returns the largest number of lines up to `lines` that the registers can hold.
pub const fn at_most(lines: u32) -> u32 {
    if lines >= LINES_MAX {
        return LINES_MAX;
    }
    let shift = shift(lines);
    up(down(lines, shift), shift)
}
