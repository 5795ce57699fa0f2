// SPDX-License-Identifier: GPL-2.0-only

//! The IMX378, which raspberrypi imx477.c runs as an IMX477 with three other registers.

use super::{
    block,
    imx477,
    Block,
    Depth,
    GainLimits,
    Part,
    Shifts, //
};

/// The sensor.
pub static IMX378: Part = Part {
    name: c"imx378",
    label: "IMX378",
    chip_id: 0x0378,
    depths: &[Depth::Ten, Depth::Twelve, Depth::Eight],
    clocks: imx477::CLOCKS,
    timing: imx477::TIMING,
    gains: GainLimits {
        global_digital: 0,
        ..imx477::GAINS
    },
    shifts: Shifts::Common,
    binning_weighting: imx477::BINNING_WEIGHTING,
    settings_version: None,
    settings: &imx477::settings(QUALITY),
};

/// In place of the registers of the IMX477 of the same name.
const QUALITY: Block = block![(0x3E35, &[0x01]), (0x4421, &[0x08])];
