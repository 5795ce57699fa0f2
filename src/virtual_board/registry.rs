// SPDX-License-Identifier: GPL-2.0-only

//! The registry of the virtual board: its boards, and what several of them share.
//!
//! A thing is in it once for each of its users, so that it is made for the first and gone with the
//! last.

use super::{
    board::EmulatedSensor,
    receiver::Receiver,
    xvs::Xvs, //
};
use crate::kernel_ext::media::v4l2::video_device::VideoDevice;
use core::ops::Deref;
use kernel::{
    debugfs::Dir,
    device::{
        property::FwNode,
        Device, //
    },
    prelude::*,
    str::CString,
    sync::{
        aref::ARef,
        Arc, //
    }, //
};

/// A thing that can be found.
enum Thing {
    /// The sensor of a bound board, and its video node.
    Board(Arc<EmulatedSensor>, ARef<VideoDevice<Receiver>>),
    /// An XVS wire; without a name it leads nowhere else.
    Wire(Option<CString>, Arc<Xvs>),
    /// The directory of all boards and receivers in debugfs.
    Directory(Dir),
}

/// All things, with the numbers of their registrations.
pub(crate) struct Registry {
    things: KVec<(u64, Thing)>,
    next: u64,
}

crate::module_lock! {
    // Innermost, but for debugfs' own locks.
    pub(crate) static REGISTRY: Mutex<Registry> = Registry {
        things: KVec::new(),
        next: 0,
    };
}

impl Registry {
    fn add(&mut self, thing: Thing) -> Result<Registration> {
        let number = self.next;

        self.things.push((number, thing), GFP_KERNEL)?;
        self.next = number.wrapping_add(1);
        Ok(Registration(number))
    }

    fn find<R>(&self, f: impl FnMut(&Thing) -> Option<R>) -> Option<R> {
        self.things.iter().map(|(_, thing)| thing).find_map(f)
    }
}

/// The entry of a thing, until this is dropped.
pub(crate) struct Registration(u64);

impl Drop for Registration {
    fn drop(&mut self) {
        let mut registry = REGISTRY.lock();

        // With the lock held, so that a directory is gone before it is made again. It is empty, and
        // a board outlives its entry: nothing here waits, or takes this lock.
        registry.things.retain(|(number, _)| *number != self.0);
        if registry.things.is_empty() {
            // Nothing drops a static: leave no memory in it.
            registry.things = KVec::new();
        }
    }
}

/// A use of a thing that others may use as well.
pub(crate) struct Use<T> {
    // Dropped before the registration, which may be what keeps the thing.
    thing: T,
    _registration: Registration,
}

impl<T> Deref for Use<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.thing
    }
}

/// Returns the XVS wire with this name; without one a wire that leads nowhere else.
pub(crate) fn wire(name: Option<CString>) -> Result<Use<Arc<Xvs>>> {
    let mut registry = REGISTRY.lock();
    let found = registry.find(|thing| match thing {
        Thing::Wire(Some(other), wire) if name.as_deref() == Some(other) => Some(wire.clone()),
        _ => None,
    });
    let wire = found.map_or_else(Xvs::new, Ok)?;

    Ok(Use {
        thing: wire.clone(),
        _registration: registry.add(Thing::Wire(name, wire))?,
    })
}

/// Returns the directory `fsm-imx412` in debugfs.
pub(crate) fn directory() -> Result<Use<Dir>> {
    let mut registry = REGISTRY.lock();
    let found = registry.find(|thing| match thing {
        Thing::Directory(directory) => Some(directory.clone()),
        _ => None,
    });
    let directory = found.unwrap_or_else(|| Dir::new(c"fsm-imx412"));

    Ok(Use {
        thing: directory.clone(),
        _registration: registry.add(Thing::Directory(directory))?,
    })
}

/// Adds a board.
pub(crate) fn add_board(
    sensor: Arc<EmulatedSensor>,
    video: ARef<VideoDevice<Receiver>>,
) -> Result<Registration> {
    REGISTRY.lock().add(Thing::Board(sensor, video))
}

/// Returns the sensor of the board whose platform device has this name, while it is bound.
pub fn find(name: &CStr) -> Option<Arc<EmulatedSensor>> {
    find_board(|dev| dev.name() == name).map(|(sensor, _)| sensor)
}

/// Returns the video node of the board whose platform device has this name, while it is bound.
pub fn find_video(name: &CStr) -> Option<ARef<VideoDevice<Receiver>>> {
    find_board(|dev| dev.name() == name).map(|(_, video)| video)
}

/// Returns the sensor of the board that `node` describes, while it is bound.
pub(crate) fn find_by_fwnode(node: &FwNode) -> Option<Arc<EmulatedSensor>> {
    let describes = |dev: &Device| dev.fwnode().is_some_and(|other| core::ptr::eq(other, node));

    find_board(describes).map(|(sensor, _)| sensor)
}

fn find_board(
    is_it: impl Fn(&Device) -> bool,
) -> Option<(Arc<EmulatedSensor>, ARef<VideoDevice<Receiver>>)> {
    REGISTRY.lock().find(|thing| match thing {
        Thing::Board(sensor, video) if is_it(sensor.device()) => {
            Some((sensor.clone(), video.clone()))
        }
        _ => None,
    })
}
