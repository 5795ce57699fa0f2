// SPDX-License-Identifier: GPL-2.0-only

//! Which part of the pixel array is read, and how it becomes the output image.
//!
//! ```text
//! active array -> analogue crop -> binning -> digital crop -> scaling -> output
//! ```
//!
//! Everything is counted in whole Bayer cells of two by two pixels, so that each stage hands on the
//! pattern that it gets, and the output begins with the same colour whatever the crop
//! ([`orientation`](super::setting::orientation) has which):
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
//! [`modes`] numbers the ready-made readouts ([`Preset`]), [`negotiate`] finds the readout for what an
//! application requests.

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

/// The smallest output. The sensor has no known limit; receivers have (mainline's lie between 1 and 64).
pub const OUTPUT_MIN: Size = Size::new(64, 64);

/// The steps in which an output can be higher, and a crop be moved and sized.
pub const CELL: u16 = 2;

/// One way of reading the array. All its rectangles fit into each other.
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
    /// binned image; `None` keeps all of it.
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
            return Err(ReadoutError::OutsideImage {
                found: digital_crop,
                image: binned,
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

    /// Returns the pixels that are read, in coordinates of the active array.
    pub const fn analogue_crop(&self) -> Rect {
        self.analogue_crop
    }

    /// Returns how pixels are added up.
    pub const fn binning(&self) -> Binning {
        self.binning
    }

    /// Returns the part that is kept of the binned image, in its coordinates.
    pub const fn digital_crop(&self) -> Rect {
        self.digital_crop
    }

    /// Returns how the cropped image is scaled.
    pub const fn scaling(&self) -> Scaling {
        self.scaling
    }

    /// Returns the size of the image that leaves the sensor.
    pub const fn output(&self) -> Size {
        self.output
    }

    /// Returns the bits per pixel.
    pub const fn depth(&self) -> Depth {
        self.depth
    }

    /// Returns the part of the array that the image shows, in coordinates of [`NATIVE`].
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

    /// Returns the lines that the array's readout takes for an image: the frame length must hold them.
    ///
    /// A scaled image takes those of the whole array, cropped or not: so does the only public
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

/// Why the array cannot be read in a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadoutError {
    /// The analogue crop reaches out of the active array.
    OutsideArray(Rect),
    /// The analogue crop cuts through Bayer cells.
    AnalogueCropMisaligned {
        /// The crop, in coordinates of the active array.
        found: Rect,
        /// Width and height must be multiples of this.
        size_step: u16,
    },
    /// The digital crop reaches out of the binned image.
    OutsideImage {
        /// The crop.
        found: Rect,
        /// Size of the binned image.
        image: Size,
    },
    /// The digital crop cuts through Bayer cells.
    DigitalCropMisaligned(Rect),
    /// The scaler would make a broken number of pixels.
    NotWhole {
        /// The resulting size.
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

impl Preset {
    /// Returns the readout at a depth.
    pub const fn readout(&self, depth: Depth) -> Readout {
        let crop = self.crop();
        Readout {
            analogue_crop: crop,
            binning: self.binning(),
            digital_crop: Rect {
                left: 0,
                top: 0,
                size: crop.size.divided(self.binning()),
            },
            scaling: self.scaling(),
            output: self.output(),
            depth,
        }
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
