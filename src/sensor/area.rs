// SPDX-License-Identifier: GPL-2.0-only

//! Sizes and rectangles in pixels, and the two stages that shrink an image: binning and scaling.

use core::fmt;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, Eq)]
// Aligned to be copied as a whole: the kernel loads nothing that is larger than its alignment.
#[repr(align(4))]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

impl Size {
    /// Creates a size of `width` by `height`.
    pub const fn new(width: u16, height: u16) -> Self {
        Self { width, height }
    }

    pub(super) fn contains(self, other: Self) -> bool {
        other.width <= self.width && other.height <= self.height
    }
}

// Like copies, as a whole.
impl PartialEq for Size {
    fn eq(&self, other: &Self) -> bool {
        [self.width, self.height] == [other.width, other.height]
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A rectangle in pixels, relative to the top left corner of the image or array that it is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// Aligned to be copied as a whole: the kernel loads nothing that is larger than its alignment.
#[repr(align(8))]
pub struct Rect {
    /// First column.
    pub left: u16,
    /// First line.
    pub top: u16,
    /// Width and height.
    pub size: Size,
}

impl Rect {
    /// Returns the whole of an image of `size`.
    pub(super) const fn whole(size: Size) -> Self {
        Self {
            left: 0,
            top: 0,
            size,
        }
    }

    /// Returns the last column, inclusive, as in the sensor's address registers.
    pub const fn right(&self) -> u16 {
        self.left.saturating_add(self.size.width).saturating_sub(1)
    }

    /// Returns the last line, inclusive, as in the sensor's address registers.
    pub const fn bottom(&self) -> u16 {
        self.top.saturating_add(self.size.height).saturating_sub(1)
    }

    /// Returns whether the rectangle lies within an image of `size`.
    pub(super) fn is_within(&self, size: Size) -> bool {
        let ends = |start: u16, length: u16| start.checked_add(length);
        ends(self.left, self.size.width).is_some_and(|end| end <= size.width)
            && ends(self.top, self.size.height).is_some_and(|end| end <= size.height)
    }

    /// Returns whether position and size are multiples of these.
    pub(super) fn is_aligned(&self, position: u16, size: u16) -> bool {
        is_multiple(self.left, position)
            && is_multiple(self.top, position)
            && is_multiple(self.size.width, size)
            && is_multiple(self.size.height, size)
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}, {})/{}", self.left, self.top, self.size)
    }
}

pub(super) fn is_multiple(length: u16, step: u16) -> bool {
    length.checked_rem(step) == Some(0)
}

/// Binning: combining neighbouring pixels of one colour during readout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binning {
    /// No binning.
    None,
    /// Two by two pixels.
    TwoByTwo,
}

impl Binning {
    /// Returns the number of pixels that become one, in each direction.
    pub const fn factor(self) -> u16 {
        match self {
            Self::None => 1,
            Self::TwoByTwo => 2,
        }
    }

    /// Returns the size before binning of an image that has `size` after it.
    pub(super) const fn multiplied(self, size: Size) -> Size {
        let factor = self.factor();
        Size::new(
            size.width.saturating_mul(factor),
            size.height.saturating_mul(factor),
        )
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
    /// Scaling by a third, the strongest of a public driver (FRAMOS fr_imx412.c).
    pub const THIRD: Self = Self { m: 48 };
    /// The largest M in use, for scaling by an eighth. The limit of the sensor is not public; with
    /// binning, the full width becomes 253 pixels, smaller than any size in use.
    pub const M_MAX: u16 = 128;

    /// Returns the scaling by 16/`m`, or `None` unless `m` is in 16 to [`Scaling::M_MAX`].
    pub const fn new(m: u16) -> Option<Self> {
        if m >= Self::NONE.m && m <= Self::M_MAX {
            Some(Self { m })
        } else {
            None
        }
    }

    /// Returns the denominator of the ratio; the numerator is 16.
    pub const fn m(self) -> u16 {
        self.m
    }

    /// Returns the size after scaling of an image of `size`, rounded down.
    pub(super) fn shrunk(self, size: Size) -> Size {
        let shrink = |length: u16| {
            let sixteenths = u32::from(length).saturating_mul(16);
            let length = sixteenths.checked_div(self.m.into()).unwrap_or(0);
            u16::try_from(length).unwrap_or(u16::MAX)
        };
        Size::new(shrink(size.width), shrink(size.height))
    }

    /// Returns whether an image of `size` becomes `output` with no rest.
    pub(super) fn is_exact(self, size: Size, output: Size) -> bool {
        let exact = |length: u16, output: u16| {
            u32::from(length).saturating_mul(16) == u32::from(output).saturating_mul(self.m.into())
        };
        exact(size.width, output.width) && exact(size.height, output.height)
    }
}

impl Size {
    /// Returns the size after binning.
    pub(super) const fn divided(self, binning: Binning) -> Self {
        match binning {
            Binning::None => self,
            Binning::TwoByTwo => Self::new(self.width / 2, self.height / 2),
        }
    }
}
