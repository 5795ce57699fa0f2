// SPDX-License-Identifier: GPL-2.0-only

//! Frames as images in memory.

use super::formats::Format;
use crate::{
    kernel_ext::{
        cpumask::num_online_cpus,
        media::v4l2::video_device::ioctl::PixelFormat,
        workqueue::join, //
    },
    virtual_board::{
        broken::Broken,
        model::{
            Damage,
            Frame,
            FrameSettings,
            MemoryFormat,
            Renderer,
            Room,
            Scene,
            StreamDescription, //
            ARRAY_WIDTH,
            RENDERER_DOUBLE_WORDS,
            RENDERER_HALF_WORDS,
            RENDERER_WORDS,
            ROOM_HALF_WORDS,
            ROOM_WORDS,
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

/// How many threads render a frame at most: with more the copy of it, by one, takes longer.
const THREADS_MAX: u32 = 8;

type FrameRenderer = Renderer<KVVec<u64>, KVVec<u32>, KVVec<u16>>;

/// Renders frames, and remembers the last one: as long as nothing changes, a frame costs no more
/// than its copy.
pub(crate) struct Canvas {
    scene: Option<Firmware>,
    renderer: FrameRenderer,
    /// One for each thread that renders a band of a frame's rows.
    scratch: KVec<Scratch>,
    rendered: Option<(FrameSettings, PixelFormat, Broken)>,
    image: KVVec<u8>,
    /// A line on the link, once one was damaged.
    wire: KVVec<u8>,
}

impl Canvas {
    /// Looks for a scene in the firmware directories; without one there is a gradient. Frames are
    /// rendered by as many threads as there are CPUs.
    pub(crate) fn new(dev: &Device) -> Result<Self> {
        Self::with_threads(dev, num_online_cpus())
    }

    /// The same by so many threads, of 1 to 8.
    pub(crate) fn with_threads(dev: &Device, threads: u32) -> Result<Self> {
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

        let mut scratch = KVec::new();
        for _ in 0..threads.clamp(1, THREADS_MAX) {
            scratch.push(Scratch::new()?, GFP_KERNEL)?;
        }

        Ok(Self {
            scene,
            renderer: Renderer::new(
                KVVec::from_elem(0, RENDERER_DOUBLE_WORDS, GFP_KERNEL)?,
                KVVec::from_elem(0, RENDERER_WORDS, GFP_KERNEL)?,
                KVVec::from_elem(0, RENDERER_HALF_WORDS, GFP_KERNEL)?,
            ),
            scratch,
            rendered: None,
            image: KVVec::new(),
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
        let first = u32::from(faults.first_line_lost);
        let arriving = height.min(faults.lines.unwrap_or(height));
        let scene = match &self.scene {
            // Nothing of a scene is black.
            _ if broken.dark => Scene::Mosaic(&[]),
            Some(scene) => Scene::Mosaic(pairs(scene.data())),
            None => Scene::Gradient,
        };
        self.renderer.prepare(&frame.settings, memory);
        let rows = Rows {
            renderer: &self.renderer,
            scene,
            bytes: row_bytes,
            words: memory.row_words(frame.settings.readout.width(), frame.settings.bits),
            arriving,
        };
        rows.render(first, &mut self.image, &mut self.scratch);

        // Its noise goes on from line to line.
        let damage = faults
            .lane
            .and_then(|fault| Damage::new(fault, lanes, bits, memory, &mut self.wire));
        if let Some(mut damage) = damage {
            let lines = usize::try_from(arriving.saturating_sub(first))?;
            for row in self.image.chunks_exact_mut(row_bytes).take(lines) {
                damage.line(row);
            }
        }
        Ok(())
    }
}

/// The memory that one thread renders with.
struct Scratch {
    room: Room<KVVec<u32>, KVVec<u16>>,
    /// A row that is copied when it is rendered: rows of packed pixels start anywhere.
    row: KVVec<u32>,
}

impl Scratch {
    fn new() -> Result<Self> {
        Ok(Self {
            room: Room {
                words: KVVec::from_elem(0, ROOM_WORDS, GFP_KERNEL)?,
                half_words: KVVec::from_elem(0, ROOM_HALF_WORDS, GFP_KERNEL)?,
            },
            row: KVVec::from_elem(0, ROW_WORDS, GFP_KERNEL)?,
        })
    }
}

/// The rows of a frame.
struct Rows<'a> {
    renderer: &'a FrameRenderer,
    scene: Scene<'a>,
    /// Bytes of a row in memory.
    bytes: usize,
    /// Words that a row is rendered to, which may be more: what does not fit is cut.
    words: usize,
    /// How many rows arrive, with those that are lost.
    arriving: u32,
}

impl Rows<'_> {
    /// Renders the rows from `first` on into `image`, a band of them with each of `scratch`, at the same
    /// time.
    fn render(&self, first: u32, image: &mut [u8], scratch: &mut [Scratch]) {
        let bands = scratch.len();
        let Some((scratch, others)) = scratch.split_first_mut() else {
            return;
        };
        if others.is_empty() {
            return self.render_band(first, image, scratch);
        }
        let rows = (image.len() / self.bytes) / bands;
        let Some((band, rest)) = image.split_at_mut_checked(rows.saturating_mul(self.bytes)) else {
            return;
        };
        let next = first.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));

        join(
            || self.render(next, rest, others),
            || self.render_band(first, band, scratch),
        );
    }

    /// Renders the rows from `first` on into `band`.
    fn render_band(&self, first: u32, band: &mut [u8], scratch: &mut Scratch) {
        let Scratch { room, row: words } = scratch;

        for (y, row) in (first..).zip(band.chunks_exact_mut(self.bytes)) {
            if y >= self.arriving {
                // Nothing was written to this part of the buffer.
                row.fill(0);
                continue;
            }
            match <[u32]>::mut_from_bytes(row) {
                Ok(row) if row.len() >= self.words => {
                    self.renderer.render_row(self.scene, y, room, row);
                }
                _ => {
                    self.renderer.render_row(self.scene, y, room, words);
                    if let Some(rendered) = words.as_bytes().get(..row.len()) {
                        row.copy_from_slice(rendered);
                    }
                }
            }
        }
    }
}

/// Returns a scene as the model takes it, without an odd byte at its end.
fn pairs(scene: &[u8]) -> &[u16] {
    let whole = scene.get(..scene.len() & !1).unwrap_or(&[]);

    // Firmware starts at an even address.
    <[u16]>::ref_from_bytes(whole).unwrap_or(&[])
}
