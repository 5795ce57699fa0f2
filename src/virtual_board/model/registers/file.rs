// SPDX-License-Identifier: GPL-2.0-only

//! The 64 KiB behind the bus, and what they hold after reset.
//!
//! Public sources have few reset values. Those that a public driver demonstrably relies on (it
//! streams without writing them) are set here; every other register reads 0 after reset, so that
//! a program which forgets a register is found out instead of being saved by a lucky guess.

use super::map::*;
use core::ops::DerefMut;

const FILE_BYTES: usize = 1 << 16;
const KNOWN_BYTES: usize = FILE_BYTES / 8;

/// Bytes that [`Sensor::new`](crate::virtual_board::model::Sensor::new) needs: 64 KiB of registers and a bit for each
/// that is set if it has been given a value.
pub const STORAGE_BYTES: usize = FILE_BYTES + KNOWN_BYTES;

/// The storage given to [`Sensor::new`](crate::virtual_board::model::Sensor::new) is smaller than [`STORAGE_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StorageTooSmall;

/// 8-bit reset values.
const RESET: &[(u16, u8)] = &[
    // FRAMOS reads IVT_SYCK_DIV back and writes neither divider.
    (IVT_PXCK_DIV, 5),
    (IVT_SYCK_DIV, 2),
    // FRAMOS writes none of these in its full-frame modes.
    (SCALE_M + 1, 16),
    (BINNING_TYPE, 0x11),
    (X_EVN_INC, 1),
    (X_ODD_INC, 1),
    (Y_EVN_INC, 1),
    (Y_ODD_INC, 1),
    // Programs that do not write the correction show no defects; Raspberry Pi's driver
    // has a switch to turn it off.
    (MAP_COUP_CORR_EN, 1),
    (SING_DEF_CORR_EN, 1),
    // Unity gain; FRAMOS' modes run without writing it.
    (DIG_GAIN_GR, 1),
    (DIG_GAIN_R, 1),
    (DIG_GAIN_B, 1),
    (DIG_GAIN_GB, 1),
    // 1936 pck in every source.
    (FINE_INTEG_TIME, 0x07),
    (FINE_INTEG_TIME + 1, 0x90),
    // Mainline and Intel never write it and run as masters.
    (MASTER_SLAVE_SEL, 1),
    // 256 on the 12-bit scale is FRAMOS' default.
    (MANUAL_DATA_PEDESTAL_VALUE, 1),
    // FRAMOS' device trees count on two embedded lines that its driver never asks for.
    (EBD_SIZE_V, 2),
    // The data pedestal of CCS, on the 10-bit scale.
    (DT_PEDESTAL + 1, 64),
];

/// Registers and which of them are known, in storage that the owner provides.
#[derive(Debug)]
pub(crate) struct RegisterFile<S> {
    storage: S,
}

impl<S: DerefMut<Target = [u8]>> RegisterFile<S> {
    pub(crate) fn new(storage: S) -> Result<Self, StorageTooSmall> {
        if storage.len() < STORAGE_BYTES {
            return Err(StorageTooSmall);
        }
        Ok(Self { storage })
    }

    /// Forgets all values and sets those of reset.
    pub(crate) fn reset(&mut self, chip_id: u16) {
        self.storage.fill(0);
        for (address, value) in RESET {
            self.set(*address, *value);
        }
        let [high, low] = chip_id.to_be_bytes();
        self.set(CHIP_ID, high);
        self.set(CHIP_ID + 1, low);
    }

    pub(crate) fn set(&mut self, address: u16, value: u8) {
        if let Some(register) = self.storage.get_mut(usize::from(address)) {
            *register = value;
        }
        let (byte, bit) = known_bit(address);
        if let Some(known) = self.storage.get_mut(byte) {
            *known |= bit;
        }
    }

    pub(crate) fn get(&self, address: u16) -> u8 {
        self.storage.get(usize::from(address)).copied().unwrap_or(0)
    }

    /// Returns all registers in order of their addresses.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.storage.get(..FILE_BYTES).unwrap_or(&[])
    }

    /// Returns the address and value of the registers that reset or a write has given a value.
    pub(crate) fn known(&self) -> impl Iterator<Item = (u16, u8)> + '_ {
        (0..=u16::MAX)
            .filter(|address| {
                let (byte, bit) = known_bit(*address);
                self.storage.get(byte).is_some_and(|known| known & bit != 0)
            })
            .map(|address| (address, self.get(address)))
    }
}

/// Returns where the bit for `address` lies in the storage.
fn known_bit(address: u16) -> (usize, u8) {
    let byte = FILE_BYTES.saturating_add(usize::from(address >> 3));
    (byte, 1 << (address & 7))
}
