// SPDX-License-Identifier: GPL-2.0-only

//! Frames after a damaged link.
//!
//! The bytes of a line go over the lanes in turn (MIPI CSI-2, lane distribution). The four bytes of
//! a packet's header come before them and are a whole number of turns for 2 and 4 lanes, so that
//! byte `i` of the line is on lane `i % lanes`. Headers are taken to be good: a receiver whose lane
//! sends no start of transmission gets no frame at all, which is [`WireFaults::silent`].

use super::pack::MemoryFormat;

/// Bytes of the longest line on the link, that of the whole array at 12 bits.
pub const WIRE_LINE_BYTES: usize = 4056 / 2 * 3;

/// Fault of a lane, numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneFault {
    /// All of its bits have this level.
    Stuck {
        /// Number of the lane.
        lane: u32,
        /// The level.
        high: bool,
    },
    /// Two lanes have changed places.
    Swapped {
        /// One of them.
        first: u32,
        /// The other.
        second: u32,
    },
    /// About one in `one_in` of its bits is wrong, the same ones in each frame.
    Errors {
        /// Number of the lane.
        lane: u32,
        /// 8 or more.
        one_in: u32,
    },
}

impl LaneFault {
    /// Returns whether it concerns lanes that a link of `lanes` has.
    pub const fn fits(self, lanes: u32) -> bool {
        match self {
            Self::Stuck { lane, .. } => lane < lanes,
            Self::Swapped { first, second } => first < lanes && second < lanes && first != second,
            Self::Errors { lane, one_in } => lane < lanes && one_in >= 8,
        }
    }
}

/// Faults between sensor and memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WireFaults {
    /// No frame arrives.
    pub silent: bool,
    /// Only so many lines of each frame arrive.
    pub lines: Option<u32>,
    /// The first line of each frame is lost, and the others move up.
    pub first_line_lost: bool,
    /// A lane that is not as it should be.
    pub lane: Option<LaneFault>,
}

/// Turns the lines of one frame into what arrives of them.
#[derive(Debug)]
pub struct Damage<'a> {
    fault: LaneFault,
    lanes: u32,
    bits: u32,
    memory: MemoryFormat,
    wire: &'a mut [u8],
    noise: u32,
}

impl<'a> Damage<'a> {
    /// `wire` is room for the bytes of a line: [`WIRE_LINE_BYTES`]. `None` if the link does not have
    /// the lanes that the fault is about.
    pub fn new(
        fault: LaneFault,
        lanes: u32,
        bits: u32,
        memory: MemoryFormat,
        wire: &'a mut [u8],
    ) -> Option<Self> {
        fault.fits(lanes).then_some(Self {
            fault,
            lanes,
            bits,
            memory,
            wire,
            noise: 0x2545_f491,
        })
    }

    /// Damages a line as it lies in memory.
    pub fn line(&mut self, row: &mut [u8]) {
        match (self.memory, self.bits) {
            (MemoryFormat::Packed, _) => {
                disturb(row, self.fault, self.lanes, &mut self.noise);
            }
            (MemoryFormat::Words, 10) => self.words::<8, 5>(row, to_raw10, from_raw10),
            (MemoryFormat::Words, _) => self.words::<4, 3>(row, to_raw12, from_raw12),
        }
    }

    /// Returns the same for words: on the link, groups of `MEMORY` bytes are groups of `WIRE`.
    fn words<const MEMORY: usize, const WIRE: usize>(
        &mut self,
        row: &mut [u8],
        to_wire: fn(&[u8; MEMORY]) -> [u8; WIRE],
        from_wire: fn(&[u8; WIRE]) -> [u8; MEMORY],
    ) {
        let bytes = row
            .len()
            .checked_div(MEMORY)
            .unwrap_or(0)
            .saturating_mul(WIRE);
        let Some(wire) = self.wire.get_mut(..bytes) else {
            return;
        };
        let groups = Iterator::zip(wire.chunks_exact_mut(WIRE), row.chunks_exact(MEMORY));
        for (wire, words) in groups {
            if let Ok(words) = words.try_into() {
                wire.copy_from_slice(&to_wire(words));
            }
        }
        disturb(wire, self.fault, self.lanes, &mut self.noise);
        let groups = Iterator::zip(wire.chunks_exact(WIRE), row.chunks_exact_mut(MEMORY));
        for (wire, words) in groups {
            if let Ok(wire) = wire.try_into() {
                words.copy_from_slice(&from_wire(wire));
            }
        }
    }
}

/// Damages the bytes of a line on the link.
fn disturb(wire: &mut [u8], fault: LaneFault, lanes: u32, noise: &mut u32) {
    let turn = usize::try_from(lanes).unwrap_or(1).max(1);
    let place = |lane: u32| usize::try_from(lane).unwrap_or(0);

    for bytes in wire.chunks_mut(turn) {
        match fault {
            LaneFault::Stuck { lane, high } => {
                if let Some(byte) = bytes.get_mut(place(lane)) {
                    *byte = if high { 0xff } else { 0 };
                }
            }
            LaneFault::Swapped { first, second } => {
                let (first, second) = (place(first), place(second));

                if first.max(second) < bytes.len() {
                    bytes.swap(first, second);
                }
            }
            LaneFault::Errors { lane, one_in } => {
                if let Some(byte) = bytes.get_mut(place(lane)) {
                    *byte ^= error(noise, one_in);
                }
            }
        }
    }
}

/// Returns the bit of a byte that is wrong, if one is. Errors come about as often as `one_in` says.
fn error(noise: &mut u32, one_in: u32) -> u8 {
    // Marsaglia's xorshift.
    let mut next = *noise;

    next ^= next << 13;
    next ^= next >> 17;
    next ^= next << 5;
    *noise = next;
    match (next >> 3).checked_rem((one_in / 8).max(1)) {
        Some(0) => 1 << (next & 7),
        _ => 0,
    }
}

fn to_raw10(words: &[u8; 8]) -> [u8; 5] {
    let [a, ah, b, bh, c, ch, d, dh] = *words;
    let upper = |low: u8, high: u8| low >> 2 | high << 6;

    [
        upper(a, ah),
        upper(b, bh),
        upper(c, ch),
        upper(d, dh),
        (a & 3) | (b & 3) << 2 | (c & 3) << 4 | (d & 3) << 6,
    ]
}

fn from_raw10(wire: &[u8; 5]) -> [u8; 8] {
    let [a, b, c, d, low] = *wire;
    let word = |upper: u8, low: u8| [upper << 2 | low & 3, upper >> 6];
    let ([a, ah], [b, bh]) = (word(a, low), word(b, low >> 2));
    let ([c, ch], [d, dh]) = (word(c, low >> 4), word(d, low >> 6));

    [a, ah, b, bh, c, ch, d, dh]
}

fn to_raw12(words: &[u8; 4]) -> [u8; 3] {
    let [a, ah, b, bh] = *words;

    [a >> 4 | ah << 4, b >> 4 | bh << 4, (a & 15) | (b & 15) << 4]
}

fn from_raw12(wire: &[u8; 3]) -> [u8; 4] {
    let [a, b, low] = *wire;

    [a << 4 | low & 15, a >> 4, b << 4 | low >> 4, b >> 4]
}
