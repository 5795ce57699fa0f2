// SPDX-License-Identifier: GPL-2.0-only

//! The V4L2 controls of the settings of a sensor.

use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::ctrls::{
            Id,
            Name,
            Range,
            Text, //
        }, //
    },
    sensor::{
        readout::modes,
        Config,
        Kind,
        Limits,
        Part,
        Setting,
        Synchronisation,
        TestPattern, //
    }, //
};

// The codes in the UAPI header are those of the settings.
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

/// A setting as a control.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) setting: Setting,
    pub(crate) id: Id,
    // Of private controls.
    text: Option<Text>,
}

impl Row {
    /// Returns the control of a setting.
    const fn of(setting: Setting) -> Self {
        use bindings::*;

        let name = match setting {
            Setting::HorizontalBlanking => Name::standard(V4L2_CID_HBLANK),
            Setting::VerticalBlanking => Name::standard(V4L2_CID_VBLANK),
            Setting::Exposure => Name::standard(V4L2_CID_EXPOSURE),
            Setting::AnalogueGain => Name::standard(V4L2_CID_ANALOGUE_GAIN),
            Setting::DigitalGain => Name::standard(V4L2_CID_DIGITAL_GAIN),
            Setting::HorizontalFlip => Name::standard(V4L2_CID_HFLIP),
            Setting::VerticalFlip => Name::standard(V4L2_CID_VFLIP),
            Setting::BlackLevel => {
                Name::private(V4L2_CID_FSM_IMX412_BLACK_LEVEL, c"Sensor Black Level")
            }
            Setting::DefectCorrection => {
                Name::private(V4L2_CID_FSM_IMX412_DEFECT_CORRECTION, c"Defect Correction")
            }
            Setting::Synchronisation => {
                Name::private(V4L2_CID_FSM_IMX412_SYNCHRONISATION, c"Synchronisation")
            }
            Setting::StrobeOutput => Name::standard(V4L2_CID_FLASH_STROBE_OE),
            Setting::StrobeDuration => Name::standard(V4L2_CID_FLASH_DURATION),
            Setting::StrobeDelay => {
                Name::private(V4L2_CID_FSM_IMX412_STROBE_DELAY, c"Strobe Delay")
            }
            Setting::TestPattern => Name::standard(V4L2_CID_TEST_PATTERN),
            Setting::TestRed => Name::standard(V4L2_CID_TEST_PATTERN_RED),
            Setting::TestGreenRed => Name::standard(V4L2_CID_TEST_PATTERN_GREENR),
            Setting::TestBlue => Name::standard(V4L2_CID_TEST_PATTERN_BLUE),
            Setting::TestGreenBlue => Name::standard(V4L2_CID_TEST_PATTERN_GREENB),
            Setting::Broadcast => Name::private(V4L2_CID_FSM_IMX412_BROADCAST, c"Broadcast"),
        };

        Self {
            setting,
            id: name.id(),
            text: name.text(),
        }
    }

    /// Returns the identity of the control.
    pub(super) fn name(&self) -> Name {
        Name::new(self.id, self.text)
    }

    /// Returns the items of a menu, none for other kinds.
    pub(super) fn items(&self) -> &'static [Text] {
        static SYNCHRONISATIONS: [Text; Synchronisation::ALL.len()] =
            compiled::items(Setting::Synchronisation);
        static TEST_PATTERNS: [Text; TestPattern::ALL.len()] =
            compiled::items(Setting::TestPattern);

        match self.setting {
            Setting::Synchronisation => &SYNCHRONISATIONS,
            Setting::TestPattern => &TEST_PATTERNS,
            _ => &[],
        }
    }

    /// Returns the V4L2 range of a number, or `None` for menus and switches.
    pub(super) fn range(&self, config: &Config) -> Option<Range> {
        let limits = config.limits(self.setting);

        match self.setting.kind() {
            Kind::Number => Some(limits.into()),
            Kind::Level => Some(
                Limits {
                    default: limits.default,
                    ..self.setting.widest_limits(config.part())
                }
                .into(),
            ),
            Kind::Switch | Kind::Menu(_) => None,
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

/// All controls of a sensor, each behind those that limit it.
static ROWS: [Row; Setting::ALL.len()] = compiled::rows();

/// Returns all controls of a sensor, each behind those that limit it; with `grouped`, also the
/// broadcast control.
pub(crate) fn rows(grouped: bool) -> &'static [Row] {
    match ROWS.split_last() {
        // It is the last one.
        Some((_broadcast, others)) if !grouped => others,
        _ => &ROWS,
    }
}

/// Returns the items of the menu of the modes of a sensor, by number; the last one is for readouts
/// that are not a mode.
pub(super) fn modes(part: &Part) -> &'static [Text] {
    static MODES: [Text; 2 + modes::COUNT] = compiled::modes();
    static MODES_OF_TWO_DEPTHS: [Text; 2 + modes::COUNT_OF_TWO_DEPTHS] = compiled::modes();

    if modes::count(part) == modes::COUNT {
        &MODES
    } else {
        &MODES_OF_TWO_DEPTHS
    }
}

/// Evaluated at compile time only: what could panic does not compile.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
mod compiled {
    use super::*;

    // There is a menu of modes for each number of depths.
    const _: () = {
        let mut part = 0;

        while part < Part::ALL.len() {
            assert!(matches!(Part::ALL[part].depths.len(), 2 | 3));
            part += 1;
        }
    };

    pub(super) const fn rows() -> [Row; Setting::ALL.len()] {
        let mut rows = [Row::of(Setting::Broadcast); Setting::ALL.len()];
        let mut row = 0;

        while row < rows.len() {
            rows[row] = Row::of(Setting::ALL[row]);
            row += 1;
        }
        assert!(matches!(rows[row - 1].setting, Setting::Broadcast));
        rows
    }

    /// Returns the names of the items of the menu of `setting`.
    pub(super) const fn items<const N: usize>(setting: Setting) -> [Text; N] {
        // Other kinds have no items, which the assertion refuses.
        let names = match setting.kind() {
            Kind::Menu(names) => names,
            _ => &[],
        };
        let mut items = [Text::new(c""); N];
        let mut item = 0;

        assert!(names.len() == N);
        while item < N {
            items[item] = Text::new(names[item]);
            item += 1;
        }
        items
    }

    /// Returns the names of as many modes as there is room for, and the last item.
    pub(super) const fn modes<const N: usize>() -> [Text; N] {
        let mut items = [Text::new(c"Custom"); N];
        let mut number = 0;

        while number < N - 1 {
            items[number] = Text::new(modes::NAMES[number]);
            number += 1;
        }
        items
    }
}
