// SPDX-License-Identifier: GPL-2.0-only

//! Frames that are put together from bands of rows, each rendered by a thread of its own.

use imx412_host::virtual_board::model::{FrameSettings, MemoryFormat, Scene};
use proptest::prelude::*;

use crate::picture::{mosaic, room, Camera, Geometry, Renderer};

/// Renders rows from `first` on, each after the other in the same room.
fn render(renderer: &Renderer, scene: Scene<'_>, first: u32, rows: &mut [Vec<u32>]) {
    let mut room = room();
    for (y, row) in (first..).zip(rows) {
        renderer.render_row(scene, y, &mut room, row);
    }
}

/// Renders a frame in bands that end where `splits` say.
fn frame(
    renderer: &mut Renderer,
    (settings, format): (&FrameSettings, MemoryFormat),
    scene: Scene<'_>,
    splits: &[usize],
) -> Vec<Vec<u32>> {
    let words = format.row_words(settings.readout.width(), settings.bits);
    let mut rows = vec![vec![0xeeee_eeee; words]; settings.readout.height() as usize];
    let mut splits: Vec<_> = splits.iter().map(|split| split % rows.len()).collect();

    splits.sort_unstable();
    renderer.prepare(settings, format);
    std::thread::scope(|scope| {
        let renderer = &*renderer;
        let mut rest = rows.as_mut_slice();
        let mut first = 0;
        for split in splits {
            let (band, others) = rest.split_at_mut(split - first);
            scope.spawn(move || render(renderer, scene, first as u32, band));
            (first, rest) = (split, others);
        }
        render(renderer, scene, first as u32, rest);
    });
    rows
}

fn geometries() -> impl Strategy<Value = Geometry> {
    // Defects are in it.
    let crop = (1880, 1390, 480, 288);
    (any::<bool>(), 0..3u8, 16..64u16, 0..4u8).prop_map(move |(binned, mode, m, orientation)| {
        Geometry {
            crop,
            binned,
            scale: (mode, if mode == 0 { 16 } else { m }),
            orientation,
            ..Geometry::default()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn bands_make_the_frame_that_one_thread_does(
        geometry in geometries(),
        corrected in any::<bool>(),
        pattern in prop_oneof![3 => Just(0u16), 1 => 1..5u16],
        packed in any::<bool>(),
        gradient in any::<bool>(),
        splits in prop::collection::vec(any::<usize>(), 1..8),
    ) {
        let mut camera = Camera::with_geometry(&geometry);
        camera.rig.set16(0x0b05, if corrected { 0x0101 } else { 0 });
        camera.rig.set16(0x0600, pattern);
        let settings = camera.frame().settings;
        let format = if packed { MemoryFormat::Packed } else { MemoryFormat::Words };
        let noise: Vec<u8> = (0..4056 * 1700u32)
            .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let noise = mosaic(&noise);
        let scene = if gradient { Scene::Gradient } else { Scene::Mosaic(&noise) };
        let look = (&settings, format);

        let alone = frame(&mut camera.renderer(), look, scene, &[]);
        let together = frame(&mut camera.renderer(), look, scene, &splits);
        prop_assert!(alone.iter().flatten().any(|word| *word != 0xeeee_eeee));
        prop_assert_eq!(alone, together);
    }
}
