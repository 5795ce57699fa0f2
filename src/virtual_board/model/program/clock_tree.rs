// SPDX-License-Identifier: GPL-2.0-only

//! The clocks that the PLL registers make of INCK.
//!
//! The formulas reproduce the declared frame and link rates of the modes in mainline's, Intel's,
//! FRAMOS', Raspberry Pi's and NVIDIA's drivers:
//!
//! * VT PLL = INCK * IVT_PLL_MPY / IVT_PREPLLCK_DIV
//! * VT pixel rate = 4 * VT PLL / (IVT_SYCK_DIV * IVT_PXCK_DIV): four pixels per clock
//! * lane rate = VT PLL / IOP_SYCK_DIV with one PLL (0x0310 = 0), else
//!   INCK * IOP_PLL_MPY / IOP_PREPLLCK_DIV / IOP_SYCK_DIV

use super::ratio::Ratio;
use crate::virtual_board::model::{
    config::Surroundings,
    part::{
        Part,
        Range, //
    },
    registers::{
        map::*,
        view::Registers, //
    },
    violations::{
        Finding,
        Violation, //
    }, //
};

/// Sony's public brief: 2.1 Gbps per lane.
const LANE_MAX_BPS: u64 = 2_100_000_000;
/// The multiplier field has 12 bits.
const MULTIPLIER_MAX: u16 = 0x0fff;

/// The rates that matter outside of the sensor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clocks {
    /// Counts the line length.
    pub(crate) pixel_rate: Ratio,
    /// Bits per second on each lane.
    pub(crate) lane_rate: Ratio,
}

impl Clocks {
    /// Works the tree out; `None` if a divider or multiplier of 0 stops it. Every rule broken goes
    /// to `report`.
    pub(crate) fn new(
        registers: &Registers<'_>,
        config: &Surroundings,
        report: &mut impl FnMut(Finding),
    ) -> Option<Self> {
        let part = config.part;
        check_dividers(registers, part, report);

        let divider = |address| u64::from(registers.u8(address));
        let pll = |pre: u16, multiplier: u16| {
            Ratio::new(
                u64::from(config.inck_hz).saturating_mul(registers.u16(multiplier).into()),
                divider(pre),
            )
        };

        let vt_pll = pll(IVT_PREPLLCK_DIV, IVT_PLL_MPY)?;
        check_pll(
            vt_pll,
            part.video_pll_hz,
            Violation::VtPllOutOfRange,
            report,
        );
        let system = divider(IVT_SYCK_DIV).saturating_mul(divider(IVT_PXCK_DIV));
        let pixel_rate = vt_pll.scale(4, system)?;

        let link_pll = if registers.u8(PLL_MULT_DRIV) == 0 {
            vt_pll
        } else {
            let op_pll = pll(IOP_PREPLLCK_DIV, IOP_PLL_MPY)?;
            check_pll(op_pll, part.link_pll_hz, Violation::OpPllOutOfRange, report);
            op_pll
        };
        let lane_rate = link_pll.scale(1, divider(IOP_SYCK_DIV))?;
        if lane_rate.cmp_hz(LANE_MAX_BPS).is_gt() {
            report(Finding::new(
                Violation::LaneRateTooHigh,
                lane_rate.round(),
                LANE_MAX_BPS,
            ));
        }

        Some(Self {
            pixel_rate,
            lane_rate,
        })
    }
}

fn check_pll(
    pll: Ratio,
    (low, high): Range,
    violation: Violation,
    report: &mut impl FnMut(Finding),
) {
    if pll.cmp_hz(low).is_lt() {
        report(Finding::new(violation, pll.round(), low));
    } else if pll.cmp_hz(high).is_gt() {
        report(Finding::new(violation, pll.round(), high));
    }
}

/// Dividers and multipliers that some public program uses; 1 in IVT_PREPLLCK_DIV is not among
/// them, but without it the sensor could not take the 6 MHz that Sony's brief names.
fn check_dividers(registers: &Registers<'_>, part: &Part, report: &mut impl FnMut(Finding)) {
    let two_plls = registers.u8(PLL_MULT_DRIV) != 0;
    let dividers: [(u16, &[u8], bool); 6] = [
        (IVT_PXCK_DIV, &[5], true),
        (IVT_SYCK_DIV, part.video_dividers, true),
        (IVT_PREPLLCK_DIV, &[1, 2, 3, 4], true),
        (IOP_SYCK_DIV, part.link_dividers, true),
        (PLL_MULT_DRIV, &[0, 1], true),
        (IOP_PREPLLCK_DIV, &[1, 2, 3, 4], two_plls),
    ];
    for (address, allowed, used) in dividers {
        let value = registers.u8(address);
        if used && !allowed.contains(&value) {
            report(Finding::new(
                Violation::ClockDividerInvalid,
                address.into(),
                value.into(),
            ));
        }
    }
    for (address, used) in [(IVT_PLL_MPY, true), (IOP_PLL_MPY, two_plls)] {
        let value = registers.u16(address);
        if used && !(1..=MULTIPLIER_MAX).contains(&value) {
            report(Finding::new(
                Violation::ClockDividerInvalid,
                address.into(),
                value.into(),
            ));
        }
    }
}
