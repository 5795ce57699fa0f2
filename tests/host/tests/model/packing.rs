// SPDX-License-Identifier: GPL-2.0-only

//! Pixels in memory.

use imx412_host::virtual_board::model::{MemoryFormat, Scene, DEFECTS};

use crate::picture::{mosaic, render_row, room, Camera, Geometry, Renderer};

/// The bytes of the first row, with some behind it that are 0xee before.
fn bytes(renderer: &Renderer) -> Vec<u8> {
    let mut out = vec![0xeeee_eeee; 4056 / 2 + 4];
    renderer.render_row(Scene::Gradient, 0, &mut room(), &mut out);
    out.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// Returns the first bytes of the first row of a solid image (R 0xabc, GR 0x123).
fn solid_row(bits: u8, format: MemoryFormat, length: usize) -> Vec<u8> {
    let mut camera = Camera::full_frame(bits);
    camera.rig.set16(0x0600, 1);
    camera.rig.set16(0x0602, 0xfabc);
    camera.rig.set16(0x0604, 0x0123);
    let frame = camera.frame();
    let mut renderer = camera.renderer();
    renderer.prepare(&frame.settings, format);
    let mut row = bytes(&renderer);
    row.truncate(length);
    row
}

#[test]
fn words_are_little_endian_with_the_value_in_the_low_bits() {
    assert_eq!(
        solid_row(12, MemoryFormat::Words, 8),
        [0xbc, 0x0a, 0x23, 0x01, 0xbc, 0x0a, 0x23, 0x01]
    );
    // 0xabc >> 2 = 0x2af, 0x123 >> 2 = 0x048
    assert_eq!(
        solid_row(10, MemoryFormat::Words, 4),
        [0xaf, 0x02, 0x48, 0x00]
    );
}

#[test]
fn raw10_packs_four_pixels_in_five_bytes() {
    // High bytes 0x2af >> 2, 0x048 >> 2; low pairs 3, 0, 3, 0 from the lowest bits up.
    assert_eq!(
        solid_row(10, MemoryFormat::Packed, 5),
        [0xab, 0x12, 0xab, 0x12, 0b0011_0011]
    );
}

#[test]
fn raw12_packs_two_pixels_in_three_bytes() {
    assert_eq!(
        solid_row(12, MemoryFormat::Packed, 6),
        [0xab, 0x12, 0x3c, 0xab, 0x12, 0x3c]
    );
}

#[test]
fn raw8_is_a_byte_per_pixel() {
    assert_eq!(
        solid_row(8, MemoryFormat::Packed, 4),
        [0xab, 0x12, 0xab, 0x12]
    );
}

#[test]
fn what_is_behind_the_words_of_a_row_is_left_alone() {
    let row = MemoryFormat::Packed.row_bytes(4056, 10) as usize;
    assert_eq!(row, 5070);
    let out = solid_row(10, MemoryFormat::Packed, row + 10);
    assert_ne!(out[row - 5..row], [0xee; 5]);
    assert_eq!(out[row..row + 2], [0; 2]);
    assert_eq!(out[row + 2..], [0xee; 8]);
}

#[test]
fn a_row_that_does_not_fit_is_not_rendered() {
    let mut camera = Camera::full_frame(10);
    let frame = camera.frame();
    let mut renderer = camera.renderer();
    for format in [MemoryFormat::Words, MemoryFormat::Packed] {
        renderer.prepare(&frame.settings, format);
        let mut out = vec![0xeeee_eeee; format.row_words(4056, 10) - 1];
        renderer.render_row(Scene::Gradient, 0, &mut room(), &mut out);
        assert!(out.iter().all(|word| *word == 0xeeee_eeee), "{format:?}");
    }
}

#[test]
fn row_sizes_are_those_of_the_formats() {
    assert_eq!(MemoryFormat::Words.row_bytes(4056, 10), 8112);
    assert_eq!(MemoryFormat::Packed.row_bytes(4056, 12), 6084);
    assert_eq!(MemoryFormat::Packed.row_bytes(4056, 8), 4056);
}

#[test]
fn rows_are_filled_up_to_whole_groups() {
    for (bits, width, bytes) in [
        (8, 6, 6),
        (10, 4, 5),
        (10, 6, 10),
        (10, 8, 10),
        (12, 4, 6),
        (12, 6, 9),
        (12, 1438, 2157),
    ] {
        assert_eq!(MemoryFormat::Packed.row_bytes(width, bits), bytes);
        assert_eq!(MemoryFormat::Words.row_bytes(width, bits), width * 2);
    }
}

#[test]
fn the_pixels_that_fill_up_a_row_are_black() {
    let mut camera = Camera::with_geometry(&Geometry {
        digital: Some((0, 0, 4054, 3040)),
        ..Geometry::default()
    });
    camera.rig.set16(0x0600, 1);
    camera.rig.set16(0x0602, 0xfabc);
    camera.rig.set16(0x0604, 0x0123);
    let frame = camera.frame();
    let mut renderer = camera.renderer();
    renderer.prepare(&frame.settings, MemoryFormat::Packed);

    let length = MemoryFormat::Packed.row_bytes(4054, 10) as usize;
    let row = &bytes(&renderer)[..length];
    assert_eq!(row[length - 5..], [0xab, 0x12, 0, 0, 0b0000_0011]);
}

/// Packs pixels one by one.
fn packed(pixels: &[u16], bits: u32) -> Vec<u8> {
    let group = match bits {
        8 => 1,
        10 => 4,
        _ => 2,
    };
    let high = |pixel: &u16| (pixel >> (bits - 8)) as u8;
    let mut bytes = Vec::new();
    for pixels in pixels.chunks(group) {
        let mut pixels = pixels.to_vec();
        pixels.resize(group, 0);
        bytes.extend(pixels.iter().map(high));
        if bits > 8 {
            let low = |rest: u32, pixel: &u16| {
                rest << (bits - 8) | u32::from(*pixel) & 0xff >> (16 - bits)
            };
            bytes.push(pixels.iter().rev().fold(0, low) as u8);
        }
    }
    bytes
}

/// Rows of a lively scene, of both kinds, with and without defects, in both formats.
fn packed_rows_hold_the_words(mut camera: Camera, what: &str) {
    let settings = camera.frame().settings;
    let (width, bits) = (settings.readout.width(), settings.bits);
    let noise: Vec<u8> = (0..4056u32 * 8)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let scene = mosaic(&noise);
    let mut renderer = camera.renderer();
    for scene in [Scene::Mosaic(&scene), Scene::Gradient] {
        let last = settings.readout.height() - 1;
        let of_defects = DEFECTS.iter().map(|defect| defect.y.min(last));
        for y in [0, 1, 2, 3, last].into_iter().chain(of_defects) {
            renderer.prepare(&settings, MemoryFormat::Words);
            let pixels = render_row(&renderer, &settings, scene, y);
            renderer.prepare(&settings, MemoryFormat::Packed);
            let mut row = vec![0xeeee_eeee; MemoryFormat::Packed.row_words(width, bits)];
            renderer.render_row(scene, y, &mut room(), &mut row);
            let row: Vec<u8> = row.into_iter().flat_map(u32::to_le_bytes).collect();
            let expected = packed(&pixels, bits);
            assert_eq!(row[..expected.len()], expected, "{what}, row {y}");
            assert!(
                row[expected.len()..].iter().all(|byte| *byte == 0),
                "{what}"
            );
        }
    }
}

#[test]
fn packed_rows_are_the_same_pixels_at_all_depths_and_turned() {
    for bits in [8, 10, 12] {
        for orientation in 0..4 {
            for defects_corrected in [0, 0x0101] {
                let mut camera = Camera::full_frame(bits);
                camera.rig.set8(0x0101, orientation);
                camera.rig.set16(0x0b05, defects_corrected);
                let what = format!("{bits} bits, turned {orientation}");
                packed_rows_hold_the_words(camera, &what);
            }
        }
    }
}

#[test]
fn packed_rows_are_the_same_pixels_at_all_widths() {
    for width in [4054, 4052, 4050, 4048, 4046, 4044, 4042, 4040] {
        for orientation in [0, 1] {
            let camera = Camera::with_geometry(&Geometry {
                digital: Some((2, 0, width, 3040)),
                orientation,
                ..Geometry::default()
            });
            packed_rows_hold_the_words(camera, &format!("{width}, turned {orientation}"));
        }
    }
}

#[test]
fn packed_rows_are_the_same_pixels_binned_and_scaled() {
    for geometry in [
        Geometry {
            binned: true,
            ..Geometry::default()
        },
        Geometry {
            scale: (2, 24),
            ..Geometry::default()
        },
    ] {
        let what = format!("{geometry:?}");
        packed_rows_hold_the_words(Camera::with_geometry(&geometry), &what);
    }
}
