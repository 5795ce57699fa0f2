// SPDX-License-Identifier: GPL-2.0-only

//! Readout of photosites to a frame: crops, binning and scaling as
//! docs/modes.md and docs/virtual-board.md describe them, computed here once more, so that nothing
//! of the driver's or the emulated sensor's own code takes part.

use crate::capture::Crop;
use anyhow::{ensure, Result};
use picture::bayer::{Flips, HEIGHT, WIDTH};

/// Corner of the active array in the native one, which selection rectangles are relative to.
const ACTIVE: (usize, usize) = (8, 16);
/// Scaling of 1:1.
const UNSCALED: usize = 16;
/// Pixels that the emulated scaler averages at most, per axis.
const SAMPLES: usize = 4;

/// Readout of a frame from its crop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readout {
    crop: Crop,
    binned: bool,
    /// The scaler makes 16 pixels of this many.
    scale: usize,
}

/// Width and height.
type Size = (usize, usize);

/// Readouts of presets: frame, crop, binning, scale. All are in the middle of the array.
const PRESETS: [(Size, Size, bool, usize); 16] = [
    ((4056, 3040), (4056, 3040), false, UNSCALED),
    ((4056, 2160), (4056, 2160), false, UNSCALED),
    ((3840, 2160), (3840, 2160), false, UNSCALED),
    ((2028, 1520), (4056, 3040), true, UNSCALED),
    ((1920, 1440), (3840, 2880), true, UNSCALED),
    ((2028, 1080), (4056, 2160), true, UNSCALED),
    ((1920, 1080), (3840, 2160), true, UNSCALED),
    ((1600, 1200), (3200, 2400), true, UNSCALED),
    ((1352, 1012), (4056, 3036), false, 48),
    ((1332, 990), (2664, 1980), true, UNSCALED),
    ((1280, 720), (3840, 2160), false, 48),
    ((1024, 768), (3968, 2976), true, 31),
    ((800, 600), (4000, 3000), true, 40),
    ((640, 480), (4000, 3000), true, 50),
    ((640, 360), (3840, 2160), true, 48),
    ((320, 240), (4000, 3000), true, 100),
];

impl Readout {
    /// Returns the readout of a frame of `size` with the driver's `crop`: the preset's,
    /// and pixel by pixel if there is no preset of this size.
    ///
    /// # Errors
    ///
    /// The image does not show that crop.
    pub fn new((width, height): (usize, usize), crop: Crop) -> Result<Self> {
        let Some((_, (columns, rows), binned, scale)) = PRESETS
            .into_iter()
            .find(|(size, ..)| *size == (width, height))
        else {
            ensure!(
                (crop.width, crop.height) == (width, height),
                "a picture of {width}x{height} shows {crop:?}"
            );
            return Ok(Self {
                crop,
                binned: false,
                scale: UNSCALED,
            });
        };
        let centred = Crop {
            left: ACTIVE.0 + (WIDTH - columns) / 2,
            top: ACTIVE.1 + (HEIGHT - rows) / 2,
            width: columns,
            height: rows,
        };
        ensure!(
            crop == centred,
            "a picture of {width}x{height} shows {crop:?} instead of {centred:?}"
        );
        Ok(Self {
            crop,
            binned,
            scale,
        })
    }

    /// Returns the sensor's output for a full frame's photosites, turned back as
    /// [`Raw`](picture::bayer::Raw) turns frames.
    ///
    /// The flips reverse the order in which the array is read, ahead of binning and scaling: a scaler that
    /// gives 16 pixels of 50 does not give the same of a mirrored row.
    ///
    /// # Errors
    ///
    /// The crop leaves the active array, or does not start on a red photosite.
    pub fn read(&self, photosites: &[u16], flips: Flips) -> Result<Vec<u16>> {
        let Crop {
            left,
            top,
            width,
            height,
        } = self.crop;
        let inside = |start: usize, length: usize, origin: usize, size: usize| {
            start >= origin && start % 2 == 0 && start + length <= origin + size
        };
        ensure!(
            photosites.len() == WIDTH * HEIGHT
                && inside(left, width, ACTIVE.0, WIDTH)
                && inside(top, height, ACTIVE.1, HEIGHT),
            "{:?} is no part of the active array",
            self.crop
        );
        let columns = left - ACTIVE.0..left - ACTIVE.0 + width;
        let mut plane = Plane {
            width,
            values: photosites
                .chunks_exact(WIDTH)
                .skip(top - ACTIVE.1)
                .take(height)
                .flat_map(|row| &row[columns.clone()])
                .copied()
                .collect(),
        };
        flips.turn(&mut plane.values, width);
        if self.binned {
            plane = plane.averaged(binning(width / 2), binning(height / 2));
        }
        if self.scale != UNSCALED {
            let size = |length: usize| length / if self.binned { 2 } else { 1 } * 16 / self.scale;
            plane = plane.averaged(
                scaling(size(width), self.scale),
                scaling(size(height), self.scale),
            );
        }
        flips.turn(&mut plane.values, plane.width);
        Ok(plane.values)
    }
}

/// A mosaic on its way through the sensor.
struct Plane {
    width: usize,
    values: Vec<u16>,
}

impl Plane {
    /// Returns each pixel becomes the mean, rounded down, of the rows and columns listed for it.
    fn averaged(&self, columns: Vec<Vec<usize>>, rows: Vec<Vec<usize>>) -> Self {
        let mut values = Vec::with_capacity(columns.len() * rows.len());
        for ys in &rows {
            for xs in &columns {
                let sum: usize = ys
                    .iter()
                    .flat_map(|y| xs.iter().map(move |x| y * self.width + x))
                    .map(|at| usize::from(self.values[at]))
                    .sum();
                values.push((sum / (xs.len() * ys.len())) as u16);
            }
        }
        Self {
            width: columns.len(),
            values,
        }
    }
}

/// For each pixel of a binned axis, the two neighbours of its colour that make it: a cell of four
/// gives two.
fn binning(length: usize) -> Vec<Vec<usize>> {
    (0..length)
        .map(|at| {
            let first = at / 2 * 4 + at % 2;
            vec![first, first + 2]
        })
        .collect()
}

/// For each pixel of a scaled axis, those that make it. Colours are scaled apart: the nth pixel of
/// a colour stands for n * scale / 16 up to (n + 1) * scale / 16 of it, or for as many of these,
/// evenly spread, as the scaler can add.
fn scaling(length: usize, scale: usize) -> Vec<Vec<usize>> {
    (0..length)
        .map(|at| {
            let start = at / 2 * scale / 16;
            let span = (at / 2 + 1) * scale / 16 - start;
            let samples = span.min(SAMPLES);
            (0..samples)
                .map(|n| 2 * (start + n * span / samples) + at % 2)
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Crop = Crop {
        left: 8,
        top: 16,
        width: 4056,
        height: 3040,
    };

    /// Photosites that tell where they are: the column, or the row, of a Bayer cell.
    fn places(of: impl Fn(usize, usize) -> usize) -> Vec<u16> {
        (0..WIDTH * HEIGHT)
            .map(|at| of(at % WIDTH, at / WIDTH) as u16)
            .collect()
    }

    #[test]
    fn crops_count_from_the_native_array() {
        let crop = Crop {
            left: 108,
            top: 56,
            width: 1000,
            height: 700,
        };
        let readout = Readout::new((1000, 700), crop).unwrap();
        let picture = readout.read(&places(|x, _| x), Flips::default()).unwrap();
        assert_eq!(
            (picture.len(), picture[0], picture[999]),
            (700_000, 100, 1099)
        );
        let picture = readout.read(&places(|_, y| y), Flips::default()).unwrap();
        assert_eq!((picture[0], picture[699_999]), (40, 739));
    }

    #[test]
    fn presets_show_the_middle_and_nothing_else() {
        Readout::new((2028, 1520), FULL).unwrap();
        Readout::new((1280, 720), FULL).unwrap_err();
        Readout::new((1000, 700), FULL).unwrap_err();
        let beside = Crop {
            left: 0,
            width: 4000,
            ..FULL
        };
        let readout = Readout::new((4000, 3040), beside).unwrap();
        readout
            .read(&places(|x, _| x), Flips::default())
            .unwrap_err();
    }

    #[test]
    fn binning_joins_neighbours_of_a_colour() {
        assert_eq!(binning(4), [[0, 2], [1, 3], [4, 6], [5, 7]]);
        let picture = Readout::new((2028, 1520), FULL).unwrap();
        // Columns 0 and 2, 1 and 3, 4 and 6.
        let row = picture.read(&places(|x, _| x), Flips::default()).unwrap();
        assert_eq!(row[..3], [1, 2, 5]);
    }

    #[test]
    fn scaling_keeps_colours_apart() {
        // A third: three pixels of each colour.
        assert_eq!(scaling(3, 48), [[0, 2, 4], [1, 3, 5], [6, 8, 10]]);
        // 16/50: of 3.125 pixels each, some stand for four.
        let spans: Vec<usize> = scaling(32, 50).iter().map(Vec::len).collect();
        assert_eq!((spans[0], spans.iter().sum::<usize>()), (3, 100));
        // Of more than four, four.
        assert_eq!(scaling(1, 128), [[0, 4, 8, 12]]);
    }
}
