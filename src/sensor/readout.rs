// SPDX-License-Identifier: GPL-2.0-only

//! Which part of the pixel array is read, and how it becomes the output picture.
//!
//! ```text
//! active array -> analogue crop -> binning -> digital crop -> scaling -> output
//! ```

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

/// A rectangle; its origin is the top left corner of whatever it cuts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// First column.
    pub left: u16,
    /// First line.
    pub top: u16,
    /// Width and height.
    pub size: Size,
}

impl Rect {
    /// Last column, inclusive, as the sensor's address registers take it.
    pub const fn right(&self) -> u16 {
        self.left.saturating_add(self.size.width).saturating_sub(1)
    }

    /// Last line, inclusive, as the sensor's address registers take it.
    pub const fn bottom(&self) -> u16 {
        self.top.saturating_add(self.size.height).saturating_sub(1)
    }
}

/// Size of the whole pixel array, optically black pixels and margins included.
pub const NATIVE: Size = Size {
    width: 4072,
    height: 3176,
};

/// The pixels that can be read out, in coordinates of [`NATIVE`].
///
/// The sensor's crop registers count from the corner of this rectangle.
pub const ACTIVE: Rect = Rect {
    left: 8,
    top: 16,
    size: Size {
        width: 4056,
        height: 3040,
    },
};

/// Bits per pixel on the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// 10 bits, with the converters running at 10 bits.
    Ten,
    /// 12 bits, with the converters running at 12 bits.
    Twelve,
}

impl Depth {
    /// Number of bits.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Ten => 10,
            Self::Twelve => 12,
        }
    }
}

/// Adding up neighbouring pixels of one colour as they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binning {
    /// Every pixel on its own.
    None,
    /// Two by two.
    TwoByTwo,
}

impl Binning {
    /// Pixels that become one, in each direction.
    pub const fn factor(self) -> u16 {
        match self {
            Self::None => 1,
            Self::TwoByTwo => 2,
        }
    }
}

/// Digital scaling by 16/M in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaling {
    m: u16,
}

impl Scaling {
    /// No scaling: 16/16.
    pub const NONE: Self = Self { m: 16 };

    /// The ratio's denominator; the numerator is 16.
    pub const fn m(self) -> u16 {
        self.m
    }
}

/// One way of reading the array. All its rectangles fit into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readout {
    /// The pixels that are read, in coordinates of the active array.
    analogue_crop: Rect,
    binning: Binning,
    /// Cut from the binned picture.
    digital_crop: Rect,
    scaling: Scaling,
    output: Size,
    depth: Depth,
}

impl Readout {
    /// The whole active array, pixel by pixel.
    pub const fn full_frame(depth: Depth) -> Self {
        let all = Rect {
            left: 0,
            top: 0,
            size: ACTIVE.size,
        };
        Self {
            analogue_crop: all,
            binning: Binning::None,
            digital_crop: all,
            scaling: Scaling::NONE,
            output: ACTIVE.size,
            depth,
        }
    }

    /// The pixels that are read, in coordinates of the active array.
    pub const fn analogue_crop(&self) -> Rect {
        self.analogue_crop
    }

    /// How pixels are added up.
    pub const fn binning(&self) -> Binning {
        self.binning
    }

    /// What is kept of the binned picture, in its coordinates.
    pub const fn digital_crop(&self) -> Rect {
        self.digital_crop
    }

    /// How the cropped picture is scaled.
    pub const fn scaling(&self) -> Scaling {
        self.scaling
    }

    /// The picture that leaves the sensor.
    pub const fn output(&self) -> Size {
        self.output
    }

    /// Bits per pixel.
    pub const fn depth(&self) -> Depth {
        self.depth
    }

    /// Lines that the array's readout takes for a picture: what the frame length must hold.
    pub fn lines_read(&self) -> u32 {
        let height = u32::from(self.analogue_crop.size.height);
        match self.binning {
            Binning::None => height,
            Binning::TwoByTwo => height / 2,
        }
    }
}
