// SPDX-License-Identifier: GPL-2.0-only

//! Supplies, INCK and XCLR, and the order in which they come and go.
//!
//! The three supplies may come in any order (mainline imx412.c asks for them in bulk); INCK
//! needs all of them, and XCLR may rise only when INCK runs. The way down is the reverse.
//! Waiting times are those that Raspberry Pi's imx477.c gives for the same silicon family: 600
//! us from XCLR to the first register access, 8 ms to streaming.

use super::violations::{
    Finding,
    Violation, //
};

/// Time from XCLR high to the first access on the bus, in ns.
pub(crate) const ACCESS_SETTLE_NS: u64 = 600_000;
/// Time from XCLR high to streaming, in ns.
pub(crate) const STREAM_SETTLE_NS: u64 = 8_000_000;

const EVENTS: usize = 32;

/// A line from the board to the sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Analogue supply.
    Avdd,
    /// Digital core supply.
    Dvdd,
    /// Interface supply.
    Dovdd,
    /// Input clock: on means that it runs.
    Inck,
    /// Reset, active low: on means high, out of reset.
    Xclr,
}

impl Line {
    const fn bit(self) -> u8 {
        match self {
            Line::Avdd => 1 << 0,
            Line::Dvdd => 1 << 1,
            Line::Dovdd => 1 << 2,
            Line::Inck => 1 << 3,
            Line::Xclr => 1 << 4,
        }
    }

    /// Returns the line's name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Line::Avdd => "avdd",
            Line::Dvdd => "dvdd",
            Line::Dovdd => "dovdd",
            Line::Inck => "inck",
            Line::Xclr => "xclr",
        }
    }
}

const SUPPLIES: u8 = Line::Avdd.bit() | Line::Dvdd.bit() | Line::Dovdd.bit();
const RUNNING: u8 = SUPPLIES | Line::Inck.bit() | Line::Xclr.bit();

/// One change of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerEvent {
    /// The line.
    pub line: Line,
    /// Its new state.
    pub on: bool,
    /// When, in ns.
    pub at_ns: u64,
}

/// The state of the lines and the newest changes.
#[derive(Clone, Debug)]
pub(crate) struct Power {
    lines: u8,
    xclr_high_ns: u64,
    log: [Option<PowerEvent>; EVENTS],
    /// Changes ever seen; the newest is in slot `(changes - 1) % EVENTS`.
    changes: usize,
}

impl Power {
    pub(crate) const fn new() -> Self {
        Self {
            lines: 0,
            xclr_high_ns: 0,
            log: [None; EVENTS],
            changes: 0,
        }
    }

    /// Sets a line. Returns false if that changed nothing; each rule broken goes to `report`.
    pub(crate) fn set(
        &mut self,
        line: Line,
        on: bool,
        now_ns: u64,
        mut report: impl FnMut(Finding),
    ) -> bool {
        let before = self.lines;
        let after = if on {
            before | line.bit()
        } else {
            before & !line.bit()
        };
        if before == after {
            return false;
        }

        let supplies = u64::from(after & SUPPLIES);
        let mut broke = |violation| report(Finding::new(violation, supplies, SUPPLIES.into()));
        let supplied = after & SUPPLIES == SUPPLIES;
        let clocked = after & Line::Inck.bit() != 0;
        let out_of_reset = after & Line::Xclr.bit() != 0;
        match (line, on) {
            (Line::Inck, true) if !supplied => broke(Violation::InckBeforeSupplies),
            (Line::Inck, false) if out_of_reset => broke(Violation::InckOffWhileXclrHigh),
            (Line::Xclr, true) => {
                if !supplied {
                    broke(Violation::XclrBeforeSupplies);
                }
                if !clocked {
                    broke(Violation::XclrBeforeInck);
                }
                self.xclr_high_ns = now_ns;
            }
            (Line::Avdd | Line::Dvdd | Line::Dovdd, false) => {
                if out_of_reset {
                    broke(Violation::SupplyOffWhileXclrHigh);
                }
                if clocked {
                    broke(Violation::SupplyOffWhileInckOn);
                }
            }
            _ => {}
        }

        self.lines = after;
        if let Some(slot) = self.log.get_mut(self.changes % EVENTS) {
            *slot = Some(PowerEvent {
                line,
                on,
                at_ns: now_ns,
            });
        }
        self.changes = self.changes.wrapping_add(1);
        true
    }

    /// Returns whether a line is on.
    pub(crate) const fn is_on(&self, line: Line) -> bool {
        self.lines & line.bit() != 0
    }

    /// Everything that the sensor needs to run is there.
    pub(crate) const fn running(&self) -> bool {
        self.lines == RUNNING
    }

    /// Returns whether the sensor keeps its registers: supplied and out of reset.
    pub(crate) const fn retains_registers(&self) -> bool {
        let needed = SUPPLIES | Line::Xclr.bit();
        self.lines & needed == needed
    }

    /// Running, and long enough for `settle_ns` to have passed since XCLR rose.
    pub(crate) const fn settled(&self, settle_ns: u64, now_ns: u64) -> bool {
        self.running() && self.since_xclr(now_ns) >= settle_ns
    }

    /// Returns the time since XCLR rose, in ns.
    pub(crate) const fn since_xclr(&self, now_ns: u64) -> u64 {
        now_ns.saturating_sub(self.xclr_high_ns)
    }

    /// Returns the newest changes, oldest first.
    pub(crate) fn events(&self) -> impl Iterator<Item = PowerEvent> + '_ {
        let (newer, older) = self
            .log
            .split_at_checked(self.changes % EVENTS)
            .unwrap_or((&self.log, &[]));
        older.iter().chain(newer).flatten().copied()
    }
}
