// SPDX-License-Identifier: GPL-2.0-only

//! The scene of the emulated sensor: one byte per photosite of the active array, sRGB-encoded, in
//! the sensor's RGGB mosaic.

use super::bayer::{HEIGHT, WIDTH};
use super::{chart, file, Picture};
use anyhow::Result;
use std::path::Path;

/// Returns the scene of an image file, cut to the sensor's proportions, or of the chart.
///
/// # Errors
///
/// The file is no image.
pub fn scene(picture: Option<&Path>) -> Result<Vec<u8>> {
    let picture = match picture {
        Some(path) => file::load(path)?.covering(WIDTH, HEIGHT),
        None => chart::draw(WIDTH, HEIGHT),
    };
    Ok(mosaic(&picture))
}

/// Returns the light on the photosites under an image of the array's size.
pub fn mosaic(picture: &Picture) -> Vec<u8> {
    let rows = picture.pixels().chunks_exact(picture.width()).enumerate();
    rows.flat_map(|(y, row)| {
        row.iter()
            .enumerate()
            .map(move |(x, colour)| colour[x % 2 + y % 2])
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photosites_see_their_own_colour() {
        let picture = Picture::new(4, 2, [10, 20, 30]);
        assert_eq!(mosaic(&picture), [10, 20, 10, 20, 20, 30, 20, 30]);
    }

    #[test]
    fn a_scene_covers_the_active_array() {
        assert_eq!(scene(None).unwrap().len(), 4056 * 3040);
    }
}
