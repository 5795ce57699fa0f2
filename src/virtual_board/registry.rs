// SPDX-License-Identifier: GPL-2.0-only

//! The bound boards: their sensors and video nodes.

use super::{
    board::EmulatedSensor,
    receiver::Receiver, //
};
use crate::kernel_ext::media::v4l2::video_device::VideoDevice;
use kernel::{
    device::property::FwNode,
    prelude::*,
    sync::{
        aref::ARef,
        Arc, //
    }, //
};

/// The sensor of a board, and its video node.
pub(crate) struct Entry {
    board: Arc<EmulatedSensor>,
    video: ARef<VideoDevice<Receiver>>,
}

crate::module_lock! {
    pub(crate) static BOARDS: Mutex<KVec<Entry>> = KVec::new();
}

/// Returns the sensor of the board whose platform device has this name, while it is bound.
pub fn find(name: &CStr) -> Option<Arc<EmulatedSensor>> {
    lookup(
        |board| board.device().name() == name,
        |entry| entry.board.clone(),
    )
}

/// Returns the video node of the board whose platform device has this name, while it is bound.
pub fn find_video(name: &CStr) -> Option<ARef<VideoDevice<Receiver>>> {
    lookup(
        |board| board.device().name() == name,
        |entry| entry.video.clone(),
    )
}

/// Returns the sensor of the board that `node` describes, while it is bound.
pub(crate) fn find_by_fwnode(node: &FwNode) -> Option<Arc<EmulatedSensor>> {
    let describes = |board: &EmulatedSensor| {
        board
            .device()
            .fwnode()
            .is_some_and(|other| core::ptr::eq(other, node))
    };
    lookup(describes, |entry| entry.board.clone())
}

fn lookup<R>(is_it: impl Fn(&EmulatedSensor) -> bool, f: impl FnOnce(&Entry) -> R) -> Option<R> {
    let boards = BOARDS.lock();

    boards.iter().find(|entry| is_it(&entry.board)).map(f)
}

/// The entry of a board, until this is dropped.
pub(crate) struct Registration {
    board: Arc<EmulatedSensor>,
}

impl Registration {
    /// Adds a board.
    pub(crate) fn new(
        board: Arc<EmulatedSensor>,
        video: ARef<VideoDevice<Receiver>>,
    ) -> Result<Self> {
        let entry = Entry {
            board: board.clone(),
            video,
        };
        BOARDS.lock().push(entry, GFP_KERNEL)?;
        Ok(Self { board })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut boards = BOARDS.lock();

        boards.retain(|entry| !Arc::ptr_eq(&entry.board, &self.board));
        if boards.is_empty() {
            // Nothing drops a static: leave no memory in it.
            *boards = KVec::new();
        }
    }
}
