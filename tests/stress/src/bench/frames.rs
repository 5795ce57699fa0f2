// SPDX-License-Identifier: GPL-2.0-only

//! Instructions of the virtual camera's frames, beside those of vivid, the kernel's own virtual camera.
//!
//! All threads but this program's count: frames are made by others. The time in which they do nothing
//! counts for nothing.

use super::{prepare_size, text};
use crate::camera::Camera;
use crate::control;
use crate::files;
use crate::stream::Open;
use crate::sys::{self, Argument};
use crate::v4l2;
use crate::v4l2::control::{BRIGHTNESS, EXPOSURE, VBLANK};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process;

/// Frames that go by first, so that the first ones' memory is there, and frames that are measured.
const FIRST: usize = 4;
const MEASURED: usize = 10;
/// Lines of blanking: the frame is rendered and copied before the next one starts.
const BLANKING: i64 = 20_000;
const WHOLE: (u32, u32) = (4056, 3040);
const BINNED: (u32, u32) = (2028, 1520);
/// The largest format of vivid's webcam.
const VIVID: (u32, u32) = (3840, 2160);
const PACKED: u32 = u32::from_le_bytes(*b"pRAA");

/// A node whose frames are measured.
struct Source<'a> {
    open: &'a Open,
    /// The board, if it is a virtual one.
    camera: Option<&'a Camera>,
}

/// Counters at one moment.
struct Count {
    cpu: u64,
    rendering: u64,
    copying: u64,
    frames: u64,
}

impl Source<'_> {
    fn count(&self) -> Result<Count, String> {
        let mut count = Count {
            cpu: others()?,
            rendering: 0,
            copying: 0,
            frames: 0,
        };
        if let Some(camera) = self.camera {
            let lines = files::read(camera.debugfs("frames")).map_err(|e| e.to_string())?;
            let of = |name: &str| {
                let mut lines = lines.lines();
                let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
                line.and_then(|number| number.parse().ok())
                    .ok_or_else(|| format!("the board counts no {name}"))
            };
            count.rendering = of("rendering")?;
            count.copying = of("copying")?;
            count.frames = of("delivered")?;
        }
        Ok(count)
    }

    /// Streams, and prints what a frame takes that is made of `photosites`; before each one, `control`
    /// gets the next of two values.
    fn frames(
        &self,
        name: &str,
        photosites: u32,
        control: Option<(u32, [i64; 2])>,
    ) -> Result<(), String> {
        let change = |at: usize| match control {
            Some((id, values)) => control::set(&self.open.sensor, &[(id, values[at % 2])]),
            None => Ok(()),
        };
        let next = |at: usize| {
            change(at).map_err(text("setting a control"))?;
            self.open.frame().map_err(text("waiting for a frame"))
        };

        self.open.queue().map_err(text("queueing"))?;
        self.open.start().map_err(text("starting"))?;
        for at in 0..FIRST {
            next(at)?;
        }
        let before = self.count()?;
        for at in FIRST..FIRST + MEASURED {
            next(at)?;
        }
        let after = self.count()?;
        self.open.stop().map_err(text("stopping"))?;
        self.open.buffers(0).map_err(text("giving buffers back"))?;

        let frames = match self.camera {
            Some(_) => after.frames - before.frames,
            None => MEASURED as u64,
        };
        if frames == 0 {
            return Err(format!("{name}: there are no frames"));
        }
        print!(
            "bench {name}: cpu={} photosites={photosites}",
            (after.cpu - before.cpu) / frames
        );
        if self.camera.is_some() {
            print!(
                " rendering={} copying={}",
                (after.rendering - before.rendering) / frames,
                (after.copying - before.copying) / frames
            );
        }
        println!();
        Ok(())
    }
}

/// Returns the ns that all other threads have had of the processor.
fn others() -> Result<u64, String> {
    let list = |path: PathBuf| fs::read_dir(path).map_err(|e| e.to_string());
    let own = process::id().to_string();
    let mut sum = 0;

    for entry in list("/proc".into())?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name == own || name.parse::<u32>().is_err() {
            continue;
        }
        // One that has ended meanwhile has no part in it.
        let Ok(threads) = fs::read_dir(entry.path().join("task")) else {
            continue;
        };
        for thread in threads.flatten() {
            let text = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            let ran = text.split_whitespace().next();
            sum += ran.and_then(|ns| ns.parse::<u64>().ok()).unwrap_or(0);
        }
    }
    Ok(sum)
}

fn pixels((width, height): (u32, u32)) -> u32 {
    width * height
}

/// Measures the camera in `slot`, and vivid.
pub fn run(slot: &str) -> Result<(), String> {
    let camera = Camera::wait(slot)?;
    let open = Open::of(&camera).map_err(text("opening the nodes"))?;
    let source = Source {
        open: &open,
        camera: Some(&camera),
    };
    let exposure = Some((EXPOSURE, [1000, 1300]));
    let frames = [
        ("whole array, unchanged", WHOLE, v4l2::PIXELS, None),
        ("whole array", WHOLE, v4l2::PIXELS, exposure),
        ("whole array, packed", WHOLE, PACKED, exposure),
        ("whole array, binned", BINNED, v4l2::PIXELS, exposure),
    ];

    println!("driver fsm_imx412_vboard");
    for (name, size, pixel_format, control) in frames {
        prepare_size(&open, size, pixel_format).map_err(text("setting up"))?;
        open.buffers(0).map_err(text("giving buffers back"))?;
        control::set(&open.sensor, &[(VBLANK, BLANKING), (EXPOSURE, 1000)])
            .map_err(text("setting controls"))?;
        source.frames(name, pixels(WHOLE), control)?;
    }

    let node = vivid()?;
    let video = sys::open(&node).map_err(text("opening vivid"))?;
    // Its controls are the video node's.
    let sensor = sys::open(&node).map_err(text("opening vivid"))?;
    let open = Open { sensor, video };
    let source = Source {
        open: &open,
        camera: None,
    };
    let mut format = Argument::new(208)
        .with(0, v4l2::CAPTURE)
        .with(8, VIVID.0)
        .with(12, VIVID.1)
        .with(16, v4l2::PIXELS);
    sys::control(&open.video, v4l2::S_FMT, &mut format).map_err(text("vivid's format"))?;
    let got = (format.u32(8), format.u32(12), format.u32(16));
    if got != (VIVID.0, VIVID.1, v4l2::PIXELS) {
        return Err(format!("vivid has another format: {got:?}"));
    }
    println!("driver vivid");
    source.frames("3840x2160, unchanged", pixels(VIVID), None)?;
    source.frames("3840x2160", pixels(VIVID), Some((BRIGHTNESS, [100, 150])))
}

/// Returns the node of vivid's camera.
fn vivid() -> Result<PathBuf, String> {
    let nodes = fs::read_dir("/sys/class/video4linux").map_err(|e: io::Error| e.to_string())?;
    for node in nodes.flatten() {
        let name = fs::read_to_string(node.path().join("name")).unwrap_or_default();
        if name.trim_end().ends_with("-vid-cap") {
            return Ok(PathBuf::from("/dev").join(node.file_name()));
        }
    }
    Err("vivid has no camera".into())
}
