// SPDX-License-Identifier: GPL-2.0-only

//! The IMX577, the same die as the IMX412.

use super::{
    imx412,
    pll,
    ClockLimits,
    Depth,
    KnownTree,
    Part,
    Shifts, //
};

/// The sensor.
pub static IMX577: Part = Part {
    name: c"imx577",
    label: "IMX577",
    chip_id: imx412::CHIP_ID,
    // FRAMOS' drivers offer 8 bits for the IMX577 and not for the IMX412.
    depths: &[Depth::Ten, Depth::Twelve, Depth::Eight],
    clocks: CLOCKS,
    timing: imx412::TIMING,
    gains: imx412::GAINS,
    shifts: Shifts::Separate,
    binning_weighting: imx412::BINNING_WEIGHTING,
    settings_version: Some(imx412::SETTINGS_VERSION),
    settings: imx412::SETTINGS,
};

/// Limits as far as products undercut those of the IMX412: AMD's driver for a headset runs the
/// video PLL at 900 MHz, that of the link at 600 MHz, and 300 to 1050 Mbit/s per lane.
const CLOCKS: ClockLimits = ClockLimits {
    video_pll_hz: (900_000_000, 2_100_000_000),
    link_pll_hz: (600_000_000, 2_100_000_000),
    known: &KNOWN_TREES,
    ..imx412::CLOCKS
};

const KNOWN_TREES: [KnownTree; 8] = {
    let [a, b, c, d, e, f] = imx412::KNOWN_TREES;
    [
        a,
        b,
        c,
        d,
        e,
        f,
        // AMD sensor_imx577, the full frame at 30 frames per second on four lanes.
        imx412::one_pll(24_000_000, pll(4, 175)),
        // AMD sensor_imx577, 4 frames per second on two lanes of 300 Mbit/s.
        KnownTree {
            video_divider: 4,
            ..imx412::two_plls(24_000_000, pll(4, 150), pll(4, 100), 2)
        },
    ]
};
