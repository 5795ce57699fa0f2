// SPDX-License-Identifier: GPL-2.0-only

//! The adapter between sensor module and carrier board, FRAMOS' FSA-FT1/A: it has the regulators and
//! the oscillator of the sensor, and takes two signals.
//!
//! PW_EN switches the supplies in the order that the sensor requires. RST goes through a reset IC, which
//! holds XCLR low while the supplies are off. (FRAMOS documentation, FSAFTxA.rst.)

use super::{
    model::Line,
    wiring::Pins, //
};

/// The lines that PW_EN switches, in the order of switching on.
const POWERED: [Line; 4] = [Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Inck];

/// Sets the sensor's lines by the two signals.
pub(crate) fn drive(sensor: &dyn Pins, pw_en: bool, rst: bool) {
    if !(pw_en && rst) {
        sensor.set_line(Line::Xclr, false);
    }
    if pw_en {
        for line in POWERED {
            sensor.set_line(line, true);
        }
        sensor.set_line(Line::Xclr, rst);
    } else {
        for line in POWERED.into_iter().rev() {
            sensor.set_line(line, false);
        }
    }
}
