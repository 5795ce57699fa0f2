// SPDX-License-Identifier: GPL-2.0-only

//! Starting and stopping a stream.

use super::{set_delay, text, until_asleep, Operation};
use crate::camera::Camera;
use crate::files;
use crate::stream::Open;
use std::io;

/// Starting a stream.
pub(super) struct Start {
    camera: Camera,
    open: Open,
    cold: bool,
}

impl Start {
    pub(super) fn new(camera: Camera, cold: bool) -> Result<Self, String> {
        let open = Open::of(&camera).map_err(text("opening the nodes"))?;
        open.set_up().map_err(text("setting up"))?;
        set_delay(&camera, if cold { 0 } else { 600_000 })?;
        let mut start = Self { camera, open, cold };
        if !cold {
            // The first one is cold: the next is not, as the sensor stays powered.
            start.prepare()?;
            start.settle(false)?;
        }
        Ok(start)
    }
}

impl Operation for Start {
    fn camera(&self) -> &Camera {
        &self.camera
    }

    fn name(&self) -> &'static str {
        if self.cold {
            "cold start"
        } else {
            "warm start"
        }
    }

    /// Nothing is powered up, and each message goes by itself.
    fn needs_no_memory(&self) -> bool {
        !self.cold
    }

    fn prepare(&mut self) -> Result<(), String> {
        self.open.queue().map_err(text("queueing"))?;
        if self.cold {
            until_asleep(&self.camera)?;
        }
        Ok(())
    }

    fn act(&mut self) -> io::Result<()> {
        self.open.start()
    }

    fn settle(&mut self, done: bool) -> Result<(), String> {
        if !done {
            // A failed start has returned the buffers, which are queued again.
            self.open.queue().map_err(text("queueing again"))?;
            self.open.start().map_err(text("starting again"))?;
        }
        self.open.frame().map_err(text("waiting for a frame"))?;
        self.open.stop().map_err(text("stopping"))?;
        self.open.buffers(0).map_err(text("giving buffers back"))
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        let _ = set_delay(&self.camera, 1000);
    }
}

/// Stopping a stream, which needs nothing.
pub(super) struct Stop {
    camera: Camera,
    open: Open,
}

impl Stop {
    pub(super) fn new(camera: Camera) -> Result<Self, String> {
        let open = Open::of(&camera).map_err(text("opening the nodes"))?;
        open.set_up().map_err(text("setting up"))?;
        Ok(Self { camera, open })
    }
}

impl Operation for Stop {
    fn camera(&self) -> &Camera {
        &self.camera
    }

    fn name(&self) -> &'static str {
        "stop"
    }

    fn needs_no_memory(&self) -> bool {
        true
    }

    fn prepare(&mut self) -> Result<(), String> {
        files::write(self.camera.debugfs("violations"), "0").map_err(|e| e.to_string())?;
        self.open.queue().map_err(text("queueing"))?;
        self.open.start().map_err(text("starting"))?;
        self.open.frame().map_err(text("waiting for a frame"))?;
        Ok(())
    }

    fn act(&mut self) -> io::Result<()> {
        self.open.stop()
    }

    fn settle(&mut self, done: bool) -> Result<(), String> {
        if !done {
            return Err("a stop failed".into());
        }
        self.open.buffers(0).map_err(text("giving buffers back"))?;
        match files::read(self.camera.debugfs("violations")) {
            Ok(found) if found == "total 0" => Ok(()),
            Ok(found) => Err(format!("the sensor objects: {found}")),
            Err(error) => Err(error.to_string()),
        }
    }
}
