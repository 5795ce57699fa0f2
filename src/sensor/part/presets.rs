// SPDX-License-Identifier: GPL-2.0-only

//! Ready-made readouts, all in the middle of the array.
//!
//! They hold no register values: a preset is one of the readouts that
//! [`Readout::new`](crate::sensor::Readout::new) makes.

use super::ACTIVE;
use crate::sensor::area::{
    Binning,
    Rect,
    Scaling,
    Size, //
};

/// A ready-made readout, at any depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    crop: Rect,
    binning: Binning,
    scaling: Scaling,
    output: Size,
}

/// The presets of the family, the largest first.
pub static PRESETS: [Preset; 16] = [
    // The whole array (every public driver).
    preset(4056, 3040, Binning::None, 16),
    // All columns in 17:9 (raspberrypi imx477.c bins this one).
    preset(4056, 2160, Binning::None, 16),
    // UHD (FRAMOS fr_imx412.c).
    preset(3840, 2160, Binning::None, 16),
    // 2028x1520, the whole array binned (raspberrypi imx477.c).
    preset(4056, 3040, Binning::TwoByTwo, 16),
    // 1920x1440.
    preset(3840, 2880, Binning::TwoByTwo, 16),
    // 2028x1080 (raspberrypi imx477.c).
    preset(4056, 2160, Binning::TwoByTwo, 16),
    // Full HD: UHD binned (FRAMOS fr_imx412.c).
    preset(3840, 2160, Binning::TwoByTwo, 16),
    // 1600x1200.
    preset(3200, 2400, Binning::TwoByTwo, 16),
    // 1352x1012, a third of the whole array.
    preset(4056, 3036, Binning::None, 48),
    // 1332x990, for speed (raspberrypi imx477.c).
    preset(2664, 1980, Binning::TwoByTwo, 16),
    // HD: UHD scaled by three (FRAMOS fr_imx412.c).
    preset(3840, 2160, Binning::None, 48),
    // 1024x768.
    preset(3968, 2976, Binning::TwoByTwo, 31),
    // 800x600.
    preset(4000, 3000, Binning::TwoByTwo, 40),
    // VGA.
    preset(4000, 3000, Binning::TwoByTwo, 50),
    // 640x360.
    preset(3840, 2160, Binning::TwoByTwo, 48),
    // 320x240.
    preset(4000, 3000, Binning::TwoByTwo, 100),
];

impl Preset {
    /// Returns the preset with this size of the image, of which there is one at most.
    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    pub fn of(output: Size) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.output == output)
    }

    /// Returns the field of view, in coordinates of the active array.
    pub const fn crop(&self) -> Rect {
        self.crop
    }

    /// Returns the binning.
    pub const fn binning(&self) -> Binning {
        self.binning
    }

    /// Returns the scaling.
    pub const fn scaling(&self) -> Scaling {
        self.scaling
    }

    /// Returns the size of the image in pixels.
    pub const fn output(&self) -> Size {
        self.output
    }
}

/// `width` by `height` pixels of the array, in its middle. Evaluated at compile time only.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "what overflows or divides by 0 does not compile"
)]
const fn preset(width: u16, height: u16, binning: Binning, m: u16) -> Preset {
    let crop = Rect {
        left: (ACTIVE.size.width - width) / 2,
        top: (ACTIVE.size.height - height) / 2,
        size: Size::new(width, height),
    };
    let scaling = match Scaling::new(m) {
        Some(scaling) => scaling,
        None => Scaling::NONE,
    };
    let binned = crop.size.divided(binning);
    Preset {
        crop,
        binning,
        scaling,
        output: Size::new(shrunk(binned.width, m), shrunk(binned.height, m)),
    }
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "what overflows or divides by 0 does not compile"
)]
const fn shrunk(length: u16, m: u16) -> u16 {
    (length as u32 * 16 / m as u32) as u16
}
