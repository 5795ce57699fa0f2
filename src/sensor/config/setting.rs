// SPDX-License-Identifier: GPL-2.0-only

//! What can be set: one entry per setting, and nothing about it elsewhere in this module's users.
//!
//! The driver's controls, `imx412-program`, the tests and a table in docs/controls.md are made from
//! [`Setting::ALL`].

use super::{
    Config,
    ConfigError,
    Limits, //
    EXPOSURE_DEFAULT,
};
use crate::sensor::{
    arithmetic::up_to_multiple,
    part::{
        Depth,
        Part, //
        ACTIVE,
        EXPOSURE_MARGIN,
        LINE_LENGTH_MAX,
        LINE_LENGTH_STEP,
    },
    readout::{
        Readout, //
        OUTPUT_MIN,
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
            TestColours,
            TestPattern, //
        }, //
    },
    timing::{
        self,
        long, //
    }, //
};
use core::{
    ffi::CStr,
    fmt, //
};

/// How the values of a setting look to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number, in limits that the rest of the configuration sets.
    Number,
    /// As `Number`, in units that change with the format: applications are told the widest limits, as
    /// they may take a range for lasting (v4l2-compliance does).
    Level,
    /// 0 or 1.
    Switch,
    /// The index of one of these.
    Menu(&'static [&'static CStr]),
}

/// What there is to know about a setting.
struct Entry {
    name: &'static str,
    unit: &'static str,
    kind: Kind,
    /// The register that holds it, or one of several that are written together.
    register: &'static Register,
    /// What else changes with it.
    follows: &'static str,
    limits: fn(&Config) -> Limits,
    /// What holds the limits of all configurations of a sensor.
    widest: fn(&Part) -> Limits,
    get: fn(&Config) -> u32,
    /// Takes a value that is within the limits.
    set: fn(&mut Config, u32),
}

macro_rules! settings {
    ($( $(#[$doc:meta])+ $setting:ident => $entry:expr, )+) => {
        /// A quantity that can be set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Setting {
            $( $(#[$doc])+ $setting, )+
        }

        impl Setting {
            /// All settings, each behind those that limit it.
            pub const ALL: &'static [Self] = &[$(Self::$setting),+];

            fn entry(self) -> &'static Entry {
                match self {
                    $( Self::$setting => {
                        static ENTRY: Entry = $entry;
                        &ENTRY
                    } )+
                }
            }
        }
    };
}

/// One component of the solid test pattern.
macro_rules! test_colour {
    ($name:literal, $register:expr, $channel:expr) => {
        Entry {
            name: $name,
            unit: "12 bits",
            kind: Kind::Number,
            register: &$register,
            follows: "",
            limits: |_| test_colours(),
            widest: |_| test_colours(),
            get: |config| config.test_colours.get($channel).into(),
            set: |config, value| config.test_colours.set($channel, low(value)),
        }
    };
}

settings! {
    /// Pixel clocks that a line has beyond the pixels of the image.
    HorizontalBlanking => Entry {
        name: "horizontal blanking",
        unit: "pixel clocks",
        kind: Kind::Number,
        register: &regs::LINE_LENGTH_PCK,
        follows: "",
        limits: Config::horizontal_blanking_limits,
        widest: widest_horizontal_blanking,
        get: Config::horizontal_blanking,
        set: |config, pck| config.line_length = pck.saturating_add(config.width()),
    },
    /// Lines that a frame has beyond those of the image. Becomes the nearest that can be counted.
    VerticalBlanking => Entry {
        name: "vertical blanking",
        unit: "lines",
        kind: Kind::Number,
        register: &regs::FRM_LENGTH_LINES,
        follows: "exposure",
        limits: Config::vertical_blanking_limits,
        widest: |part| {
            let min = part.timing.vertical_blanking_min;
            Limits::new(min, long::LINES_MAX.saturating_sub(OUTPUT_MIN.height.into()), min)
        },
        get: Config::vertical_blanking,
        set: |config, lines| {
            config.frame_length = long::nearest(lines.saturating_add(config.height()));
            *config = config.with_exposure_clamped();
        },
    },
    /// Coarse integration time in lines. Becomes the nearest that can be counted.
    Exposure => Entry {
        name: "exposure",
        unit: "lines",
        kind: Kind::Number,
        register: &regs::COARSE_INTEG_TIME,
        follows: "",
        limits: Config::exposure_limits,
        widest: |part| Limits::new(
            part.timing.exposure_min,
            long::at_most(long::LINES_MAX.saturating_sub(EXPOSURE_MARGIN)),
            EXPOSURE_DEFAULT,
        ),
        get: Config::exposure,
        set: |config, lines| config.exposure = config.countable_exposure(lines),
    },
    /// Code of [`AnalogueGain`].
    AnalogueGain => Entry {
        name: "analogue gain",
        unit: "code, the gain is 1024 / (1024 - code)",
        kind: Kind::Number,
        register: &regs::ANA_GAIN_GLOBAL,
        follows: "",
        limits: |config| analogue_gains(config.part()),
        widest: analogue_gains,
        get: |config| config.analogue_gain.code().into(),
        set: |config, code| config.analogue_gain = AnalogueGain::new(low(code)),
    },
    /// Code of [`DigitalGain`].
    DigitalGain => Entry {
        name: "digital gain",
        unit: "1/256",
        kind: Kind::Number,
        register: &regs::DIG_GAIN_GR,
        follows: "",
        limits: |config| digital_gains(config.part()),
        widest: digital_gains,
        get: |config| config.digital_gain.code().into(),
        set: |config, code| config.digital_gain = DigitalGain::new(low(code)),
    },
    /// 1 mirrors the image.
    HorizontalFlip => Entry {
        name: "horizontal flip",
        unit: "",
        kind: Kind::Switch,
        register: &regs::IMG_ORIENTATION,
        follows: "media bus code",
        limits: |_| Limits::OFF,
        widest: |_| Limits::OFF,
        get: |config| config.orientation.horizontal_flip.into(),
        set: |config, value| config.orientation.horizontal_flip = value != 0,
    },
    /// 1 turns the image upside down.
    VerticalFlip => Entry {
        name: "vertical flip",
        unit: "",
        kind: Kind::Switch,
        register: &regs::IMG_ORIENTATION,
        follows: "media bus code",
        limits: |_| Limits::OFF,
        widest: |_| Limits::OFF,
        get: |config| config.orientation.vertical_flip.into(),
        set: |config, value| config.orientation.vertical_flip = value != 0,
    },
    /// Value for black in units of the output depth.
    BlackLevel => Entry {
        name: "black level",
        unit: "pixel values at the output depth",
        kind: Kind::Level,
        register: &regs::MANUAL_DATA_PEDESTAL_VALUE,
        follows: "",
        limits: |config| {
            let at = |level: BlackLevel| u32::from(level.at(config.readout.depth()));
            Limits::new(0, at(BlackLevel::MAX), at(BlackLevel::DEFAULT))
        },
        widest: |_| Limits::new(
            0,
            BlackLevel::MAX.at(Depth::Twelve).into(),
            BlackLevel::DEFAULT.at(Depth::Ten).into(),
        ),
        get: Config::black_level,
        set: |config, level| {
            // In the limits, so that there is one.
            if let Some(level) = BlackLevel::new(level, config.readout.depth()) {
                config.black_level = level;
            }
        },
    },
    /// 1 lets the sensor correct defective pixels.
    DefectCorrection => Entry {
        name: "defect correction",
        unit: "",
        kind: Kind::Switch,
        register: &regs::MAP_COUP_CORR_EN,
        follows: "",
        limits: |_| Limits::ON,
        widest: |_| Limits::ON,
        get: |config| config.defect_correction.into(),
        set: |config, value| config.defect_correction = value != 0,
    },
    /// Index in [`Synchronisation::ALL`].
    Synchronisation => Entry {
        name: "synchronisation",
        unit: "",
        // By the values of `enum v4l2_fsm_imx412_synchronisation`.
        kind: Kind::Menu(&[c"Standalone", c"Source", c"Sink"]),
        register: &regs::MASTER_SLAVE_SEL,
        follows: "",
        limits: |_| synchronisations(),
        widest: |_| synchronisations(),
        get: |config| config.synchronisation.code(),
        set: |config, code| {
            config.synchronisation = Synchronisation::new(code).unwrap_or_default();
        },
    },
    /// Index in [`TestPattern::ALL`].
    TestPattern => Entry {
        name: "test pattern",
        unit: "",
        // By the values of the register, named as in mainline's imx219.c and raspberrypi imx477.c.
        kind: Kind::Menu(&[
            c"Disabled",
            c"Solid Color",
            c"100% Color Bars",
            c"Fade To Grey Color Bars",
            c"PN9",
        ]),
        register: &regs::TP_MODE,
        follows: "",
        limits: |_| test_patterns(),
        widest: |_| test_patterns(),
        get: |config| config.test_pattern.code().into(),
        set: |config, code| config.test_pattern = TestPattern::new(code).unwrap_or_default(),
    },
    /// Red of the solid test pattern.
    TestRed => test_colour!("test pattern red", regs::TD_R, Channel::Red),
    /// Green of the solid test pattern in the lines of red.
    TestGreenRed => test_colour!("test pattern green (red lines)", regs::TD_GR, Channel::GreenRed),
    /// Blue of the solid test pattern.
    TestBlue => test_colour!("test pattern blue", regs::TD_B, Channel::Blue),
    /// Green of the solid test pattern in the lines of blue.
    TestGreenBlue => test_colour!("test pattern green (blue lines)", regs::TD_GB, Channel::GreenBlue),
    /// 1 lets the sensor listen to the second address, on which several can be reached at once.
    Broadcast => Entry {
        name: "broadcast",
        unit: "",
        kind: Kind::Switch,
        register: &regs::SLAVE_ADD_EN_2ND,
        follows: "",
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
        self.entry().name
    }

    /// Returns the unit of the values; empty where they have none.
    pub fn unit(self) -> &'static str {
        self.entry().unit
    }

    /// Returns how the values look to an application.
    pub fn kind(self) -> Kind {
        self.entry().kind
    }

    /// Returns the register that holds it, or one of several that are written together.
    pub fn register(self) -> &'static Register {
        self.entry().register
    }

    /// Returns when a write takes effect.
    pub fn latch(self) -> Latch {
        self.register().latch
    }

    /// Returns whether it can be set at any time: the sensor takes it at a frame boundary.
    pub fn is_live(self) -> bool {
        self.latch() == Latch::Frame
    }

    /// Returns what else changes with it; empty if nothing does.
    pub fn follows(self) -> &'static str {
        self.entry().follows
    }

    /// Returns whether the order of colours follows, and with it the media bus code.
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

    /// Returns what holds all values that a configuration of this sensor can allow.
    ///
    /// One change can move the limits of the next. A value outside these limits is refused whatever
    /// changes first. Their default is the one to start with.
    pub fn widest_limits(self, part: &Part) -> Limits {
        (self.entry().widest)(part)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Config {
    /// Returns the current limits of a setting.
    pub fn limits(&self, setting: Setting) -> Limits {
        (setting.entry().limits)(self)
    }

    /// Returns the current value of a setting.
    pub fn get(&self, setting: Setting) -> u32 {
        (setting.entry().get)(self)
    }

    /// Returns the current value with one change.
    ///
    /// # Errors
    ///
    /// [`ConfigError::OutOfRange`] if the new value is not in the current limits.
    pub fn with(mut self, change: Change) -> Result<Self, ConfigError> {
        let Change { setting, value } = change;
        let value = self.limits(setting).check(setting, value)?;
        (setting.entry().set)(&mut self, value);
        Ok(self)
    }

    /// Returns the limits in lines, up to the frame length less [`EXPOSURE_MARGIN`].
    fn exposure_limits(&self) -> Limits {
        let shifts = self.part.shifts;
        let longest = self.frame_length.saturating_sub(EXPOSURE_MARGIN);
        let step = long::exposure_step(shifts, self.frame_length, 0);
        let min = up_to_multiple(self.part.timing.exposure_min, step);
        let max = long::exposure_at_most(shifts, self.frame_length, longest).max(min);
        Limits::new(min, max, EXPOSURE_DEFAULT.max(min).min(max))
    }

    /// Returns the limits in lines, from the shortest frame of the readout on.
    fn vertical_blanking_limits(&self) -> Limits {
        let height = self.height();
        let line = timing::line_length_min(self.part, &self.readout, &self.link);
        let default =
            timing::frame_length_default(self.part, &self.readout, self.pixel_rate(), line);
        Limits::new(
            timing::frame_length_floor(self.part, &self.readout).saturating_sub(height),
            long::LINES_MAX.saturating_sub(height),
            default.saturating_sub(height),
        )
    }

    /// Returns the limits in pixel clocks, from the shortest line of the readout on this link on, which is
    /// the one to start with.
    fn horizontal_blanking_limits(&self) -> Limits {
        let width = self.width();
        let line = timing::line_length_min(self.part, &self.readout, &self.link);
        let min = line.saturating_sub(width);
        Limits {
            min,
            max: LINE_LENGTH_MAX.saturating_sub(width),
            step: LINE_LENGTH_STEP,
            default: min,
        }
    }
}

fn widest_horizontal_blanking(part: &Part) -> Limits {
    // The widest image leaves the least of a line, and the converters are at their fastest for it.
    let full = timing::line_of_converters(part, &Readout::full_frame(Depth::Ten));
    let min = full.saturating_sub(ACTIVE.size.width.into());
    Limits {
        min,
        max: LINE_LENGTH_MAX.saturating_sub(OUTPUT_MIN.width.into()),
        // Lines come in steps of four, images in steps of two.
        step: 2,
        default: min,
    }
}

fn analogue_gains(part: &Part) -> Limits {
    let min = AnalogueGain::MIN.code().into();
    Limits::new(min, part.gains.analogue_max.into(), min)
}

fn digital_gains(part: &Part) -> Limits {
    let min = DigitalGain::MIN.code().into();
    Limits::new(min, part.gains.digital_max.into(), min)
}

const fn test_colours() -> Limits {
    let max = TestColours::MAX as u32;
    Limits::new(0, max, max)
}

const fn synchronisations() -> Limits {
    let standalone = Synchronisation::Standalone.code();
    Limits::new(standalone, Synchronisation::Sink.code(), standalone)
}

fn test_patterns() -> Limits {
    let off = TestPattern::Off.code().into();
    Limits::new(off, TestPattern::Pn9.code().into(), off)
}

/// Returns the low 16 bits, of a value that is known to have no more.
const fn low(value: u32) -> u16 {
    (value & 0xffff) as u16
}
