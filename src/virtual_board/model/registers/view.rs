// SPDX-License-Identifier: GPL-2.0-only

//! The registers as a frame sees them.

use super::hold::Latched;

/// A view of the register file with the latched values of the current frame.
#[derive(Clone, Copy)]
pub(crate) struct Registers<'a> {
    file: &'a [u8],
    latched: &'a Latched,
}

impl<'a> Registers<'a> {
    /// `file` in order of addresses, except for what is in `latched`.
    pub(crate) const fn new(file: &'a [u8], latched: &'a Latched) -> Self {
        Self { file, latched }
    }

    pub(crate) fn u8(&self, address: u16) -> u8 {
        self.latched
            .get(address)
            .or_else(|| self.file.get(usize::from(address)).copied())
            .unwrap_or(0)
    }

    pub(crate) fn u16(&self, address: u16) -> u16 {
        u16::from_be_bytes([self.u8(address), self.u8(address.wrapping_add(1))])
    }

    pub(crate) fn u32(&self, address: u16) -> u32 {
        u32::from(self.u16(address)) << 16 | u32::from(self.u16(address.wrapping_add(2)))
    }
}
