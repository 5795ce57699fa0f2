// SPDX-License-Identifier: GPL-2.0-only

//! Readout of the pixel array: crops, binning, scaling and output size.
//!
//! ```text
//! active array -> analogue crop -> binning -> digital crop -> scaling -> output
//! ```
//!
//! All stages work on whole Bayer cells of two by two pixels, so that each preserves the pattern
//! and the output begins with the same colour for all crops
//! ([`orientation`](super::setting::orientation) has which):
//!
//! | quantity | steps of | reason |
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
//! [`modes`] numbers the ready-made readouts ([`Preset`]), [`negotiate`] finds the readout for what
//! an application requests.

pub mod modes;
pub mod negotiate;

pub use super::{
    area::{
        Binning,
        Rect,
        Scaling,
        Size, //
    },
    part::{
        presets::Preset,
        Depth, //
        ACTIVE,
        NATIVE,
    },
};

use super::area::is_multiple;
use core::fmt;

/// The smallest output in pixels. The sensor has no known limit; receivers have (mainline's are
/// between 1 and 64).
pub const OUTPUT_MIN: Size = Size::new(64, 64);

/// Steps of output heights and of positions and sizes of crops, in pixels: a Bayer cell.
pub const CELL: u16 = 2;

/// A valid readout of the array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readout {
    /// The pixels that are read, in coordinates of the active array.
    analogue_crop: Rect,
    binning: Binning,
    /// Cut from the binned image.
    digital_crop: Rect,
    scaling: Scaling,
    output: Size,
    depth: Depth,
}

impl Readout {
    /// Returns the whole active array, pixel by pixel.
    pub const fn full_frame(depth: Depth) -> Self {
        let all = Rect::whole(ACTIVE.size);
        Self::uncut(all, Binning::None, Scaling::NONE, ACTIVE.size, depth)
    }

    /// Returns the readout without a digital crop that is to result in `output`. Whether it does,
    /// [`Self::check`] says.
    const fn uncut(
        analogue_crop: Rect,
        binning: Binning,
        scaling: Scaling,
        output: Size,
        depth: Depth,
    ) -> Self {
        Self {
            analogue_crop,
            binning,
            digital_crop: Rect::whole(analogue_crop.size.divided(binning)),
            scaling,
            output,
            depth,
        }
    }

    /// Returns the readout with these stages. The output size follows from them.
    ///
    /// `analogue_crop` is relative to the active array, `digital_crop` to the binned image; `None`
    /// keeps all of it. All are in pixels.
    ///
    /// # Errors
    ///
    /// Returns the first stage that violates the rules in the module documentation.
    pub fn new(
        analogue_crop: Rect,
        binning: Binning,
        digital_crop: Option<Rect>,
        scaling: Scaling,
        depth: Depth,
    ) -> Result<Self, ReadoutError> {
        let binned = analogue_crop.size.divided(binning);
        let digital_crop = digital_crop.unwrap_or(Rect::whole(binned));
        let readout = Self {
            analogue_crop,
            binning,
            digital_crop,
            scaling,
            output: scaling.shrunk(digital_crop.size),
            depth,
        };
        readout.check()?;
        Ok(readout)
    }

    /// Checks that the stages keep to the rules in the module documentation and result in the
    /// output.
    fn check(&self) -> Result<(), ReadoutError> {
        let size_step = CELL.saturating_mul(self.binning.factor());
        if !self.analogue_crop.is_within(ACTIVE.size) {
            return Err(ReadoutError::OutsideArray(self.analogue_crop));
        }
        if !self.analogue_crop.is_aligned(CELL, size_step) {
            return Err(ReadoutError::AnalogueCropMisaligned {
                found: self.analogue_crop,
                size_step,
            });
        }

        let binned = self.analogue_crop.size.divided(self.binning);
        if !self.digital_crop.is_within(binned) {
            return Err(ReadoutError::OutsideImage {
                found: self.digital_crop,
                image: binned,
            });
        }
        if !self.digital_crop.is_aligned(CELL, CELL) {
            return Err(ReadoutError::DigitalCropMisaligned(self.digital_crop));
        }

        if !self.scaling.is_exact(self.digital_crop.size, self.output) {
            return Err(ReadoutError::NotWhole {
                cropped: self.digital_crop.size,
                scaling: self.scaling,
            });
        }
        let Size { width, height } = self.output;
        if !is_multiple(width, self.depth.width_step()) || !is_multiple(height, CELL) {
            return Err(ReadoutError::OutputMisaligned {
                found: self.output,
                depth: self.depth,
            });
        }
        if !self.output.contains(OUTPUT_MIN) {
            return Err(ReadoutError::OutputTooSmall(self.output));
        }
        Ok(())
    }

    /// Returns the pixels that are read, in coordinates of the active array.
    pub const fn analogue_crop(&self) -> Rect {
        self.analogue_crop
    }

    /// Returns the binning.
    pub const fn binning(&self) -> Binning {
        self.binning
    }

    /// Returns the digital crop, in coordinates of the binned image.
    pub const fn digital_crop(&self) -> Rect {
        self.digital_crop
    }

    /// Returns the scaling.
    pub const fn scaling(&self) -> Scaling {
        self.scaling
    }

    /// Returns the size of the output image in pixels.
    pub const fn output(&self) -> Size {
        self.output
    }

    /// Returns the bits per pixel.
    pub const fn depth(&self) -> Depth {
        self.depth
    }

    /// Returns the field of view of the image, in coordinates of [`NATIVE`].
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

    /// Returns the number of lines that are read for an image, which the frame length must include.
    ///
    /// A scaled image takes those of the whole array, even if it is cropped, as in the only public
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

/// The reason why a readout is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadoutError {
    /// The analogue crop exceeds the active array. Has the crop.
    OutsideArray(Rect),
    /// The analogue crop cuts through Bayer cells.
    AnalogueCropMisaligned {
        /// The crop, in coordinates of the active array.
        found: Rect,
        /// Width and height must be multiples of this.
        size_step: u16,
    },
    /// The digital crop exceeds the binned image.
    OutsideImage {
        /// The crop.
        found: Rect,
        /// Size of the binned image.
        image: Size,
    },
    /// The digital crop cuts through Bayer cells. Has the crop.
    DigitalCropMisaligned(Rect),
    /// The scaled size is not a whole number of pixels.
    NotWhole {
        /// The size before scaling.
        cropped: Size,
        /// The scaling.
        scaling: Scaling,
    },
    /// The link cannot pack the size of the output.
    OutputMisaligned {
        /// The size.
        found: Size,
        /// Bits per pixel.
        depth: Depth,
    },
    /// The output is smaller than [`OUTPUT_MIN`]. Has its size.
    OutputTooSmall(Size),
}

impl Preset {
    /// Returns the readout at a depth.
    pub const fn readout(&self, depth: Depth) -> Readout {
        Readout::uncut(
            self.crop(),
            self.binning(),
            self.scaling(),
            self.output(),
            depth,
        )
    }
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
            Self::OutsideImage { found, image } => {
                write!(f, "digital crop {found} is not within the image of {image}")
            }
            Self::DigitalCropMisaligned(found) => write!(
                f,
                "digital crop {found} must begin at and have a size of multiples of {CELL}"
            ),
            Self::NotWhole { cropped, scaling } => write!(
                f,
                "{cropped} scaled by 16/{} is not a whole number of pixels",
                scaling.m()
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
