// SPDX-License-Identifier: GPL-2.0-only

//! The default scene: a resolution and colour chart. Without text, so that it reads the same
//! however the sensor flips it; each corner says by its number of squares which one it is.

use super::{Picture, Rgb};
use std::f32::consts::TAU;

const GREY: Rgb = [118; 3];
const BLACK: Rgb = [8; 3];
const WHITE: Rgb = [247; 3];

/// Reflectances of the classic 24-patch colour chart in sRGB, row by row.
const PATCHES: [Rgb; 24] = [
    [115, 82, 68],
    [194, 150, 130],
    [98, 122, 157],
    [87, 108, 67],
    [133, 128, 177],
    [103, 189, 170],
    [214, 126, 44],
    [80, 91, 166],
    [193, 90, 99],
    [94, 60, 108],
    [157, 188, 64],
    [224, 163, 46],
    [56, 61, 150],
    [70, 148, 73],
    [175, 54, 60],
    [231, 199, 31],
    [187, 86, 149],
    [8, 133, 161],
    [243, 243, 242],
    [200, 200, 200],
    [160, 160, 160],
    [122, 122, 121],
    [85, 85, 85],
    [52, 52, 52],
];

/// Draws the chart. It is made for 4:3 and scales with the width.
pub fn draw(width: usize, height: usize) -> Picture {
    let mut chart = Picture::new(width, height, GREY);
    let unit = width as f32 / 4056.0;
    let scaled = |value: usize| (value as f32 * unit) as usize;
    border(&mut chart, scaled(32).max(1));
    corners(&mut chart, scaled(64).max(1));
    star(&mut chart, (width / 2, height * 9 / 20), scaled(820));
    zone_plate(&mut chart, (width * 33 / 40, height * 3 / 10), scaled(420));
    patches(&mut chart, (scaled(220), scaled(480)), scaled(150));
    for (index, (x, y)) in [(16, 73), (24, 73), (84, 73), (16, 62)]
        .into_iter()
        .enumerate()
    {
        let angle = (5 + 2 * index) as f32;
        slanted_edge(
            &mut chart,
            (width * x / 100, height * y / 100),
            scaled(130),
            angle,
        );
    }
    line_pairs(
        &mut chart,
        (width * 71 / 100, height * 11 / 20),
        scaled(170),
    );
    ramps(
        &mut chart,
        (scaled(220), height * 33 / 40),
        (width - 2 * scaled(220), scaled(130)),
    );
    chart
}

/// A frame of alternating squares along the edge: a lost row or column shows.
fn border(chart: &mut Picture, square: usize) {
    let (width, height) = (chart.width(), chart.height());
    chart.paint((0, 0, width, height), |x, y| {
        let edge = x < square || y < square || x >= width - square || y >= height - square;
        edge.then(|| {
            if (x / square + y / square) % 2 == 0 {
                WHITE
            } else {
                BLACK
            }
        })
    });
}

/// One square at the top left, two at the top right, three at the bottom left, four at the bottom
/// right.
fn corners(chart: &mut Picture, square: usize) {
    let (right, bottom) = (chart.width() - 2 * square, chart.height() - 2 * square);
    for (count, left_side, y) in [
        (1, true, square),
        (2, false, square),
        (3, true, bottom),
        (4, false, bottom),
    ] {
        for index in 0..count {
            let step = index * square * 3 / 2;
            let x = if left_side {
                square + step
            } else {
                right - step
            };
            chart.fill((x, y, square, square), WHITE);
        }
    }
}

/// A Siemens star: its blurred middle measures resolution in all directions at once.
fn star(chart: &mut Picture, (x0, y0): (usize, usize), radius: usize) {
    const SPOKES: f32 = 72.0;
    chart.paint(
        (x0 - radius, y0 - radius, 2 * radius, 2 * radius),
        |x, y| {
            let (dx, dy) = (x as f32 - x0 as f32, y as f32 - y0 as f32);
            let bright = (dy.atan2(dx) * SPOKES).sin() > 0.0;
            (dx.hypot(dy) < radius as f32).then_some(if bright { WHITE } else { BLACK })
        },
    );
}

/// Rings that get finer outwards, up to two pixels per period: shows aliasing and demosaicing
/// errors.
fn zone_plate(chart: &mut Picture, (x0, y0): (usize, usize), radius: usize) {
    let finest = TAU / 2.0 / 2.0 / radius as f32;
    chart.paint(
        (x0 - radius, y0 - radius, 2 * radius, 2 * radius),
        |x, y| {
            let (dx, dy) = (x as f32 - x0 as f32, y as f32 - y0 as f32);
            let square = dx * dx + dy * dy;
            let inside = square < (radius * radius) as f32;
            inside.then(|| [(128.0 + 119.0 * (square * finest).cos()) as u8; 3])
        },
    );
}

fn patches(chart: &mut Picture, (left, top): (usize, usize), side: usize) {
    let gap = side / 10;
    chart.fill((left, top, 6 * side + gap, 4 * side + gap), BLACK);
    for (index, colour) in PATCHES.iter().enumerate() {
        let place = (left + gap + index % 6 * side, top + gap + index / 6 * side);
        chart.fill((place.0, place.1, side - gap, side - gap), *colour);
    }
}

/// A dark square, turned by some degrees: its edges measure sharpness.
fn slanted_edge(chart: &mut Picture, (x0, y0): (usize, usize), half: usize, degrees: f32) {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let reach = half * 3 / 2;
    chart.paint((x0 - reach, y0 - reach, 2 * reach, 2 * reach), |x, y| {
        let (dx, dy) = (x as f32 - x0 as f32, y as f32 - y0 as f32);
        let (u, v) = (dx * cos + dy * sin, dy * cos - dx * sin);
        (u.abs() < half as f32 && v.abs() < half as f32).then_some([40; 3])
    });
}

/// Upright and level lines of 1, 2, 3, 4 and 6 pixels.
fn line_pairs(chart: &mut Picture, (left, top): (usize, usize), side: usize) {
    for (index, thickness) in [1, 2, 3, 4, 6].into_iter().enumerate() {
        let x0 = left + index * side * 6 / 5;
        let shade = |at: usize| {
            Some(if at / thickness % 2 == 0 {
                WHITE
            } else {
                BLACK
            })
        };
        chart.paint((x0, top, side, side), |x, _| shade(x - x0));
        chart.paint((x0, top + side * 6 / 5, side, side), |_, y| shade(y - top));
    }
}

/// A continuous ramp above one of sixteen steps.
fn ramps(chart: &mut Picture, (left, top): (usize, usize), (width, height): (usize, usize)) {
    chart.paint((left, top, width, height), |x, _| {
        Some([((x - left) * 255 / width) as u8; 3])
    });
    chart.paint((left, top + height, width, height), |x, _| {
        Some([((x - left) * 16 / width * 17) as u8; 3])
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_flip_looks_like_another() {
        let chart = draw(1014, 760);
        let (right, bottom) = (chart.width() - 1, chart.height() - 1);
        let flipped = |flip_x: bool, flip_y: bool| {
            let mut picture = chart.clone();
            picture.paint((0, 0, right + 1, bottom + 1), |x, y| {
                Some(chart.at(
                    if flip_x { right - x } else { x },
                    if flip_y { bottom - y } else { y },
                ))
            });
            picture
        };
        let all = [
            flipped(false, false),
            flipped(true, false),
            flipped(false, true),
            flipped(true, true),
        ];
        for (index, one) in all.iter().enumerate() {
            for other in &all[index + 1..] {
                assert_ne!(one, other);
            }
        }
    }

    #[test]
    fn every_patch_is_there() {
        let chart = draw(2028, 1520);
        for colour in PATCHES {
            let area = chart
                .pixels()
                .iter()
                .filter(|pixel| **pixel == colour)
                .count();
            assert!(area > 60 * 60, "{colour:?} covers {area} pixels");
        }
    }
}
