// SPDX-License-Identifier: GPL-2.0-only

//! Keeps apart what Linux 7.3 cannot take at the same time: v4l2_device_unregister_subdev() clears
//! `sd->v4l2_dev` before the node goes, and subdev_open() and the ioctls for several controls follow it.
//! A program that does either while the sub-device goes ends in an oops, whatever the driver does. All
//! other calls on open nodes, and closing them, need no such care.

use crate::sys::Request;
use crate::v4l2;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

static NODES: RwLock<()> = RwLock::new(());

/// Nodes stay while this is held. For who opens one, or calls what [`follows`].
pub fn stay() -> RwLockReadGuard<'static, ()> {
    NODES.read().unwrap_or_else(PoisonError::into_inner)
}

/// Nodes may go while this is held.
pub fn go() -> RwLockWriteGuard<'static, ()> {
    NODES.write().unwrap_or_else(PoisonError::into_inner)
}

/// Returns whether the kernel follows the pointer in this call.
pub fn follows(request: Request) -> bool {
    [v4l2::G_EXT_CTRLS, v4l2::S_EXT_CTRLS, v4l2::TRY_EXT_CTRLS].contains(&request)
}
