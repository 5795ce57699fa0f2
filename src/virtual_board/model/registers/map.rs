// SPDX-License-Identifier: GPL-2.0-only

//! Register addresses, as public drivers name and use them.
//!
//! Sources: mainline imx412.c, Intel kmb-imx412.c, FRAMOS fr_imx412.c, Raspberry Pi imx477.c.
//! Registers wider than 8 bits are big-endian; the address is that of the most significant byte.

/// CCS module model id, 16 bit, reads 0.
pub(crate) const MODEL_ID: u16 = 0x0000;
/// Data pedestal, 16 bit, read-only.
pub(crate) const DT_PEDESTAL: u16 = 0x0008;
/// Chip id, 16 bit: 0x0577 on IMX412 and IMX577, 0x0477 on IMX477.
pub(crate) const CHIP_ID: u16 = 0x0016;
/// DOL-HDR enable.
pub(crate) const DOL_ENABLE: u16 = 0x00e3;
/// First and last of the DOL-HDR registers.
pub(crate) const DOL_BLOCK: (u16, u16) = (0x00e3, 0x00ff);
/// 0 standby, 1 streaming.
pub(crate) const MODE_SEL: u16 = 0x0100;
/// Bit 0 horizontal mirror, bit 1 vertical flip.
pub(crate) const IMG_ORIENTATION: u16 = 0x0101;
/// Writing 1 resets.
pub(crate) const SW_RESET: u16 = 0x0103;
/// 1 holds frame-latched registers.
pub(crate) const GRP_PARAM_HOLD: u16 = 0x0104;
/// Depth of the pixel data, high byte: before, low byte: after compression.
pub(crate) const CSI_DT_FMT: u16 = 0x0112;
/// Lanes - 1.
pub(crate) const CSI_LANE_MODE: u16 = 0x0114;
/// INCK in MHz, 8.8 fixed point.
pub(crate) const EXCK_FREQ: u16 = 0x0136;
/// 1 enables the temperature sensor.
pub(crate) const TEMP_SEN_CTL: u16 = 0x0138;
/// Temperature in degrees Celsius, signed.
pub(crate) const TEMP_SEN_OUT: u16 = 0x013a;
/// Fixed part of the integration time, pck, 16 bit.
pub(crate) const FINE_INTEG_TIME: u16 = 0x0200;
/// Coarse integration time, lines, 16 bit.
pub(crate) const COARSE_INTEG_TIME: u16 = 0x0202;
/// Analogue gain code, 16 bit; gain = 1024 / (1024 - code).
pub(crate) const ANA_GAIN_GLOBAL: u16 = 0x0204;
/// Digital gains, 8.8 fixed point, 16 bit each.
pub(crate) const DIG_GAIN_GR: u16 = 0x020e;
pub(crate) const DIG_GAIN_R: u16 = 0x0210;
pub(crate) const DIG_GAIN_B: u16 = 0x0212;
pub(crate) const DIG_GAIN_GB: u16 = 0x0214;
/// VT pixel clock divider.
pub(crate) const IVT_PXCK_DIV: u16 = 0x0301;
/// VT system clock divider.
pub(crate) const IVT_SYCK_DIV: u16 = 0x0303;
/// VT PLL pre-divider.
pub(crate) const IVT_PREPLLCK_DIV: u16 = 0x0305;
/// VT PLL multiplier, 12 bits in 16.
pub(crate) const IVT_PLL_MPY: u16 = 0x0306;
/// Output pixel clock divider: bits per pixel.
pub(crate) const IOP_PXCK_DIV: u16 = 0x0309;
/// Output system clock divider.
pub(crate) const IOP_SYCK_DIV: u16 = 0x030b;
/// OP PLL pre-divider.
pub(crate) const IOP_PREPLLCK_DIV: u16 = 0x030d;
/// OP PLL multiplier, 16 bit.
pub(crate) const IOP_PLL_MPY: u16 = 0x030e;
/// 0 one PLL, 1 two.
pub(crate) const PLL_MULT_DRIV: u16 = 0x0310;
/// Frame length, lines, 16 bit.
pub(crate) const FRM_LENGTH_LINES: u16 = 0x0340;
/// Line length, pck, 16 bit.
pub(crate) const LINE_LENGTH_PCK: u16 = 0x0342;
/// Analogue crop, inclusive, 16 bit each.
pub(crate) const X_ADD_STA: u16 = 0x0344;
pub(crate) const Y_ADD_STA: u16 = 0x0346;
pub(crate) const X_ADD_END: u16 = 0x0348;
pub(crate) const Y_ADD_END: u16 = 0x034a;
/// Output size, 16 bit each.
pub(crate) const X_OUT_SIZE: u16 = 0x034c;
pub(crate) const Y_OUT_SIZE: u16 = 0x034e;
/// 1: the frame length follows the exposure.
pub(crate) const FRM_LENGTH_CTL: u16 = 0x0350;
/// Sub-sampling increments.
pub(crate) const X_EVN_INC: u16 = 0x0381;
pub(crate) const X_ODD_INC: u16 = 0x0383;
pub(crate) const Y_EVN_INC: u16 = 0x0385;
pub(crate) const Y_ODD_INC: u16 = 0x0387;
/// 0 none, 1 horizontal, 2 both.
pub(crate) const SCALE_MODE: u16 = 0x0401;
/// Ratio 16 / M, 16 bit.
pub(crate) const SCALE_M: u16 = 0x0404;
/// Digital crop, after binning, before scaling, 16 bit each.
pub(crate) const DIG_CROP_X_OFFSET: u16 = 0x0408;
pub(crate) const DIG_CROP_Y_OFFSET: u16 = 0x040a;
pub(crate) const DIG_CROP_WIDTH: u16 = 0x040c;
pub(crate) const DIG_CROP_HEIGHT: u16 = 0x040e;
/// Test pattern, 16 bit.
pub(crate) const TP_MODE: u16 = 0x0600;
/// Test data, 12 bits in 16 each.
pub(crate) const TD_R: u16 = 0x0602;
pub(crate) const TD_GR: u16 = 0x0604;
pub(crate) const TD_B: u16 = 0x0606;
pub(crate) const TD_GB: u16 = 0x0608;
/// Source of the D-PHY timing.
pub(crate) const DPHY_CTRL: u16 = 0x0808;
/// D-PHY timing for DPHY_CTRL = 2, 16 bit each, in the order of `DphyTiming`.
pub(crate) const DPHY_TIMING: [u16; 10] = [
    0x080a, 0x080c, 0x080e, 0x0810, 0x0812, 0x0814, 0x0816, 0x0818, 0xe04c, 0xe04e,
];
/// Sum of the lane rates in Mbps, 16.16 fixed point, 32 bit.
pub(crate) const REQ_LINK_BIT_RATE_MBPS: u16 = 0x0820;
/// 1 bins.
pub(crate) const BINNING_MODE: u16 = 0x0900;
/// Horizontal factor in the high, vertical in the low nibble.
pub(crate) const BINNING_TYPE: u16 = 0x0901;
/// Weights of the pixels that become one.
pub(crate) const BINNING_WEIGHTING: u16 = 0x0902;
/// On-sensor defect correction: of the couplets in the factory's map, and of single photosites.
pub(crate) const MAP_COUP_CORR_EN: u16 = 0x0b05;
pub(crate) const SING_DEF_CORR_EN: u16 = 0x0b06;
/// Multiplier of the width of a strobe pulse.
pub(crate) const FLASH_STRB_ADJ: u16 = 0x0c12;
/// Lines from the point of reference to the pulse, 16 bit.
pub(crate) const FLASH_STRB_START_POINT: u16 = 0x0c14;
/// Further delay, 16 bit.
pub(crate) const FLASH_STRB_DLY_RS: u16 = 0x0c16;
/// Width of a pulse in periods of INCK, 16 bit.
pub(crate) const FLASH_STRB_WIDTH_H_RS: u16 = 0x0c18;
/// Mode of the strobe.
pub(crate) const FLASH_MD_RS: u16 = 0x0c1a;
/// 1 triggers the strobe.
pub(crate) const FLASH_TRIG_RS: u16 = 0x0c1b;
/// Second bus address: taken, and acknowledged.
pub(crate) const SLAVE_ADD_EN_2ND: u16 = 0x3010;
pub(crate) const SLAVE_ADD_ACKEN_2ND: u16 = 0x3011;
/// 1: the pedestal is that of 0x3032.
pub(crate) const MANUAL_DATA_PEDESTAL_EN: u16 = 0x3030;
/// Pedestal on the 12-bit scale, 16 bit.
pub(crate) const MANUAL_DATA_PEDESTAL_VALUE: u16 = 0x3032;
/// 1: the XVS pin is an output.
pub(crate) const XVS_IO_CTRL: u16 = 0x3040;
/// 1 master, 0 slave.
pub(crate) const MASTER_SLAVE_SEL: u16 = 0x3041;
/// Left shift of the coarse integration time.
pub(crate) const CIT_LSHIFT: u16 = 0x3100;
/// Left shift of the frame length.
pub(crate) const FLL_LSHIFT: u16 = 0x3210;
/// 1 in a sensor that is one of several in step.
pub(crate) const MC_MODE: u16 = 0x3f0b;
/// 0: 10-bit, 1: 12-bit conversion.
pub(crate) const ADBIT_MODE: u16 = 0x3f0d;
/// 1: DIG_GAIN_GR drives all colours.
pub(crate) const DPGA_USE_GLOBAL_GAIN: u16 = 0x3ff9;
/// 1 drives the frame starts out on XVS.
pub(crate) const EXTOUT_EN: u16 = 0x4b81;
/// Embedded data lines.
pub(crate) const EBD_SIZE_V: u16 = 0xbcf1;
/// 1 stops the CSI clock while no frame is sent.
pub(crate) const FRAME_BLANKSTOP_CL: u16 = 0xe000;

/// First and last address of each run of read-only registers.
pub(crate) const READ_ONLY: &[(u16, u16)] = &[
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
pub(crate) const STRUCTURAL: &[(u16, u16)] = &[
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
