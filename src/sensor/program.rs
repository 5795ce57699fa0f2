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
/// The image sorts what is set. What comes early in a program is set early, as far as what belongs
/// together is not torn apart for that: the less is moved.
pub fn compose_into(
    config: &Config,
    activity: Activity,
    extent: Extent,
    image: &mut RegisterImage,
) {
    image.clear();
    if extent == Extent::Whole {
        let settings = Settings::of(config);
        image.set_settings(settings);
        clock_tree(config, image);
        link(config, settings.have_dphy_timing(), image);
        geometry(config, image);
        constants(config, image);
        strobe(config, image);
    }
    thermometer(config, activity, image);
    changing(config, activity, image);
    let (phase, mode) = match activity.is_streaming() {
        true => (Phase::Start, regs::STREAMING),
        false => (Phase::Stop, regs::STANDBY),
    };
    image.set_in(phase, &regs::MODE_SEL, mode.into());
}

/// Sets the thermometer: always on, so that measurements need not wait, except on a source of XVS,
/// where it is off until the stream has started. Otherwise there are occasional extra pulses, each
/// of them a blank frame of the sinks (raspberrypi imx477.c, pull request 6863).
fn thermometer(config: &Config, activity: Activity, image: &mut RegisterImage) {
    let (phase, on) = match (config.synchronisation(), activity.is_streaming()) {
        (Synchronisation::Source, false) => (Phase::Stop, 0),
        (Synchronisation::Source, true) => (Phase::Started, 1),
        // In one write with the input clock, which it follows.
        _ => (Phase::Clock, 1),
    };
    image.set_in(phase, &regs::TEMP_SEN_CTL, on);
}

/// Sets what is the same in every program of a sensor: one exposure per frame, every pixel of the
/// array, no embedded data, a frame length that the exposure does not stretch. One gain for all
/// colours, by the global switch of sensors that have it and in each colour's register.
fn constants(config: &Config, image: &mut RegisterImage) {
    let part = config.part();
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
        BINNING_WEIGHTING = part.binning_weighting,
        MANUAL_DATA_PEDESTAL_EN = 1_u8,
        DOL_VC_2ND = 0_u8,
        DOL_VC_3RD = 0_u8,
        POWER_SAVE_ENABLE = 0_u8,
        DPGA_USE_GLOBAL_GAIN = part.gains.global_digital,
        EBD_SIZE_V = 0_u8,
        FRAME_BLANKSTOP_CL = 0_u8,
        DOL_SEPARATION_VC = 0_u8,
    );
    if let Some(version) = part.settings_version {
        set!(image, SETTINGS_VERSION = version);
    }
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
        // The nominal frequency, which the true one is close enough to.
        EXCK_FREQ = fixed_point(tree.inck().nominal_hz().into(), 1 << 8),
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
        // Both kinds together, as raspberrypi imx477.c sets them.
        MAP_COUP_CORR_EN = config.defect_correction(),
        SING_DEF_CORR_EN = config.defect_correction(),
        ADBIT_MODE = readout.depth() == Depth::Twelve,
    );
}

/// Sets the pulse of the strobe: truncated, in each frame, as raspberrypi imx477.c does. A program
/// without strobe does not have it.
fn strobe(config: &Config, image: &mut RegisterImage) {
    let strobe = config.strobe();
    if !strobe.enabled {
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

/// Sets the registers that depend on the activity, and those that latch at the frame boundary.
fn changing(config: &Config, activity: Activity, image: &mut RegisterImage) {
    // Off in standby, as writes to the second address are for the other sensors. With the
    // acknowledgement, or a controller would report a missing device: several sensors can
    // acknowledge at once, as all pull the line to the same level.
    let joined = config.broadcast() && activity != Activity::Standby;
    let sync = config.synchronisation().recipe(activity.is_streaming());
    let shifts = config.part().shifts;
    let timing = config.timing();
    let exposure = long::Lines::of_exposure(shifts, timing.frame_length, config.exposure());
    let frame = long::Lines::of(timing.frame_length);
    let digital_gain = config.digital_gain().code();
    set!(
        image,
        SLAVE_ADD_EN_2ND = joined,
        SLAVE_ADD_ACKEN_2ND = joined,
        GRP_PARAM_HOLD = 0_u8,
        // At each start, as raspberrypi imx477.c does: whether a trigger outlasts a stop is
        // undocumented.
        FLASH_TRIG_RS = config.strobe().enabled && activity.is_streaming(),
        XVS_IO_CTRL = sync.drives_xvs,
        MASTER_SLAVE_SEL = sync.master,
        MC_MODE = sync.multi_camera,
        EXTOUT_EN = sync.drives_xvs,
        COARSE_INTEG_TIME = exposure.register,
        ANA_GAIN_GLOBAL = config.analogue_gain().code(),
        DIG_GAIN_GR = digital_gain,
        DIG_GAIN_R = digital_gain,
        DIG_GAIN_B = digital_gain,
        DIG_GAIN_GB = digital_gain,
        TP_MODE = config.test_pattern().code(),
        MANUAL_DATA_PEDESTAL_VALUE = config.black_level_code(),
        CIT_LSHIFT = exposure.shift,
        LINE_LENGTH_INCK = timing.line_length_inck(config.link().tree()),
    );
    if shifts == Shifts::Separate {
        set!(image, FLL_LSHIFT = frame.shift);
    }
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
    // In standby there are no frames that the lengths could change: they are written with the
    // geometry, which follows them by address, in one write.
    let lengths = match activity {
        Activity::Standby => Phase::Structure,
        Activity::Armed | Activity::Streaming => Phase::Live,
    };
    image.set_in(lengths, &regs::FRM_LENGTH_LINES, frame.register);
    image.set_in(lengths, &regs::LINE_LENGTH_PCK, timing.line_length);
}

/// Returns a frequency in Hz as MHz in fixed point, where `one` is 1 MHz, rounded to the nearest.
fn fixed_point(hz: u64, one: u64) -> u32 {
    let scaled = hz.saturating_mul(one).saturating_add(500_000) / 1_000_000;
    u32::try_from(scaled).unwrap_or(u32::MAX)
}
