// SPDX-License-Identifier: GPL-2.0-only

//! Hardware that is broken, on demand: what `broken` in debugfs takes.

use super::{
    faults::{
        EveryNth,
        FaultKind, //
    },
    model::{
        LaneFault,
        Line,
        WireFaults, //
    }, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// Defects of a board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Broken {
    /// INCK has this frequency, whatever the device tree says, Hz.
    pub(crate) inck_hz: Option<u32>,
    /// The supply that drops in each stream after so many frames, until it is switched off.
    pub(crate) supply: Option<(Line, u32)>,
    /// No light reaches the sensor.
    pub(crate) dark: bool,
    /// The link.
    pub(crate) wire: WireFaults,
    /// Messages that fail.
    pub(crate) bus: Option<EveryNth>,
}

/// The frequencies that an oscillator may have instead.
const INCK_HZ: core::ops::RangeInclusive<u32> = 1_000_000..=100_000_000;

impl Broken {
    /// Breaks one thing more, or mends everything: takes what a user writes, see
    /// docs/virtual-board.md.
    pub(super) fn with(mut self, text: &str) -> Result<Self> {
        let mut words = text.split_ascii_whitespace();
        let name = words.next().ok_or(EINVAL)?;
        let mut numbers = [0u32; 2];
        let mut count = 0usize;
        let mut word = None;

        for found in words {
            match (found.parse(), numbers.get_mut(count)) {
                (Ok(number), Some(place)) => {
                    *place = number;
                    count = count.saturating_add(1);
                }
                (Err(_), _) if word.is_none() => word = Some(found),
                _ => return Err(EINVAL),
            }
        }
        let [first, second] = numbers;
        // Lanes are numbered as in the device tree: from 1.
        let lane = |number: u32| number.checked_sub(1).ok_or(EINVAL);

        match (name, word, count) {
            ("off", None, 0) => self = Self::default(),
            ("inck", None, 1) if INCK_HZ.contains(&first) => self.inck_hz = Some(first),
            ("lane-stuck", None, 2) if second <= 1 => {
                self.wire.lane = Some(LaneFault::Stuck {
                    lane: lane(first)?,
                    high: second == 1,
                });
            }
            ("lanes-swapped", None, 2) if first != second => {
                self.wire.lane = Some(LaneFault::Swapped {
                    first: lane(first)?,
                    second: lane(second)?,
                });
            }
            ("lane-errors", None, 2) if second >= 8 => {
                self.wire.lane = Some(LaneFault::Errors {
                    lane: lane(first)?,
                    one_in: second,
                });
            }
            ("no-frames", None, 0) => self.wire.silent = true,
            ("short-frames", None, 1) => self.wire.lines = Some(first),
            ("first-line-lost", None, 0) => self.wire.first_line_lost = true,
            ("dark", None, 0) => self.dark = true,
            ("supply", Some(name), 1) => {
                let line = match name {
                    "avdd" => Line::Avdd,
                    "dvdd" => Line::Dvdd,
                    "dovdd" => Line::Dovdd,
                    _ => return Err(EINVAL),
                };
                self.supply = Some((line, first));
            }
            ("bus", Some(name), 1) => {
                let kind = FaultKind::from_name(name).ok_or(EINVAL)?;
                self.bus = Some(EveryNth::new(first, kind).ok_or(EINVAL)?);
            }
            _ => return Err(EINVAL),
        }
        Ok(self)
    }

    /// Writes a line for each thing that is broken, as [`Broken::with`] takes it.
    pub(super) fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |lane: u32| lane.saturating_add(1);

        if *self == Self::default() {
            return writeln!(f, "off");
        }
        if let Some(hz) = self.inck_hz {
            writeln!(f, "inck {hz}")?;
        }
        if let Some((line, frames)) = self.supply {
            writeln!(f, "supply {} {frames}", line.name())?;
        }
        if self.dark {
            writeln!(f, "dark")?;
        }
        if self.wire.silent {
            writeln!(f, "no-frames")?;
        }
        if let Some(lines) = self.wire.lines {
            writeln!(f, "short-frames {lines}")?;
        }
        if self.wire.first_line_lost {
            writeln!(f, "first-line-lost")?;
        }
        match self.wire.lane {
            Some(LaneFault::Stuck { lane, high }) => {
                writeln!(f, "lane-stuck {} {}", number(lane), u8::from(high))?;
            }
            Some(LaneFault::Swapped { first, second }) => {
                writeln!(f, "lanes-swapped {} {}", number(first), number(second))?;
            }
            Some(LaneFault::Errors { lane, one_in }) => {
                writeln!(f, "lane-errors {} {one_in}", number(lane))?;
            }
            None => {}
        }
        if let Some(bus) = self.bus {
            writeln!(f, "bus {} {}", bus.messages(), bus.kind().name())?;
        }
        Ok(())
    }
}
