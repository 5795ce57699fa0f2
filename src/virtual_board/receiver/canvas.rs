// SPDX-License-Identifier: GPL-2.0-only

//! Frames as images in memory.

use super::formats::Format;
use crate::{
    kernel_ext::media::v4l2::video_device::ioctl::PixelFormat,
    virtual_board::{
        broken::Broken,
        model::{
            Damage,
            Frame,
            FrameSettings,
            MemoryFormat,
            Renderer,
            Scene,
            StreamDescription, //
            ARRAY_WIDTH,
            RENDERER_DOUBLE_WORDS,
            RENDERER_HALF_WORDS,
            RENDERER_WORDS,
            WIRE_LINE_BYTES,
        }, //
    }, //
};
use kernel::{
    alloc::KVVec,
    dev_info,
    dev_warn,
    device::Device,
    firmware::Firmware,
    prelude::*, //
};

/// The scene in front of the sensor.
const SCENE: &CStr = c"fsm-imx412/scene.raw";

/// Words of the longest row in memory.
const ROW_WORDS: usize = MemoryFormat::Words.row_words(ARRAY_WIDTH, 12);

/// Renders frames, and remembers the last one: as long as nothing changes, a frame costs no more
/// than its copy.
pub(crate) struct Canvas {
    scene: Option<Firmware>,
    renderer: Renderer<KVVec<u64>, KVVec<u32>, KVVec<u16>>,
    rendered: Option<(FrameSettings, PixelFormat, Broken)>,
    image: KVVec<u8>,
    /// A row as it is rendered: rows of packed pixels start anywhere.
    row: KVVec<u32>,
    /// A line on the link, once one was damaged.
    wire: KVVec<u8>,
}

impl Canvas {
    /// Looks for a scene in the firmware directories; without one there is a gradient.
    pub(crate) fn new(dev: &Device) -> Result<Self> {
        let scene = Firmware::request_nowarn(SCENE, dev).ok();
        match &scene {
            Some(scene) if scene.size() < Scene::MOSAIC_BYTES => dev_warn!(
                dev,
                "{} has {} bytes of {}: the rest is black\n",
                SCENE,
                scene.size(),
                Scene::MOSAIC_BYTES
            ),
            Some(_) => dev_info!(dev, "the scene is {}\n", SCENE),
            None => dev_info!(dev, "no {}: the scene is a gradient\n", SCENE),
        }

        Ok(Self {
            scene,
            renderer: Renderer::new(
                KVVec::from_elem(0, RENDERER_DOUBLE_WORDS, GFP_KERNEL)?,
                KVVec::from_elem(0, RENDERER_WORDS, GFP_KERNEL)?,
                KVVec::from_elem(0, RENDERER_HALF_WORDS, GFP_KERNEL)?,
            ),
            rendered: None,
            image: KVVec::new(),
            row: KVVec::from_elem(0, ROW_WORDS, GFP_KERNEL)?,
            wire: KVVec::new(),
        })
    }

    /// Returns the bytes of a frame in `format`, as they arrive from a board that is `broken`.
    pub(crate) fn image(
        &mut self,
        frame: &Frame,
        format: &PixelFormat,
        broken: &Broken,
    ) -> Result<&[u8]> {
        let wanted = (frame.settings, *format, *broken);
        if self.rendered != Some(wanted) {
            self.render(frame, format, broken)?;
            self.rendered = Some(wanted);
        }
        Ok(&self.image)
    }

    fn render(&mut self, frame: &Frame, format: &PixelFormat, broken: &Broken) -> Result {
        let memory = Format::find(format.fourcc).map_or(MemoryFormat::Words, |f| f.memory);
        let size = usize::try_from(format.size)?;
        let row_bytes = usize::try_from(format.bytes_per_line)?.max(1);

        self.rendered = None;
        if self.image.len() != size {
            // Freed first: two frames of 24 MB are a lot for a small guest.
            self.image = KVVec::new();
            self.image = KVVec::from_elem(0, size, GFP_KERNEL)?;
        }

        let faults = broken.wire;
        if faults.lane.is_some() && self.wire.is_empty() {
            self.wire = KVVec::from_elem(0, WIRE_LINE_BYTES, GFP_KERNEL)?;
        }
        let StreamDescription {
            lanes,
            bits,
            height,
            ..
        } = frame.stream;
        let mut damage = faults
            .lane
            .and_then(|fault| Damage::new(fault, lanes, bits, memory, &mut self.wire));
        let first = u32::from(faults.first_line_lost);
        let arriving = height.min(faults.lines.unwrap_or(height));
        let scene = match &self.scene {
            // Nothing of a scene is black.
            _ if broken.dark => Scene::Mosaic(&[]),
            Some(scene) => Scene::Mosaic(pairs(scene.data())),
            None => Scene::Gradient,
        };
        self.renderer.prepare(&frame.settings, memory);
        for (y, row) in (first..).zip(self.image.chunks_exact_mut(row_bytes)) {
            if y >= arriving {
                // Nothing was written to this part of the buffer.
                row.fill(0);
                continue;
            }
            self.renderer.render_row(scene, y, &mut self.row);
            if let Some(rendered) = self.row.as_bytes().get(..row.len()) {
                row.copy_from_slice(rendered);
            }
            if let Some(damage) = &mut damage {
                damage.line(row);
            }
        }
        Ok(())
    }
}

/// Returns a scene as the model takes it, without an odd byte at its end.
fn pairs(scene: &[u8]) -> &[u16] {
    let whole = scene.get(..scene.len() & !1).unwrap_or(&[]);

    // Firmware starts at an even address.
    <[u16]>::ref_from_bytes(whole).unwrap_or(&[])
}
