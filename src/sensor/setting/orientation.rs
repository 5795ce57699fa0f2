// SPDX-License-Identifier: GPL-2.0-only

//! Mirroring and flipping, and the order of colours that follows.

/// Direction in which the array is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orientation {
    /// Columns are read from right to left.
    pub horizontal_flip: bool,
    /// Lines are read from bottom to top.
    pub vertical_flip: bool,
}

impl Orientation {
    /// Returns the value of the register, 0 to 3 (raspberrypi imx477.c).
    pub const fn code(self) -> u8 {
        (self.horizontal_flip as u8) | ((self.vertical_flip as u8) << 1)
    }

    /// Returns the Bayer order of the image. Images cover whole cells of the array, so that it does
    /// not depend on their size and position.
    pub const fn bayer_order(self) -> BayerOrder {
        match (self.horizontal_flip, self.vertical_flip) {
            (false, false) => BayerOrder::Rggb,
            (true, false) => BayerOrder::Grbg,
            (false, true) => BayerOrder::Gbrg,
            (true, true) => BayerOrder::Bggr,
        }
    }
}

/// The colours of two by two pixels, line by line, from the image's top left corner on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BayerOrder {
    /// Red, green; green, blue.
    Rggb,
    /// Green, red; blue, green.
    Grbg,
    /// Green, blue; red, green.
    Gbrg,
    /// Blue, green; green, red.
    Bggr,
}
