// SPDX-License-Identifier: GPL-2.0-only

//! The life cycle of a registered sub-device, by its internal operations.
//!
//! C header: [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

// As C's macro of this name.
#[cfg(not(CONFIG_TASKS_RCU))]
use crate::kernel_ext::bindings::synchronize_rcu as synchronize_rcu_tasks;
#[cfg(CONFIG_TASKS_RCU)]
use crate::kernel_ext::bindings::synchronize_rcu_tasks;
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

/// Counts the users of a sub-device.
///
/// `subdev_open()` uses the sub-device's pointer to its V4L2 device without a check, and
/// `v4l2_device_unregister_subdev()` clears it while the node can still be opened. So opening fails
/// from [`Life::unregistered`] on, which waits for opens in progress.
pub(super) struct Life {
    // Number of registrations with a V4L2 device that were not released.
    registered: Atomic<i32>,
    // Number of initialised states that are not part of an open file: those of files that are being
    // opened, and those that other code has made. Never too small.
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

    /// Records a call of `registered()`, by a V4L2 device.
    pub(super) fn registered(&self) {
        self.registered.fetch_add(1, Relaxed);
        self.leaving.store(false, Relaxed);
    }

    /// Records a call of `unregistered()`: the V4L2 device is about to remove the sub-device.
    ///
    /// May sleep, for a grace period of RCU tasks if a file is being opened.
    pub(super) fn unregistered(&self) {
        // Either `initialise()` sees this, or this sees its count: both are full barriers.
        self.leaving.xchg(true, Full);
        if self.opening.load(Relaxed) != 0 {
            // From the check of `leaving` in `initialise()` to the use of the pointer nothing
            // sleeps.
            //
            // SAFETY: V4L2 calls this where it may sleep, with no lock held that others wait for
            // without sleeping.
            unsafe { synchronize_rcu_tasks() };
        }
    }

    /// Records a call of `release()`: the node is not open, and the sub-device is no longer
    /// registered.
    pub(super) fn released(&self) {
        // Pairs with `is_over()`: this thread's accesses to the sub-device are complete.
        self.registered.fetch_sub(1, Release);
    }

    /// Records a call of `open()`: an initialised state has become that of an open file.
    pub(super) fn opened(&self) {
        self.opening.fetch_sub(1, Relaxed);
    }

    /// Calls `f`, which initialises a state, possibly that of a file that is being opened.
    ///
    /// Returns `ENODEV` while the sub-device is being unregistered.
    pub(super) fn initialise(&self, f: impl FnOnce() -> Result) -> Result {
        self.opening.fetch_add(1, Full);
        let result = f();

        // After `f`, which may sleep.
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
