// SPDX-License-Identifier: GPL-2.0-only

//! Pictures: from files and the chart into the sensor's scene, and from raw frames back into files.

pub mod bayer;
pub mod chart;
pub mod develop;
pub mod file;
pub mod label;
pub mod light;
pub mod scene;

/// A colour, red, green and blue in sRGB encoding.
pub type Rgb = [u8; 3];

/// An image in memory, sRGB, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Rgb>,
}

impl Picture {
    /// Returns an image of one colour.
    pub fn new(width: usize, height: usize, colour: Rgb) -> Self {
        Self {
            width,
            height,
            pixels: vec![colour; width * height],
        }
    }

    /// Returns an image from its pixels. None if their number does not fit the size.
    pub fn from_pixels(width: usize, height: usize, pixels: Vec<Rgb>) -> Option<Self> {
        (pixels.len() == width * height).then_some(Self {
            width,
            height,
            pixels,
        })
    }

    /// Pixels per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Returns the colour at a place. Panics outside the image.
    pub fn at(&self, x: usize, y: usize) -> Rgb {
        self.pixels[y * self.width + x]
    }

    /// Returns all pixels, row by row.
    pub fn pixels(&self) -> &[Rgb] {
        &self.pixels
    }

    /// Colours every pixel of a rectangle, cut to the image, by its place: absolute coordinates;
    /// `None` leaves it.
    pub fn paint(
        &mut self,
        (left, top, width, height): (usize, usize, usize, usize),
        colour: impl Fn(usize, usize) -> Option<Rgb>,
    ) {
        for y in top..(top + height).min(self.height) {
            for x in left..(left + width).min(self.width) {
                if let Some(colour) = colour(x, y) {
                    self.pixels[y * self.width + x] = colour;
                }
            }
        }
    }

    /// Colours a rectangle, cut to the image.
    pub fn fill(&mut self, rectangle: (usize, usize, usize, usize), colour: Rgb) {
        self.paint(rectangle, |_, _| Some(colour));
    }

    /// Copies another image to a place, cut to this one.
    pub fn place(&mut self, other: &Picture, left: usize, top: usize) {
        self.paint((left, top, other.width, other.height), |x, y| {
            Some(other.at(x - left, y - top))
        });
    }

    /// Returns the image at another size: what falls into a pixel is averaged where it shrinks,
    /// repeated where it grows.
    pub fn resized(&self, width: usize, height: usize) -> Self {
        let spans = |from: usize, to: usize| -> Vec<(usize, usize)> {
            (0..to)
                .map(|at| {
                    let start = at * from / to;
                    (start, ((at + 1) * from / to).max(start + 1))
                })
                .collect()
        };
        let (columns, rows) = (spans(self.width, width), spans(self.height, height));
        let mut pixels = Vec::with_capacity(width * height);
        for &(top, bottom) in &rows {
            for &(left, right) in &columns {
                let mut sum = [0u32; 3];
                for y in top..bottom {
                    for pixel in &self.pixels[y * self.width + left..y * self.width + right] {
                        for (sum, value) in sum.iter_mut().zip(pixel) {
                            *sum += u32::from(*value);
                        }
                    }
                }
                let count = ((right - left) * (bottom - top)) as u32;
                pixels.push(sum.map(|sum| ((sum + count / 2) / count) as u8));
            }
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    /// Returns the middle of the image, as large as possible at the given proportions, at the
    /// given size.
    pub fn covering(&self, width: usize, height: usize) -> Self {
        let cut_width = (self.height * width / height).clamp(1, self.width);
        let cut_height = (self.width * height / width).clamp(1, self.height);
        let (left, top) = ((self.width - cut_width) / 2, (self.height - cut_height) / 2);
        let mut cut = Self::new(cut_width, cut_height, [0; 3]);
        cut.paint((0, 0, cut_width, cut_height), |x, y| {
            Some(self.at(left + x, top + y))
        });
        cut.resized(width, height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinking_averages_and_growing_repeats() {
        let pixels = vec![[0; 3], [100; 3], [50; 3], [50; 3]];
        let picture = Picture::from_pixels(2, 2, pixels).unwrap();
        assert_eq!(picture.resized(1, 1).at(0, 0), [50; 3]);
        let grown = picture.resized(4, 2);
        assert_eq!(
            [grown.at(0, 0), grown.at(1, 0), grown.at(2, 0)],
            [[0; 3], [0; 3], [100; 3]]
        );
    }

    #[test]
    fn covering_keeps_the_middle() {
        let mut wide = Picture::new(30, 10, [0; 3]);
        wide.fill((10, 0, 10, 10), [9; 3]);
        let cut = wide.covering(20, 20);
        assert!(cut.pixels().iter().all(|pixel| *pixel == [9; 3]));
        assert_eq!((cut.width(), cut.height()), (20, 20));
    }
}
