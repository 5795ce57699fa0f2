// SPDX-License-Identifier: GPL-2.0-only

//! The scene in front of the sensor.

use super::pairs::LINE_PAIRS;
use crate::virtual_board::model::program::readout::{
    ARRAY_HEIGHT, //
    ARRAY_WIDTH,
};
use core::ops::Range;

/// The scene in front of the sensor.
#[derive(Clone, Copy, Debug)]
pub enum Scene<'a> {
    /// A byte for each photosite of the active array, row by row, 4056 x 3040: the sRGB code of the
    /// light in that photosite's own colour (RGGB). Two neighbours are a word, the left one its low
    /// byte. Rows that the slice does not hold are black.
    Mosaic(&'a [u16]),
    /// Computed, for want of a photograph: red grows from left to right (x / 16), blue from top to
    /// bottom (y / 16), green with both ((x + y) / 32).
    Gradient,
}

/// A row on which no light falls.
const BLACK: &[u16] = &[0; LINE_PAIRS];

impl Scene<'_> {
    /// Bytes of a whole mosaic.
    pub const MOSAIC_BYTES: usize = ARRAY_WIDTH as usize * ARRAY_HEIGHT as usize;

    /// Returns the pairs of photosites of row `y` in `columns` (even start and length); `room` is for
    /// those that have to be computed, [`LINE_PAIRS`] of them at most.
    pub(super) fn row<'a>(self, y: u32, columns: Range<u32>, room: &'a mut [u16]) -> &'a [u16]
    where
        Self: 'a,
    {
        let pairs = columns.end.saturating_sub(columns.start) / 2;
        let pairs = usize::try_from(pairs).unwrap_or(usize::MAX);

        match self {
            Scene::Mosaic(words) => mosaic_row(words, y, columns)
                .or_else(|| BLACK.get(..pairs))
                .unwrap_or(BLACK),
            Scene::Gradient => match room.get_mut(..pairs) {
                Some(row) => {
                    fill_gradient(row, columns.start / 2, y);
                    row
                }
                None => BLACK,
            },
        }
    }

    /// Returns the light in one photosite.
    pub(super) fn at(self, x: u32, y: u32) -> u8 {
        let cell = x & !1;
        let mut room = [0; 1];
        let pair = self.row(y, cell..cell.saturating_add(2), &mut room).first();
        let [left, right] = pair.copied().unwrap_or(0).to_le_bytes();

        if x & 1 == 0 {
            left
        } else {
            right
        }
    }
}

fn mosaic_row(words: &[u16], y: u32, columns: Range<u32>) -> Option<&[u16]> {
    let row = usize::try_from(y).ok()?.checked_mul(LINE_PAIRS)?;
    let start = row.checked_add(usize::try_from(columns.start / 2).ok()?)?;
    let end = row.checked_add(usize::try_from(columns.end / 2).ok()?)?;

    words.get(start..end)
}

/// Fills `row` with the sRGB codes of the built-in scene in row `y`, from pair `first` on.
fn fill_gradient(row: &mut [u16], first: u32, y: u32) {
    // No code of the array has more than 8 bits.
    let pair = |left: u32, right: u32| {
        let [low, high, ..] = (left | right << 8).to_le_bytes();
        u16::from_le_bytes([low, high])
    };
    let green = |x: u32| x.wrapping_add(y) / 32;
    let cells = (first..).map(|cell| cell.wrapping_mul(2)).zip(row);

    if y & 1 == 0 {
        cells.for_each(|(x, codes)| *codes = pair(x / 16, green(x | 1)));
    } else {
        cells.for_each(|(x, codes)| *codes = pair(green(x), y / 16));
    }
}
