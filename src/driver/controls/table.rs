// SPDX-License-Identifier: GPL-2.0-only

//! The controls whose values are part of the configuration.

use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::ctrls::{
            Name,
            Range, //
        }, //
    },
    sensor::{
        Channel,
        Config,
        ControlChange,
        Limits,
        Quantity,
        Synchronisation, //
    }, //
};
use kernel::prelude::*;

/// Test patterns by the values of the register, named as in mainline's imx219.c and imx477 drivers.
const TEST_PATTERNS: &[&CStr] = &[
    c"Disabled",
    c"Solid Color",
    c"100% Color Bars",
    c"Fade To Grey Color Bars",
    c"PN9",
];

/// By the values of `enum v4l2_fsm_imx412_synchronisation`.
const SYNCHRONISATIONS: &[&CStr] = &[c"Standalone", c"Source", c"Sink"];

// What applications are told is what the configuration takes.
const _: () = {
    use bindings::*;

    assert!(
        Synchronisation::Standalone.code()
            == v4l2_fsm_imx412_synchronisation_V4L2_FSM_IMX412_SYNCHRONISATION_STANDALONE
    );
    assert!(
        Synchronisation::Source.code()
            == v4l2_fsm_imx412_synchronisation_V4L2_FSM_IMX412_SYNCHRONISATION_SOURCE
    );
    assert!(
        Synchronisation::Sink.code()
            == v4l2_fsm_imx412_synchronisation_V4L2_FSM_IMX412_SYNCHRONISATION_SINK
    );
};

/// How a control looks to applications.
pub(super) enum Kind {
    /// A number, in limits that the rest of the configuration sets.
    Number(fn(&Config) -> Limits),
    /// As `Number`, but applications are told the widest limits of all configurations: they may take a
    /// range that they have read for lasting, as v4l2-compliance does, and the units of this one change
    /// with the format.
    Level(fn(&Config) -> Limits, Quantity),
    /// On or off.
    Switch,
    /// One of these, by its place.
    Menu(&'static [&'static CStr]),
}

/// What depends on a control beside the registers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Nothing: it can be set at any time.
    Live,
    /// The sensor must be in standby: it cannot be set while streaming.
    Standby,
    /// As `Standby`, and the format follows.
    Layout,
}

/// A control whose value is part of the configuration.
pub(super) struct Row {
    pub(super) name: Name,
    pub(super) kind: Kind,
    pub(super) scope: Scope,
    pub(super) value: fn(&Config) -> u32,
    pub(super) change: fn(u32) -> ControlChange,
}

impl Row {
    /// What applications are told that a number may be.
    pub(super) fn range(&self, config: &Config) -> Option<Range> {
        match self.kind {
            Kind::Number(limits) => Some(limits(config).into()),
            Kind::Level(limits, quantity) => Some(
                Limits {
                    default: limits(config).default,
                    ..Config::widest_limits(config.part(), quantity)
                }
                .into(),
            ),
            Kind::Switch | Kind::Menu(_) => None,
        }
    }

    /// The value that an application gets if it asks for `wanted`, where `config` is the rest of the
    /// change. V4L2 itself treats numbers like this, and has refused what no menu or switch has.
    pub(super) fn nearest(&self, config: &Config, wanted: i64) -> Result<u32> {
        match self.kind {
            Kind::Number(limits) | Kind::Level(limits, _) => {
                let wanted = u32::try_from(wanted.max(0)).unwrap_or(u32::MAX);

                Ok(limits(config).nearest(wanted))
            }
            Kind::Switch | Kind::Menu(_) => Ok(u32::try_from(wanted)?),
        }
    }
}

impl From<Limits> for Range {
    fn from(limits: Limits) -> Self {
        Self {
            min: limits.min.into(),
            max: limits.max.into(),
            step: limits.step.into(),
            default: limits.default.into(),
        }
    }
}

/// One component of the solid test pattern.
const fn colour_row(id: u32, value: fn(&Config) -> u32, change: fn(u32) -> ControlChange) -> Row {
    Row {
        name: Name::standard(id),
        kind: Kind::Number(|_| Config::test_colour_limits()),
        scope: Scope::Live,
        value,
        change,
    }
}

/// Membership in the group of the sensor's bus, for sensors that have one.
static BROADCAST: Row = Row {
    name: Name::private(bindings::V4L2_CID_FSM_IMX412_BROADCAST, c"Broadcast"),
    kind: Kind::Switch,
    scope: Scope::Standby,
    value: |config| u32::from(config.broadcast()),
    change: ControlChange::Broadcast,
};

/// All controls of a sensor, each behind those that limit it.
pub(super) fn rows(grouped: bool) -> impl Iterator<Item = &'static Row> {
    // Initialisers have a method of this name, too.
    Iterator::chain(ROWS.iter(), grouped.then_some(&BROADCAST))
}

/// Those that every sensor has.
static ROWS: [Row; 15] = [
    Row {
        name: Name::standard(bindings::V4L2_CID_HBLANK),
        kind: Kind::Number(Config::horizontal_blanking_limits),
        scope: Scope::Live,
        value: Config::horizontal_blanking,
        change: ControlChange::HorizontalBlanking,
    },
    Row {
        name: Name::standard(bindings::V4L2_CID_VBLANK),
        kind: Kind::Number(Config::vertical_blanking_limits),
        scope: Scope::Live,
        value: Config::vertical_blanking,
        change: ControlChange::VerticalBlanking,
    },
    Row {
        name: Name::standard(bindings::V4L2_CID_EXPOSURE),
        kind: Kind::Number(Config::exposure_limits),
        scope: Scope::Live,
        value: Config::exposure,
        change: ControlChange::Exposure,
    },
    Row {
        name: Name::standard(bindings::V4L2_CID_ANALOGUE_GAIN),
        kind: Kind::Number(|_| Config::analogue_gain_limits()),
        scope: Scope::Live,
        value: |config| u32::from(config.analogue_gain().code()),
        change: ControlChange::AnalogueGain,
    },
    Row {
        name: Name::standard(bindings::V4L2_CID_DIGITAL_GAIN),
        kind: Kind::Number(|_| Config::digital_gain_limits()),
        scope: Scope::Live,
        value: |config| u32::from(config.digital_gain().code()),
        change: ControlChange::DigitalGain,
    },
    Row {
        name: Name::standard(bindings::V4L2_CID_HFLIP),
        kind: Kind::Switch,
        scope: Scope::Layout,
        value: |config| u32::from(config.horizontal_flip()),
        change: ControlChange::HorizontalFlip,
    },
    Row {
        name: Name::standard(bindings::V4L2_CID_VFLIP),
        kind: Kind::Switch,
        scope: Scope::Layout,
        value: |config| u32::from(config.vertical_flip()),
        change: ControlChange::VerticalFlip,
    },
    Row {
        name: Name::private(
            bindings::V4L2_CID_FSM_IMX412_BLACK_LEVEL,
            c"Sensor Black Level",
        ),
        kind: Kind::Level(Config::black_level_limits, Quantity::BlackLevel),
        scope: Scope::Live,
        value: Config::black_level,
        change: ControlChange::BlackLevel,
    },
    Row {
        name: Name::private(
            bindings::V4L2_CID_FSM_IMX412_DEFECT_CORRECTION,
            c"Defect Correction",
        ),
        kind: Kind::Switch,
        scope: Scope::Standby,
        value: |config| u32::from(config.defect_correction()),
        change: ControlChange::DefectCorrection,
    },
    Row {
        name: Name::private(
            bindings::V4L2_CID_FSM_IMX412_SYNCHRONISATION,
            c"Synchronisation",
        ),
        kind: Kind::Menu(SYNCHRONISATIONS),
        scope: Scope::Standby,
        value: |config| config.synchronisation().code(),
        change: ControlChange::Synchronisation,
    },
    Row {
        name: Name::standard(bindings::V4L2_CID_TEST_PATTERN),
        kind: Kind::Menu(TEST_PATTERNS),
        scope: Scope::Live,
        value: |config| u32::from(config.test_pattern().code()),
        change: ControlChange::TestPattern,
    },
    colour_row(
        bindings::V4L2_CID_TEST_PATTERN_RED,
        |config| u32::from(config.test_colours().get(Channel::Red)),
        |value| ControlChange::TestColour(Channel::Red, value),
    ),
    colour_row(
        bindings::V4L2_CID_TEST_PATTERN_GREENR,
        |config| u32::from(config.test_colours().get(Channel::GreenRed)),
        |value| ControlChange::TestColour(Channel::GreenRed, value),
    ),
    colour_row(
        bindings::V4L2_CID_TEST_PATTERN_BLUE,
        |config| u32::from(config.test_colours().get(Channel::Blue)),
        |value| ControlChange::TestColour(Channel::Blue, value),
    ),
    colour_row(
        bindings::V4L2_CID_TEST_PATTERN_GREENB,
        |config| u32::from(config.test_colours().get(Channel::GreenBlue)),
        |value| ControlChange::TestColour(Channel::GreenBlue, value),
    ),
];
