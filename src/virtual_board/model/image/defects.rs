// SPDX-License-Identifier: GPL-2.0-only

//! The photosites that are not as they should be.
//!
//! No array is perfect. This one has a few defects in known places, which show as long as the
//! on-sensor correction is off; with the correction a photosite has the light that falls on it, as
//! if the sensor had guessed it right.

/// A photosite that does not respond to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Column of the active array.
    pub x: u32,
    /// Row of the active array.
    pub y: u32,
    /// Always at full scale; else dead, always at the black level.
    pub hot: bool,
}

impl Defect {
    const fn hot(x: u32, y: u32) -> Self {
        Self { x, y, hot: true }
    }

    const fn dead(x: u32, y: u32) -> Self {
        Self { x, y, hot: false }
    }
}

/// The defects: a hot and a dead photosite of each colour, near the centre so that crops have them,
/// and one in two corners.
pub const DEFECTS: &[Defect] = &[
    Defect::hot(0, 0),
    Defect::hot(1900, 1400),
    Defect::dead(2101, 1400),
    Defect::hot(1951, 1450),
    Defect::dead(2150, 1501),
    Defect::hot(2002, 1551),
    Defect::dead(2200, 1600),
    Defect::hot(2053, 1603),
    Defect::dead(1901, 1651),
    Defect::dead(4055, 3039),
];
