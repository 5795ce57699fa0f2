// SPDX-License-Identifier: GPL-2.0-only

//! A streaming sensor with a scene before it, and frames as arrays.

use imx412_host::virtual_board::model::part::IMX577;
use imx412_host::virtual_board::model::{
    self, Colour, Frame, FrameSettings, MemoryFormat, Scene, Surroundings, RENDERER_DOUBLE_WORDS,
    RENDERER_HALF_WORDS, RENDERER_WORDS, ROOM_HALF_WORDS, ROOM_WORDS,
};

use crate::rig::Rig;
use crate::vectors;

pub const WIDTH: usize = 4056;

pub type Renderer = model::Renderer<Vec<u64>, Vec<u32>, Vec<u16>>;
pub type Room = model::Room<Vec<u32>, Vec<u16>>;

/// Room that something else was in before.
pub fn room() -> Room {
    Room {
        words: vec![0x5a5a_5a5a; ROOM_WORDS],
        half_words: vec![0x5a5a; ROOM_HALF_WORDS],
    }
}

/// Rows of pixels.
pub type Image = Vec<Vec<u16>>;

/// Geometry registers. The defaults are the whole array.
#[derive(Clone, Copy, Debug)]
pub struct Geometry {
    /// X_ADD_STA, Y_ADD_STA and size.
    pub crop: (u16, u16, u16, u16),
    pub binned: bool,
    /// Digital crop, `None` for all that binning leaves.
    pub digital: Option<(u16, u16, u16, u16)>,
    /// SCALE_MODE and SCALE_M.
    pub scale: (u8, u16),
    /// IMG_ORIENTATION.
    pub orientation: u8,
}

impl Default for Geometry {
    fn default() -> Self {
        Self {
            crop: (0, 0, 4056, 3040),
            binned: false,
            digital: None,
            scale: (0, 16),
            orientation: 0,
        }
    }
}

impl Geometry {
    /// Returns the digital crop: offsets and size.
    pub fn digital_crop(&self) -> (u16, u16, u16, u16) {
        let factor = if self.binned { 2 } else { 1 };
        self.digital
            .unwrap_or((0, 0, self.crop.2 / factor, self.crop.3 / factor))
    }

    /// M of each axis.
    pub fn scale_m(&self) -> (usize, usize) {
        let (mode, m) = self.scale;
        (
            if mode == 0 { 16 } else { m.into() },
            if mode == 2 { m.into() } else { 16 },
        )
    }
}

/// A rig that is about to stream.
pub struct Camera {
    pub rig: Rig,
}

impl Camera {
    /// Full frame, 24 MHz, four lanes; the line is long enough for all depths.
    pub fn full_frame(bits: u8) -> Self {
        let mut rig = Rig::on(Surroundings::new(&IMX577, 24_000_000));
        rig.load(&vectors::find("mainline", "mode_4056x3040").program());
        rig.set8(0x0112, bits);
        rig.set8(0x0113, bits);
        rig.set8(0x0309, bits);
        rig.set16(0x0342, 6224);
        if bits == 12 {
            rig.set8(0x3f0d, 1);
            rig.set8(0x3f4b, 0x85);
        }
        Self { rig }
    }

    /// 10 bit in any geometry.
    pub fn with_geometry(geometry: &Geometry) -> Self {
        let mut camera = Self::full_frame(10);
        let rig = &mut camera.rig;
        let (x, y, width, height) = geometry.crop;
        rig.set16(0x0344, x);
        rig.set16(0x0346, y);
        rig.set16(0x0348, x + width - 1);
        rig.set16(0x034a, y + height - 1);
        rig.set8(0x0101, geometry.orientation);
        if geometry.binned {
            rig.set16(0x0900, 0x0122);
            let binned = vectors::find("FRAMOS", "mode_crop_binning_h2v2_10bit_4lane").program();
            for (address, value) in binned {
                if (0x3c0a..=0x3c23).contains(&address) || address >> 1 == 0x3f4a >> 1 {
                    rig.set8(address, value);
                }
            }
        }
        let (x, y, width, height) = geometry.digital_crop();
        rig.set16(0x0408, x);
        rig.set16(0x040a, y);
        rig.set16(0x040c, width);
        rig.set16(0x040e, height);
        rig.set8(0x0401, geometry.scale.0);
        rig.set16(0x0404, geometry.scale.1);
        let (mx, my) = geometry.scale_m();
        let scaled = |size: u16, m: usize| (usize::from(size) * 16 / m) as u16 & !1;
        rig.set16(0x034c, scaled(width, mx));
        rig.set16(0x034e, scaled(height, my));
        camera
    }

    /// Starts the stream and its first frame.
    pub fn frame(&mut self) -> Frame {
        self.rig.start();
        self.rig.description();
        self.rig.sensor.frame_start().unwrap()
    }

    pub fn renderer(&self) -> Renderer {
        model::Renderer::new(
            vec![0xa5a5_a5a5_a5a5_a5a5; RENDERER_DOUBLE_WORDS],
            vec![0xa5a5_a5a5; RENDERER_WORDS],
            vec![0xa5a5; RENDERER_HALF_WORDS],
        )
    }

    /// Starts the stream and renders its first frame.
    pub fn shoot(&mut self, scene: Scene<'_>) -> Image {
        let settings = self.frame().settings;
        develop(&mut self.renderer(), &settings, scene)
    }
}

/// Renders all rows.
pub fn develop(renderer: &mut Renderer, settings: &FrameSettings, scene: Scene<'_>) -> Image {
    renderer.prepare(settings, MemoryFormat::Words);
    (0..settings.readout.height())
        .map(|y| render_row(renderer, settings, scene, y))
        .collect()
}

/// Renders one row.
pub fn render_row(
    renderer: &Renderer,
    settings: &FrameSettings,
    scene: Scene<'_>,
    y: u32,
) -> Vec<u16> {
    let mut words = vec![0; settings.readout.width() as usize / 2];
    renderer.render_row(scene, y, &mut room(), &mut words);
    words
        .iter()
        .flat_map(|pair| [*pair as u16, (*pair >> 16) as u16])
        .collect()
}

/// A scene as the model takes it.
pub fn mosaic(codes: &[u8]) -> Vec<u16> {
    codes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

/// Returns the pixel value of each code for each colour (R, GR, GB, B), as a full frame of
/// `camera`'s exposure and gains shows it.
pub fn tables(settings: &FrameSettings, renderer: &mut Renderer) -> [Vec<u16>; 4] {
    // Column pairs of code 0, 1, 2, ...
    let row: Vec<u8> = (0..WIDTH).map(|x| (x / 2) as u8).collect();
    let scene = mosaic(&[row.clone(), row].concat());
    renderer.prepare(settings, MemoryFormat::Words);
    let rows = [0, 1].map(|y| render_row(renderer, settings, Scene::Mosaic(&scene), y));
    let table = |colour: Colour| {
        let (y, x) = match colour {
            Colour::R => (0, 0),
            Colour::Gr => (0, 1),
            Colour::Gb => (1, 0),
            Colour::B => (1, 1),
        };
        (0..256).map(|code| rows[y][code * 2 + x]).collect()
    };
    [Colour::R, Colour::Gr, Colour::Gb, Colour::B].map(table)
}
