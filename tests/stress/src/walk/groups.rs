// SPDX-License-Identifier: GPL-2.0-only

//! Operations of two cameras on one bus, for tests of failures: they are in one
//! group (docs/controls.md).

use super::operation::Operation;
use crate::camera::Camera;
use crate::control;
use crate::stream::Open;
use crate::v4l2;
use std::io;

/// `V4L2_CID_FSM_IMX412_BROADCAST`.
const BROADCAST: u32 = v4l2::control::OWN + 5;
/// The slot of the other camera.
const OTHER: &str = "cam1";

/// Both members.
struct Group {
    camera: Camera,
    members: [Open; 2],
}

impl Group {
    fn new(camera: Camera) -> Result<Self, String> {
        let other = Camera::wait(OTHER)?;
        let open = |camera: &Camera| -> io::Result<Open> {
            let open = Open::of(camera)?;
            open.set_up()?;
            control::set(&open.sensor, &[(BROADCAST, 1)])?;
            Ok(open)
        };
        let text = |e: io::Error| format!("making the group: {e}");
        Ok(Self {
            members: [open(&camera).map_err(text)?, open(&other).map_err(text)?],
            camera,
        })
    }

    fn each(&self, what: &str, act: impl Fn(&Open) -> io::Result<()>) -> Result<(), String> {
        self.members
            .iter()
            .zip(1..)
            .try_for_each(|(member, number)| {
                act(member).map_err(|e| format!("{what} {number}: {e}"))
            })
    }

    fn frames(&self) -> Result<(), String> {
        self.each("waiting for a frame of member", |member| {
            member.frame().map(|_| ())
        })
    }
}

/// A control that is set on one and changes on both, while they stream.
pub struct Controls {
    group: Group,
    exposure: i64,
}

impl Controls {
    pub fn new(camera: Camera) -> Result<Self, String> {
        let group = Group::new(camera)?;
        group.each("queueing for member", Open::queue)?;
        group.each("starting member", Open::start)?;
        Ok(Self {
            group,
            exposure: 100,
        })
    }
}

impl Operation for Controls {
    fn camera(&self) -> &Camera {
        &self.group.camera
    }

    fn name(&self) -> &'static str {
        "controls of a group"
    }

    fn prepare(&mut self) -> Result<(), String> {
        self.exposure = 100 + (self.exposure + 50) % 1000;
        Ok(())
    }

    fn act(&mut self) -> io::Result<()> {
        let wanted = [
            (v4l2::control::EXPOSURE, self.exposure),
            (v4l2::control::ANALOGUE_GAIN, self.exposure / 4),
        ];
        control::set(&self.group.members[0].sensor, &wanted)
    }

    fn settle(&mut self, _done: bool) -> Result<(), String> {
        self.act().map_err(|e| format!("setting them again: {e}"))?;
        let wanted = self.exposure;
        self.group.each("the exposure of member", |member| {
            let found = control::get(&member.sensor, v4l2::control::EXPOSURE)?;
            if found != wanted {
                return Err(io::Error::other(format!("{found} instead of {wanted}")));
            }
            Ok(())
        })?;
        self.group.frames()
    }
}

/// The start of the one that the other waits for.
pub struct Start(Group);

impl Start {
    pub fn new(camera: Camera) -> Result<Self, String> {
        Group::new(camera).map(Self)
    }
}

impl Operation for Start {
    fn camera(&self) -> &Camera {
        &self.0.camera
    }

    fn name(&self) -> &'static str {
        "start of a group"
    }

    fn prepare(&mut self) -> Result<(), String> {
        self.0.each("queueing for member", Open::queue)?;
        self.0.members[0]
            .start()
            .map_err(|e| format!("starting the first: {e}"))
    }

    fn act(&mut self) -> io::Result<()> {
        self.0.members[1].start()
    }

    fn settle(&mut self, done: bool) -> Result<(), String> {
        if !done {
            self.0.members[1]
                .queue()
                .map_err(|e| format!("queueing again: {e}"))?;
            self.act().map_err(|e| format!("starting again: {e}"))?;
        }
        self.0.frames()?;
        self.0.each("stopping member", Open::stop)?;
        self.0
            .each("giving back buffers of member", |member| member.buffers(0))
    }
}
