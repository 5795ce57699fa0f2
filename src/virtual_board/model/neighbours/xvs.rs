// SPDX-License-Identifier: GPL-2.0-only

//! XVS: the wire that lets sensors run in step.
//!
//! A source sends a pulse, a falling edge, at each of its frame starts; the frames of a sink start
//! with the pulses. The wire is high unless it is pulled down. A sensor without power does so, as
//! Raspberry Pi's maintainer observed on the IMX477: the wire falls when power goes, which sinks take
//! for a pulse, and what others send is lost until power is back.

use core::mem;

/// Pulses that are remembered for sinks which have not looked.
const PULSES: usize = 256;

/// The wire between sensors.
#[derive(Clone, Debug)]
pub struct XvsWire {
    /// When pulses came, ns: number `n` is in place `n % PULSES`.
    pulses: [u64; PULSES],
    /// Pulses ever.
    sent: u64,
    /// The first pulse whose time is known.
    known_from: u64,
    /// Sensors without power.
    clamps: u32,
    /// Sensors that have been joined to this wire, ever.
    taps: u32,
    /// The sensor that drives it.
    source: Option<u32>,
    /// When that one will send its next pulse.
    next_ns: Option<u64>,
}

impl XvsWire {
    /// Creates a wire that leads nowhere.
    pub const fn new() -> Self {
        Self {
            pulses: [0; PULSES],
            sent: 0,
            known_from: 0,
            clamps: 0,
            taps: 0,
            source: None,
            next_ns: None,
        }
    }

    /// Joins one more sensor, which has no power.
    pub fn tap(&mut self) -> XvsTap {
        let id = self.taps;
        self.taps = self.taps.wrapping_add(1);
        self.clamps = self.clamps.saturating_add(1);
        XvsTap {
            id,
            cursor: self.sent,
            lost: 0,
            clamps: true,
            sent: 0,
            taken: 0,
            ignored: 0,
        }
    }

    /// The wire is pulled down for a moment, at `at_ns`, by a source, or a trigger from outside.
    pub fn pulse(&mut self, at_ns: u64) {
        if self.clamps > 0 {
            return;
        }
        if let Some(pulse) = self.pulses.get_mut(place(self.sent)) {
            *pulse = at_ns;
        }
        self.sent = self.sent.saturating_add(1);
        let oldest = self.sent.saturating_sub(PULSES as u64);
        self.known_from = self.known_from.max(oldest);
    }

    /// Returns when the source will send its next pulse, if there is one.
    pub const fn next_ns(&self) -> Option<u64> {
        self.next_ns
    }

    /// Returns the time of a pulse.
    fn at(&self, number: u64) -> Option<u64> {
        if (self.known_from..self.sent).contains(&number) {
            self.pulses.get(place(number)).copied()
        } else {
            None
        }
    }
}

impl Default for XvsWire {
    fn default() -> Self {
        Self::new()
    }
}

fn place(number: u64) -> usize {
    // The cast removes a multiple of the number of places.
    number as usize % PULSES
}

/// A sensor's end of the wire.
#[derive(Debug)]
pub struct XvsTap {
    id: u32,
    /// The pulse to look at next.
    cursor: u64,
    /// Pulses that were forgotten before they were looked at.
    lost: u64,
    clamps: bool,
    sent: u64,
    taken: u64,
    ignored: u64,
}

impl XvsTap {
    /// Pulses that this sensor sent.
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// Pulses that started a frame.
    pub const fn taken(&self) -> u64 {
        self.taken
    }

    /// Pulses that came while a frame was being read out.
    pub const fn ignored(&self) -> u64 {
        self.ignored
    }

    /// The sensor's power comes, or goes at `now_ns`.
    pub(crate) fn set_powered(&mut self, wire: &mut XvsWire, powered: bool, now_ns: u64) {
        if self.clamps != powered {
            return;
        }
        self.clamps = !powered;
        if powered {
            wire.clamps = wire.clamps.saturating_sub(1);
        } else {
            wire.pulse(now_ns);
            wire.clamps = wire.clamps.saturating_add(1);
        }
    }

    /// Begins or ceases to drive the wire. Returns false if another sensor drives it.
    pub(crate) fn drive(&mut self, wire: &mut XvsWire, drives: bool) -> bool {
        let is_source = wire.source == Some(self.id);
        if drives && wire.source.is_none() {
            wire.source = Some(self.id);
        } else if !drives && is_source {
            wire.source = None;
            wire.next_ns = None;
        }
        !drives || wire.source == Some(self.id)
    }

    /// Goes away.
    pub(crate) fn leave(&mut self, wire: &mut XvsWire) {
        self.drive(wire, false);
        if self.clamps {
            self.clamps = false;
            wire.clamps = wire.clamps.saturating_sub(1);
        }
    }

    /// As the source: a pulse at `at_ns`, and the next one at `next_ns`.
    pub(crate) fn send(&mut self, wire: &mut XvsWire, at_ns: u64, next_ns: u64) {
        wire.pulse(at_ns);
        self.sent = self.sent.saturating_add(1);
        self.announce(wire, next_ns);
    }

    /// As the source: pulses at unknown times.
    pub(crate) fn skip(&mut self, wire: &mut XvsWire, pulses: u64) {
        if pulses > 0 && wire.clamps == 0 {
            wire.sent = wire.sent.saturating_add(pulses);
            wire.known_from = wire.sent;
        }
        self.sent = self.sent.saturating_add(pulses);
    }

    /// As the source: the next pulse will be at `next_ns`.
    pub(crate) fn announce(&self, wire: &mut XvsWire, next_ns: u64) {
        wire.next_ns = Some(next_ns);
    }

    /// As a sink: forgets the pulses before `since_ns`.
    pub(crate) fn listen(&mut self, wire: &XvsWire, since_ns: u64) {
        self.cursor = wire.known_from;
        self.lost = 0;
        while wire.at(self.cursor).is_some_and(|at_ns| at_ns <= since_ns) {
            self.cursor = self.cursor.saturating_add(1);
        }
    }

    /// As a sink: the next pulse from `earliest_ns` to `now_ns`, and how many were forgotten before
    /// it. Those before `earliest_ns` are ignored.
    pub(crate) fn next_pulse(
        &mut self,
        wire: &XvsWire,
        earliest_ns: u64,
        now_ns: u64,
    ) -> Option<(u64, u64)> {
        let lost = wire.known_from.saturating_sub(self.cursor);
        self.lost = self.lost.saturating_add(lost);
        self.cursor = self.cursor.saturating_add(lost);
        while let Some(at_ns) = wire.at(self.cursor) {
            if at_ns > now_ns {
                break;
            }
            self.cursor = self.cursor.saturating_add(1);
            if at_ns >= earliest_ns {
                let lost = mem::take(&mut self.lost);
                self.taken = self.taken.saturating_add(lost).saturating_add(1);
                return Some((at_ns, lost));
            }
            self.ignored = self.ignored.saturating_add(1);
        }
        None
    }
}
