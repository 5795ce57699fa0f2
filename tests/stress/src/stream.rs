// SPDX-License-Identifier: GPL-2.0-only

//! Formats and streams: what a capture program does, without looking at pixels.

use crate::camera::Camera;
use crate::control;
use crate::files;
use crate::sys::{self, Argument};
use crate::v4l2;
use std::fs::File;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// Size of the frames: few pixels, as an interpreted machine with sanitizers draws them.
const SIZE: (u32, u32) = (320, 240);
/// Buffers in the queue.
const BUFFERS: u32 = 3;
/// Time limit for a frame on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Tolerated deviation of a measured rate from the promised one.
const TOLERANCE: f64 = 0.001;

/// Both nodes of a camera, open.
#[derive(Debug)]
pub struct Open {
    pub sensor: File,
    pub video: File,
}

/// Number and time of a frame.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub sequence: u32,
    pub seconds: f64,
}

impl Open {
    pub fn of(camera: &Camera) -> io::Result<Self> {
        Ok(Self {
            sensor: sys::open(&camera.sensor)?,
            video: sys::open(&camera.video)?,
        })
    }

    /// Sets the sensor's active format.
    pub fn set_sensor_format(&self, (width, height): (u32, u32)) -> io::Result<()> {
        let mut format = Argument::new(88)
            .with(0, v4l2::ACTIVE)
            .with(8, width)
            .with(12, height)
            .with(16, v4l2::CODE);
        sys::control(&self.sensor, v4l2::SUBDEV_S_FMT, &mut format)
    }

    /// Sets the sensor's crop: left, top, width, height.
    pub fn set_crop(&self, rectangle: [u32; 4]) -> io::Result<()> {
        let mut selection = Argument::new(64).with(0, v4l2::ACTIVE).with(8, v4l2::CROP);
        for (at, value) in [16, 20, 24, 28].into_iter().zip(rectangle) {
            selection.set(at, value);
        }
        sys::control(&self.sensor, v4l2::SUBDEV_S_SELECTION, &mut selection)
    }

    /// The same format on both nodes, the sensor's controls at their defaults.
    pub fn set_up(&self) -> io::Result<()> {
        let mut order: Vec<_> = control::all(&self.sensor)
            .into_iter()
            .filter(control::Limits::is_settable)
            .collect();
        // Other defaults follow the link's.
        order.sort_by_key(|limits| limits.id != v4l2::control::LINK_FREQ);
        for limits in order {
            let now = control::limits(&self.sensor, limits.id)?;
            control::set(&self.sensor, &[(now.id, now.default)])?;
        }
        self.set_sensor_format(SIZE)?;
        let mut format = Argument::new(88).with(0, v4l2::ACTIVE);
        sys::control(&self.sensor, v4l2::SUBDEV_G_FMT, &mut format)?;
        let mut pixels = Argument::new(208)
            .with(0, v4l2::CAPTURE)
            .with(8, format.u32(8))
            .with(12, format.u32(12))
            .with(16, v4l2::PIXELS);
        sys::control(&self.video, v4l2::S_FMT, &mut pixels)
    }

    /// Gets buffers and queues them.
    pub fn queue(&self) -> io::Result<()> {
        self.buffers(BUFFERS)?;
        (0..BUFFERS).try_for_each(|index| self.queue_one(index))
    }

    /// Asks for that many buffers; for none, gives them back.
    pub fn buffers(&self, count: u32) -> io::Result<()> {
        let mut request = Argument::new(20)
            .with(0, count)
            .with(4, v4l2::CAPTURE)
            .with(8, v4l2::MMAP);
        sys::control(&self.video, v4l2::REQBUFS, &mut request)
    }

    fn queue_one(&self, index: u32) -> io::Result<()> {
        let mut buffer = buffer().with(0, index);
        sys::control(&self.video, v4l2::QBUF, &mut buffer)
    }

    pub fn start(&self) -> io::Result<()> {
        sys::control(
            &self.video,
            v4l2::STREAMON,
            &mut Argument::new(4).with(0, v4l2::CAPTURE),
        )
    }

    pub fn stop(&self) -> io::Result<()> {
        sys::control(
            &self.video,
            v4l2::STREAMOFF,
            &mut Argument::new(4).with(0, v4l2::CAPTURE),
        )
    }

    /// Waits for a frame and queues its buffer again.
    pub fn frame(&self) -> io::Result<Frame> {
        let end = Instant::now() + PATIENCE;
        loop {
            let mut buffer = buffer();
            match sys::control(&self.video, v4l2::DQBUF, &mut buffer) {
                Ok(()) => {
                    self.queue_one(buffer.u32(0))?;
                    return Ok(Frame {
                        sequence: buffer.u32(56),
                        seconds: buffer.i64(24) as f64 + buffer.i64(32) as f64 * 1e-6,
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if Instant::now() > end {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    thread::sleep(Duration::from_millis(2));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Starts a stream, takes `count` frames and stops it.
    pub fn frames(&self, count: usize) -> io::Result<Vec<Frame>> {
        self.queue()?;
        self.start()?;
        let frames = (0..count).map(|_| self.frame()).collect();
        self.stop()?;
        self.buffers(0)?;
        frames
    }

    /// Frames in a second, from what the controls say.
    fn promised(&self) -> io::Result<f64> {
        let of = |id| control::get(&self.sensor, id);
        let mut format = Argument::new(88).with(0, v4l2::ACTIVE);
        sys::control(&self.sensor, v4l2::SUBDEV_G_FMT, &mut format)?;
        let line = i64::from(format.u32(8)) + of(v4l2::control::HBLANK)?;
        let lines = i64::from(format.u32(12)) + of(v4l2::control::VBLANK)?;
        Ok(of(v4l2::control::PIXEL_RATE)? as f64 / (line * lines) as f64)
    }
}

fn buffer() -> Argument {
    Argument::new(88)
        .with(4, v4l2::CAPTURE)
        .with(60, v4l2::MMAP)
}

/// Checks that the camera streams normally: from defaults, at the rate that its controls
/// promise, without a complaint of the emulated sensor.
pub fn plain(camera: &Camera) -> Result<(), String> {
    let text = |what: &str, error: io::Error| format!("{what}: {error}");
    let open = Open::of(camera).map_err(|e| text("opening the nodes", e))?;
    open.set_up().map_err(|e| text("setting up", e))?;
    let _ = files::write(camera.debugfs("violations"), "0");
    let promised = open.promised().map_err(|e| text("reading controls", e))?;
    let frames = open.frames(8).map_err(|e| text("streaming", e))?;
    let [first, .., last] = frames[..] else {
        return Err("there are no frames".into());
    };
    let periods = f64::from(last.sequence.wrapping_sub(first.sequence));
    let measured = periods / (last.seconds - first.seconds);
    if (measured / promised - 1.0).abs() > TOLERANCE {
        return Err(format!(
            "{measured:.3} frames in a second instead of {promised:.3}"
        ));
    }
    let violations = files::read(camera.debugfs("violations")).map_err(|e| e.to_string())?;
    if violations != "total 0" {
        return Err(format!("the sensor objects: {violations}"));
    }
    Ok(())
}
