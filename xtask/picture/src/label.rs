// SPDX-License-Identifier: GPL-2.0-only

//! Text in images, from an 8x8 bitmap font.

use super::{Picture, Rgb};
use font8x8::UnicodeFonts;

/// Pixels of one letter's side before enlarging.
const CELL: usize = 8;

/// Writes `text` with letters of `scale` * 8 pixels, its top left corner at the given place. What
/// the font does not have is left blank.
pub fn write(
    picture: &mut Picture,
    text: &str,
    (left, top): (usize, usize),
    scale: usize,
    colour: Rgb,
) {
    for (index, letter) in text.chars().enumerate() {
        let Some(rows) = font8x8::BASIC_FONTS.get(letter) else {
            continue;
        };
        let origin = left + index * CELL * scale;
        picture.paint((origin, top, CELL * scale, CELL * scale), |x, y| {
            let row = rows[(y - top) / scale];
            (row >> ((x - origin) / scale) & 1 == 1).then_some(colour)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_where_they_were_put() {
        let mut picture = Picture::new(40, 20, [0; 3]);
        write(&mut picture, "|", (8, 2), 2, [255; 3]);
        let lit = |x: usize| (0..20).any(|y| picture.at(x, y) == [255; 3]);
        assert!((8..24).any(lit) && !(0..8).any(lit) && !(24..40).any(lit));
    }
}
