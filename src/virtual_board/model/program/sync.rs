// SPDX-License-Identifier: GPL-2.0-only

//! Several sensors in step: the source of frame starts, and its sinks.

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

/// The use that a sensor makes of the XVS pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncRole {
    /// Nothing.
    Alone,
    /// It sends a pulse at each of its frame starts.
    Source,
    /// Its frames start with pulses that come in.
    Sink,
}

impl SyncRole {
    /// Returns the role that the registers give; a combination that no public driver writes is reported.
    ///
    /// Raspberry Pi's driver sets MC_MODE for source and sink, FRAMOS' does not write it: either is
    /// taken.
    pub(crate) fn new(registers: &Registers<'_>, report: &mut impl FnMut(Finding)) -> Self {
        let settings = [MC_MODE, MASTER_SLAVE_SEL, XVS_IO_CTRL, EXTOUT_EN]
            .map(|address| registers.u8(address));
        match settings {
            [0, 1, 0, 0] => return SyncRole::Alone,
            [0 | 1, 1, 1, 1] => return SyncRole::Source,
            [0 | 1, 0, 0, 0] => return SyncRole::Sink,
            _ => {}
        }
        report(Finding::new(
            Violation::SyncRoleInvalid,
            u32::from_be_bytes(settings).into(),
            0,
        ));
        SyncRole::Alone
    }
}
