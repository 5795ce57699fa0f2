// SPDX-License-Identifier: GPL-2.0-only

//! Defects of the array, with and without the on-sensor correction.

use imx412_host::virtual_board::model::{Colour, Scene, DEFECTS};

use crate::picture::{Camera, Geometry, Image};

/// Returns the gradient in `geometry`, with and without the correction of defects.
fn pair(geometry: &Geometry) -> (Image, Image) {
    let shoot = |corrected: u8| {
        let mut camera = Camera::with_geometry(geometry);
        camera.rig.set8(0x0b05, corrected);
        camera.rig.set8(0x0b06, corrected);
        camera.shoot(Scene::Gradient)
    };
    (shoot(1), shoot(0))
}

/// Returns the differences of two images: column, row and the two values.
fn differences(good: &Image, bad: &Image) -> Vec<(u32, u32, u16, u16)> {
    let mut found = Vec::new();
    for (y, rows) in (0u32..).zip(good.iter().zip(bad)) {
        for (x, pixels) in (0u32..).zip(rows.0.iter().zip(rows.1)) {
            if pixels.0 != pixels.1 {
                found.push((x, y, *pixels.0, *pixels.1));
            }
        }
    }
    found
}

#[test]
fn without_correction_hot_and_dead_photosites_show_and_nothing_else_changes() {
    let (good, bad) = pair(&Geometry::default());
    let mut expected: Vec<_> = DEFECTS
        .iter()
        .map(|defect| {
            let (x, y) = (defect.x, defect.y);
            let shown = if defect.hot { 1023 } else { 64 };
            (x, y, good[y as usize][x as usize], shown)
        })
        .collect();
    expected.sort_by_key(|(x, y, ..)| (*y, *x));
    assert_eq!(differences(&good, &bad), expected);
}

#[test]
fn after_reset_the_correction_is_on() {
    let (good, _) = pair(&Geometry::default());
    let image = Camera::with_geometry(&Geometry::default()).shoot(Scene::Gradient);
    assert!(image == good);
}

#[test]
fn every_colour_has_a_hot_and_a_dead_photosite() {
    for colour in [Colour::R, Colour::Gr, Colour::Gb, Colour::B] {
        for hot in [false, true] {
            assert!(
                DEFECTS
                    .iter()
                    .any(|defect| Colour::at(defect.x, defect.y) == colour && defect.hot == hot),
                "{colour:?} {hot}"
            );
        }
    }
}

#[test]
fn defects_turn_round_with_the_flips() {
    for orientation in 1..4u32 {
        let (good, bad) = pair(&Geometry {
            orientation: orientation as u8,
            ..Geometry::default()
        });
        let mut expected: Vec<_> = DEFECTS
            .iter()
            .map(|defect| {
                let x = if orientation & 1 == 0 {
                    defect.x
                } else {
                    4055 - defect.x
                };
                let y = if orientation & 2 == 0 {
                    defect.y
                } else {
                    3039 - defect.y
                };
                (y, x)
            })
            .collect();
        expected.sort_unstable();
        let found: Vec<_> = differences(&good, &bad)
            .into_iter()
            .map(|(x, y, ..)| (y, x))
            .collect();
        assert_eq!(found, expected, "{orientation}");
    }
}

#[test]
fn a_binned_pixel_has_a_quarter_of_the_defect() {
    for orientation in 0..4 {
        let (good, bad) = pair(&Geometry {
            binned: true,
            orientation,
            ..Geometry::default()
        });
        let found = differences(&good, &bad);
        assert_eq!(found.len(), DEFECTS.len());
        for defect in DEFECTS {
            let flip = |position: u32, size: u32, bit: u8| {
                if orientation & bit == 0 {
                    position
                } else {
                    size - 1 - position
                }
            };
            let bin = |position: u32| position / 4 * 2 + position % 2;
            let (x, y) = (bin(flip(defect.x, 4056, 1)), bin(flip(defect.y, 3040, 2)));
            let (.., before, after) = *found
                .iter()
                .find(|(fx, fy, ..)| (*fx, *fy) == (x, y))
                .unwrap();
            // The other three are neighbours of about the same light.
            let shown = if defect.hot { 1023 } else { 64 };
            let expected = (u32::from(before) * 3 + shown) / 4;
            assert!(expected.abs_diff(after.into()) <= 3, "{defect:?}: {after}");
        }
    }
}

#[test]
fn a_crop_has_the_defects_that_lie_in_it() {
    let (good, bad) = pair(&Geometry {
        crop: (1900, 1400, 104, 52),
        digital: Some((2, 0, 100, 52)),
        ..Geometry::default()
    });
    let found: Vec<_> = differences(&good, &bad)
        .into_iter()
        .map(|(x, y, _, shown)| (x, y, shown))
        .collect();
    assert_eq!(found, [(1951 - 1902, 1450 - 1400, 1023)]);
}
