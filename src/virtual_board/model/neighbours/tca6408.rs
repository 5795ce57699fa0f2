// SPDX-License-Identifier: GPL-2.0-only

//! The GPIO expander TCA6408A, as its data sheet describes it: eight pins, four registers.

/// Levels of the pins, read only.
const INPUT: u8 = 0;
/// Levels that output pins are driven to.
const OUTPUT: u8 = 1;
/// 1 inverts what [`INPUT`] says of a pin.
const POLARITY: u8 = 2;
/// 1 makes a pin an input, 0 an output.
const CONFIGURATION: u8 = 3;

/// An emulated TCA6408A whose pins are pulled down on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tca6408 {
    address: u8,
    command: u8,
    output: u8,
    polarity: u8,
    configuration: u8,
}

impl Tca6408 {
    /// Creates an expander at a 7-bit address, just powered on: all pins are inputs.
    pub const fn new(address: u8) -> Self {
        Self {
            address,
            command: INPUT,
            output: 0xff,
            polarity: 0,
            configuration: 0xff,
        }
    }

    /// Returns the levels of the pins, bit 0 for P0. An input is low, as only the board's resistor
    /// drives it.
    pub const fn pins(&self) -> u8 {
        self.output & !self.configuration
    }

    /// One write message: a register, then bytes for it, of which the last stays. Returns whether
    /// the expander acknowledged, which it does not for a register that it lacks.
    pub fn write(&mut self, address: u8, message: &[u8]) -> bool {
        if address != self.address {
            return false;
        }
        let [command, data @ ..] = message else {
            return true;
        };
        if *command > CONFIGURATION {
            return false;
        }
        self.command = *command;
        if let Some(value) = data.last() {
            match self.command {
                OUTPUT => self.output = *value,
                POLARITY => self.polarity = *value,
                CONFIGURATION => self.configuration = *value,
                _ => {}
            }
        }
        true
    }

    /// Returns the byte that the expander sends in any position of a read message to `address`: the
    /// register that was last written or chosen.
    pub fn read(&self, address: u8) -> Option<u8> {
        (address == self.address).then_some(match self.command {
            OUTPUT => self.output,
            POLARITY => self.polarity,
            CONFIGURATION => self.configuration,
            _ => self.pins() ^ self.polarity,
        })
    }
}
