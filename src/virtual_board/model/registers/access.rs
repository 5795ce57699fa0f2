// SPDX-License-Identifier: GPL-2.0-only

//! When a write to a register is allowed, and when it takes effect.

use super::{
    manufacturer,
    map::*, //
};
use crate::virtual_board::model::part::Part;

/// The effect of a write to a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing: the value is the sensor's own.
    ReadOnly,
    /// Takes effect at once.
    Immediate,
    /// Takes effect at the next frame start, all bytes that group hold covers together.
    FrameLatched,
    /// Shapes clocks, link or readout: to be written only in standby.
    Structural,
}

/// First and last address of each run of read-only registers.
const READ_ONLY: &[(u16, u16)] = &[
    (MODEL_ID, MODEL_ID + 1),
    (DT_PEDESTAL, DT_PEDESTAL + 1),
    (CHIP_ID, CHIP_ID + 1),
    (TEMP_SEN_OUT, TEMP_SEN_OUT),
];

/// First and last address of each run of frame-latched registers: the ones that public drivers
/// write while streaming and that change the image or its timing.
pub(crate) const FRAME_LATCHED: &[(u16, u16)] = &[
    (COARSE_INTEG_TIME, ANA_GAIN_GLOBAL + 1),
    (DIG_GAIN_GR, DIG_GAIN_GB + 1),
    (FRM_LENGTH_LINES, LINE_LENGTH_PCK + 1),
    (FRM_LENGTH_CTL, FRM_LENGTH_CTL),
    (TP_MODE, TD_GB + 1),
    (MANUAL_DATA_PEDESTAL_VALUE, MANUAL_DATA_PEDESTAL_VALUE + 1),
    (CIT_LSHIFT, CIT_LSHIFT),
    (FLL_LSHIFT, FLL_LSHIFT),
    (DPGA_USE_GLOBAL_GAIN, DPGA_USE_GLOBAL_GAIN),
];

/// First and last address of each run of structural registers. Every public driver writes them
/// before it sets MODE_SEL, and Raspberry Pi's grabs the flips while streaming. The manufacturer's
/// blocks come in addition.
const STRUCTURAL: &[(u16, u16)] = &[
    DOL_BLOCK,
    (IMG_ORIENTATION, IMG_ORIENTATION),
    (CSI_DT_FMT, CSI_LANE_MODE),
    (EXCK_FREQ, EXCK_FREQ + 1),
    (IVT_PXCK_DIV, PLL_MULT_DRIV),
    (X_ADD_STA, Y_OUT_SIZE + 1),
    (X_EVN_INC, Y_ODD_INC),
    (SCALE_MODE, DIG_CROP_HEIGHT + 1),
    (DPHY_CTRL, REQ_LINK_BIT_RATE_MBPS + 3),
    (BINNING_MODE, BINNING_WEIGHTING),
    // The end of DPHY_TIMING.
    (0xe04c, 0xe04f),
    (MAP_COUP_CORR_EN, SING_DEF_CORR_EN),
    (FLASH_STRB_ADJ, FLASH_TRIG_RS),
    (MANUAL_DATA_PEDESTAL_EN, MANUAL_DATA_PEDESTAL_EN),
    (XVS_IO_CTRL, MASTER_SLAVE_SEL),
    (MC_MODE, MC_MODE),
    (ADBIT_MODE, ADBIT_MODE),
    (EXTOUT_EN, EXTOUT_EN),
    (EBD_SIZE_V, EBD_SIZE_V),
];

fn within(runs: &[(u16, u16)], address: u16) -> bool {
    runs.iter()
        .any(|(first, last)| (*first..=*last).contains(&address))
}

impl Access {
    /// Returns the kind of the register at `address`.
    pub(crate) fn of(part: &Part, address: u16) -> Self {
        if within(READ_ONLY, address) {
            Access::ReadOnly
        } else if within(FRAME_LATCHED, address) {
            Access::FrameLatched
        } else if within(STRUCTURAL, address) || manufacturer::contains(part, address) {
            Access::Structural
        } else {
            Access::Immediate
        }
    }
}
