// SPDX-License-Identifier: GPL-2.0-only

//! Operations of a camera, for tests of failures.

mod streams;

use super::groups;
use super::operation::Operation;
use crate::camera::{self, Camera};
use crate::control;
use crate::files;
use crate::stream::Open;
use crate::sys::{self, Argument};
use crate::v4l2;
use std::io;
use std::thread;
use std::time::{Duration, Instant};
use streams::{Start, Stop};

/// Time limit for a sensor to be suspended, and the like.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns the operation of that name on the camera in `slot`.
pub fn by_name(slot: &str, name: &str) -> Result<Box<dyn Operation>, String> {
    let camera = Camera::wait(slot)?;
    Ok(match name {
        "bind" => Box::new(Bind(camera)),
        "board" => Box::new(BindBoard(camera)),
        "open" => Box::new(OpenNodes(camera)),
        "cold-start" => Box::new(Start::new(camera, true)?),
        "warm-start" => Box::new(Start::new(camera, false)?),
        "controls" => Box::new(Controls::new(camera)?),
        "formats" => Box::new(Formats::new(camera)?),
        "temperature" => Box::new(Temperature::new(camera)?),
        "stop" => Box::new(Stop::new(camera)?),
        "group-controls" => Box::new(groups::Controls::new(camera)?),
        "group-start" => Box::new(groups::Start::new(camera)?),
        _ => return Err(format!("there is no operation {name}")),
    })
}

fn text(what: &'static str) -> impl Fn(io::Error) -> String {
    move |error| format!("{what}: {error}")
}

/// Sets the autosuspend delay of a sensor.
fn set_delay(camera: &Camera, milliseconds: u32) -> Result<(), String> {
    let file = camera.attribute("power/autosuspend_delay_ms");
    files::write(file, &milliseconds.to_string()).map_err(|e| e.to_string())
}

fn until_asleep(camera: &Camera) -> Result<(), String> {
    let end = Instant::now() + PATIENCE;
    while files::read(camera.attribute("power/runtime_status")).map_err(|e| e.to_string())?
        != "suspended"
    {
        if Instant::now() > end {
            return Err("the sensor does not go to sleep".into());
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(())
}

/// Probing.
struct Bind(Camera);

impl Operation for Bind {
    fn camera(&self) -> &Camera {
        &self.0
    }

    fn name(&self) -> &'static str {
        "bind"
    }

    fn entry(&self) -> Option<&'static str> {
        Some("i2c_device_probe")
    }

    fn makes_nodes(&self) -> bool {
        true
    }

    fn prepare(&mut self) -> Result<(), String> {
        if self.0.is_bound() {
            self.0.unbind().map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    fn act(&mut self) -> io::Result<()> {
        self.0.bind().map_err(|e| e.error)
    }

    fn settle(&mut self, done: bool) -> Result<(), String> {
        if !done {
            self.0.bind().map_err(|e| e.to_string())?;
        }
        self.0 = Camera::wait(self.0.slot())?;
        Open::of(&self.0).map_err(text("opening the nodes"))?;
        Ok(())
    }
}

impl Drop for Bind {
    fn drop(&mut self) {
        if !self.0.is_bound() {
            let _ = self.0.bind();
        }
    }
}

/// Probing of the virtual board, whose sensor follows by itself.
struct BindBoard(Camera);

impl BindBoard {
    fn write(&self, file: &str) -> Result<(), files::Error> {
        files::write(format!("{}/{file}", camera::BOARD_DRIVER), &self.0.board)
    }
}

impl Operation for BindBoard {
    fn camera(&self) -> &Camera {
        &self.0
    }

    fn name(&self) -> &'static str {
        "bind of the board"
    }

    fn makes_nodes(&self) -> bool {
        true
    }

    fn module(&self) -> Option<&'static str> {
        Some("fsm_imx412_vboard")
    }

    fn prepare(&mut self) -> Result<(), String> {
        if self.0.board_is_bound() {
            self.write("unbind").map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    fn act(&mut self) -> io::Result<()> {
        self.write("bind").map_err(|e| e.error)
    }

    fn settle(&mut self, _done: bool) -> Result<(), String> {
        // A part of the board that failed to come may leave it bound without a camera.
        if Camera::find(self.0.slot()).is_none() {
            if self.0.board_is_bound() {
                self.write("unbind").map_err(|e| e.to_string())?;
            }
            self.write("bind").map_err(|e| e.to_string())?;
        }
        self.0 = Camera::wait(self.0.slot())?;
        Open::of(&self.0).map_err(text("opening the nodes"))?;
        Ok(())
    }
}

impl Drop for BindBoard {
    fn drop(&mut self) {
        if !self.0.board_is_bound() {
            let _ = self.write("bind");
        }
    }
}

/// Opening the sensor's node, and what a program does first.
struct OpenNodes(Camera);

impl Operation for OpenNodes {
    fn camera(&self) -> &Camera {
        &self.0
    }

    fn name(&self) -> &'static str {
        "open"
    }

    /// Returns the modules allocate nothing for it.
    fn module(&self) -> Option<&'static str> {
        None
    }

    fn prepare(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn act(&mut self) -> io::Result<()> {
        let sensor = sys::open(&self.0.sensor)?;
        let mut event = Argument::new(32)
            .with(0, 3)
            .with(4, v4l2::control::EXPOSURE);
        sys::control(&sensor, v4l2::SUBSCRIBE_EVENT, &mut event)?;
        let mut format = Argument::new(88)
            .with(8, 640)
            .with(12, 480)
            .with(16, v4l2::CODE);
        sys::control(&sensor, v4l2::SUBDEV_S_FMT, &mut format)
    }

    fn settle(&mut self, _done: bool) -> Result<(), String> {
        self.act().map_err(text("the next time"))
    }
}

/// Controls that change together while the sensor streams.
struct Controls {
    camera: Camera,
    open: Open,
    exposure: i64,
}

impl Controls {
    fn new(camera: Camera) -> Result<Self, String> {
        let open = Open::of(&camera).map_err(text("opening the nodes"))?;
        open.set_up().map_err(text("setting up"))?;
        open.queue().map_err(text("queueing"))?;
        open.start().map_err(text("starting"))?;
        Ok(Self {
            camera,
            open,
            exposure: 100,
        })
    }

    fn wanted(&self) -> [(u32, i64); 3] {
        [
            (v4l2::control::VBLANK, 3000 + self.exposure),
            (v4l2::control::EXPOSURE, self.exposure),
            (v4l2::control::ANALOGUE_GAIN, self.exposure / 4),
        ]
    }
}

impl Operation for Controls {
    fn camera(&self) -> &Camera {
        &self.camera
    }

    fn name(&self) -> &'static str {
        "controls of a stream"
    }

    fn prepare(&mut self) -> Result<(), String> {
        self.exposure = 100 + (self.exposure + 50) % 1000;
        Ok(())
    }

    fn act(&mut self) -> io::Result<()> {
        control::set(&self.open.sensor, &self.wanted())
    }

    fn settle(&mut self, _done: bool) -> Result<(), String> {
        self.act().map_err(text("setting them again"))?;
        for (id, wanted) in self.wanted() {
            let found = control::get(&self.open.sensor, id).map_err(text("reading"))?;
            if found != wanted {
                return Err(format!("control {id:#x} is {found} instead of {wanted}"));
            }
        }
        self.open.frame().map_err(text("waiting for a frame"))?;
        Ok(())
    }
}

/// The active format and crop.
struct Formats {
    camera: Camera,
    open: Open,
    is_small: bool,
}

impl Formats {
    fn new(camera: Camera) -> Result<Self, String> {
        let open = Open::of(&camera).map_err(text("opening the nodes"))?;
        open.set_up().map_err(text("setting up"))?;
        Ok(Self {
            camera,
            open,
            is_small: false,
        })
    }
}

impl Operation for Formats {
    fn camera(&self) -> &Camera {
        &self.camera
    }

    fn name(&self) -> &'static str {
        "formats"
    }

    fn needs_no_memory(&self) -> bool {
        true
    }

    /// Not even V4L2 needs any.
    fn module(&self) -> Option<&'static str> {
        None
    }

    fn prepare(&mut self) -> Result<(), String> {
        self.is_small = !self.is_small;
        Ok(())
    }

    fn act(&mut self) -> io::Result<()> {
        if self.is_small {
            self.open.set_crop([8, 16, 640, 480])?;
            self.open.set_sensor_format((640, 480))
        } else {
            self.open.set_crop([8, 16, 1024, 768])?;
            self.open.set_sensor_format((1024, 768))
        }
    }

    fn settle(&mut self, _done: bool) -> Result<(), String> {
        self.act().map_err(text("the next time"))
    }
}

/// A measurement, for which a sleeping sensor is woken.
struct Temperature {
    camera: Camera,
    open: Open,
}

impl Temperature {
    fn new(camera: Camera) -> Result<Self, String> {
        let open = Open::of(&camera).map_err(text("opening the nodes"))?;
        set_delay(&camera, 0)?;
        Ok(Self { camera, open })
    }
}

impl Operation for Temperature {
    fn camera(&self) -> &Camera {
        &self.camera
    }

    fn name(&self) -> &'static str {
        "temperature"
    }

    fn prepare(&mut self) -> Result<(), String> {
        until_asleep(&self.camera)
    }

    fn act(&mut self) -> io::Result<()> {
        control::get(&self.open.sensor, v4l2::control::TEMPERATURE).map(|_| ())
    }

    fn settle(&mut self, _done: bool) -> Result<(), String> {
        self.act().map_err(text("the next time"))
    }
}

impl Drop for Temperature {
    fn drop(&mut self) {
        let _ = set_delay(&self.camera, 1000);
    }
}
