// SPDX-License-Identifier: GPL-2.0-only

//! The IMX412 and the IMX577, which are one die.
//!
//! Sources: FRAMOS fr_imx412_mode_tbls.h, mainline imx412.c, Intel kmb-imx412.c.

use super::{
    Part,
    ReadoutRegisters,
    Run, //
};

/// The sensor of the FSM-IMX412.
pub static IMX412: Part = Part {
    compatible: c"sony,imx412",
    chip_id: 0x0577,
    depths: &[10, 12],
    // Raspberry Pi's maintainer, from the datasheet.
    video_pll_hz: (1_200_000_000, 2_100_000_000),
    link_pll_hz: (1_200_000_000, 2_100_000_000),
    video_dividers: &[2],
    link_dividers: &[1, 2, 4],
    // The minimum of all published programs, at all clocks and crops. Raspberry Pi's
    // experiments put the break near 5930 pck in 12 bit, binned too.
    line_min_10_bit: (4512, 2976),
    line_min_12_bit: 6224,
    // FRAMOS: "determined from the default register value and empirically confirmed".
    blanking_min: 52,
    // FRAMOS shifts each length by its own register.
    one_shift: false,
    // 0 in all tables for the IMX412, 2 in some for the IMX577.
    binning_weightings: &[0, 2],
    global: GLOBAL,
    alternatives: ALTERNATIVES,
    // FRAMOS always writes it, Intel in some modes, mainline never.
    quality: (0x9827, 0xb7f9),
    readouts: READOUTS,
    dphy: &[],
};

/// The sensor of the FSM-IMX577.
pub static IMX577: Part = Part {
    compatible: c"sony,imx577",
    chip_id: 0x0577,
    // FRAMOS offers 8 bits here only.
    depths: &[8, 10, 12],
    // AMD's headset runs the video PLL at 900 and the second one at 600 MHz, with a system divider of 4.
    video_pll_hz: (900_000_000, 2_100_000_000),
    link_pll_hz: (600_000_000, 2_100_000_000),
    video_dividers: &[2, 4],
    link_dividers: &[1, 2, 4],
    line_min_10_bit: (4512, 2976),
    line_min_12_bit: 6224,
    blanking_min: 52,
    one_shift: false,
    binning_weightings: &[0, 2],
    global: GLOBAL,
    alternatives: ALTERNATIVES,
    quality: (0x9827, 0xb7f9),
    readouts: READOUTS,
    dphy: &[],
};

/// Registers that follow depth and binning. No program binned in 12 bit has been published: its converter
/// settings at 0x3f4a are not checked.
const READOUTS: &[ReadoutRegisters] = &[
    ReadoutRegisters {
        binned: false,
        bits: &[8, 10, 12],
        block: FULL_READOUT,
    },
    ReadoutRegisters {
        binned: true,
        bits: &[8, 10, 12],
        block: BINNED_READOUT,
    },
    ReadoutRegisters {
        binned: false,
        bits: &[8, 10],
        block: &[(0x3f4a, &[0x03, 0xbf])],
    },
    ReadoutRegisters {
        binned: false,
        bits: &[12],
        block: &[(0x3f4a, &[0x03, 0x85])],
    },
    ReadoutRegisters {
        binned: true,
        bits: &[8, 10],
        block: &[(0x3f4a, &[0x01, 0x7f])],
    },
];

/// Mainline's imx412.c has 0xe2 in 0x9232, which its neighbours in the block make look like a slip.
const ALTERNATIVES: &[(u16, u8)] = &[(0x9232, 0xe2)];

/// The global block, identical in all of them except for [`ALTERNATIVES`].
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
