// SPDX-License-Identifier: GPL-2.0-only

//! The judge of frames against the emulated sensor, which knows nothing of it: what differs here would be
//! found in a guest one frame at a time.

use super::pattern;
use super::readout::Readout;
use crate::capture::Crop;
use imx412_host::sensor::part::presets::{Preset, PRESETS};
use imx412_host::sensor::part::{Part, ACTIVE, IMX378, IMX412};
use imx412_host::sensor::readout::negotiate::{for_crop, CropFlags, Wanted};
use imx412_host::sensor::{
    program::{self, Extent},
    Activity, Board, Config, Depth, Known, Readout as Read, RegisterImage, Setting, WriteLimit,
};
use imx412_host::virtual_board::model::{
    Frame, Line, MemoryFormat, Part as EmulatedPart, Renderer, Room, Scene, Sensor, Surroundings,
    RENDERER_DOUBLE_WORDS, RENDERER_HALF_WORDS, RENDERER_WORDS, ROOM_HALF_WORDS, ROOM_WORDS,
    STORAGE_BYTES,
};
use picture::bayer::{Raw, HEIGHT, WIDTH};
use std::collections::BTreeMap;

const MS: u64 = 1_000_000;

/// Returns the format in words, by depth and flips.
fn pixel_format(depth: Depth, horizontal: bool, vertical: bool) -> &'static str {
    match (depth, horizontal, vertical) {
        (Depth::Eight, false, false) => "RGGB",
        (Depth::Eight, true, false) => "GRBG",
        (Depth::Eight, false, true) => "GBRG",
        (Depth::Eight, true, true) => "BA81",
        (Depth::Ten, false, false) => "RG10",
        (Depth::Ten, true, false) => "BA10",
        (Depth::Ten, false, true) => "GB10",
        (Depth::Ten, true, true) => "BG10",
        (Depth::Twelve, false, false) => "RG12",
        (Depth::Twelve, true, false) => "BA12",
        (Depth::Twelve, false, true) => "GB12",
        (Depth::Twelve, true, true) => "BG12",
    }
}

/// Light without any symmetry.
fn scene() -> Vec<u8> {
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..WIDTH * HEIGHT).map(|_| noise()).collect()
}

/// Returns the first frame of the emulated sensor with the driver's program of a configuration.
fn first_frame(config: &Config) -> Frame {
    let part = EmulatedPart::ALL
        .into_iter()
        .find(|part| part.chip_id == config.part().chip_id)
        .unwrap();
    let mut sensor =
        Sensor::new(vec![0; STORAGE_BYTES], Surroundings::new(part, 24_000_000)).unwrap();
    for line in [Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Inck, Line::Xclr] {
        sensor.set_line(line, true, 0);
    }
    let mut image = RegisterImage::new();
    program::compose_into(config, Activity::Streaming, Extent::Whole, &mut image);
    for burst in image.diff(&Known::new()).bursts(WriteLimit::UNLIMITED) {
        let _ = sensor.write(0x1a, burst.wire(), 10 * MS);
    }
    sensor.frame_start().unwrap()
}

/// Has the judge look at the frame that the emulated sensor makes of a configuration.
fn agree(config: &Config, crop: Crop, scene: &[u8]) {
    let frame = first_frame(config);
    let output = config.readout().output();
    let (width, height) = (usize::from(output.width), usize::from(output.height));
    let (depth, flips) = (
        config.readout().depth(),
        (config.horizontal_flip(), config.vertical_flip()),
    );
    let format = match depth {
        Depth::Eight => MemoryFormat::Packed,
        Depth::Ten | Depth::Twelve => MemoryFormat::Words,
    };
    let stride = format.row_bytes(output.width.into(), depth.bits().into()) as usize;
    let mut renderer = Renderer::new(
        vec![0; RENDERER_DOUBLE_WORDS],
        vec![0; RENDERER_WORDS],
        vec![0; RENDERER_HALF_WORDS],
    );
    renderer.prepare(&frame.settings, format);
    let mut room = Room {
        words: vec![0; ROOM_WORDS],
        half_words: vec![0; ROOM_HALF_WORDS],
    };
    let scene_words: Vec<u16> = scene
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let mut bytes = Vec::with_capacity(stride * height);
    let mut row = vec![0; format.row_words(output.width.into(), depth.bits().into())];
    for y in 0..u32::from(output.height) {
        renderer.render_row(Scene::Mosaic(&scene_words), y, &mut room, &mut row);
        let row = row.iter().flat_map(|word| word.to_le_bytes());
        bytes.extend(row.take(stride));
    }

    let name = pixel_format(depth, flips.0, flips.1);
    let raw = Raw::unpack(&bytes, name, (width, height), stride).unwrap();
    let controls = BTreeMap::from(
        [
            ("exposure", i64::from(config.exposure())),
            ("horizontal_blanking", config.horizontal_blanking().into()),
            ("pixel_rate", config.pixel_rate() as i64),
            ("digital_gain", config.digital_gain().code().into()),
            ("sensor_black_level", config.black_level().into()),
            ("defect_correction", 0),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    let readout = Readout::new((width, height), crop).unwrap();
    pattern::check(&raw, &controls, &readout, scene)
        .unwrap_or_else(|error| panic!("{width}x{height} {name}: {error}"));
}

fn configured(part: &'static Part, readout: Read, flips: u32) -> Config {
    let board = Board::new(24_000_000, 4, &[1_050_000_000], part).unwrap();
    [
        Setting::HorizontalFlip.to(flips & 1),
        Setting::VerticalFlip.to(flips >> 1),
        Setting::DefectCorrection.to(0),
    ]
    .into_iter()
    .fold(
        Config::default_for(&board).with_readout(readout),
        |config, change| config.with(change).unwrap(),
    )
}

/// Scaled by ratios that are the same from both ends and by such that are not, binned and not.
#[test]
fn presets_look_the_same_to_both_whichever_way_they_are_turned() {
    let scene = scene();
    let widths = [640, 1024, 1352];
    let is_chosen =
        |preset: &&Preset| widths.contains(&preset.output().width) && preset.output().height != 360;
    for preset in PRESETS.iter().filter(is_chosen) {
        for flips in 1..4 {
            let (part, depth) = match flips {
                3 => (&IMX378, Depth::Eight),
                1 => (&IMX412, Depth::Ten),
                _ => (&IMX412, Depth::Twelve),
            };
            let config = configured(part, preset.readout(depth), flips);
            let shown = preset.crop();
            let crop = Crop {
                left: usize::from(ACTIVE.left + shown.left),
                top: usize::from(ACTIVE.top + shown.top),
                width: shown.size.width.into(),
                height: shown.size.height.into(),
            };
            agree(&config, crop, &scene);
        }
    }
}

/// Crops at places that are no multiples of four.
#[test]
fn crops_at_odd_cells_look_the_same_to_both_whichever_way_they_are_turned() {
    let scene = scene();
    for (left, top, width, height) in [(110, 58, 1000, 702), (8 + 1902, 16 + 1402, 100, 66)] {
        let crop = Crop {
            left,
            top,
            width,
            height,
        };
        let wanted = Wanted {
            left: left as i32,
            top: top as i32,
            width: width as u32,
            height: height as u32,
        };
        for flips in 1..4 {
            let full = Read::full_frame(Depth::Ten);
            let (found, readout) = for_crop(wanted, CropFlags::default(), &full);
            assert_eq!(
                (usize::from(found.left), usize::from(found.top)),
                (left, top)
            );
            agree(&configured(&IMX412, readout, flips), crop, &scene);
        }
    }
}
