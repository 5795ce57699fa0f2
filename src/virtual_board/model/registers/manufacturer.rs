// SPDX-License-Identifier: GPL-2.0-only

//! Manufacturer registers: values that public drivers agree on and nobody explains.
//!
//! Sources: FRAMOS fr_imx412_mode_tbls.h, mainline imx412.c, Intel kmb-imx412.c. A sensor
//! without them may well show a picture, but nobody has published one, so the model asks for
//! them.

use crate::virtual_board::model::violations::{
    Finding,
    Violation, //
};

/// A first address and the values from there on.
type Run = (u16, &'static [u8]);

/// The global block, identical in all of them (mainline alone has 0xe2 in 0x9232, which its
/// neighbours make look like a slip; here it is 0xb2).
const GLOBAL: &[Run] = &[
    (0x38a8, &[0x1f, 0xff, 0x1f, 0xff]),
    (0x5078, &[0x01]),
    (0x55d4, &[0x00, 0x00, 0x07, 0xff]),
    (0x55e8, &[0x07, 0xff, 0x00, 0x00]),
    (0x575c, &[0x07, 0xff, 0x00, 0x00]),
    (0x5764, &[0x00, 0x00, 0x07, 0xff]),
    (0x5974, &[0x04, 0x01]),
    (0x5f10, &[0x09, 0x92, 0x32, 0x72, 0x16, 0xba]),
    (0x5f17, &[0x13, 0x24, 0x60, 0xe3, 0xad, 0x74]),
    (0x5f2d, &[0x25]),
    (0x5f5c, &[0xd0]),
    (0x6a22, &[0x00, 0x1d]),
    (0x7ba8, &[0x00, 0x00]),
    (0x886b, &[0x00]),
    (0x9002, &[0x0a]),
    (0x9004, &[0x1a]),
    (
        0x9214,
        &[
            0x93, 0x69, 0x93, 0x6b, 0x93, 0x6d, 0x57, 0x58, 0x57, 0x59, 0x57, 0x5a, 0x57, 0x5b,
            0x93, 0x02, 0x93, 0x03, 0x93, 0x04, 0x93, 0x05, 0x98, 0x21, 0xb2, 0xdb, 0xb2, 0xdc,
            0xb2, 0xdd, 0xb2, 0xe1, 0xb2, 0xe2, 0xb2, 0xe3, 0xb7, 0xb9, 0xb7, 0xbb, 0xb7, 0xbc,
            0xb7, 0xc5, 0xb7, 0xc7, 0xb7, 0xc9, 0x98, 0x56, 0x98, 0x55,
        ],
    ),
    (0x9380, &[0x00, 0x62, 0x00, 0x56, 0x00, 0x52]),
    (0x9388, &[0x00, 0x55, 0x00, 0x55, 0x00, 0x41]),
];

/// Follows the readout: every pixel for itself.
const FULL_READOUT: &[Run] = &[(
    0x3c0a,
    &[
        0x5a, 0x55, 0x28, 0x07, 0xff, 0x00, 0x00, 0x02, 0x00, 0x03, 0x00, 0x00, 0x0c, 0x0c, 0x0c,
        0x0a, 0x0a, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3f, 0x0a,
    ],
)];

/// Follows the readout: binned by two in both directions.
const BINNED_READOUT: &[Run] = &[(
    0x3c0a,
    &[
        0x73, 0x64, 0x5f, 0x00, 0x00, 0x00, 0xa4, 0x02, 0x00, 0x03, 0x80, 0x04, 0x15, 0x15, 0x15,
        0x15, 0x15, 0x15, 0x06, 0x06, 0x06, 0x06, 0x06, 0x06, 0x3f, 0x0a,
    ],
)];

/// ADC settings that follow depth and binning, at [`ADC_BLOCK`].
const ADC_FULL_10: &[u8] = &[0x03, 0xbf];
const ADC_FULL_12: &[u8] = &[0x03, 0x85];
const ADC_BINNED_10: &[u8] = &[0x01, 0x7f];
const ADC_BLOCK: u16 = 0x3f4a;

/// First and last address of the image quality block. FRAMOS always writes it, Intel in some
/// modes, mainline never: it is not asked for.
const QUALITY: (u16, u16) = (0x9827, 0xb7f9);

fn run_contains(run: &Run, address: u16) -> bool {
    address
        .checked_sub(run.0)
        .is_some_and(|offset| usize::from(offset) < run.1.len())
}

/// Whether `address` belongs to a block that is written in standby.
pub(crate) fn contains(address: u16) -> bool {
    [GLOBAL, FULL_READOUT]
        .iter()
        .any(|block| block.iter().any(|run| run_contains(run, address)))
        || run_contains(&(ADC_BLOCK, ADC_FULL_10), address)
        || (QUALITY.0..=QUALITY.1).contains(&address)
}

/// The first register of `block` that `read` does not find as it should be.
fn mismatch(block: &[Run], read: &impl Fn(u16) -> u8) -> Option<(u16, u8)> {
    block
        .iter()
        .flat_map(|(first, values)| (*first..=u16::MAX).zip(*values))
        .map(|(address, value)| (address, *value))
        .find(|(address, value)| read(*address) != *value)
}

/// Checks the global block and those that follow the readout.
pub(crate) fn check(
    binned: bool,
    bits: u32,
    read: impl Fn(u16) -> u8,
    report: &mut impl FnMut(Finding),
) {
    if let Some((address, value)) = mismatch(GLOBAL, &read) {
        report(Finding::new(
            Violation::GlobalBlockWrong,
            address.into(),
            value.into(),
        ));
    }

    let readout = if binned { BINNED_READOUT } else { FULL_READOUT };
    let adc: &[Run] = match (binned, bits) {
        (false, 12) => &[(ADC_BLOCK, ADC_FULL_12)],
        (false, _) => &[(ADC_BLOCK, ADC_FULL_10)],
        // Nobody has published binning in 12 bit.
        (true, 12) => &[],
        (true, _) => &[(ADC_BLOCK, ADC_BINNED_10)],
    };
    let wrong = mismatch(readout, &read).or_else(|| mismatch(adc, &read));
    if let Some((address, value)) = wrong {
        report(Finding::new(
            Violation::ReadoutBlockWrong,
            address.into(),
            value.into(),
        ));
    }
}
