// SPDX-License-Identifier: GPL-2.0-only

//! Contents of register programs, and changes that need standby.

use std::collections::BTreeSet;

use imx412_host::sensor::part::{Block, SettingsBlock, Shifts, IMX412};
use imx412_host::sensor::program::{self, Extent};
use imx412_host::sensor::readout::{modes, Binning};
use imx412_host::sensor::regs::{self, Latch, Phase};
use imx412_host::sensor::{
    Activity, Board, Config, Depth, Known, Part, Readout, RegisterImage, Setting, TestPattern,
    WriteLimit,
};
use proptest::prelude::*;

use super::decode::{image_of, registers_of, value, RESET};
use super::strategies::{activity, configured, live_step};

/// Returns a sensor that was brought to `activity` with `config`.
fn holding(config: &Config, activity: Activity) -> Known {
    let mut known = Known::new();
    known.commit(&image_of(config, activity));
    known
}

fn default_config() -> Config {
    let board = Board::new(24_000_000, 4, &[1_050_000_000], &IMX412);
    Config::default_for(&board.expect("a board"))
}

fn block_len(block: Block) -> usize {
    block.runs().map(|(_, bytes)| bytes.len()).sum()
}

#[test]
fn manufacturer_blocks_are_complete() {
    let bytes = |phase| -> usize {
        let blocks = IMX412.settings.iter();
        let of_phase = blocks.filter(|settings| settings.phase == phase);
        of_phase.map(|settings| block_len(settings.block)).sum()
    };
    assert_eq!(bytes(Phase::Global), 108);
    assert_eq!(bytes(Phase::Quality), 64);
}

/// Whatever a sensor has held: a program writes all of its registers, or says that it would leave traces.
#[test]
fn every_mode_at_every_link_says_what_it_leaves() {
    for part in Part::ALL {
        // D-PHY timing of public programs, and that which the sensor computes.
        let board = Board::new(24_000_000, 4, &[450_000_000, 600_000_000], part);
        let board = board.expect("a board");
        let configs: Vec<_> = [0, 1]
            .into_iter()
            .flat_map(|link| (1..=modes::count(part)).map(move |mode| (link, mode)))
            .map(|(link, mode)| {
                let config = Config::default_for(&board).with_link(&board, link);
                let readout = modes::mode_readout(part, mode).expect("a mode");
                config.expect("a link").with_readout(readout)
            })
            .collect();
        let mut leaving = 0;
        for before in &configs {
            let known = holding(before, Activity::Standby);
            let held: BTreeSet<_> = registers_of(before).into_keys().collect();
            for after in &configs {
                let written = registers_of(after).into_keys().collect();
                let leaves = image_of(after, Activity::Standby)
                    .diff(&known)
                    .leaves_traces();
                assert_eq!(leaves, !held.is_subset(&written), "{}", part.label);
                leaving += usize::from(leaves);
            }
        }
        let is_imx477 = ["IMX477", "IMX378"].contains(&part.label);
        assert_eq!(leaving > 0, is_imx477, "{}", part.label);
    }
}

/// A readout must not find what another has left: all write the same registers.
#[test]
fn the_settings_of_every_readout_are_for_the_same_registers() {
    let written = |binning, depth: Depth| -> BTreeSet<u16> {
        let blocks = IMX412.settings.iter();
        let is_for = |settings: &&SettingsBlock| {
            settings.binning.is_none_or(|only| only == binning)
                && settings
                    .converter_bits
                    .is_none_or(|only| only == depth.converter_bits())
        };
        blocks
            .filter(is_for)
            .flat_map(|settings| settings.block.runs())
            .flat_map(|(first, values)| (first..).take(values.len()))
            .collect()
    };
    for binning in [Binning::None, Binning::TwoByTwo] {
        for depth in [Depth::Eight, Depth::Ten, Depth::Twelve] {
            assert_eq!(
                written(binning, depth),
                written(Binning::None, Depth::Ten),
                "{binning:?} {depth:?}"
            );
        }
    }
}

#[test]
fn mainline_s_odd_value_at_0x9232_is_not_taken_over() {
    let registers = registers_of(&default_config());
    assert_eq!(registers.get(&0x9232), Some(&0xB2));
}

#[test]
fn test_patterns_and_their_colours_are_in_the_program() {
    let changes = [
        Setting::TestPattern.to(1),
        Setting::TestRed.to(0x111),
        Setting::TestGreenRed.to(0x222),
        Setting::TestBlue.to(0x333),
        Setting::TestGreenBlue.to(0x444),
    ];
    let config = changes
        .into_iter()
        .try_fold(default_config(), |config, change| config.with(change));
    let registers = registers_of(&config.expect("valid changes"));
    let read = |address| value(&registers, address, 2);
    assert_eq!(
        [0x0600, 0x0602, 0x0604, 0x0606, 0x0608].map(read),
        [1, 0x111, 0x222, 0x333, 0x444]
    );
    assert_eq!(value(&registers_of(&default_config()), 0x0600, 2), 0);
}

#[test]
fn gain_is_the_same_for_all_colours() {
    let config = default_config()
        .with(Setting::DigitalGain.to(0x0234))
        .and_then(|config| config.with(Setting::AnalogueGain.to(978)))
        .expect("valid gains");
    let registers = registers_of(&config);
    let read = |address| value(&registers, address, 2);
    assert_eq!([0x020E, 0x0210, 0x0212, 0x0214].map(read), [0x0234; 4]);
    assert_eq!(read(0x0204), 978);
}

#[test]
fn what_needs_standby_is_told_from_what_does_not() {
    let streaming = default_config();
    let known = holding(&streaming, Activity::Streaming);
    let check_at = |config: Config, activity: Activity, standby: bool| {
        let image = image_of(&config, activity);
        let diff = image.diff(&known);
        assert!(!diff.is_empty());
        assert_eq!(diff.needs_standby(), standby);
    };
    let check = |config, standby| check_at(config, Activity::Streaming, standby);
    check(
        streaming.with(Setting::Exposure.to(100)).expect("valid"),
        false,
    );
    check(
        streaming
            .with(Setting::HorizontalBlanking.to(1456))
            .expect("valid"),
        false,
    );
    check(
        streaming.with(Setting::TestPattern.to(4)).expect("valid"),
        false,
    );
    check_at(streaming, Activity::Standby, false);
    check(
        streaming.with_readout(Readout::full_frame(Depth::Twelve)),
        true,
    );
}

/// Going from one depth to the other while streaming takes a stop; being stopped already, or not
/// wanting to stream, does not.
#[test]
fn a_stop_is_needed_where_a_streaming_sensor_needs_standby() {
    let twelve = default_config().with_readout(Readout::full_frame(Depth::Twelve));
    for (before, after, stop) in [
        (Activity::Streaming, Activity::Streaming, true),
        (Activity::Standby, Activity::Streaming, false),
        (Activity::Streaming, Activity::Standby, false),
    ] {
        let known = holding(&default_config(), before);
        let image = image_of(&twelve, after);
        let diff = image.diff(&known);
        assert!(diff.needs_standby());
        assert_eq!(diff.needs_stop(), stop);
    }
}

/// A bound sensor has both, and they pass over the kernel's stack.
#[test]
fn images_stay_small() {
    assert!(size_of::<RegisterImage>() <= 432);
    assert!(size_of::<Known>() <= 288);
}

#[test]
fn a_cold_start_leaves_out_what_reset_gives() {
    let image = image_of(&default_config(), Activity::Standby);
    let known = Known::new();
    let cold: Vec<_> = image
        .diff(&known)
        .entries()
        .map(|entry| entry.address)
        .collect();
    assert_eq!(cold.len(), image.entries().count() - RESET.len());
    assert!(!RESET.iter().any(|address| cold.contains(address)));
}

proptest! {
    /// Order inside a phase carries no meaning, and no phase overrides another.
    #[test]
    fn a_program_has_each_address_once_in_the_order_of_phases(
        (_, config) in configured(), activity in activity(),
    ) {
        let image = image_of(&config, activity);
        let entries: Vec<_> = image.entries().collect();
        let addresses: BTreeSet<_> = entries.iter().map(|entry| entry.address).collect();
        prop_assert_eq!(addresses.len(), entries.len());
        for pair in entries.windows(2) {
            prop_assert!((pair[0].phase, pair[0].address) < (pair[1].phase, pair[1].address));
        }

        // A start comes last but for what waits for it, a stop first but for what takes effect at once.
        let (mode, value) = if activity.is_streaming() {
            (entries.iter().rfind(|entry| entry.phase < Phase::Started), 1)
        } else {
            (entries.iter().find(|entry| entry.phase > Phase::AnyTime), 0)
        };
        let mode = mode.map(|entry| (entry.address, entry.value));
        prop_assert_eq!(mode, Some((regs::MODE_SEL.address, value)));
    }

    /// No program inherits a value from the one before it: it writes all that the other has written, or
    /// says that it would leave traces, which a reset ends.
    #[test]
    fn no_program_inherits_a_value((board, config) in configured(), activity in activity()) {
        let addresses = |config| registers_of(config).into_keys().collect::<BTreeSet<_>>();
        let default = Config::default_for(&board);
        let (before, after) = (addresses(&config), addresses(&default));
        let known = holding(&config, activity);
        let image = image_of(&default, activity);
        prop_assert_eq!(image.diff(&known).leaves_traces(), !before.is_subset(&after));
        // Of a strobe, and of the solid pattern, a program without says only that it is off.
        let is_plain = !config.strobe().enabled && config.test_pattern() != TestPattern::Solid;
        if config.part().chip_id == 0x0577 && is_plain {
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn phases_follow_from_the_marks_of_the_map(
        (_, config) in configured(), activity in activity(),
    ) {
        for entry in image_of(&config, activity).entries() {
            match regs::find(entry.address) {
                Some(register) => {
                    // Written in one with the input clock, unless it has to wait for a start.
                    if register.register == regs::TEMP_SEN_CTL {
                        continue;
                    }
                    // In standby in one with the geometry.
                    let lengths = [regs::FRM_LENGTH_LINES, regs::LINE_LENGTH_PCK];
                    if activity == Activity::Standby && lengths.contains(&register.register) {
                        prop_assert_eq!(entry.phase, Phase::Structure);
                        continue;
                    }
                    if !matches!(entry.phase, Phase::Stop | Phase::Started) {
                        prop_assert_eq!(Some(entry.phase), register.phase());
                    }
                    let standby = matches!(register.latch, Latch::Standby(_));
                    prop_assert_eq!(entry.phase.needs_standby(), standby);
                }
                // Manufacturer registers are undocumented, so they are not written while streaming.
                None => prop_assert!(entry.phase.needs_standby()),
            }
        }
        // A reset is no part of a program: it comes before one.
        let programmed = |known: &&regs::Described| {
            let register = known.register;
            let is_ours = register != regs::FLL_LSHIFT || config.part().shifts == Shifts::Separate;
            let is_of_a_pulse = (0x0C12..0x0C1B).contains(&register.address);
            let is_a_colour = (0x0602..0x060A).contains(&register.address);
            register.phase().is_some()
                && register != regs::SW_RESET
                && is_ours
                && (register != regs::SETTINGS_VERSION || config.part().settings_version.is_some())
                && (!is_of_a_pulse || config.strobe().enabled)
                && (!is_a_colour || config.test_pattern() == TestPattern::Solid)
        };
        for register in regs::ALL.iter().filter(programmed) {
            let registers = registers_of(&config);
            prop_assert!(registers.contains_key(&register.address), "{} is unused", register.name);
        }
    }

    /// What a driver composes of a sensor that has had its program.
    #[test]
    fn a_sensor_that_has_its_program_lacks_what_can_change_and_no_more(
        (board, config) in configured(),
        step in live_step(),
        (before, after) in (activity(), activity()),
    ) {
        let known = holding(&config, before);
        let next = step.apply(&board, config);
        let mut change = RegisterImage::new();
        program::compose_into(&next, after, Extent::Change, &mut change);
        prop_assert!(next.stands_as(&config));

        let whole = image_of(&next, after);
        let entries = |image: &RegisterImage| -> Vec<_> {
            image.diff(&known).entries().collect()
        };
        prop_assert_eq!(entries(&change), entries(&whole));
        let bursts = |image: &RegisterImage| -> Vec<_> {
            image.diff(&known).bursts(WriteLimit::UNLIMITED).collect()
        };
        prop_assert_eq!(bursts(&change), bursts(&whole));
    }

    /// Else the whole of it is composed.
    #[test]
    fn configurations_that_differ_in_standby_do_not_stand_as_each_other(
        (board, config) in configured(), activity in activity(),
    ) {
        let other = Config::default_for(&board);
        let standing = |config| -> Vec<_> {
            let mut change = RegisterImage::new();
            program::compose_into(config, activity, Extent::Change, &mut change);
            let changes = |address| change.entries().any(|entry| entry.address == address);
            let image = image_of(config, activity);
            image.entries().filter(|entry| !changes(entry.address)).collect()
        };
        if config.stands_as(&other) {
            prop_assert_eq!(standing(&config), standing(&other));
        } else {
            prop_assert!(config.link() != other.link()
                || config.readout() != other.readout()
                || config.orientation() != other.orientation()
                || config.strobe() != other.strobe()
                || config.defect_correction() != other.defect_correction());
        }
    }

    #[test]
    fn a_start_from_cold_writes_frame_length_and_geometry_at_once((_, config) in configured()) {
        let image = image_of(&config, Activity::Standby);
        let known = Known::new();
        let mut bursts = image.diff(&known).bursts(WriteLimit::UNLIMITED);
        let geometry = bursts.find(|burst| burst.address() == regs::FRM_LENGTH_LINES.address);
        let last = regs::FRM_LENGTH_CTL.address;
        prop_assert!(geometry.is_some_and(|burst| burst.bytes().any(|(address, _)| address == last)));
    }

    #[test]
    fn controls_never_need_standby(
        (board, config) in configured(), step in live_step(), activity in activity(),
    ) {
        let known = holding(&config, activity);
        let next = image_of(&step.apply(&board, config), activity);
        let diff = next.diff(&known);
        prop_assert_eq!(diff.is_live(), activity.is_streaming());
        if activity != Activity::Standby {
            prop_assert!(!diff.needs_standby());
            let at_any_time = [Phase::AnyTime, Phase::Live];
            prop_assert!(diff.entries().all(|entry| at_any_time.contains(&entry.phase)));
        }
    }
}
