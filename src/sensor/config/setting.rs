// SPDX-License-Identifier: GPL-2.0-only

//! The settings, each described by one entry.
//!
//! The driver's controls, `imx412-program`, the tests and a table in docs/controls.md are generated
//! from [`Setting::ALL`].

use super::{
    ranges,
    Config,
    Limits, //
};
use crate::sensor::{
    clock::Inck,
    part::{
        Depth,
        Part, //
    },
    regs::{
        self,
        Latch,
        Register, //
    },
    setting::{
        black_level::BlackLevel,
        gain::{
            AnalogueGain,
            DigitalGain, //
        },
        sync::Synchronisation,
        test_pattern::{
            Channel,
            TestPattern, //
        }, //
    },
    timing::long, //
};
use core::{
    ffi::CStr,
    fmt, //
};

/// Kind of the values of a setting, as presented to applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number, with limits that depend on the rest of the configuration.
    Number,
    /// As `Number`, in units that change with the format. Its published range is the widest one, as
    /// applications assume it to be constant (v4l2-compliance does).
    Level,
    /// 0 or 1.
    Switch,
    /// The index of one of these items.
    Menu(&'static [&'static CStr]),
}

/// Description of a setting in words, apart as the driver does not show it.
struct Texts {
    name: &'static str,
    unit: &'static str,
    /// Other quantities that change with it.
    follows: &'static str,
}

/// Description of a setting.
pub(super) struct Entry {
    kind: Kind,
    /// The register of the setting, or one of several that are written together.
    register: &'static Register,
    pub(super) limits: fn(&Config) -> Limits,
    /// The limits that include those of all configurations of a sensor.
    widest: fn(&Part) -> Limits,
    pub(super) get: fn(&Config) -> u32,
    /// Stores a value that is within the limits.
    pub(super) set: fn(&mut Config, u32),
}

macro_rules! settings {
    ($( $(#[$doc:meta])+ $setting:ident => $texts:expr, $entry:expr, )+) => {
        /// A quantity that can be set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Setting {
            $( $(#[$doc])+ $setting, )+
        }

        impl Setting {
            /// All settings, each behind those that limit it.
            pub const ALL: &'static [Self] = &[$(Self::$setting),+];

            /// Returns the kind of the values.
            pub const fn kind(self) -> Kind {
                match self {
                    $( Self::$setting => const { $entry.kind }, )+
                }
            }

            /// Returns the register of the setting, or one of several that are written together.
            pub fn register(self) -> &'static Register {
                match self {
                    $( Self::$setting => const { $entry.register }, )+
                }
            }

            /// Returns the widest limits that any configuration of this sensor can have.
            ///
            /// The current limits depend on other settings; a value outside of these is invalid in
            /// all configurations.
            pub fn widest_limits(self, part: &Part) -> Limits {
                match self {
                    $( Self::$setting => (const { $entry.widest })(part), )+
                }
            }

            pub(super) fn limits(self, config: &Config) -> Limits {
                match self {
                    $( Self::$setting => (const { $entry.limits })(config), )+
                }
            }

            pub(super) fn get(self, config: &Config) -> u32 {
                match self {
                    $( Self::$setting => (const { $entry.get })(config), )+
                }
            }

            pub(super) fn set(self, config: &mut Config, value: u32) {
                match self {
                    $( Self::$setting => (const { $entry.set })(config, value), )+
                }
            }

            const fn texts(self) -> Texts {
                match self {
                    $( Self::$setting => $texts, )+
                }
            }
        }
    };
}

/// One component of the solid test pattern.
macro_rules! test_colour {
    ($register:expr, $channel:expr) => {
        Entry {
            kind: Kind::Number,
            register: &$register,
            limits: |_| ranges::test_colours(),
            widest: |_| ranges::test_colours(),
            get: |config| config.test_colours.get($channel).into(),
            set: |config, value| config.test_colours.set($channel, low(value)),
        }
    };
}

settings! {
    /// Horizontal blanking in pixel clocks.
    HorizontalBlanking => Texts {
        name: "horizontal blanking",
        unit: "pixel clocks",
        follows: "",
    }, Entry {
        kind: Kind::Number,
        register: &regs::LINE_LENGTH_PCK,
        limits: Config::horizontal_blanking_limits,
        widest: ranges::widest_horizontal_blanking,
        get: Config::horizontal_blanking,
        set: |config, pck| config.line_length = pck.saturating_add(config.width()),
    },
    /// Vertical blanking in lines. Adjusted to the nearest value that the registers can hold.
    VerticalBlanking => Texts {
        name: "vertical blanking",
        unit: "lines",
        follows: "exposure",
    }, Entry {
        kind: Kind::Number,
        register: &regs::FRM_LENGTH_LINES,
        limits: Config::vertical_blanking_limits,
        widest: ranges::widest_vertical_blanking,
        get: Config::vertical_blanking,
        set: |config, lines| {
            config.frame_length = long::nearest(lines.saturating_add(config.height()));
            config.clamp_exposure();
        },
    },
    /// Coarse integration time in lines. Adjusted to the nearest value that the registers can hold.
    Exposure => Texts {
        name: "exposure",
        unit: "lines",
        follows: "",
    }, Entry {
        kind: Kind::Number,
        register: &regs::COARSE_INTEG_TIME,
        limits: Config::exposure_limits,
        widest: ranges::widest_exposure,
        get: Config::exposure,
        set: |config, lines| config.exposure = config.countable_exposure(lines),
    },
    /// Code of [`AnalogueGain`].
    AnalogueGain => Texts {
        name: "analogue gain",
        unit: "code, the gain is 1024 / (1024 - code)",
        follows: "",
    }, Entry {
        kind: Kind::Number,
        register: &regs::ANA_GAIN_GLOBAL,
        limits: |config| ranges::analogue_gains(config.part()),
        widest: ranges::analogue_gains,
        get: |config| config.analogue_gain.code().into(),
        set: |config, code| config.analogue_gain = AnalogueGain::new(low(code)),
    },
    /// Code of [`DigitalGain`].
    DigitalGain => Texts {
        name: "digital gain",
        unit: "1/256",
        follows: "",
    }, Entry {
        kind: Kind::Number,
        register: &regs::DIG_GAIN_GR,
        limits: |config| ranges::digital_gains(config.part()),
        widest: ranges::digital_gains,
        get: |config| config.digital_gain.code().into(),
        set: |config, code| config.digital_gain = DigitalGain::new(low(code)),
    },
    /// 1 mirrors the image.
    HorizontalFlip => Texts {
        name: "horizontal flip",
        unit: "",
        follows: "media bus code",
    }, Entry {
        kind: Kind::Switch,
        register: &regs::IMG_ORIENTATION,
        limits: |_| Limits::OFF,
        widest: |_| Limits::OFF,
        get: |config| config.orientation.horizontal_flip.into(),
        set: |config, value| config.orientation.horizontal_flip = value != 0,
    },
    /// 1 turns the image upside down.
    VerticalFlip => Texts {
        name: "vertical flip",
        unit: "",
        follows: "media bus code",
    }, Entry {
        kind: Kind::Switch,
        register: &regs::IMG_ORIENTATION,
        limits: |_| Limits::OFF,
        widest: |_| Limits::OFF,
        get: |config| config.orientation.vertical_flip.into(),
        set: |config, value| config.orientation.vertical_flip = value != 0,
    },
    /// Value for black in units of the output depth.
    BlackLevel => Texts {
        name: "black level",
        unit: "pixel values at the output depth",
        follows: "",
    }, Entry {
        kind: Kind::Level,
        register: &regs::MANUAL_DATA_PEDESTAL_VALUE,
        limits: |config| ranges::black_levels(config.readout.depth(), config.readout.depth()),
        widest: |_| ranges::black_levels(Depth::Twelve, Depth::Ten),
        get: Config::black_level,
        set: |config, level| {
            // Within the limits, so it is valid.
            if let Some(level) = BlackLevel::new(level, config.readout.depth()) {
                config.black_level = level;
            }
        },
    },
    /// 1 corrects defective pixels in the sensor.
    DefectCorrection => Texts {
        name: "defect correction",
        unit: "",
        follows: "",
    }, Entry {
        kind: Kind::Switch,
        register: &regs::MAP_COUP_CORR_EN,
        limits: |_| Limits::ON,
        widest: |_| Limits::ON,
        get: |config| config.defect_correction.into(),
        set: |config, value| config.defect_correction = value != 0,
    },
    /// Index in [`Synchronisation::ALL`].
    Synchronisation => Texts {
        name: "synchronisation",
        unit: "",
        follows: "",
    }, Entry {
        // In the order of `enum v4l2_fsm_imx412_synchronisation`.
        kind: Kind::Menu(&[c"Standalone", c"Source", c"Sink"]),
        register: &regs::MASTER_SLAVE_SEL,
        limits: |_| ranges::synchronisations(),
        widest: |_| ranges::synchronisations(),
        get: |config| config.synchronisation.code(),
        set: |config, code| {
            config.synchronisation = Synchronisation::new(code).unwrap_or_default();
        },
    },
    /// 1 outputs a pulse on FSTROBE in each frame.
    StrobeOutput => Texts {
        name: "strobe output",
        unit: "",
        follows: "",
    }, Entry {
        kind: Kind::Switch,
        register: &regs::FLASH_TRIG_RS,
        limits: |_| Limits::OFF,
        widest: |_| Limits::OFF,
        get: |config| config.strobe.enabled.into(),
        set: |config, value| config.strobe.enabled = value != 0,
    },
    /// Width of the pulse on FSTROBE in microseconds.
    StrobeDuration => Texts {
        name: "strobe duration",
        unit: "us",
        follows: "",
    }, Entry {
        kind: Kind::Number,
        register: &regs::FLASH_STRB_WIDTH_H_RS,
        limits: |config| ranges::strobe_durations(config.link.tree().inck()),
        widest: |_| ranges::strobe_durations(Inck::SLOWEST),
        get: |config| config.strobe.duration_us,
        set: |config, us| config.strobe.duration_us = us,
    },
    /// Lines from the sensor's point of reference in a frame to the pulse on FSTROBE.
    StrobeDelay => Texts {
        name: "strobe delay",
        unit: "lines",
        follows: "",
    }, Entry {
        kind: Kind::Number,
        register: &regs::FLASH_STRB_START_POINT,
        limits: |_| ranges::strobe_delays(),
        widest: |_| ranges::strobe_delays(),
        get: |config| config.strobe.delay_lines.into(),
        set: |config, lines| config.strobe.delay_lines = low(lines),
    },
    /// Index in [`TestPattern::ALL`].
    TestPattern => Texts {
        name: "test pattern",
        unit: "",
        follows: "",
    }, Entry {
        // In the order of the register's values, named as in mainline's imx219.c and raspberrypi
        // imx477.c.
        kind: Kind::Menu(&[
            c"Disabled",
            c"Solid Color",
            c"100% Color Bars",
            c"Fade To Grey Color Bars",
            c"PN9",
        ]),
        register: &regs::TP_MODE,
        limits: |_| ranges::test_patterns(),
        widest: |_| ranges::test_patterns(),
        get: |config| config.test_pattern.code().into(),
        set: |config, code| config.test_pattern = TestPattern::new(code).unwrap_or_default(),
    },
    /// Red of the solid test pattern.
    TestRed => Texts {
        name: "test pattern red",
        unit: "12 bits",
        follows: "",
    }, test_colour!(regs::TD_R, Channel::Red),
    /// Green of the solid test pattern in the lines of red.
    TestGreenRed => Texts {
        name: "test pattern green (red lines)",
        unit: "12 bits",
        follows: "",
    }, test_colour!(regs::TD_GR, Channel::GreenRed),
    /// Blue of the solid test pattern.
    TestBlue => Texts {
        name: "test pattern blue",
        unit: "12 bits",
        follows: "",
    }, test_colour!(regs::TD_B, Channel::Blue),
    /// Green of the solid test pattern in the lines of blue.
    TestGreenBlue => Texts {
        name: "test pattern green (blue lines)",
        unit: "12 bits",
        follows: "",
    }, test_colour!(regs::TD_GB, Channel::GreenBlue),
    /// 1 makes the sensor listen to the second address, shared by several sensors.
    Broadcast => Texts {
        name: "broadcast",
        unit: "",
        follows: "",
    }, Entry {
        kind: Kind::Switch,
        register: &regs::SLAVE_ADD_EN_2ND,
        limits: |_| Limits::OFF,
        widest: |_| Limits::OFF,
        get: |config| config.broadcast.into(),
        set: |config, value| config.broadcast = value != 0,
    },
}

/// A setting and a value for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The setting.
    pub setting: Setting,
    /// The value, in the units of the setting.
    pub value: u32,
}

impl Setting {
    /// Returns the name, in lower case.
    pub fn name(self) -> &'static str {
        self.texts().name
    }

    /// Returns the unit of the values; empty where they have none.
    pub fn unit(self) -> &'static str {
        self.texts().unit
    }

    /// Returns when a write takes effect.
    pub fn latch(self) -> Latch {
        self.register().latch
    }

    /// Returns whether it can be set while streaming: it takes effect at a frame boundary.
    pub fn is_live(self) -> bool {
        self.latch() == Latch::Frame
    }

    /// Returns the quantities that change with it, in words; empty if there are none.
    pub fn follows(self) -> &'static str {
        self.texts().follows
    }

    /// Returns whether the Bayer order, and so the media bus code, changes with it.
    pub fn modifies_layout(self) -> bool {
        matches!(self, Self::HorizontalFlip | Self::VerticalFlip)
    }

    /// Returns the change to this value.
    pub const fn to(self, value: u32) -> Change {
        Change {
            setting: self,
            value,
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns the low 16 bits, of a value that is known to have no more.
const fn low(value: u32) -> u16 {
    (value & 0xffff) as u16
}
