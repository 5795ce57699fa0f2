// SPDX-License-Identifier: GPL-2.0-only

//! The scene in front of the sensor.

use crate::virtual_board::model::program::{
    bayer::Colour,
    readout::{
        ARRAY_HEIGHT,
        ARRAY_WIDTH, //
    }, //
};
use core::{
    iter,
    ops::Range, //
};

/// The scene in front of the sensor.
#[derive(Clone, Copy, Debug)]
pub enum Scene<'a> {
    /// One byte for each photosite of the active array, row by row, 4056 x 3040: the sRGB code of
    /// the light in that photosite's own colour (RGGB). Rows that the slice does not hold are
    /// black.
    Mosaic(&'a [u8]),
    /// Computed, for want of a photograph: red grows from left to right (x / 16), blue from top to
    /// bottom (y / 16), green with both ((x + y) / 32).
    Gradient,
}

/// Takes the photosites of a row. Generic, so that the loop over the row is compiled for each kind
/// of row and has nothing to decide per pixel.
pub(crate) trait RowSink {
    /// `pairs` are neighbours, in reading order.
    fn take(self, pairs: impl Iterator<Item = [u8; 2]>);
}

impl Scene<'_> {
    /// Bytes of a whole mosaic.
    pub const MOSAIC_BYTES: usize = ARRAY_WIDTH as usize * ARRAY_HEIGHT as usize;

    /// Gives `sink` the photosites of row `y` in `columns` (even start and length), from the last
    /// to the first if `reversed`.
    pub(crate) fn read_row(self, y: u32, columns: Range<u32>, reversed: bool, sink: impl RowSink) {
        match (self, reversed) {
            (Scene::Mosaic(bytes), _) => match mosaic_row(bytes, y, columns) {
                Some(row) if reversed => {
                    sink.take(row.chunks_exact(2).rev().map(|pair| match pair {
                        [a, b] => [*b, *a],
                        _ => [0; 2],
                    }))
                }
                Some(row) => sink.take(row.chunks_exact(2).map(|pair| match pair {
                    [a, b] => [*a, *b],
                    _ => [0; 2],
                })),
                None => sink.take(iter::repeat([0; 2])),
            },
            (Scene::Gradient, false) => {
                sink.take(cells(columns).map(|x| [gradient(x, y), gradient(x | 1, y)]));
            }
            (Scene::Gradient, true) => sink.take(
                cells(columns)
                    .rev()
                    .map(|x| [gradient(x | 1, y), gradient(x, y)]),
            ),
        }
    }
}

impl Scene<'_> {
    /// Returns the light in one photosite.
    pub(crate) fn at(self, x: u32, y: u32) -> u8 {
        match self {
            Scene::Mosaic(bytes) => mosaic_row(bytes, y, x..x.saturating_add(1))
                .and_then(|row| row.first().copied())
                .unwrap_or(0),
            Scene::Gradient => gradient(x, y),
        }
    }
}

fn mosaic_row(bytes: &[u8], y: u32, columns: Range<u32>) -> Option<&[u8]> {
    let row = usize::try_from(y.checked_mul(ARRAY_WIDTH)?).ok()?;
    let start = row.checked_add(usize::try_from(columns.start).ok()?)?;
    let end = row.checked_add(usize::try_from(columns.end).ok()?)?;
    bytes.get(start..end)
}

/// Returns the first column of each Bayer cell in `columns`.
fn cells(columns: Range<u32>) -> impl DoubleEndedIterator<Item = u32> {
    (columns.start / 2..columns.end / 2).map(|cell| cell.saturating_mul(2))
}

/// Returns the sRGB code of the built-in scene at column `x`, row `y`.
fn gradient(x: u32, y: u32) -> u8 {
    let code = match Colour::at(x, y) {
        Colour::R => x / 16,
        Colour::B => y / 16,
        Colour::Gr | Colour::Gb => x.saturating_add(y) / 32,
    };
    u8::try_from(code).unwrap_or(u8::MAX)
}
