// SPDX-License-Identifier: GPL-2.0-only

//! Crop, binning, scaling and flips, against a straightforward copy of the pipeline that works
//! on whole images.

use imx412_host::virtual_board::model::{Scene, StreamState, Violation};

use crate::picture::{develop, mosaic, tables, Camera, Geometry, Image, WIDTH};

const HEIGHT: usize = 3040;

/// Returns a scene in which neighbours differ.
fn scene() -> Vec<u8> {
    (0..WIDTH * HEIGHT)
        .map(|n| {
            let (x, y) = ((n % WIDTH) as u32, (n / WIDTH) as u32);
            let mixed = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519);
            (mixed >> 13) as u8 ^ (mixed >> 24) as u8
        })
        .collect()
}

/// Cuts `width` x `height` pixels at (`x`, `y`).
fn cut(image: &Image, (x, y, width, height): (u16, u16, u16, u16)) -> Image {
    let (x, y) = (usize::from(x), usize::from(y));
    image[y..y + usize::from(height)]
        .iter()
        .map(|row| row[x..x + usize::from(width)].to_vec())
        .collect()
}

/// Joins the four pixels of a colour in each 4x4 cell.
fn bin(image: &Image) -> Image {
    let pixel = |x: usize, y: usize| {
        let (x, y) = (x / 2 * 4 + x % 2, y / 2 * 4 + y % 2);
        let sum = image[y][x] + image[y][x + 2] + image[y + 2][x] + image[y + 2][x + 2];
        sum / 4
    };
    (0..image.len() / 2)
        .map(|y| (0..image[0].len() / 2).map(|x| pixel(x, y)).collect())
        .collect()
}

/// Returns the pixels of a colour that the scaler makes one of.
fn span(index: usize, m: usize) -> Vec<usize> {
    let plane: Vec<usize> = (index / 2 * m / 16..(index / 2 + 1) * m / 16).collect();
    let some = plane.len().min(4);
    (0..some)
        .map(|n| plane[n * plane.len() / some] * 2 + index % 2)
        .collect()
}

fn scale(image: &Image, (mx, my): (usize, usize)) -> Image {
    let width = (image[0].len() * 16 / mx) & !1;
    let height = (image.len() * 16 / my) & !1;
    let pixel = |x, y| {
        let (columns, rows) = (span(x, mx), span(y, my));
        let sum: u32 = rows
            .iter()
            .flat_map(|y| columns.iter().map(|x| u32::from(image[*y][*x])))
            .sum();
        (sum / (columns.len() * rows.len()) as u32) as u16
    };
    (0..height)
        .map(|y| (0..width).map(|x| pixel(x, y)).collect())
        .collect()
}

/// Returns the expected image of `scene`.
fn expected(scene: &[u8], tables: &[Vec<u16>; 4], geometry: &Geometry) -> Image {
    let array: Image = scene
        .chunks(WIDTH)
        .enumerate()
        .map(|(y, row)| {
            row.iter()
                .enumerate()
                .map(|(x, code)| tables[y % 2 * 2 + x % 2][usize::from(*code)])
                .collect()
        })
        .collect();
    let mut image = cut(&array, geometry.crop);
    if geometry.orientation & 1 != 0 {
        image.iter_mut().for_each(|row| row.reverse());
    }
    if geometry.orientation & 2 != 0 {
        image.reverse();
    }
    if geometry.binned {
        image = bin(&image);
    }
    let image = cut(&image, geometry.digital_crop());
    match geometry.scale_m() {
        (16, 16) => image,
        m => scale(&image, m),
    }
}

#[track_caller]
fn check(geometries: &[Geometry]) {
    let scene = scene();
    for geometry in geometries {
        let mut camera = Camera::with_geometry(geometry);
        // Colours that cannot be mistaken for each other.
        camera.rig.set16(0x0202, 200);
        camera.rig.set16(0x0210, 0x0180);
        camera.rig.set16(0x0212, 0x0240);
        camera.rig.set16(0x0214, 0x0300);
        let settings = camera.frame().settings;
        let mut renderer = camera.renderer();
        let image = develop(&mut renderer, &settings, Scene::Mosaic(&mosaic(&scene)));

        let mut plain = Camera::full_frame(10);
        plain.rig.set16(0x0202, 200);
        plain.rig.set16(0x0210, 0x0180);
        plain.rig.set16(0x0212, 0x0240);
        plain.rig.set16(0x0214, 0x0300);
        let tables = tables(&plain.frame().settings, &mut plain.renderer());
        let expected = expected(&scene, &tables, geometry);

        assert_eq!(image.len(), expected.len(), "{geometry:?}");
        for (y, (row, expected)) in image.iter().zip(&expected).enumerate() {
            assert_eq!(row.len(), expected.len(), "{geometry:?}");
            if let Some(x) = (0..row.len()).find(|x| row[*x] != expected[*x]) {
                panic!(
                    "{geometry:?}: ({x}, {y}) is {}, expected {}",
                    row[x], expected[x]
                );
            }
        }
    }
}

/// `geometry` with every orientation.
fn turned(geometry: Geometry) -> [Geometry; 4] {
    [0, 1, 2, 3].map(|orientation| Geometry {
        orientation,
        ..geometry
    })
}

#[test]
fn the_whole_array_in_every_orientation() {
    check(&turned(Geometry::default()));
}

#[test]
fn analogue_and_digital_crop() {
    let crop = (108, 440, 640, 480);
    check(&turned(Geometry {
        crop,
        ..Geometry::default()
    }));
    check(&turned(Geometry {
        crop,
        digital: Some((10, 4, 320, 400)),
        ..Geometry::default()
    }));
}

#[test]
fn binning() {
    let crop = (106, 442, 648, 480);
    check(&turned(Geometry {
        crop,
        binned: true,
        ..Geometry::default()
    }));
    check(&turned(Geometry {
        crop,
        binned: true,
        digital: Some((6, 2, 200, 100)),
        ..Geometry::default()
    }));
}

#[test]
fn scaling() {
    for m in [16, 17, 24, 32, 48, 63, 96, 160] {
        check(&[Geometry {
            crop: (0, 0, 1000, 400),
            scale: (2, m),
            ..Geometry::default()
        }]);
    }
    check(&turned(Geometry {
        crop: (108, 440, 960, 480),
        scale: (2, 48),
        digital: Some((12, 20, 900, 420)),
        ..Geometry::default()
    }));
}

#[test]
fn scaling_in_one_direction() {
    check(&[Geometry {
        crop: (0, 0, 1000, 400),
        scale: (1, 32),
        ..Geometry::default()
    }]);
}

#[test]
fn binning_and_scaling_together() {
    check(&turned(Geometry {
        crop: (8, 16, 1280, 960),
        binned: true,
        scale: (2, 24),
        ..Geometry::default()
    }));
}

#[test]
fn the_scale_ratio_counts_only_when_scaling_is_on() {
    check(&[Geometry {
        crop: (0, 0, 400, 200),
        scale: (0, 48),
        ..Geometry::default()
    }]);
}

#[test]
fn a_scene_that_is_too_short_ends_in_black() {
    let scene = vec![0xffff; WIDTH / 2 * 10];
    let geometry = Geometry {
        crop: (0, 0, 400, 20),
        ..Geometry::default()
    };
    let image = Camera::with_geometry(&geometry).shoot(Scene::Mosaic(&scene));
    assert!(image[..10].iter().flatten().all(|pixel| *pixel > 64));
    assert!(image[10..].iter().flatten().all(|pixel| *pixel == 64));
}

#[test]
fn the_built_in_scene_is_a_gradient_under_every_orientation() {
    let gradient: Vec<u8> = (0..WIDTH * HEIGHT)
        .map(|n| {
            let (x, y) = (n % WIDTH, n / WIDTH);
            match (x % 2, y % 2) {
                (0, 0) => (x / 16) as u8,
                (1, 1) => (y / 16) as u8,
                _ => ((x + y) / 32) as u8,
            }
        })
        .collect();
    for geometry in turned(Geometry {
        crop: (4056 - 400, 3040 - 300, 400, 300),
        ..Geometry::default()
    }) {
        let computed = Camera::with_geometry(&geometry).shoot(Scene::Gradient);
        let stored = Camera::with_geometry(&geometry).shoot(Scene::Mosaic(&mosaic(&gradient)));
        assert!(computed == stored, "{geometry:?}");
    }
}

#[test]
fn crops_of_broken_bayer_cells_are_refused() {
    // Start and width, and what binning needs: whole cells of 4x4.
    for (crop, binned, streams) in [
        ((0, 0, 640, 480), false, true),
        ((2, 2, 642, 482), false, true),
        ((1, 0, 640, 480), false, false),
        ((0, 1, 640, 480), false, false),
        ((0, 0, 641, 480), false, false),
        ((0, 0, 640, 481), false, false),
        ((2, 2, 644, 484), true, true),
        ((0, 0, 642, 480), true, false),
        ((0, 0, 640, 482), true, false),
    ] {
        let mut camera = Camera::with_geometry(&Geometry {
            crop,
            binned,
            digital: Some((0, 0, 320, 240)),
            ..Geometry::default()
        });
        camera.rig.start();
        let misaligned = camera
            .rig
            .sensor
            .violations()
            .count(Violation::CropMisaligned);
        assert_eq!(misaligned == 0, streams, "{crop:?}, binned {binned}");
        let state = camera.rig.sensor.stream();
        assert_eq!(matches!(state, StreamState::Streaming(_)), streams);
    }
}

#[test]
fn sizes_that_do_not_follow_from_the_readout_are_refused() {
    for (address, value) in [
        (0x034c, 318), // output narrower than the digital crop
        (0x034e, 242), // output higher
        (0x040c, 322), // digital crop wider than the binned image
        (0x0346, 2),   // crop start moved without its size
    ] {
        let mut camera = Camera::with_geometry(&Geometry {
            crop: (0, 0, 640, 480),
            binned: true,
            ..Geometry::default()
        });
        camera.rig.set16(address, value);
        camera.rig.start();
        assert!(
            matches!(camera.rig.sensor.stream(), StreamState::Faulted(_)),
            "{address:#06x}"
        );
    }
}
