// SPDX-License-Identifier: GPL-2.0-only

//! Geometry of the readout: the photosites of each pixel of the image.
//!
//! In the order of the signal: the flips turn the array round; the analogue crop picks rows and
//! columns (its registers count on the unflipped array); binning joins 2x2 photosites of one
//! colour; the digital crop cuts the binned image, counted from its first pixel as sent; the
//! scaler shrinks it by 16 / M. Each step keeps the Bayer pattern.

use super::bayer::BayerOrder;
use crate::virtual_board::model::{
    part::Part,
    registers::{
        map::*,
        view::Registers, //
    },
    violations::{
        Finding,
        Violation, //
    }, //
};

/// Columns of the active array.
pub const ARRAY_WIDTH: u32 = 4056;
/// Rows of the active array.
pub const ARRAY_HEIGHT: u32 = 3040;

/// One axis of the readout, horizontal or vertical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Axis {
    /// First column or row of the analogue crop on the array.
    pub(crate) start: u32,
    /// Columns or rows of the analogue crop.
    pub(crate) size: u32,
    /// Read from the end to the start.
    pub(crate) reversed: bool,
    /// Two photosites of one colour make one.
    pub(crate) binned: bool,
    /// Digital crop, in pixels after binning.
    pub(crate) digital_start: u32,
    /// Digital crop, in pixels after binning.
    pub(crate) digital_size: u32,
    /// The scaler gives 16 pixels for this many: 16 is 1:1.
    pub(crate) scale_m: u32,
    /// Pixels of the output.
    pub(crate) output: u32,
}

impl Axis {
    /// Returns the pixels after binning.
    pub(crate) const fn binned_size(&self) -> u32 {
        if self.binned {
            self.size / 2
        } else {
            self.size
        }
    }

    fn check(&self, array: u32, report: &mut impl FnMut(Finding)) {
        let mut broke = |violation, value: u32, limit: u32| {
            report(Finding::new(violation, value.into(), limit.into()));
        };

        let end = self.start.saturating_add(self.size);
        if self.size == 0 || end > array {
            broke(
                Violation::CropOutsideArray,
                end.saturating_sub(1),
                array.saturating_sub(1),
            );
        }
        let within_cell = if self.binned { 3 } else { 1 };
        if self.start & 1 != 0 || self.size & within_cell != 0 {
            broke(Violation::CropMisaligned, self.start, self.size);
        }

        let digital_end = self.digital_start.saturating_add(self.digital_size);
        if self.digital_size == 0 || digital_end > self.binned_size() {
            broke(
                Violation::DigitalCropOutside,
                digital_end,
                self.binned_size(),
            );
        }
        if self.digital_start & 1 != 0 || self.digital_size & 1 != 0 {
            broke(
                Violation::DigitalCropMisaligned,
                self.digital_start,
                self.digital_size,
            );
        }

        // Whole Bayer cells only.
        let scaled = self
            .digital_size
            .saturating_mul(16)
            .checked_div(self.scale_m)
            .unwrap_or(0)
            & !1;
        if self.output != scaled || self.output == 0 {
            broke(Violation::OutputSizeWrong, self.output, scaled);
        }
    }
}

/// The readout of a frame, by the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readout {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl Readout {
    /// Takes the geometry from the registers; values that make no sense are left as they are,
    /// [`Readout::check`] names them.
    pub(crate) fn new(registers: &Registers<'_>) -> Self {
        let orientation = registers.u8(IMG_ORIENTATION);
        let binned = registers.u8(BINNING_MODE) == 1;
        let scale_mode = registers.u8(SCALE_MODE);
        let m = registers.u16(SCALE_M).into();
        let u32_at = |address| u32::from(registers.u16(address));
        let size = |start: u32, end: u32| end.saturating_add(1).saturating_sub(start);

        Self {
            x: Axis {
                start: u32_at(X_ADD_STA),
                size: size(u32_at(X_ADD_STA), u32_at(X_ADD_END)),
                reversed: orientation & 1 != 0,
                binned,
                digital_start: u32_at(DIG_CROP_X_OFFSET),
                digital_size: u32_at(DIG_CROP_WIDTH),
                scale_m: if scale_mode == 0 { 16 } else { m },
                output: u32_at(X_OUT_SIZE),
            },
            y: Axis {
                start: u32_at(Y_ADD_STA),
                size: size(u32_at(Y_ADD_STA), u32_at(Y_ADD_END)),
                reversed: orientation & 2 != 0,
                binned,
                digital_start: u32_at(DIG_CROP_Y_OFFSET),
                digital_size: u32_at(DIG_CROP_HEIGHT),
                scale_m: if scale_mode == 2 { m } else { 16 },
                output: u32_at(Y_OUT_SIZE),
            },
        }
    }

    pub(crate) fn check(
        &self,
        registers: &Registers<'_>,
        part: &Part,
        report: &mut impl FnMut(Finding),
    ) {
        for address in [X_EVN_INC, X_ODD_INC, Y_EVN_INC, Y_ODD_INC] {
            if registers.u8(address) != 1 {
                report(Finding::new(
                    Violation::SubsamplingUnsupported,
                    address.into(),
                    1,
                ));
            }
        }
        // BINNING_TYPE by itself does nothing: FRAMOS leaves it in its full modes.
        let binning = (registers.u8(BINNING_MODE), registers.u8(BINNING_TYPE));
        if !matches!(binning, (0, _) | (1, 0x22)) {
            report(Finding::new(
                Violation::BinningInvalid,
                u64::from(binning.0) << 8 | u64::from(binning.1),
                0x0122,
            ));
        }
        let weighting = registers.u8(BINNING_WEIGHTING);
        if !part.binning_weightings.contains(&weighting) {
            report(Finding::new(
                Violation::BinningInvalid,
                BINNING_WEIGHTING.into(),
                weighting.into(),
            ));
        }
        let scale = (registers.u8(SCALE_MODE), registers.u16(SCALE_M));
        if !matches!(scale, (0, _) | (1 | 2, 16..)) {
            report(Finding::new(
                Violation::ScalerInvalid,
                scale.0.into(),
                scale.1.into(),
            ));
        }
        self.x.check(ARRAY_WIDTH, report);
        self.y.check(ARRAY_HEIGHT, report);
    }

    /// Returns the pixels per line of the image sent.
    pub const fn width(&self) -> u32 {
        self.x.output
    }

    /// Returns whether pixels are averaged by the scaler.
    pub(crate) const fn is_scaled(&self) -> bool {
        self.x.scale_m != 16 || self.y.scale_m != 16
    }

    /// Returns the lines of the image sent.
    pub const fn height(&self) -> u32 {
        self.y.output
    }

    /// Returns the analogue crop in coordinates of the active array: left, top, width, height.
    pub const fn analogue_crop(&self) -> (u32, u32, u32, u32) {
        (self.x.start, self.y.start, self.x.size, self.y.size)
    }

    /// Returns whether two by two photosites of one colour are joined.
    pub const fn binned(&self) -> bool {
        self.x.binned
    }

    /// Returns the order of colours in the image.
    pub const fn bayer_order(&self) -> BayerOrder {
        BayerOrder::new(self.x.reversed, self.y.reversed)
    }

    /// Returns the lines that are read from the array and so take line time, scaled away or not.
    pub(crate) const fn lines_read(&self) -> u32 {
        self.y.binned_size()
    }
}
