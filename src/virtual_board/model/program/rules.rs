// SPDX-License-Identifier: GPL-2.0-only

//! The rules that a register program must keep for the sensor to stream.

use super::{
    clock_tree::Clocks,
    link::LinkFormat,
    readout::Readout,
    strobe::Strobe,
    sync::SyncRole,
    timing::Timing, //
};
use crate::virtual_board::model::{
    config::Surroundings,
    part::Part,
    registers::{
        manufacturer,
        map::*,
        view::Registers, //
    },
    violations::{
        Finding,
        Violation, //
    }, //
};

/// INCK of the IMX412 (Sony's brief).
const INCK_HZ: [u32; 5] = [6_000_000, 12_000_000, 18_000_000, 24_000_000, 27_000_000];
/// Highest analogue gain code: 1024 / (1024 - 978) = 22.26x.
const ANALOGUE_GAIN_MAX: u16 = 978;
/// 1x.
const DIGITAL_GAIN_MIN: u16 = 0x0100;
/// On the 12-bit scale (FRAMOS: 255 at 10 bits, 1023 at 12).
const BLACK_LEVEL_MAX: u16 = 1023;
/// PN9.
const TEST_PATTERN_MAX: u16 = 4;

/// The meaning of the registers, as far as rules and images both need it.
pub(crate) struct Program {
    pub(crate) clocks: Option<Clocks>,
    pub(crate) link: LinkFormat,
    pub(crate) readout: Readout,
    pub(crate) timing: Timing,
    pub(crate) sync: SyncRole,
    pub(crate) strobe: Option<Strobe>,
}

impl Program {
    /// Reads the registers and reports every rule that they break.
    pub(crate) fn check(
        registers: &Registers<'_>,
        config: &Surroundings,
        report: &mut impl FnMut(Finding),
    ) -> Self {
        // The limits of the sensor are meant for the INCK that it is set up for.
        let inck_hz = nominal_inck(config.inck_hz);
        check_exck(registers, inck_hz, report);
        let nominal = Clocks::new(registers, &Surroundings { inck_hz, ..*config }, report);
        let link = LinkFormat::new(registers);
        link.check(registers, config.part, report);
        if let Some(nominal) = &nominal {
            link.check_bit_rate(registers, nominal, report);
            link.check_dphy(registers, config.part, nominal, report);
        }
        let readout = Readout::new(registers);
        readout.check(registers, config.part, report);
        manufacturer::check(
            config.part,
            readout.binned(),
            link.bits(),
            |address| registers.u8(address),
            report,
        );
        if registers.u8(DOL_ENABLE) != 0 {
            report(Finding::new(Violation::DolNotEmulated, 1, 0));
        }
        let correction = registers.u16(MAP_COUP_CORR_EN);
        if !matches!(correction, 0x0000 | 0x0101) {
            report(Finding::new(
                Violation::DefectCorrectionInvalid,
                correction.into(),
                0x0101,
            ));
        }

        Strobe::check(registers, report);

        // Reported already.
        let clocks = Clocks::new(registers, config, &mut |_| ());
        let timing = Timing::new(registers, config.part);
        let program = Self {
            strobe: clocks
                .as_ref()
                .and_then(|clocks| Strobe::new(registers, &timing, clocks, config.inck_hz)),
            clocks,
            link,
            readout,
            timing,
            sync: SyncRole::new(registers, report),
        };
        program.check_frame(registers, config.part, report);
        program
    }

    /// Reports the rules that can break from one frame to the next.
    fn check_frame(
        &self,
        registers: &Registers<'_>,
        part: &Part,
        report: &mut impl FnMut(Finding),
    ) {
        self.timing.check(
            part,
            registers,
            &self.readout,
            &self.link,
            self.clocks.as_ref(),
            report,
        );

        let gain = registers.u16(ANA_GAIN_GLOBAL);
        if gain > ANALOGUE_GAIN_MAX {
            report(Finding::new(
                Violation::AnalogueGainInvalid,
                gain.into(),
                ANALOGUE_GAIN_MAX.into(),
            ));
        }
        for address in [DIG_GAIN_GR, DIG_GAIN_R, DIG_GAIN_B, DIG_GAIN_GB] {
            let gain = registers.u16(address);
            if gain < DIGITAL_GAIN_MIN {
                report(Finding::new(
                    Violation::DigitalGainInvalid,
                    gain.into(),
                    DIGITAL_GAIN_MIN.into(),
                ));
            }
        }
        let black_level = registers.u16(MANUAL_DATA_PEDESTAL_VALUE);
        if registers.u8(MANUAL_DATA_PEDESTAL_EN) == 1 && black_level > BLACK_LEVEL_MAX {
            report(Finding::new(
                Violation::BlackLevelInvalid,
                black_level.into(),
                BLACK_LEVEL_MAX.into(),
            ));
        }
        let pattern = registers.u16(TP_MODE);
        if pattern > TEST_PATTERN_MAX {
            report(Finding::new(
                Violation::TestPatternInvalid,
                pattern.into(),
                TEST_PATTERN_MAX.into(),
            ));
        }
    }
}

/// Returns the frequency that INCK is meant to have: one of those in Sony's brief, if it is within 1 % of it.
fn nominal_inck(inck_hz: u32) -> u32 {
    INCK_HZ
        .into_iter()
        .find(|hz| inck_hz.abs_diff(*hz) <= hz / 100)
        .unwrap_or(inck_hz)
}

fn check_exck(registers: &Registers<'_>, inck_hz: u32, report: &mut impl FnMut(Finding)) {
    let written = u64::from(registers.u16(EXCK_FREQ));
    let expected = u64::from(inck_hz).saturating_mul(256) / 1_000_000;
    // 19.2 MHz is 0x1333 in every source: rounded down; up would be as good.
    let exact = u64::from(inck_hz).saturating_mul(256) % 1_000_000 == 0;
    if written != expected && (exact || written != expected.saturating_add(1)) {
        report(Finding::new(Violation::ExckFreqWrong, written, expected));
    }
}
