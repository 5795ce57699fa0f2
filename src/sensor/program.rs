// SPDX-License-Identifier: GPL-2.0-only

//! Composition of the register program of a configuration.

use super::{
    activity::Activity,
    clock::VT_PIXEL_DIVIDER,
    config::Config,
    part::Shifts,
    readout::{
        Binning,
        Depth,
        Scaling, //
    },
    regs::{
        self,
        Phase, //
    },
    setting::{
        sync::Synchronisation,
        test_pattern::{
            Channel,
            TestPattern, //
        }, //
    },
    timing::long,
    wire::{
        image::RegisterImage,
        settings::Settings, //
    }, //
};

/// Sets registers, each to a number that fits into 32 bits.
///
/// Their list is a constant, which takes less code than a call for each.
macro_rules! set {
    ($image:expr, $($register:ident = $value:expr),+ $(,)?) => {
        $image.set_each(const { &[$(regs::$register),+] }, &[$(u32::from($value)),+])
    };
}

/// Extent of a composed program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The whole program.
    Whole,
    /// Only registers that can be written while streaming or depend on the activity: enough for a
    /// sensor that holds the whole program of a configuration with the same standby registers
    /// ([`Config::stands_as`]).
    Change,
}

/// Replaces the contents of `image` with the program, to the given `extent`, of a sensor at
/// `activity` with `config`.
///
/// Most registers are set in the order of the program, which is the cheapest for the image.
pub fn compose_into(
    config: &Config,
    activity: Activity,
    extent: Extent,
    image: &mut RegisterImage,
) {
    image.clear();
    thermometer(config, activity, image);
    second_address(config, activity, image);
    if !activity.is_streaming() {
        image.set_in(Phase::Stop, &regs::MODE_SEL, regs::STANDBY.into());
    }
    set!(image, GRP_PARAM_HOLD = 0_u8);
    if extent == Extent::Whole {
        let settings = Settings::of(config);
        image.set_settings(settings);
        input_clock(config, image);
        constants(image);
        link(config, settings.have_dphy_timing(), image);
        clock_tree(config, image);
        geometry(config, image);
        correction(config, image);
    }
    strobe(config, activity, extent, image);
    synchronisation(config, activity, image);
    live(config, activity, image);
    if activity.is_streaming() {
        set!(image, MODE_SEL = regs::STREAMING);
    }
}

/// Sets the thermometer: always on, so that measurements need not wait, except on a source of XVS,
/// where it is off until the stream has started. Otherwise there are occasional extra pulses, each
/// of them a blank frame of the sinks (raspberrypi imx477.c, pull request 6863).
fn thermometer(config: &Config, activity: Activity, image: &mut RegisterImage) {
    match (config.synchronisation(), activity.is_streaming()) {
        (Synchronisation::Source, false) => image.set_in(Phase::Stop, &regs::TEMP_SEN_CTL, 0),
        (Synchronisation::Source, true) => image.set_in(Phase::Started, &regs::TEMP_SEN_CTL, 1),
        // In one write with the input clock, which it follows.
        _ => image.set_in(Phase::Clock, &regs::TEMP_SEN_CTL, 1),
    }
}

fn input_clock(config: &Config, image: &mut RegisterImage) {
    // The nominal frequency, which the true one is close enough to.
    let inck = u64::from(config.link().tree().inck().nominal_hz());
    set!(image, EXCK_FREQ = fixed_point(inck, 1 << 8));
    if let Some(version) = config.part().settings_version {
        set!(image, SETTINGS_VERSION = version);
    }
}

/// Sets what is the same in every program: one exposure per frame, every pixel of the array, no
/// embedded data, a frame length that the exposure does not stretch.
fn constants(image: &mut RegisterImage) {
    set!(
        image,
        DOL_EN = 0_u8,
        DOL_NUM = 0_u8,
        DOL_SEPARATION = 1_u8,
        IVT_PXCK_DIV = VT_PIXEL_DIVIDER,
        FRM_LENGTH_CTL = 0_u8,
        X_EVN_INC = 1_u8,
        X_ODD_INC = 1_u8,
        Y_EVN_INC = 1_u8,
        Y_ODD_INC = 1_u8,
        MANUAL_DATA_PEDESTAL_EN = 1_u8,
        DOL_VC_2ND = 0_u8,
        DOL_VC_3RD = 0_u8,
        POWER_SAVE_ENABLE = 0_u8,
        EBD_SIZE_V = 0_u8,
        FRAME_BLANKSTOP_CL = 0_u8,
        DOL_SEPARATION_VC = 0_u8,
    );
}

fn link(config: &Config, has_dphy_timing: bool, image: &mut RegisterImage) {
    let link = config.link();
    let bits = config.readout().depth().bits();
    // Bits before compression and on the link.
    let format = u16::from_be_bytes([bits, bits]);
    set!(
        image,
        // Of further exposures, which there are none of.
        DOL_DT_FMT_2ND = format,
        DOL_DT_FMT_3RD = format,
        CSI_DT_FMT = format,
        CSI_LANE_MODE = link.lanes().count().saturating_sub(1),
        IOP_PXCK_DIV = bits,
        DPHY_CTRL = match has_dphy_timing {
            true => regs::DPHY_BY_REGISTERS,
            false => regs::DPHY_BY_RATE,
        },
        REQ_LINK_BIT_RATE_MBPS = fixed_point(link.total_rate(), 1 << 16),
    );
}

fn clock_tree(config: &Config, image: &mut RegisterImage) {
    let tree = config.link().tree();
    let pll = tree.pll();
    let link_pll = tree.link_pll();
    let second = link_pll.unwrap_or(config.part().clocks.unused_pll);
    set!(
        image,
        IVT_SYCK_DIV = tree.video_divider(),
        IVT_PREPLLCK_DIV = pll.pre_divider,
        IVT_PLL_MPY = pll.multiplier,
        IOP_SYCK_DIV = tree.link_divider(),
        IOP_PREPLLCK_DIV = second.pre_divider,
        IOP_PLL_MPY = second.multiplier,
        PLL_MULT_DRIV = link_pll.is_some(),
    );
}

fn geometry(config: &Config, image: &mut RegisterImage) {
    let readout = config.readout();
    let analogue = readout.analogue_crop();
    let digital = readout.digital_crop();
    let output = readout.output();
    let factor = readout.binning().factor();
    let scaling = readout.scaling();
    set!(
        image,
        IMG_ORIENTATION = config.orientation().code(),
        X_ADD_STA = analogue.left,
        Y_ADD_STA = analogue.top,
        X_ADD_END = analogue.right(),
        Y_ADD_END = analogue.bottom(),
        X_OUT_SIZE = output.width,
        Y_OUT_SIZE = output.height,
        SCALE_MODE = match scaling == Scaling::NONE {
            true => regs::SCALE_NONE,
            false => regs::SCALE_BOTH,
        },
        SCALE_M = scaling.m(),
        DIG_CROP_X_OFFSET = digital.left,
        DIG_CROP_Y_OFFSET = digital.top,
        DIG_CROP_IMAGE_WIDTH = digital.size.width,
        DIG_CROP_IMAGE_HEIGHT = digital.size.height,
        BINNING_MODE = readout.binning() != Binning::None,
        BINNING_TYPE = (factor << 4) | factor,
        BINNING_WEIGHTING = config.part().binning_weighting,
        ADBIT_MODE = readout.depth() == Depth::Twelve,
    );
}

fn synchronisation(config: &Config, activity: Activity, image: &mut RegisterImage) {
    let recipe = config.synchronisation().recipe(activity.is_streaming());
    set!(
        image,
        XVS_IO_CTRL = recipe.drives_xvs,
        MASTER_SLAVE_SEL = recipe.master,
        MC_MODE = recipe.multi_camera,
        EXTOUT_EN = recipe.drives_xvs,
    );
}

/// Sets both kinds of defect correction together, as raspberrypi imx477.c does, and one gain for all
/// colours, by the global switch of sensors that have it and in each colour's register.
fn correction(config: &Config, image: &mut RegisterImage) {
    set!(
        image,
        MAP_COUP_CORR_EN = config.defect_correction(),
        SING_DEF_CORR_EN = config.defect_correction(),
        DPGA_USE_GLOBAL_GAIN = config.part().gains.global_digital,
    );
}

/// Sets a truncated pulse in each frame, triggered at each start, as raspberrypi imx477.c does.
/// Whether a trigger outlasts a stop is undocumented. A program without strobe has no registers of
/// the pulse.
fn strobe(config: &Config, activity: Activity, extent: Extent, image: &mut RegisterImage) {
    let strobe = config.strobe();
    set!(
        image,
        FLASH_TRIG_RS = strobe.enabled && activity.is_streaming(),
    );
    if !strobe.enabled || extent == Extent::Change {
        return;
    }
    let width = strobe.width(config.link().tree().inck());
    set!(
        image,
        FLASH_STRB_ADJ = width.multiplier,
        FLASH_STRB_START_POINT = strobe.delay_lines,
        FLASH_STRB_DLY_RS = 0_u8,
        FLASH_STRB_WIDTH_H_RS = width.periods,
        FLASH_MD_RS = regs::FLASH_EACH_FRAME | regs::FLASH_TRUNCATED,
    );
}

/// Sets the second address, which is off in standby: writes to it are for the other sensors.
fn second_address(config: &Config, activity: Activity, image: &mut RegisterImage) {
    // With the acknowledgement, or a controller would report a missing device. Several sensors can
    // acknowledge at once, as all pull the line to the same level.
    let listens = activity != Activity::Standby;
    let joined = config.broadcast() && listens;
    set!(
        image,
        SLAVE_ADD_EN_2ND = joined,
        SLAVE_ADD_ACKEN_2ND = joined,
    );
}

/// Sets the registers that latch at the frame boundary, by address.
///
/// In standby there are no frames that they could change: the lengths of frame and line are written
/// with the geometry, which follows them by address, in one write.
fn live(config: &Config, activity: Activity, image: &mut RegisterImage) {
    let lengths = match activity {
        Activity::Standby => Phase::Structure,
        Activity::Armed | Activity::Streaming => Phase::Live,
    };
    let shifts = config.part().shifts;
    let timing = config.timing();
    let exposure = long::Lines::of_exposure(shifts, timing.frame_length, config.exposure());
    let frame = long::Lines::of(timing.frame_length);
    let digital = config.digital_gain().code();

    set!(
        image,
        COARSE_INTEG_TIME = exposure.register,
        ANA_GAIN_GLOBAL = config.analogue_gain().code(),
        DIG_GAIN_GR = digital,
        DIG_GAIN_R = digital,
        DIG_GAIN_B = digital,
        DIG_GAIN_GB = digital,
    );
    image.set_in(lengths, &regs::FRM_LENGTH_LINES, frame.register);
    image.set_in(lengths, &regs::LINE_LENGTH_PCK, timing.line_length);
    set!(image, TP_MODE = config.test_pattern().code());
    // The sensor reads them for this one only.
    if config.test_pattern() == TestPattern::Solid {
        let colours = config.test_colours();
        set!(
            image,
            TD_R = colours.get(Channel::Red),
            TD_GR = colours.get(Channel::GreenRed),
            TD_B = colours.get(Channel::Blue),
            TD_GB = colours.get(Channel::GreenBlue),
        );
    }
    set!(
        image,
        MANUAL_DATA_PEDESTAL_VALUE = config.black_level_code(),
        CIT_LSHIFT = exposure.shift,
    );
    if shifts == Shifts::Separate {
        set!(image, FLL_LSHIFT = frame.shift);
    }
    set!(
        image,
        LINE_LENGTH_INCK = timing.line_length_inck(config.link().tree()),
    );
}

/// Returns a frequency in Hz as MHz in fixed point, where `one` is 1 MHz, rounded to the nearest.
fn fixed_point(hz: u64, one: u64) -> u32 {
    let scaled = hz.saturating_mul(one).saturating_add(500_000) / 1_000_000;
    u32::try_from(scaled).unwrap_or(u32::MAX)
}
