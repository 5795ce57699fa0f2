// SPDX-License-Identifier: GPL-2.0-only

//! The V4L2 controls of the settings of a sensor.

use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::ctrls::{
            Name,
            Range, //
        }, //
    },
    sensor::{
        Config,
        Kind,
        Limits,
        Setting,
        Synchronisation, //
    }, //
};
use kernel::prelude::*;

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
    pub(crate) name: Name,
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

        Self { setting, name }
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

    /// Returns the valid value nearest to the requested `wanted`, given `config`, the change so
    /// far.
    ///
    /// Numbers are clamped and rounded as by V4L2 itself, which has already refused invalid values
    /// of menus and switches.
    pub(super) fn nearest(&self, config: &Config, wanted: i64) -> Result<u32> {
        match self.setting.kind() {
            Kind::Number | Kind::Level => {
                let wanted = u32::try_from(wanted.max(0)).unwrap_or(u32::MAX);

                Ok(config.limits(self.setting).nearest(wanted))
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

/// Returns all controls of a sensor, each behind those that limit it; with `grouped`, also the
/// broadcast control.
pub(crate) fn rows(grouped: bool) -> impl Iterator<Item = Row> {
    Setting::ALL
        .iter()
        .copied()
        .filter(move |&setting| grouped || setting != Setting::Broadcast)
        .map(Row::of)
}
