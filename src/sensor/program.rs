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
        Phase,
        Register, //
    },
    setting::{
        sync::Synchronisation,
        test_pattern::{
            Channel,
            TestPattern, //
        }, //
    },
    timing::long,
    wire::image::RegisterImage, //
};

/// Registers that have the same value in every program: one exposure per frame, every pixel of the
/// array, no embedded data, a frame length that the exposure does not stretch.
const CONSTANTS: [(Register, u8); 16] = [
    (regs::DOL_EN, 0),
    (regs::DOL_NUM, 0),
    (regs::DOL_SEPARATION, 1),
    (regs::IVT_PXCK_DIV, VT_PIXEL_DIVIDER),
    (regs::FRM_LENGTH_CTL, 0),
    (regs::X_EVN_INC, 1),
    (regs::X_ODD_INC, 1),
    (regs::Y_EVN_INC, 1),
    (regs::Y_ODD_INC, 1),
    (regs::MANUAL_DATA_PEDESTAL_EN, 1),
    (regs::DOL_VC_2ND, 0),
    (regs::DOL_VC_3RD, 0),
    (regs::POWER_SAVE_ENABLE, 0),
    (regs::EBD_SIZE_V, 0),
    (regs::FRAME_BLANKSTOP_CL, 0),
    (regs::DOL_SEPARATION_VC, 0),
];

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
    image.set(&regs::GRP_PARAM_HOLD, 0);
    if extent == Extent::Whole {
        standing(config, image);
    }
    strobe(config, activity, extent, image);
    synchronisation(config, activity, image);
    live(config, activity, image);
    if activity.is_streaming() {
        image.set(&regs::MODE_SEL, regs::STREAMING.into());
    }
}

/// Sets the registers that need standby and do not depend on the activity.
fn standing(config: &Config, image: &mut RegisterImage) {
    input_clock(config, image);
    image.set_block(Phase::Global, config.part().blocks.global);
    image.set_block(Phase::Quality, config.part().blocks.quality);
    readout_settings(config, image);
    for (register, value) in &CONSTANTS {
        image.set(register, u32::from(*value));
    }
    link(config, image);
    clock_tree(config, image);
    geometry(config, image);
    defects(config, image);
    // One gain for all colours, by the global switch of sensors that have it and in each colour's
    // register.
    image.set(
        &regs::DPGA_USE_GLOBAL_GAIN,
        u32::from(config.part().gains.global_digital),
    );
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
    image.set(&regs::EXCK_FREQ, fixed_point(inck, 1 << 8));
    image.set_block(Phase::Clock, config.part().blocks.version);
}

fn readout_settings(config: &Config, image: &mut RegisterImage) {
    let readout = config.readout();
    let blocks = config.part().blocks.readout.iter();
    for settings in blocks.filter(|block| block.is_for(readout.binning(), readout.depth())) {
        image.set_block(Phase::Readout, settings.block);
    }
}

fn clock_tree(config: &Config, image: &mut RegisterImage) {
    let tree = config.link().tree();
    let pll = tree.pll();
    image.set(&regs::IVT_SYCK_DIV, u32::from(tree.video_divider()));
    image.set(&regs::IVT_PREPLLCK_DIV, u32::from(pll.pre_divider));
    image.set(&regs::IVT_PLL_MPY, u32::from(pll.multiplier));
    image.set(&regs::IOP_SYCK_DIV, u32::from(tree.link_divider()));
    let link_pll = tree.link_pll();
    image.set(&regs::PLL_MULT_DRIV, u32::from(link_pll.is_some()));
    let link_pll = link_pll.unwrap_or(config.part().clocks.unused_pll);
    image.set(&regs::IOP_PREPLLCK_DIV, u32::from(link_pll.pre_divider));
    image.set(&regs::IOP_PLL_MPY, u32::from(link_pll.multiplier));
}

fn link(config: &Config, image: &mut RegisterImage) {
    let link = config.link();
    let bits = u32::from(config.readout().depth().bits());
    image.set(&regs::CSI_DT_FMT, twice(bits));
    // Unused, as there is one exposure.
    image.set(&regs::DOL_DT_FMT_2ND, twice(bits));
    image.set(&regs::DOL_DT_FMT_3RD, twice(bits));
    image.set(&regs::IOP_PXCK_DIV, bits);
    let lanes = u32::from(link.lanes().count());
    image.set(&regs::CSI_LANE_MODE, lanes.saturating_sub(1));
    let mut tables = config.part().blocks.dphy.iter();
    let table = tables.find(|table| table.link_freq == link.tree().nominal().link_freq());
    let timing = match table {
        Some(table) => {
            image.set_block(Phase::Structure, table.block);
            regs::DPHY_BY_REGISTERS
        }
        None => regs::DPHY_BY_RATE,
    };
    image.set(&regs::DPHY_CTRL, timing);
    image.set(
        &regs::REQ_LINK_BIT_RATE_MBPS,
        fixed_point(link.total_rate(), 1 << 16),
    );
}

fn geometry(config: &Config, image: &mut RegisterImage) {
    let readout = config.readout();

    let analogue = readout.analogue_crop();
    image.set(&regs::X_ADD_STA, u32::from(analogue.left));
    image.set(&regs::Y_ADD_STA, u32::from(analogue.top));
    image.set(&regs::X_ADD_END, u32::from(analogue.right()));
    image.set(&regs::Y_ADD_END, u32::from(analogue.bottom()));
    image.set(
        &regs::IMG_ORIENTATION,
        u32::from(config.orientation().code()),
    );

    let factor = u32::from(readout.binning().factor());
    let binned = readout.binning() != Binning::None;
    image.set(&regs::BINNING_MODE, u32::from(binned));
    image.set(&regs::BINNING_TYPE, (factor << 4) | factor);
    image.set(
        &regs::BINNING_WEIGHTING,
        u32::from(config.part().binning_weighting),
    );

    let digital = readout.digital_crop();
    image.set(&regs::DIG_CROP_X_OFFSET, u32::from(digital.left));
    image.set(&regs::DIG_CROP_Y_OFFSET, u32::from(digital.top));
    image.set(&regs::DIG_CROP_IMAGE_WIDTH, u32::from(digital.size.width));
    image.set(&regs::DIG_CROP_IMAGE_HEIGHT, u32::from(digital.size.height));

    let scaling = readout.scaling();
    let mode = if scaling == Scaling::NONE {
        regs::SCALE_NONE
    } else {
        regs::SCALE_BOTH
    };
    image.set(&regs::SCALE_MODE, mode);
    image.set(&regs::SCALE_M, u32::from(scaling.m()));

    let output = readout.output();
    image.set(&regs::X_OUT_SIZE, u32::from(output.width));
    image.set(&regs::Y_OUT_SIZE, u32::from(output.height));

    let twelve = readout.depth() == Depth::Twelve;
    image.set(&regs::ADBIT_MODE, u32::from(twelve));
}

fn synchronisation(config: &Config, activity: Activity, image: &mut RegisterImage) {
    let recipe = config.synchronisation().recipe(activity.is_streaming());
    image.set(&regs::XVS_IO_CTRL, u32::from(recipe.drives_xvs));
    image.set(&regs::MASTER_SLAVE_SEL, u32::from(recipe.master));
    image.set(&regs::MC_MODE, u32::from(recipe.multi_camera));
    image.set(&regs::EXTOUT_EN, u32::from(recipe.drives_xvs));
}

/// Sets both kinds of defect correction together, as raspberrypi imx477.c does.
fn defects(config: &Config, image: &mut RegisterImage) {
    let corrected = u32::from(config.defect_correction());
    image.set(&regs::MAP_COUP_CORR_EN, corrected);
    image.set(&regs::SING_DEF_CORR_EN, corrected);
}

/// Sets a truncated pulse in each frame, triggered at each start, as raspberrypi imx477.c does.
/// Whether a trigger outlasts a stop is undocumented. A program without strobe has no registers of
/// the pulse.
fn strobe(config: &Config, activity: Activity, extent: Extent, image: &mut RegisterImage) {
    let strobe = config.strobe();
    let triggered = strobe.enabled && activity.is_streaming();
    image.set(&regs::FLASH_TRIG_RS, u32::from(triggered));
    if !strobe.enabled || extent == Extent::Change {
        return;
    }
    let width = strobe.width(config.link().tree().inck());
    image.set(&regs::FLASH_STRB_ADJ, u32::from(width.multiplier));
    image.set(&regs::FLASH_STRB_START_POINT, u32::from(strobe.delay_lines));
    image.set(&regs::FLASH_STRB_DLY_RS, 0);
    image.set(&regs::FLASH_STRB_WIDTH_H_RS, u32::from(width.periods));
    image.set(
        &regs::FLASH_MD_RS,
        regs::FLASH_EACH_FRAME | regs::FLASH_TRUNCATED,
    );
}

/// Sets the second address, which is off in standby: writes to it are for the other sensors.
fn second_address(config: &Config, activity: Activity, image: &mut RegisterImage) {
    // With the acknowledgement, or a controller would report a missing device. Several sensors can
    // acknowledge at once, as all pull the line to the same level.
    let listens = activity != Activity::Standby;
    let joined = u32::from(config.broadcast() && listens);
    image.set(&regs::SLAVE_ADD_EN_2ND, joined);
    image.set(&regs::SLAVE_ADD_ACKEN_2ND, joined);
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
    let digital = u32::from(config.digital_gain().code());
    let colours = config.test_colours();

    image.set(&regs::COARSE_INTEG_TIME, exposure.register);
    image.set(&regs::ANA_GAIN_GLOBAL, config.analogue_gain().code().into());
    image.set(&regs::DIG_GAIN_GR, digital);
    image.set(&regs::DIG_GAIN_R, digital);
    image.set(&regs::DIG_GAIN_B, digital);
    image.set(&regs::DIG_GAIN_GB, digital);
    image.set_in(lengths, &regs::FRM_LENGTH_LINES, frame.register);
    image.set_in(lengths, &regs::LINE_LENGTH_PCK, timing.line_length);
    image.set(&regs::TP_MODE, config.test_pattern().code().into());
    // The sensor reads them for this one only.
    if config.test_pattern() == TestPattern::Solid {
        image.set(&regs::TD_R, colours.get(Channel::Red).into());
        image.set(&regs::TD_GR, colours.get(Channel::GreenRed).into());
        image.set(&regs::TD_B, colours.get(Channel::Blue).into());
        image.set(&regs::TD_GB, colours.get(Channel::GreenBlue).into());
    }
    image.set(
        &regs::MANUAL_DATA_PEDESTAL_VALUE,
        config.black_level_code().into(),
    );
    image.set(&regs::CIT_LSHIFT, exposure.shift.into());
    if shifts == Shifts::Separate {
        image.set(&regs::FLL_LSHIFT, frame.shift.into());
    }
    image.set(
        &regs::LINE_LENGTH_INCK,
        timing.line_length_inck(config.link().tree()),
    );
}

/// Returns the value for both bytes of a format register: bits before compression and on the link.
const fn twice(bits: u32) -> u32 {
    (bits << 8) | bits
}

/// Returns a frequency in Hz as MHz in fixed point, where `one` is 1 MHz, rounded to the nearest.
fn fixed_point(hz: u64, one: u64) -> u32 {
    let scaled = hz.saturating_mul(one).saturating_add(500_000) / 1_000_000;
    u32::try_from(scaled).unwrap_or(u32::MAX)
}
