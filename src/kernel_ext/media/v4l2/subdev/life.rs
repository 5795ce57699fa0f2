// SPDX-License-Identifier: GPL-2.0-only

//! The stages in the life of a registered sub-device, by its internal operations.
//!
//! C header: [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

use crate::kernel_ext::bindings;
use kernel::{
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Full,
        Relaxed,
        Release, //
    }, //
};

/// Counts who uses a sub-device.
///
/// `subdev_open()` uses the sub-device's pointer to its V4L2 device without a check, and
/// `v4l2_device_unregister_subdev()` clears that while the node can still be opened. So opening fails
/// from [`Life::unregistered`] on, which waits for those who have got further.
pub(super) struct Life {
    // How often it was registered with a V4L2 device and not released by one.
    registered: Atomic<i32>,
    // States that were initialised and did not become part of an open file: those of files that are
    // being opened, and those that others have made. Never too small.
    opening: Atomic<i32>,
    leaving: Atomic<bool>,
}

impl Life {
    pub(super) const fn new() -> Self {
        Self {
            registered: Atomic::new(0),
            opening: Atomic::new(0),
            leaving: Atomic::new(false),
        }
    }

    /// `registered()` was called: a V4L2 device has it.
    pub(super) fn registered(&self) {
        self.registered.fetch_add(1, Relaxed);
        self.leaving.store(false, Relaxed);
    }

    /// `unregistered()` was called: the V4L2 device is about to drop it.
    ///
    /// May sleep, for a grace period of RCU tasks if a file is being opened.
    pub(super) fn unregistered(&self) {
        // Either `initialise()` sees this, or this sees its count: both are full barriers.
        self.leaving.xchg(true, Full);
        if self.opening.load(Relaxed) != 0 {
            // From the look at `leaving` in `initialise()` to the use of the pointer nothing sleeps.
            //
            // SAFETY: V4L2 calls this where it may sleep, with no lock held that others wait for
            // without sleeping.
            unsafe { bindings::synchronize_rcu_tasks() };
        }
    }

    /// `release()` was called: its node is not open, and it is no longer registered.
    pub(super) fn released(&self) {
        // Pairs with `is_over()`: what this thread did with the sub-device is done.
        self.registered.fetch_sub(1, Release);
    }

    /// `open()` was called: a state that was initialised has become that of an open file.
    pub(super) fn opened(&self) {
        self.opening.fetch_sub(1, Relaxed);
    }

    /// Initialises a state by `f`, maybe that of a file that is being opened.
    ///
    /// `ENODEV` while the sub-device is being unregistered.
    pub(super) fn initialise(&self, f: impl FnOnce() -> Result) -> Result {
        self.opening.fetch_add(1, Full);
        let result = f();

        // Behind `f`, which may sleep.
        let result = if self.leaving.load(Relaxed) {
            Err(ENODEV)
        } else {
            result
        };

        result.inspect_err(|_| {
            self.opening.fetch_sub(1, Relaxed);
        })
    }

    /// Returns whether each registration was released.
    pub(super) fn is_over(&self) -> bool {
        self.registered.load(Acquire) == 0
    }
}
