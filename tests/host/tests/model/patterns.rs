// SPDX-License-Identifier: GPL-2.0-only

//! Test patterns, pixel by pixel.

use imx412_host::virtual_board::model::{FrameSettings, MemoryFormat, Scene};

use crate::picture::{render_row, Camera, Geometry, Image};

const HEIGHT: u32 = 3040;
const WIDTH: u32 = 4056;

/// Returns the colour letter of a pixel of an RGGB image; `r` and `b` mark the greens beside them.
fn letter(orientation: u8, x: u32, y: u32) -> char {
    let x = x + u32::from(orientation & 1);
    let y = y + u32::from(orientation >> 1);
    match (x % 2, y % 2) {
        (0, 0) => 'R',
        (1, 0) => 'r',
        (0, 1) => 'b',
        _ => 'B',
    }
}

fn shoot(pattern: u16, bits: u8, orientation: u8, rows: &[u32]) -> (FrameSettings, Image) {
    let mut camera = Camera::full_frame(bits);
    camera.rig.set8(0x0101, orientation);
    camera.rig.set16(0x0600, pattern);
    for (address, value) in [
        (0x0602, 0x0fff),
        (0x0604, 0x0800),
        (0x0606, 0x0123),
        (0x0608, 0x0044),
    ] {
        camera.rig.set16(address, value);
    }
    // None of these touches a pattern.
    camera.rig.set16(0x0204, 978);
    camera.rig.set8(0x3030, 1);
    let settings = camera.frame().settings;
    let mut renderer = camera.renderer();
    renderer.prepare(&settings, MemoryFormat::Words);
    let image = rows
        .iter()
        .map(|y| render_row(&renderer, &settings, Scene::Gradient, *y))
        .collect();
    (settings, image)
}

/// Compares some rows of a pattern with `expected(x, y)`, in every depth and orientation.
fn check(pattern: u16, expected: impl Fn(u32, u32, u32, char) -> u32) {
    let rows = [0, 1, 2, 1519, 1520, HEIGHT - 2, HEIGHT - 1];
    for bits in [8, 10, 12] {
        for orientation in 0..4 {
            let (settings, image) = shoot(pattern, bits, orientation, &rows);
            for (y, row) in rows.iter().zip(&image) {
                assert_eq!(row.len(), WIDTH as usize);
                for (x, pixel) in (0..).zip(row) {
                    let expected = expected(settings.bits, x, *y, letter(orientation, x, *y));
                    assert_eq!(
                        u32::from(*pixel),
                        expected,
                        "{bits} bits, orientation {orientation}, ({x}, {y})"
                    );
                }
            }
        }
    }
}

#[test]
fn solid_colour_is_the_test_data() {
    check(1, |bits, _, _, letter| {
        let data = match letter {
            'R' => 0x0fff,
            'r' => 0x0800,
            'B' => 0x0123,
            _ => 0x0044,
        };
        data >> (12 - bits)
    });
}

/// The colours of each bar, white first.
const BARS: [&str; 8] = ["RrbB", "Rrb", "rbB", "rb", "RB", "R", "B", ""];

#[test]
fn bars_are_eight_of_full_colour() {
    check(2, |bits, x, _, letter| {
        let bar = BARS[(x * 8 / WIDTH) as usize];
        if bar.contains(letter) {
            (1 << bits) - 1
        } else {
            0
        }
    });
}

#[test]
fn fading_bars_end_in_grey() {
    check(3, |bits, x, y, letter| {
        let max = (1 << bits) - 1;
        let grey = 1 << (bits - 1);
        if BARS[(x * 8 / WIDTH) as usize].contains(letter) {
            max - (max - grey) * y / (HEIGHT - 1)
        } else {
            grey * y / (HEIGHT - 1)
        }
    });
    let (_, image) = shoot(3, 10, 0, &[HEIGHT - 1]);
    assert!(image[0].iter().all(|pixel| *pixel == 512));
}

#[test]
fn pn9_runs_through_the_whole_image() {
    let mut sequence = vec![1u32; 9];
    for n in 9..511 {
        let bit = sequence[n - 9] ^ sequence[n - 5];
        sequence.push(bit);
    }
    // A maximal sequence: 256 ones in 511 bits.
    assert_eq!(sequence.iter().sum::<u32>(), 256);
    check(4, |bits, x, y, _| {
        let first = (u64::from(y) * u64::from(WIDTH) + u64::from(x)) * u64::from(bits);
        (0..u64::from(bits)).fold(0, |pixel, n| {
            pixel << 1 | sequence[((first + n) % 511) as usize]
        })
    });
}

#[test]
fn a_pattern_has_the_size_of_the_output() {
    let geometry = Geometry {
        crop: (108, 440, 3840, 2160),
        scale: (2, 48),
        ..Geometry::default()
    };
    let mut camera = Camera::with_geometry(&geometry);
    camera.rig.set16(0x0600, 2);
    let image = camera.shoot(Scene::Gradient);
    assert_eq!(image.len(), 720);
    for row in &image {
        assert_eq!(row.len(), 1280);
        // White, yellow, ..., black: 160 pixels each.
        assert_eq!(row[..160], [1023; 160]);
        assert_eq!(row[1120..], [0; 160]);
    }
}

#[test]
fn leaving_a_pattern_brings_the_picture_back() {
    let mut camera = Camera::full_frame(10);
    let before = camera.frame().settings;
    let mut renderer = camera.renderer();
    renderer.prepare(&before, MemoryFormat::Words);
    let picture = render_row(&renderer, &before, Scene::Gradient, 7);
    for pattern in 1..=4 {
        camera.rig.set16(0x0600, pattern);
        let settings = camera.rig.sensor.frame_start().unwrap().settings;
        renderer.prepare(&settings, MemoryFormat::Words);
        assert_ne!(
            render_row(&renderer, &settings, Scene::Gradient, 7),
            picture
        );
    }
    camera.rig.set16(0x0600, 0);
    let settings = camera.rig.sensor.frame_start().unwrap().settings;
    renderer.prepare(&settings, MemoryFormat::Words);
    assert_eq!(
        render_row(&renderer, &settings, Scene::Gradient, 7),
        picture
    );
}
