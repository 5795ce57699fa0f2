// SPDX-License-Identifier: GPL-2.0-only

//! The adapter between sensor module and carrier board, FRAMOS' FSA-FT1/A: it makes the sensor's
//! supplies, has the oscillator, and takes two signals.
//!
//! PW_EN switches the supplies in the order that the part wants. RST goes through a reset IC, which
//! holds XCLR low while the supplies are off. (FRAMOS documentation, FSAFTxA.rst.)

use super::{
    board::Board,
    model::Line, //
};

/// What PW_EN switches, in the order of switching on.
const POWERED: [Line; 4] = [Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Inck];

/// Sets the sensor's lines as the two signals want them.
pub(crate) fn drive(board: &Board, pw_en: bool, rst: bool) {
    if !(pw_en && rst) {
        board.set_line(Line::Xclr, false);
    }
    if pw_en {
        for line in POWERED {
            board.set_line(line, true);
        }
        board.set_line(Line::Xclr, rst);
    } else {
        for line in POWERED.into_iter().rev() {
            board.set_line(line, false);
        }
    }
}
