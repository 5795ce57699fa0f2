// SPDX-License-Identifier: GPL-2.0-only

//! The contact sheet: all images, small, with what they were taken with.

use super::Shot;
use crate::capture::Capture;
use picture::{label, Picture, Rgb};

const COLUMNS: usize = 4;
const WIDTH: usize = 480;
const HEIGHT: usize = 360;
const MARGIN: usize = 16;
/// Room for two lines of text below each image.
const TEXT: usize = 44;
const PAPER: Rgb = [24; 3];
const INK: Rgb = [230; 3];
const FAINT: Rgb = [150; 3];

/// Returns an image at the size it has on the sheet: as large as there is room, its proportions
/// kept.
pub fn thumbnail(picture: &Picture) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    if width * HEIGHT > height * WIDTH {
        picture.resized(WIDTH, (height * WIDTH / width).max(1))
    } else {
        picture.resized((width * HEIGHT / height).max(1), HEIGHT)
    }
}

/// An image on the sheet, with two lines of text.
#[derive(Debug)]
pub struct Cell {
    pub name: String,
    pub caption: String,
    pub thumbnail: Picture,
}

/// Returns the cell of a raw frame.
pub fn cell(shot: &Shot) -> Cell {
    Cell {
        name: shot.name.clone(),
        caption: settings(&shot.capture),
        thumbnail: shot.thumbnail.clone(),
    }
}

/// Lays out all pictures.
pub fn contact_sheet(cells: &[Cell]) -> Picture {
    let rows = cells.len().div_ceil(COLUMNS);
    let (cell_width, cell_height) = (WIDTH + MARGIN, HEIGHT + TEXT + MARGIN);
    let mut sheet = Picture::new(
        COLUMNS * cell_width + MARGIN,
        rows * cell_height + MARGIN,
        PAPER,
    );
    for (index, cell) in cells.iter().enumerate() {
        let left = MARGIN + index % COLUMNS * cell_width;
        let top = MARGIN + index / COLUMNS * cell_height;
        let thumbnail = &cell.thumbnail;
        sheet.place(
            thumbnail,
            left + (WIDTH - thumbnail.width()) / 2,
            top + (HEIGHT - thumbnail.height()) / 2,
        );
        label::write(&mut sheet, &cell.name, (left, top + HEIGHT + 6), 2, INK);
        label::write(
            &mut sheet,
            &cell.caption,
            (left, top + HEIGHT + 28),
            1,
            FAINT,
        );
    }
    sheet
}

fn settings(capture: &Capture) -> String {
    let value = |name: &str| capture.controls.get(name).copied().unwrap_or_default();
    format!(
        "{}  {}x{}  {:.2} fps  exposure {}  gain {}/{}",
        capture.pixel_format,
        capture.width,
        capture.height,
        capture.fps_measured,
        value("exposure"),
        value("analogue_gain"),
        value("digital_gain")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbnails_keep_proportions() {
        let size = |width, height| {
            let small = thumbnail(&Picture::new(width, height, PAPER));
            (small.width(), small.height())
        };
        assert_eq!(size(640, 480), (480, 360));
        assert_eq!(size(1920, 1080), (480, 270));
        assert_eq!(size(1000, 1500), (240, 360));
    }
}
