// SPDX-License-Identifier: GPL-2.0-only

//! Pulses on the FSTROBE pin.
//!
//! The registers are named by FRAMOS' tables for the IMX477 and by those of MIPI CCS in mainline's
//! ccs-regs.h, at the same addresses. How long a pulse is: ccs-core.c (width / INCK * adjustment, from 1 to
//! 0xffff and 0xff). What Raspberry Pi's documentation of its firmware says: the delay counts lines, the
//! width periods of INCK, and pulses come once or in every frame. When a truncated pulse ends is said
//! nowhere: here with its frame.

use super::{
    clock_tree::Clocks,
    timing::Timing, //
};
use crate::virtual_board::model::{
    registers::{
        map::*,
        view::Registers, //
    },
    violations::{
        Finding,
        Violation, //
    }, //
};

/// A pulse in each frame, not in the first one only.
const CONTINUOUS: u8 = 1 << 0;
/// A pulse ends with its frame at the latest.
const TRUNCATE: u8 = 1 << 1;

/// The pulses of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strobe {
    /// Lines from the point of reference in a frame to the pulse.
    pub line: u32,
    /// Width of the pulse in ns, rounded down.
    pub width_ns: u64,
    /// True if each frame has one, or the first only.
    pub continuous: bool,
}

impl Strobe {
    /// Returns the pulses that the registers ask for with an INCK of `inck_hz`, if they ask for any.
    pub(crate) fn new(
        registers: &Registers<'_>,
        timing: &Timing,
        clocks: &Clocks,
        inck_hz: u32,
    ) -> Option<Self> {
        let line = u32::from(registers.u16(FLASH_STRB_START_POINT));
        if registers.u8(FLASH_TRIG_RS) != 1 || line >= timing.frame_length {
            return None;
        }
        let periods = u64::from(registers.u16(FLASH_STRB_WIDTH_H_RS))
            .saturating_mul(registers.u8(FLASH_STRB_ADJ).into());
        let width_ns = periods
            .saturating_mul(1_000_000_000)
            .checked_div(inck_hz.into())?;
        let mode = registers.u8(FLASH_MD_RS);
        let left = timing.frame_length.saturating_sub(line);
        Some(Self {
            line,
            width_ns: if mode & TRUNCATE == 0 {
                width_ns
            } else {
                width_ns.min(timing.lines_ns(left, clocks))
            },
            continuous: mode & CONTINUOUS != 0,
        })
    }

    /// Reports what a pulse cannot be.
    pub(crate) fn check(registers: &Registers<'_>, report: &mut impl FnMut(Finding)) {
        if registers.u8(FLASH_TRIG_RS) == 0 {
            return;
        }
        let mut wrong = |address: u16, value: u16| {
            report(Finding::new(
                Violation::StrobeInvalid,
                address.into(),
                value.into(),
            ));
        };
        for address in [FLASH_TRIG_RS, FLASH_MD_RS] {
            let value = registers.u8(address);
            let most = match address {
                FLASH_TRIG_RS => 1,
                _ => CONTINUOUS | TRUNCATE,
            };
            if value > most {
                wrong(address, value.into());
            }
        }
        if registers.u8(FLASH_STRB_ADJ) == 0 {
            wrong(FLASH_STRB_ADJ, 0);
        }
        // All that public programs write.
        let delay = registers.u16(FLASH_STRB_DLY_RS);
        if delay != 0 {
            wrong(FLASH_STRB_DLY_RS, delay);
        }
        if registers.u16(FLASH_STRB_WIDTH_H_RS) == 0 {
            wrong(FLASH_STRB_WIDTH_H_RS, 0);
        }
    }
}
