// SPDX-License-Identifier: GPL-2.0-only

//! Which part of the pixel array is read, and how it becomes the output picture.
//!
//! ```text
//! active array -> analogue crop -> binning -> digital crop -> scaling -> output
//! ```
//!
//! Everything is counted in whole Bayer cells of two by two pixels, so that each stage hands on the
//! pattern that it gets, and the output begins with the same colour whatever the crop
//! ([`orientation`](super::orientation) tells with which):
//!
//! | what | steps of | why |
//! |---|---|---|
//! | analogue crop, position | 2 | a Bayer cell |
//! | analogue crop, size | 2, binned 4 | a Bayer cell, of what is left after binning |
//! | digital crop, position and size | 2 | a Bayer cell |
//! | output width | 4 at 10 bits, else 2 | a Bayer cell; CSI-2 packs four pixels of 10 bits into five bytes and has no shorter line |
//! | output height | 2 | a Bayer cell |
//! | output size | at least [`OUTPUT_MIN`] | smaller than what receivers can be relied upon to take |
//! | analogue crop, size | at least [`OUTPUT_MIN`] | it follows from the output's |
//!
//! The scaler must come out even: 16 times the digital crop over M is a whole output size.
//!
//! [`presets`] holds the ready-made readouts and [`modes`] numbers them, [`negotiate`] finds the
//! readout for what an application asks for.

use core::fmt;

pub mod modes;
pub mod negotiate;
pub mod presets;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

impl Size {
    /// A size of `width` by `height`.
    pub const fn new(width: u16, height: u16) -> Self {
        Self { width, height }
    }

    fn contains(self, other: Self) -> bool {
        other.width <= self.width && other.height <= self.height
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
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

    /// Whether the rectangle lies within a picture of `size`.
    fn is_within(&self, size: Size) -> bool {
        let ends = |start: u16, length: u16| start.checked_add(length);
        ends(self.left, self.size.width).is_some_and(|end| end <= size.width)
            && ends(self.top, self.size.height).is_some_and(|end| end <= size.height)
    }

    /// Whether position and size are multiples of these.
    fn is_aligned(&self, position: u16, size: u16) -> bool {
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

fn is_multiple(length: u16, step: u16) -> bool {
    length.checked_rem(step) == Some(0)
}

/// Size of the whole pixel array, optically black pixels and margins included.
pub const NATIVE: Size = Size::new(4072, 3176);

/// The pixels that can be read out, in coordinates of [`NATIVE`].
///
/// The sensor's crop registers count from the corner of this rectangle.
pub const ACTIVE: Rect = Rect {
    left: 8,
    top: 16,
    size: Size::new(4056, 3040),
};

/// The smallest output. The part has no known limit; receivers have (mainline's lie between 1 and 64).
pub const OUTPUT_MIN: Size = Size::new(64, 64);

/// Bits per pixel on the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// 8 bits, with the converters running at 10 bits; on the IMX577 alone.
    Eight,
    /// 10 bits, with the converters running at 10 bits.
    Ten,
    /// 12 bits, with the converters running at 12 bits.
    Twelve,
}

impl Depth {
    /// Number of bits.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Eight => 8,
            Self::Ten => 10,
            Self::Twelve => 12,
        }
    }

    /// The steps in which an output can be wider.
    pub const fn width_step(self) -> u16 {
        match self {
            Self::Ten => 4,
            Self::Eight | Self::Twelve => 2,
        }
    }
}

/// The steps in which an output can be higher, and a crop be moved and sized.
pub const CELL: u16 = 2;

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

    /// What `size` is before binning.
    const fn multiplied(self, size: Size) -> Size {
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
    /// The largest M that is allowed here: an eighth. The part's own limit is not public; with binning
    /// the full width comes down to 253 pixels, below any size in use.
    pub const M_MAX: u16 = 128;

    /// Scaling by 16/`m`, or `None` unless `m` lies in 16 to [`Scaling::M_MAX`].
    pub const fn new(m: u16) -> Option<Self> {
        if m >= Self::NONE.m && m <= Self::M_MAX {
            Some(Self { m })
        } else {
            None
        }
    }

    /// The ratio's denominator; the numerator is 16.
    pub const fn m(self) -> u16 {
        self.m
    }

    /// What becomes of `length` pixels, if that is a whole number.
    fn shrink(self, length: u16) -> Option<u16> {
        let sixteenths = u32::from(length).checked_mul(16)?;
        let m = u32::from(self.m);
        if sixteenths.checked_rem(m)? != 0 {
            return None;
        }
        u16::try_from(sixteenths.checked_div(m)?).ok()
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

    /// Any way of reading the array. The output's size follows.
    ///
    /// `analogue_crop` counts from the corner of the active array, `digital_crop` from that of the
    /// binned picture; `None` keeps all of it.
    ///
    /// # Errors
    ///
    /// The first stage that the rules in the module's documentation do not allow.
    pub fn new(
        analogue_crop: Rect,
        binning: Binning,
        digital_crop: Option<Rect>,
        scaling: Scaling,
        depth: Depth,
    ) -> Result<Self, ReadoutError> {
        let factor = binning.factor();
        let size_step = CELL.saturating_mul(factor);
        if !analogue_crop.is_within(ACTIVE.size) {
            return Err(ReadoutError::OutsideArray(analogue_crop));
        }
        if !analogue_crop.is_aligned(CELL, size_step) {
            return Err(ReadoutError::AnalogueCropMisaligned {
                found: analogue_crop,
                size_step,
            });
        }

        let binned = analogue_crop.size.divided(binning);
        let digital_crop = digital_crop.unwrap_or(Rect {
            left: 0,
            top: 0,
            size: binned,
        });
        if !digital_crop.is_within(binned) {
            return Err(ReadoutError::OutsidePicture {
                found: digital_crop,
                picture: binned,
            });
        }
        if !digital_crop.is_aligned(CELL, CELL) {
            return Err(ReadoutError::DigitalCropMisaligned(digital_crop));
        }

        let Size { width, height } = digital_crop.size;
        let whole = scaling.shrink(width).zip(scaling.shrink(height));
        let Some((width, height)) = whole else {
            return Err(ReadoutError::NotWhole {
                cropped: digital_crop.size,
                scaling,
            });
        };
        let output = Size { width, height };
        if !is_multiple(width, depth.width_step()) || !is_multiple(height, CELL) {
            return Err(ReadoutError::OutputMisaligned {
                found: output,
                depth,
            });
        }
        if !output.contains(OUTPUT_MIN) {
            return Err(ReadoutError::OutputTooSmall(output));
        }
        Ok(Self {
            analogue_crop,
            binning,
            digital_crop,
            scaling,
            output,
            depth,
        })
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

    /// The part of the array that the picture shows, in coordinates of [`NATIVE`].
    pub const fn field_of_view(&self) -> Rect {
        let Rect { left, top, size } = self.digital_crop;
        let within = self.binning.multiplied(Size::new(left, top));
        Rect {
            left: ACTIVE
                .left
                .saturating_add(self.analogue_crop.left)
                .saturating_add(within.width),
            top: ACTIVE
                .top
                .saturating_add(self.analogue_crop.top)
                .saturating_add(within.height),
            size: self.binning.multiplied(size),
        }
    }

    /// Lines that the array's readout takes for a picture: what the frame length must hold.
    ///
    /// A scaled picture takes those of the whole array, cropped or not: so does the only public
    /// program that scales (FRAMOS fr_imx412.c, 1280x720 from 2160 lines in a frame of 3092).
    pub fn lines_read(&self) -> u32 {
        let lines = if self.scaling == Scaling::NONE {
            self.analogue_crop.size
        } else {
            ACTIVE.size
        };
        u32::from(lines.divided(self.binning).height)
    }
}

impl Size {
    /// What binning makes of the size.
    const fn divided(self, binning: Binning) -> Self {
        match binning {
            Binning::None => self,
            Binning::TwoByTwo => Self::new(self.width / 2, self.height / 2),
        }
    }
}

/// Why the array cannot be read in a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadoutError {
    /// The analogue crop reaches out of the active array.
    OutsideArray(Rect),
    /// The analogue crop cuts through Bayer cells.
    AnalogueCropMisaligned {
        /// The crop, in coordinates of the active array.
        found: Rect,
        /// What width and height must be multiples of.
        size_step: u16,
    },
    /// The digital crop reaches out of the binned picture.
    OutsidePicture {
        /// The crop.
        found: Rect,
        /// Size of the binned picture.
        picture: Size,
    },
    /// The digital crop cuts through Bayer cells.
    DigitalCropMisaligned(Rect),
    /// The scaler would make a broken number of pixels.
    NotWhole {
        /// What it gets.
        cropped: Size,
        /// How it scales.
        scaling: Scaling,
    },
    /// The output has a size that the link cannot pack.
    OutputMisaligned {
        /// The size.
        found: Size,
        /// Bits per pixel.
        depth: Depth,
    },
    /// The output is smaller than [`OUTPUT_MIN`].
    OutputTooSmall(Size),
}

impl fmt::Display for ReadoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutsideArray(found) => write!(
                f,
                "analogue crop {found} is not within the active array of {}",
                ACTIVE.size
            ),
            Self::AnalogueCropMisaligned { found, size_step } => write!(
                f,
                "analogue crop {found} must begin at multiples of {CELL} and have a size of \
                 multiples of {size_step}"
            ),
            Self::OutsidePicture { found, picture } => write!(
                f,
                "digital crop {found} is not within the picture of {picture}"
            ),
            Self::DigitalCropMisaligned(found) => write!(
                f,
                "digital crop {found} must begin at and have a size of multiples of {CELL}"
            ),
            Self::NotWhole { cropped, scaling } => write!(
                f,
                "{cropped} scaled by 16/{} is not a whole number of pixels",
                scaling.m
            ),
            Self::OutputMisaligned { found, depth } => write!(
                f,
                "output of {found} at {} bits must have a width of multiples of {} and a height \
                 of multiples of {CELL}",
                depth.bits(),
                depth.width_step()
            ),
            Self::OutputTooSmall(found) => {
                write!(f, "output of {found} is smaller than {OUTPUT_MIN}")
            }
        }
    }
}
