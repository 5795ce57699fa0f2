// SPDX-License-Identifier: GPL-2.0-only

//! Line, frame and integration time.
//!
//! * line time = LLP / VT pixel rate
//! * frame time = FLL * LLP / VT pixel rate
//! * integration time = (CIT * LLP + FINE_INTEG_TIME) / VT pixel rate
//!
//! CIT_LSHIFT and FLL_LSHIFT shift CIT and FLL, each its own, as FRAMOS uses them on the IMX412; on
//! the IMX477 CIT_LSHIFT shifts both (Raspberry Pi). With FRM_LENGTH_CTL = 1 a frame
//! grows to hold its exposure.

use super::{clock_tree::Clocks, link::LinkFormat, readout::Readout};
use crate::virtual_board::model::{
    part::Part,
    registers::{
        map::*,
        view::Registers, //
    },
    violations::{
        Finding,
        Violation, //
    }, //
};

/// Lines between the end of the longest exposure and the end of the frame (mainline, Intel,
/// FRAMOS, Raspberry Pi).
const EXPOSURE_MARGIN_LINES: u32 = 22;
/// Most a length can be shifted left (Raspberry Pi).
const SHIFT_MAX: u8 = 7;

/// The timing of one frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// pck.
    pub(crate) line_length: u32,
    /// Lines, shift and automatic extension included.
    pub(crate) frame_length: u32,
    /// Lines, shift included.
    pub(crate) coarse: u32,
    /// pck.
    fine: u32,
    /// Lines.
    blanking_min: u32,
}

impl Timing {
    pub(crate) fn new(registers: &Registers<'_>, part: &Part) -> Self {
        let shifted = |length: u16, shift: u16| {
            u32::from(registers.u16(length)) << registers.u8(shift).min(SHIFT_MAX)
        };
        let coarse = shifted(COARSE_INTEG_TIME, CIT_LSHIFT);
        let frame_shift = if part.one_shift {
            CIT_LSHIFT
        } else {
            FLL_LSHIFT
        };
        let written = shifted(FRM_LENGTH_LINES, frame_shift);
        let frame_length = if registers.u8(FRM_LENGTH_CTL) == 1 {
            written.max(coarse.saturating_add(EXPOSURE_MARGIN_LINES))
        } else {
            written
        };
        Self {
            line_length: registers.u16(LINE_LENGTH_PCK).into(),
            frame_length,
            coarse,
            fine: registers.u16(FINE_INTEG_TIME).into(),
            blanking_min: part.blanking_min,
        }
    }

    /// Returns the frame start to frame start, ns, rounded down.
    pub(crate) fn frame_period_ns(&self, clocks: &Clocks) -> u64 {
        self.lines_ns(self.frame_length, clocks)
    }

    /// Returns how long some lines take, ns, rounded down.
    pub(crate) fn lines_ns(&self, lines: u32, clocks: &Clocks) -> u64 {
        let pck = u64::from(self.line_length).saturating_mul(lines.into());
        clocks.pixel_rate.duration_ns(pck)
    }

    /// Returns what the shortest frame of this readout takes, ns, rounded down.
    pub(crate) fn readout_ns(&self, readout: &Readout, clocks: &Clocks) -> u64 {
        let lines = readout.lines_read().saturating_add(self.blanking_min);
        self.lines_ns(lines, clocks)
    }

    /// Returns the integration time, ns, rounded down.
    pub(crate) fn exposure_ns(&self, clocks: &Clocks) -> u64 {
        let pck = u64::from(self.line_length)
            .saturating_mul(self.coarse.into())
            .saturating_add(self.fine.into());
        clocks.pixel_rate.duration_ns(pck)
    }

    /// Checks the lengths against what the readout and the link need.
    pub(crate) fn check(
        &self,
        part: &Part,
        registers: &Registers<'_>,
        readout: &Readout,
        link: &LinkFormat,
        clocks: Option<&Clocks>,
        report: &mut impl FnMut(Finding),
    ) {
        let mut broke = |violation, value: u32, limit: u32| {
            report(Finding::new(violation, value.into(), limit.into()));
        };

        for address in [CIT_LSHIFT, FLL_LSHIFT] {
            let shift = registers.u8(address);
            if shift > SHIFT_MAX {
                broke(
                    Violation::LengthShiftInvalid,
                    shift.into(),
                    SHIFT_MAX.into(),
                );
            }
        }

        let line_min = match (readout.binned(), link.bits()) {
            (_, 12) => part.line_min_12_bit,
            (false, _) => part.line_min_10_bit.0,
            (true, _) => part.line_min_10_bit.1,
        };
        if self.line_length < line_min {
            broke(Violation::LineTooShortForAdc, self.line_length, line_min);
        }
        if let Some(line_min) =
            clocks.and_then(|clocks| link.line_too_short(self.line_length, readout.width(), clocks))
        {
            broke(Violation::LineTooShortForLink, self.line_length, line_min);
        }

        let frame_min = readout.lines_read().saturating_add(self.blanking_min);
        if self.frame_length < frame_min {
            broke(Violation::FrameTooShort, self.frame_length, frame_min);
        }
        let coarse_max = self.frame_length.saturating_sub(EXPOSURE_MARGIN_LINES);
        if self.coarse > coarse_max {
            broke(Violation::ExposureBeyondFrame, self.coarse, coarse_max);
        }
        if self.coarse == 0 {
            broke(Violation::ExposureZero, 0, 1);
        }
    }
}
