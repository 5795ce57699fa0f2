// SPDX-License-Identifier: GPL-2.0-only

//! Manufacturer registers: values that public drivers agree on, without a public meaning.
//!
//! A sensor without them may well send an image, but no such program has been published, so the model
//! requires them.

use crate::virtual_board::model::{
    part::{
        Part,
        Run, //
    },
    violations::{
        Finding,
        Violation, //
    }, //
};

fn run_contains(run: &Run, address: u16) -> bool {
    address
        .checked_sub(run.0)
        .is_some_and(|offset| usize::from(offset) < run.1.len())
}

/// Returns whether `address` belongs to a block that is written in standby.
pub(crate) fn contains(part: &Part, address: u16) -> bool {
    let readouts = part.readouts.iter().map(|readout| readout.block);
    let (first, last) = part.quality;

    core::iter::once(part.global)
        .chain(readouts)
        .any(|block| block.iter().any(|run| run_contains(run, address)))
        || (first..=last).contains(&address)
}

/// Returns the first register of `block` that `read` does not find as it should be.
fn mismatch(part: &Part, block: &[Run], read: &impl Fn(u16) -> u8) -> Option<(u16, u8)> {
    block
        .iter()
        .flat_map(|(first, values)| (*first..=u16::MAX).zip(*values))
        .map(|(address, value)| (address, *value))
        .find(|(address, value)| {
            let found = read(*address);
            found != *value && !part.alternatives.contains(&(*address, found))
        })
}

/// Checks the global block and those that follow the readout.
pub(crate) fn check(
    part: &Part,
    binned: bool,
    bits: u32,
    read: impl Fn(u16) -> u8,
    report: &mut impl FnMut(Finding),
) {
    if let Some((address, value)) = mismatch(part, part.global, &read) {
        report(Finding::new(
            Violation::GlobalBlockWrong,
            address.into(),
            value.into(),
        ));
    }

    let wrong = part
        .readouts
        .iter()
        .filter(|readout| readout.binned == binned && readout.bits.contains(&bits))
        .find_map(|readout| mismatch(part, readout.block, &read));
    if let Some((address, value)) = wrong {
        report(Finding::new(
            Violation::ReadoutBlockWrong,
            address.into(),
            value.into(),
        ));
    }
}
