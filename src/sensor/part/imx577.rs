// SPDX-License-Identifier: GPL-2.0-only

//! The IMX577, the same die as the IMX412.

use super::{
    imx412,
    Depth,
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
    clocks: imx412::CLOCKS,
    timing: imx412::TIMING,
    gains: imx412::GAINS,
    shifts: Shifts::Separate,
    binning_weighting: imx412::BINNING_WEIGHTING,
    blocks: imx412::BLOCKS,
};
