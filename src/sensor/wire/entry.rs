// SPDX-License-Identifier: GPL-2.0-only

//! Bytes with their addresses.

use crate::sensor::regs::Phase;

/// A byte of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Phase in which it is written.
    pub phase: Phase,
    /// Address of the register.
    pub address: u16,
    /// Value for the register.
    pub value: u8,
}

/// Returns each of `bytes` with its address, the first of which is `first`.
pub(crate) fn addressed(first: u16, bytes: &[u8]) -> impl Iterator<Item = (u16, u8)> + use<'_> {
    let mut next = first;
    bytes.iter().map(move |&byte| {
        let address = next;
        next = next.wrapping_add(1);
        (address, byte)
    })
}
