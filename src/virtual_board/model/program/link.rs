// SPDX-License-Identifier: GPL-2.0-only

//! The CSI-2 link: depth, lanes and what they can carry.

use super::clock_tree::Clocks;
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

/// Header and checksum of a CSI-2 long packet, bits.
const PACKET_OVERHEAD_BITS: u64 = 48;

/// DPHY_CTRL: the sensor computes the timing from REQ_LINK_BIT_RATE.
const DPHY_AUTOMATIC: u8 = 0;
/// DPHY_CTRL: the timing is that of the registers. 1 is in no public program.
const DPHY_IN_REGISTERS: u8 = 2;
/// A timing is for rates that are off by this part of them at most: Raspberry Pi has run 900 to 912 Mbps with
/// one.
const DPHY_TOLERANCE: u64 = 50;
/// Raspberry Pi's program of 1332x990 has this.
const DPHY_OF_990_LINES: (u16, u16) = (0xe04c, 0x5f);

/// Format and lanes as the registers have them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkFormat {
    bits: Option<u32>,
    lanes: Option<u32>,
}

impl LinkFormat {
    pub(crate) fn new(registers: &Registers<'_>) -> Self {
        Self {
            bits: match registers.u16(CSI_DT_FMT) {
                0x0808 => Some(8),
                0x0a0a => Some(10),
                0x0c0c => Some(12),
                _ => None,
            },
            lanes: match registers.u8(CSI_LANE_MODE) {
                1 => Some(2),
                3 => Some(4),
                _ => None,
            },
        }
    }

    /// Returns the bits per pixel; 10 if the registers name no depth.
    pub(crate) fn bits(&self) -> u32 {
        self.bits.unwrap_or(10)
    }

    /// Returns the data lanes; 2 if the registers name no number.
    pub(crate) fn lanes(&self) -> u32 {
        self.lanes.unwrap_or(2)
    }

    /// Checks depth and lanes.
    pub(crate) fn check(
        &self,
        registers: &Registers<'_>,
        part: &Part,
        report: &mut impl FnMut(Finding),
    ) {
        if self.lanes.is_none() {
            report(Finding::new(
                Violation::LaneModeInvalid,
                registers.u8(CSI_LANE_MODE).into(),
                3,
            ));
        }
        let Some(bits) = self.bits.filter(|bits| part.depths.contains(bits)) else {
            report(Finding::new(
                Violation::CsiFormatInvalid,
                registers.u16(CSI_DT_FMT).into(),
                0x0a0a,
            ));
            return;
        };
        let divider = registers.u8(IOP_PXCK_DIV);
        if u32::from(divider) != bits {
            report(Finding::new(
                Violation::OpPixelDividerWrong,
                divider.into(),
                bits.into(),
            ));
        }
        let adc = registers.u8(ADBIT_MODE);
        if adc != u8::from(bits == 12) {
            report(Finding::new(
                Violation::AdcDepthWrong,
                adc.into(),
                bits.into(),
            ));
        }
    }

    /// Checks REQ_LINK_BIT_RATE: with DPHY_CTRL = 0 the sensor derives the D-PHY timing from it.
    pub(crate) fn check_bit_rate(
        &self,
        registers: &Registers<'_>,
        clocks: &Clocks,
        report: &mut impl FnMut(Finding),
    ) {
        // 2.1 Gbps fit 32 bits, so neither product comes near 64.
        let bps = clocks.lane_rate.round().saturating_mul(self.lanes().into());
        let expected = bps.saturating_mul(1 << 16) / 1_000_000;
        let written = u64::from(registers.u32(REQ_LINK_BIT_RATE_MBPS));
        // The last digit is a matter of rounding.
        if written.abs_diff(expected) > 1 {
            report(Finding::new(Violation::LinkBitRateWrong, written, expected));
        }
    }

    /// Checks the D-PHY timing: the sensor's own, or one that a program is known to run at this rate.
    pub(crate) fn check_dphy(
        &self,
        registers: &Registers<'_>,
        part: &Part,
        clocks: &Clocks,
        report: &mut impl FnMut(Finding),
    ) {
        let control = registers.u8(DPHY_CTRL);
        let mut wrong = |address: u16, value: u16| {
            report(Finding::new(
                Violation::DphyTimingWrong,
                address.into(),
                value.into(),
            ));
        };
        if control == DPHY_AUTOMATIC {
            return;
        }
        let rate = clocks.lane_rate.round();
        let timing = part
            .dphy
            .iter()
            .find(|timing| rate.abs_diff(timing.lane_rate) <= timing.lane_rate / DPHY_TOLERANCE);
        let Some(timing) = timing.filter(|_| control == DPHY_IN_REGISTERS) else {
            wrong(DPHY_CTRL, control.into());
            return;
        };
        for (address, expected) in DPHY_TIMING.into_iter().zip(timing.registers) {
            let found = registers.u16(address);
            if found != expected && (address, found) != DPHY_OF_990_LINES {
                wrong(address, found);
                return;
            }
        }
    }

    /// Returns the length in pck that a line of `width` pixels needs on the link, if that is more than
    /// `line_length`.
    pub(crate) fn line_too_short(
        &self,
        line_length: u32,
        width: u32,
        clocks: &Clocks,
    ) -> Option<u32> {
        let payload = u64::from(width)
            .saturating_mul(self.bits().into())
            .saturating_add(PACKET_OVERHEAD_BITS);
        let bps = clocks.lane_rate.round().saturating_mul(self.lanes().into());
        let needed = payload
            .saturating_mul(clocks.pixel_rate.round())
            .checked_div(bps)?;
        let needed = u32::try_from(needed).unwrap_or(u32::MAX);
        (line_length < needed).then_some(needed)
    }
}
