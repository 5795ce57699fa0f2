// SPDX-License-Identifier: GPL-2.0-only

//! The I2C switch TCA9548 (NXP: PCA9548), as its data sheet describes it: one control byte, one bit
//! for each of eight channels.

/// Channels of the switch.
pub const CHANNELS: u8 = 8;

/// An emulated TCA9548.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tca9548 {
    address: u8,
    control: u8,
}

impl Tca9548 {
    /// Creates a switch at a 7-bit address, just powered on: no channel is connected.
    pub const fn new(address: u8) -> Self {
        Self {
            address,
            control: 0,
        }
    }

    /// Returns whether `channel` is connected. Any number of them may be.
    pub const fn connects(&self, channel: u8) -> bool {
        channel < CHANNELS && self.control & (1 << channel) != 0
    }

    /// One write message: its last byte becomes the control byte. Returns whether the switch
    /// acknowledged.
    ///
    /// A channel is connected from the message after this one on, as the chip waits for the stop
    /// condition.
    pub fn write(&mut self, address: u8, message: &[u8]) -> bool {
        if address != self.address {
            return false;
        }
        if let Some(control) = message.last() {
            self.control = *control;
        }
        true
    }

    /// Returns the byte that the switch sends in any position of a read message to `address`.
    pub fn read(&self, address: u8) -> Option<u8> {
        (address == self.address).then_some(self.control)
    }
}
