// SPDX-License-Identifier: GPL-2.0-only

//! The registers behind each control, against what public drivers write.

use imx412_host::sensor::part::IMX577;
use imx412_host::sensor::regs::{self, Latch, Phase};
use imx412_host::sensor::{
    setting::temperature, Activity, BayerOrder, Board, Change, Config, Depth, Known, Readout,
    Setting, Synchronisation, WriteLimit,
};
use proptest::prelude::*;

use super::decode::{image_of, registers_at, registers_of, value};
use super::strategies::configured;

fn board() -> Board {
    Board::new(24_000_000, 4, &[1_050_000_000], &IMX577).expect("a board")
}

fn default_config() -> Config {
    Config::default_for(&board())
}

fn with(config: Config, change: Change) -> Config {
    config
        .with(change)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn byte(config: &Config, address: u16) -> u32 {
    value(&registers_of(config), address, 1)
}

fn sync(mode: Synchronisation) -> Config {
    with(default_config(), Setting::Synchronisation.to(mode.code()))
}

/// Returns the bytes that take a sensor from one configuration and activity to the next, in the
/// order of the bus.
fn written(before: (&Config, Activity), after: (&Config, Activity)) -> Vec<(u16, u8)> {
    let mut known = Known::new();
    known.commit(&image_of(before.0, before.1));
    let image = image_of(after.0, after.1);
    let limit = WriteLimit::new(3).expect("one register at a time");
    let bursts: Vec<_> = image.diff(&known).bursts(limit).collect();
    bursts.iter().flat_map(|burst| burst.bytes()).collect()
}

/// raspberrypi imx477.c: bit 0 mirrors, bit 1 flips, and its table of media bus codes follows.
#[test]
fn flips_and_the_order_of_colours() {
    for (horizontal, vertical, register, order) in [
        (0, 0, 0, BayerOrder::Rggb),
        (1, 0, 1, BayerOrder::Grbg),
        (0, 1, 2, BayerOrder::Gbrg),
        (1, 1, 3, BayerOrder::Bggr),
    ] {
        let config = with(default_config(), Setting::HorizontalFlip.to(horizontal));
        let config = with(config, Setting::VerticalFlip.to(vertical));
        assert_eq!(byte(&config, 0x0101), register);
        assert_eq!(config.bayer_order(), order);
        assert_eq!(u32::from(config.horizontal_flip()), horizontal);
        assert_eq!(u32::from(config.vertical_flip()), vertical);
    }
}

/// FRAMOS fr_imx412.c: 0x3030 on, 0x3032 counts 12 bits: RAW10 shifted by two, RAW8 by four.
#[test]
fn black_levels_at_each_depth() {
    for (depth, default, max, shift) in [
        (Depth::Eight, 16, 63, 4),
        (Depth::Ten, 64, 255, 2),
        (Depth::Twelve, 256, 1023, 0),
    ] {
        let config = default_config().with_readout(Readout::full_frame(depth));
        let limits = config.limits(Setting::BlackLevel);
        assert_eq!((limits.min, limits.max), (0, max));
        assert_eq!((limits.default, config.black_level()), (default, default));
        for level in [0, 1, default, max] {
            let config = with(config, Setting::BlackLevel.to(level));
            let registers = registers_of(&config);
            assert_eq!(value(&registers, 0x3030, 1), 1);
            assert_eq!(value(&registers, 0x3032, 2), level << shift);
            assert_eq!(config.black_level(), level);
        }
    }
}

/// What is black stays so when the depth changes, also by way of one that cannot tell it.
#[test]
fn a_black_level_survives_a_change_of_depth() {
    let at = |config: Config, depth| config.with_readout(Readout::full_frame(depth));
    let config = with(
        at(default_config(), Depth::Twelve),
        Setting::BlackLevel.to(1023),
    );
    let ten = at(config, Depth::Ten);
    assert_eq!(ten.black_level(), 255);
    assert_eq!(at(ten, Depth::Eight).black_level(), 63);
    assert_eq!(at(ten, Depth::Twelve).black_level(), 1023);
    assert_eq!(value(&registers_of(&ten), 0x3032, 2), 1023);
}

/// raspberrypi imx477.c writes both together, on unless its dpc_enable says otherwise.
#[test]
fn defect_correction_is_one_switch_for_two_registers() {
    assert!(default_config().defect_correction());
    for on in [0, 1] {
        let config = with(default_config(), Setting::DefectCorrection.to(on));
        assert_eq!((byte(&config, 0x0B05), byte(&config, 0x0B06)), (on, on));
    }
}

/// The recipes of raspberrypi imx477.c, as MC_MODE, MASTER_SLAVE_SEL, XVS_IO_CTRL and EXTOUT_EN.
#[test]
fn synchronisation_is_as_raspberry_pi_s() {
    for (mode, recipe) in [
        (Synchronisation::Standalone, [0, 1, 0, 0]),
        (Synchronisation::Source, [1, 1, 1, 1]),
        (Synchronisation::Sink, [1, 0, 0, 0]),
    ] {
        let registers = registers_at(&sync(mode), Activity::Streaming);
        assert_eq!(
            [0x3F0B, 0x3041, 0x3040, 0x4B81].map(|address| value(&registers, address, 1)),
            recipe,
            "{mode:?}"
        );
        assert_eq!(Synchronisation::new(mode.code()), Some(mode));
    }
}

/// The board tells with which synchronisation to start.
#[test]
fn a_board_starts_with_its_own_synchronisation() {
    for mode in Synchronisation::ALL {
        let mut board = board();
        board.set_synchronisation(mode);
        assert_eq!(Config::default_for(&board).synchronisation(), mode);
        let limits = Config::default_for(&board).limits(Setting::Synchronisation);
        assert_eq!((limits.min, limits.max), (0, 2));
    }
}

/// As raspberrypi imx477.c: the stream is stopped first, then XVS is let go; it is driven again
/// before the stream starts, and the thermometer is on only once it has.
#[test]
fn xvs_is_driven_and_the_thermometer_of_a_source_on_within_a_stream_alone() {
    let source = sync(Synchronisation::Source);
    let (standby, streaming) = ((&source, Activity::Standby), (&source, Activity::Streaming));
    assert_eq!(
        written(standby, streaming),
        [(0x3040, 1), (0x4B81, 1), (0x0100, 1), (0x0138, 1)]
    );
    assert_eq!(
        written(streaming, standby),
        [(0x0100, 0), (0x0138, 0), (0x3040, 0), (0x4B81, 0)]
    );
}

fn strobe(output: u32, duration_us: u32, delay_lines: u32) -> Config {
    let config = with(default_config(), Setting::StrobeOutput.to(output));
    let config = with(config, Setting::StrobeDuration.to(duration_us));
    with(config, Setting::StrobeDelay.to(delay_lines))
}

/// As raspberrypi imx477.c (pull request 6945): in each frame, truncated, no further delay, triggered ahead
/// of each start.
#[test]
fn a_strobe_is_triggered_ahead_of_each_start() {
    let lit = strobe(1, 500, 3040);
    let registers = registers_at(&lit, Activity::Streaming);
    for (address, bytes, expected) in [
        (0x0C12, 1, 1),
        (0x0C14, 2, 3040),
        (0x0C16, 2, 0),
        (0x0C18, 2, 12_000),
        (0x0C1A, 1, 3),
        (0x0C1B, 1, 1),
    ] {
        assert_eq!(value(&registers, address, bytes), expected, "{address:#x}");
    }
    let (standby, streaming) = ((&lit, Activity::Standby), (&lit, Activity::Streaming));
    assert_eq!(written(standby, streaming), [(0x0C1B, 1), (0x0100, 1)]);
    assert_eq!(written(streaming, standby), [(0x0100, 0), (0x0C1B, 0)]);

    let dark = strobe(0, 500, 3040);
    let registers = registers_at(&dark, Activity::Streaming);
    assert_eq!(value(&registers, 0x0C1B, 1), 0);
}

/// Mainline's ccs-core.c: a pulse is not shorter than requested, with the finest steps that hold it.
#[test]
fn strobe_widths_are_rounded_up_in_the_finest_steps() {
    for (us, multiplier, periods) in [
        (1, 1, 24),
        (2730, 1, 65_520),
        // 65544 periods.
        (2731, 2, 32_772),
        // 400008 periods, in steps of 7.
        (16_667, 7, 57_144),
        (696_309, 255, 65_535),
    ] {
        let registers = registers_at(&strobe(1, us, 0), Activity::Streaming);
        let found = (value(&registers, 0x0C12, 1), value(&registers, 0x0C18, 2));
        assert_eq!(found, (multiplier, periods), "{us} us");
    }
    let limits = default_config().limits(Setting::StrobeDuration);
    assert_eq!((limits.min, limits.max, limits.default), (1, 696_309, 1000));
}

/// FRAMOS fr_imx412.c and Intel kmb-imx412.c: 0x3010 listens, 0x3011 acknowledges.
#[test]
fn the_second_address_is_joined_and_left_at_once() {
    let alone = default_config();
    let joined = with(alone, Setting::Broadcast.to(1));
    assert!(joined.broadcast() && !alone.broadcast());
    for activity in [Activity::Armed, Activity::Streaming] {
        let (alone, joined) = ((&alone, activity), (&joined, activity));
        assert_eq!(written(alone, joined), [(0x3010, 1), (0x3011, 1)]);
        assert_eq!(written(joined, alone), [(0x3010, 0), (0x3011, 0)]);
    }
    // In standby it would take over what is meant for others.
    assert_eq!(
        written((&alone, Activity::Standby), (&joined, Activity::Standby)),
        []
    );
}

/// What joins a group is in it before what the group is to do with it.
#[test]
fn the_second_address_comes_first() {
    let start = default_config();
    let joined = with(start, Setting::Broadcast.to(1));
    let next = with(joined, Setting::Exposure.to(99));
    assert_eq!(
        written((&start, Activity::Streaming), (&next, Activity::Streaming)),
        [
            (0x3010, 1),
            (0x3011, 1),
            (0x0104, 1),
            (0x0202, 0),
            (0x0203, 99),
            (0x0104, 0)
        ]
    );
}

/// libcamera's helper for the IMX477: signed degrees, cut off at what the thermometer can tell.
#[test]
fn temperatures_are_signed_and_limited() {
    for (raw, celsius) in [
        (0x00, 0),
        (0x19, 25),
        (0x50, 80),
        (0x51, 80),
        (0x7f, 80),
        (0xff, -1),
        (0xec, -20),
        (0xeb, -20),
        (0x80, -20),
    ] {
        assert_eq!(temperature::celsius(raw), celsius);
    }
    assert_eq!(regs::TEMP_SEN_OUT.address, 0x013A);
    assert_eq!(regs::TEMP_SEN_OUT.latch, Latch::ReadOnly);
    assert_eq!(byte(&default_config(), 0x0138), 1);
    assert_eq!(regs::TEMP_SEN_CTL.phase(), Some(Phase::AnyTime));
}

proptest! {
    /// Settings that are no part of the readout do not depend on it.
    #[test]
    fn a_new_readout_keeps_what_it_is_not_about((_, config) in configured(), twelve in any::<bool>()) {
        let depth = if twelve { Depth::Twelve } else { Depth::Ten };
        let next = config.with_readout(Readout::full_frame(depth));
        prop_assert_eq!(next.orientation(), config.orientation());
        prop_assert_eq!(next.defect_correction(), config.defect_correction());
        prop_assert_eq!(next.synchronisation(), config.synchronisation());
        prop_assert_eq!(next.broadcast(), config.broadcast());
        let back = next.with_readout(*config.readout());
        prop_assert_eq!(back.black_level(), config.black_level());
    }

    /// No program leaves XVS driven in standby.
    #[test]
    fn outputs_are_parked_in_standby((_, config) in configured()) {
        for activity in [Activity::Standby, Activity::Armed] {
            let parked = registers_at(&config, activity);
            prop_assert_eq!((value(&parked, 0x3040, 1), value(&parked, 0x4B81, 1)), (0, 0));
        }
    }
}
