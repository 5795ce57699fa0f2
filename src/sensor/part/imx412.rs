// SPDX-License-Identifier: GPL-2.0-only

//! The IMX412, as on FRAMOS' FSM-IMX412.

use super::{
    block,
    pll,
    Binning,
    Block,
    ClockLimits,
    ConverterLine,
    Depth,
    GainLimits,
    KnownTree,
    Part,
    Phase,
    Pll,
    SettingsBlock,
    Shifts,
    TimingLimits, //
};

/// The sensor.
pub static IMX412: Part = Part {
    name: c"imx412",
    label: "IMX412",
    chip_id: CHIP_ID,
    depths: &[Depth::Ten, Depth::Twelve],
    clocks: CLOCKS,
    timing: TIMING,
    gains: GAINS,
    // FRAMOS fr_imx412.c.
    shifts: Shifts::Separate,
    binning_weighting: BINNING_WEIGHTING,
    settings_version: Some(SETTINGS_VERSION),
    settings: SETTINGS,
};

/// The identification, which the IMX577 shows as well: both are one die.
pub(super) const CHIP_ID: u16 = 0x0577;

/// In every program for the IMX412, and in most for the IMX577.
pub(super) const BINNING_WEIGHTING: u8 = 0;

/// PLL range and lane rate: maintainer of raspberrypi imx477.c, raspberrypi/linux pull request
/// 6208.
///
/// Pre-dividers 2, 3 and 4 are in public drivers; an INCK of 6 MHz needs 1. Link divider 1 is in
/// mainline imx412.c, 2 in raspberrypi imx477.c, 4 in IMX577 programs.
pub(super) const CLOCKS: ClockLimits = ClockLimits {
    video_pll_hz: (1_200_000_000, 2_100_000_000),
    link_pll_hz: (1_200_000_000, 2_100_000_000),
    lane_rate: (300_000_000, 2_100_000_000),
    pre_dividers: &[1, 2, 3, 4],
    link_dividers: &[1, 2, 4],
    known: &KNOWN_TREES,
    unused_pll: UNUSED_PLL,
};

/// As in mainline imx412.c.
pub(super) const UNUSED_PLL: Pll = pll(2, 350);

/// Clock trees of public drivers, best known first.
pub(super) const KNOWN_TREES: [KnownTree; 6] = [
    // Intel kmb-imx412.c (2 lanes) and the Rockchip imx577.c.
    one_pll(24_000_000, pll(4, 350)),
    // Mainline imx412.c.
    one_pll(24_000_000, pll(4, 200)),
    // Intel kmb-imx412.c, DOL modes.
    one_pll(24_000_000, pll(4, 242)),
    // FRAMOS fr_imx412.c.
    one_pll(27_000_000, pll(4, 311)),
    // raspberrypi imx477.c, two programs.
    two_plls(24_000_000, pll(4, 350), pll(2, 150), 2),
    two_plls(24_000_000, pll(2, 175), pll(2, 150), 2),
];

/// Returns one PLL, the link at its full rate.
pub(super) const fn one_pll(inck_hz: u32, video: Pll) -> KnownTree {
    KnownTree {
        inck_hz,
        video,
        video_divider: 2,
        link: None,
        link_divider: 1,
    }
}

/// Returns a PLL for the link.
pub(super) const fn two_plls(inck_hz: u32, video: Pll, link: Pll, link_divider: u8) -> KnownTree {
    KnownTree {
        inck_hz,
        video,
        video_divider: 2,
        link: Some(link),
        link_divider,
    }
}

pub(super) const TIMING: TimingLimits = TimingLimits {
    // No public program goes below, at any pixel rate and crop (mainline imx412.c, kmb-imx412.c,
    // fr_imx412.c). Binned at 12 bits: raspberrypi/linux pull request 6798 reports black frames on
    // the IMX477 below some 5930.
    converters: ConverterLine {
        ten: 4512,
        ten_binned: 2976,
        twelve: 6224,
    },
    // The 1332x990 mode of raspberrypi imx477.c has a line of 6664 where its pixels take 6216.
    link_overhead_pck: 448,
    // As all public programs on two lanes (kmb-imx412.c, fr_imx412.c), whatever the width of the
    // output.
    two_lanes_factor: 2,
    // "Determined from the default register value and empirically confirmed" by FRAMOS.
    vertical_blanking_min: 52,
    // Mainline imx412.c, kmb-imx412.c.
    exposure_min: 8,
};

pub(super) const GAINS: GainLimits = GainLimits {
    // 22.26x (mainline imx412.c and all others).
    analogue_max: 978,
    // 15.996x (Intel kmb-imx412.c).
    digital_max: 0x0fff,
    // FRAMOS fr_imx412.c.
    global_digital: 1,
};

pub(super) const SETTINGS: &[SettingsBlock] = &[
    SettingsBlock::new(Phase::Global, GLOBAL),
    SettingsBlock::new(Phase::Quality, QUALITY),
    SettingsBlock::new(Phase::Readout, COMMON_LOW),
    SettingsBlock::readout(Binning::None, READOUT_FULL),
    SettingsBlock::readout(Binning::TwoByTwo, READOUT_BINNED),
    SettingsBlock::new(Phase::Readout, COMMON_HIGH),
    // Converters (mainline imx412.c, fr_imx412.c).
    SettingsBlock {
        converter_bits: Some(10),
        ..SettingsBlock::readout(Binning::None, block![(0x3F4A, &[0x03, 0xBF])])
    },
    SettingsBlock {
        converter_bits: Some(12),
        ..SettingsBlock::readout(Binning::None, block![(0x3F4A, &[0x03, 0x85])])
    },
    SettingsBlock::readout(Binning::TwoByTwo, block![(0x3F4A, &[0x01, 0x7F])]),
];

/// Version tag of the settings (mainline imx412.c).
///
/// It differs between modes and between drivers for the same mode, with no known effect.
pub(super) const SETTINGS_VERSION: u16 = 0x0802;

/// Settings for every readout (FRAMOS fr_imx412.c, Intel kmb-imx412.c, Rockchip imx577.c).
///
/// Mainline imx412.c has the same, but for 0xE2 at 0x9232. All others have 0xB2, which also is what
/// its neighbours at 0x9230, 0x9234 and 0x9236 hold.
const GLOBAL: Block = block![
    (0x38A8, &[0x1F, 0xFF, 0x1F, 0xFF]),
    (0x5078, &[0x01]),
    (0x55D4, &[0x00, 0x00, 0x07, 0xFF]),
    (0x55E8, &[0x07, 0xFF, 0x00, 0x00]),
    (0x575C, &[0x07, 0xFF, 0x00, 0x00]),
    (0x5764, &[0x00, 0x00, 0x07, 0xFF]),
    (0x5974, &[0x04, 0x01]),
    (0x5F10, &[0x09, 0x92, 0x32, 0x72, 0x16, 0xBA]),
    (0x5F17, &[0x13, 0x24, 0x60, 0xE3, 0xAD, 0x74]),
    (0x5F2D, &[0x25]),
    (0x5F5C, &[0xD0]),
    (0x6A22, &[0x00, 0x1D]),
    (0x7BA8, &[0x00, 0x00]),
    (0x886B, &[0x00]),
    (0x9002, &[0x0A]),
    (0x9004, &[0x1A]),
    (
        0x9214,
        &[
            0x93, 0x69, 0x93, 0x6B, 0x93, 0x6D, 0x57, 0x58, 0x57, 0x59, 0x57, 0x5A, 0x57, 0x5B,
            0x93, 0x02, 0x93, 0x03, 0x93, 0x04, 0x93, 0x05, 0x98, 0x21, 0xB2, 0xDB, 0xB2, 0xDC,
            0xB2, 0xDD, 0xB2, 0xE1, 0xB2, 0xE2, 0xB2, 0xE3, 0xB7, 0xB9, 0xB7, 0xBB, 0xB7, 0xBC,
            0xB7, 0xC5, 0xB7, 0xC7, 0xB7, 0xC9, 0x98, 0x56, 0x98, 0x55,
        ],
    ),
    (0x9380, &[0x00, 0x62, 0x00, 0x56, 0x00, 0x52]),
    (0x9388, &[0x00, 0x55, 0x00, 0x55, 0x00, 0x41]),
];

/// Image quality (FRAMOS fr_imx412.c in every mode, Intel kmb-imx412.c on two lanes).
const QUALITY: Block = block![
    (0x9827, &[0x20]),
    (0x9830, &[0x0A]),
    (0x9833, &[0x0A, 0x32]),
    (0x9837, &[0x22]),
    (0x983C, &[0x04]),
    (0x983F, &[0x0A]),
    (0x994F, &[0x00]),
    (0x9A48, &[0x06, 0x06, 0x06, 0x06]),
    (0x9A4E, &[0x03, 0x03]),
    (0x9A54, &[0x03]),
    (0x9A66, &[0x03, 0x03]),
    (0xA2C9, &[0x02]),
    (0xA2CB, &[0x02]),
    (0xA2CD, &[0x02]),
    (0xB249, &[0x3F]),
    (0xB24F, &[0x3F]),
    (0xB290, &[0x3F]),
    (0xB293, &[0x3F]),
    (0xB296, &[0x3F]),
    (0xB299, &[0x3F]),
    (0xB2A2, &[0x3F]),
    (0xB2A8, &[0x3F, 0x0D, 0x0D, 0x3F]),
    (0xB2BA, &[0x2F, 0x2F, 0x2F, 0x10]),
    (0xB2C0, &[0x3F]),
    (0xB2C3, &[0x3F]),
    (0xB2D2, &[0x3F]),
    (0xB2DE, &[0x20, 0x20, 0x20]),
    (0xB2EA, &[0x3F]),
    (0xB2ED, &[0x3F, 0x3F, 0x3F, 0x2F, 0x2F, 0x2F]),
    (0xB2F9, &[0x0E, 0x0E, 0x0E]),
    (0xB759, &[0x01]),
    (0xB765, &[0x3F]),
    (0xB76B, &[0x3F]),
    (0xB7B3, &[0x03]),
    (0xB7B5, &[0x03]),
    (0xB7B7, &[0x03]),
    (0xB7BF, &[0x03]),
    (0xB7C1, &[0x03]),
    (0xB7C3, &[0x03]),
    (0xB7EF, &[0x02]),
    (0xB7F5, &[0x1F]),
    (0xB7F7, &[0x1F]),
    (0xB7F9, &[0x1F]),
];

/// Readout of every pixel (mainline imx412.c, fr_imx412.c).
const READOUT_FULL: Block = block![(
    0x3C0A,
    &[
        0x5A, 0x55, 0x28, 0x07, 0xFF, 0x00, 0x00, 0x02, 0x00, 0x03, 0x00, 0x00, 0x0C, 0x0C, 0x0C,
        0x0A, 0x0A, 0x0A, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x3F, 0x0A,
    ],
)];

/// Readout binned two by two (fr_imx412.c).
const READOUT_BINNED: Block = block![(
    0x3C0A,
    &[
        0x73, 0x64, 0x5F, 0x00, 0x00, 0x00, 0xA4, 0x02, 0x00, 0x03, 0x80, 0x04, 0x15, 0x15, 0x15,
        0x15, 0x15, 0x15, 0x06, 0x06, 0x06, 0x06, 0x06, 0x06, 0x3F, 0x0A,
    ],
)];

/// Settings that mainline imx412.c, kmb-imx412.c and Rockchip imx577.c write in addition to the
/// blocks above: those at lower addresses than the readout's.
const COMMON_LOW: Block = block![
    (0x0220, &[0x00, 0x11]),
    (0x3140, &[0x02]),
    (0x3241, &[0x11]),
    (0x3250, &[0x03]),
];

/// As `COMMON_LOW`: those at higher addresses.
const COMMON_HIGH: Block = block![
    (0x3E20, &[0x01]),
    (0x3E35, &[0x01]),
    (0x3E37, &[0x00]),
    (0x3F26, &[0x00]),
    (0x3F42, &[0x00, 0x00]),
];
