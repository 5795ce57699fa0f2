// SPDX-License-Identifier: GPL-2.0-only

//! The colour filter array: RGGB, seen through the flips.

/// The colour of a photosite. The two greens have gains and test data of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Red.
    R,
    /// Green in a row with red.
    Gr,
    /// Green in a row with blue.
    Gb,
    /// Blue.
    B,
}

impl Colour {
    /// Returns the filter over the photosite in column `x` and row `y` of the active array.
    pub const fn at(x: u32, y: u32) -> Self {
        match (y & 1, x & 1) {
            (0, 0) => Colour::R,
            (0, _) => Colour::Gr,
            (_, 0) => Colour::Gb,
            _ => Colour::B,
        }
    }
}

/// The order of colours in the image that the sensor sends, named by the first two pixels of
/// the first two rows.
///
/// The order follows from IMG_ORIENTATION (0x0101), since crops start on whole Bayer cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BayerOrder {
    /// No flip.
    Rggb,
    /// Horizontal mirror.
    Grbg,
    /// Vertical flip.
    Gbrg,
    /// Both.
    Bggr,
}

impl BayerOrder {
    /// Returns the order for the given flips.
    pub const fn new(mirror: bool, flip: bool) -> Self {
        match (mirror, flip) {
            (false, false) => BayerOrder::Rggb,
            (true, false) => BayerOrder::Grbg,
            (false, true) => BayerOrder::Gbrg,
            (true, true) => BayerOrder::Bggr,
        }
    }

    /// Returns the colour of pixel (`x`, `y`) of the output image.
    pub const fn colour(self, x: u32, y: u32) -> Colour {
        match self {
            BayerOrder::Rggb => Colour::at(x, y),
            BayerOrder::Grbg => Colour::at(x ^ 1, y),
            BayerOrder::Gbrg => Colour::at(x, y ^ 1),
            BayerOrder::Bggr => Colour::at(x ^ 1, y ^ 1),
        }
    }
}
