// SPDX-License-Identifier: GPL-2.0-only

//! An EEPROM of 256 bytes, as Microchip's 24C02 and its like.
//!
//! A write message has an address inside of the EEPROM and data, which wrap around in their page; a
//! read message goes on from the last address. While it writes its cells the device does not
//! acknowledge. (Data sheets of such EEPROMs: pages of 8 bytes, write cycles of 5 ms at most.)

use super::target::Target;

const BYTES: usize = 256;
/// Bytes of a page.
const PAGE: u8 = 8;
/// The longest write cycle, ns.
const WRITE_NS: u64 = 5_000_000;

/// An emulated EEPROM, which is erased at first.
#[derive(Clone, Debug)]
pub struct Eeprom {
    address: u8,
    cells: [u8; BYTES],
    /// Address of the next read.
    pointer: u8,
    /// The end of the write cycle, ns.
    busy_ns: u64,
}

impl Eeprom {
    /// Creates an EEPROM that answers to the 7-bit `address`.
    pub const fn new(address: u8) -> Self {
        Self {
            address,
            cells: [0xff; BYTES],
            pointer: 0,
            busy_ns: 0,
        }
    }

    fn answers(&self, address: u8, now_ns: u64) -> bool {
        address == self.address && now_ns >= self.busy_ns
    }
}

impl Target for Eeprom {
    fn write(&mut self, address: u8, data: &[u8], now_ns: u64) -> bool {
        if !self.answers(address, now_ns) {
            return false;
        }
        let Some((pointer, data)) = data.split_first() else {
            return true;
        };

        self.pointer = *pointer;
        for byte in data {
            if let Some(cell) = self.cells.get_mut(usize::from(self.pointer)) {
                *cell = *byte;
            }
            let page = self.pointer & !(PAGE - 1);
            self.pointer = page | self.pointer.wrapping_add(1) & (PAGE - 1);
        }
        if !data.is_empty() {
            self.busy_ns = now_ns.saturating_add(WRITE_NS);
        }
        true
    }

    fn read(&mut self, address: u8, data: &mut [u8], now_ns: u64) -> bool {
        if !self.answers(address, now_ns) {
            return false;
        }
        for byte in data {
            *byte &= self
                .cells
                .get(usize::from(self.pointer))
                .copied()
                .unwrap_or(0xff);
            self.pointer = self.pointer.wrapping_add(1);
        }
        true
    }
}
