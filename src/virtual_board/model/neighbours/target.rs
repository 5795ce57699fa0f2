// SPDX-License-Identifier: GPL-2.0-only

//! Devices on an I2C bus.

/// A device on an I2C bus.
pub trait Target: Send {
    /// Takes a write message to a 7-bit address. Returns whether it was acknowledged.
    fn write(&mut self, address: u8, data: &[u8], now_ns: u64) -> bool;

    /// Takes a read message: what the device sends is ANDed to `data`, as on open-drain lines.
    /// Returns whether it was acknowledged.
    fn read(&mut self, address: u8, data: &mut [u8], now_ns: u64) -> bool;
}
