// SPDX-License-Identifier: GPL-2.0-only

//! Memory of sub-devices that C code refers to after they were unregistered.
//!
//! `v4l2_subdev` has no reference count, but two kinds of users that unregistering does not wait
//! for:
//!
//! - Files. Closing the node of a sub-device accesses it once more, currently even after its
//!   `release`
//!   operation.
//! - Pipelines. Stopping one writes to all of its pads, including those of unregistered entities.
//!
//! There is no callback at the end of either. So a sub-device in use is kept, and checked again
//! whenever another one is unregistered and when the module exits. An open node pins the module, so
//! that only a pipeline may be left at that point. That pad is then never freed.

use crate::kernel_ext::{
    bindings,
    compat::this_module, //
};
use core::{
    cell::UnsafeCell,
    ptr, //
};
use kernel::{
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    }, //
};

/// A sub-device that may have to be kept.
pub(crate) trait Kept: Send + Sync {
    /// Returns whether C code does not use it any more.
    fn is_over(&self) -> bool;

    /// Returns whether a pipeline includes its pad.
    fn is_in_pipeline(&self) -> bool;
}

/// The list of kept sub-devices.
///
/// # Invariants
///
/// Each link from here on is that of a sub-device which its `this` owns, and belongs to the list.
static KEPT: Atomic<*mut Hook> = Atomic::new(ptr::null_mut());

/// Link from a kept sub-device to the next one. Unused before that.
///
/// Part of the sub-device, as a failed allocation could not be reported at unbind.
pub(crate) struct Hook {
    next: UnsafeCell<*mut Hook>,
    this: UnsafeCell<Option<Arc<dyn Kept>>>,
}

// SAFETY: A link is accessed by the thread that puts it into the list, and then by the one that
// took it from there.
unsafe impl Send for Hook {}
// SAFETY: A shared reference to a link offers no access.
unsafe impl Sync for Hook {}

impl Hook {
    pub(crate) const fn new() -> Self {
        Self {
            next: UnsafeCell::new(ptr::null_mut()),
            this: UnsafeCell::new(None),
        }
    }
}

/// Keeps `subdev` until it is over.
///
/// # Safety
///
/// `link` must be part of `subdev`. To be called once for each, after it was unregistered.
pub(super) unsafe fn keep(subdev: Arc<dyn Kept>, link: *const Hook) {
    let link = link.cast_mut();

    // SAFETY: By the requirements above the link belongs to this call, and `subdev`, which is put
    // there, keeps it valid.
    unsafe { *(*link).this.get() = Some(subdev) };
    // SAFETY: The link belongs to this call, and owns the sub-device that it is part of.
    unsafe { push(link) };
}

/// # Safety
///
/// `link` must belong to the caller, and own the sub-device that it is part of.
unsafe fn push(link: *mut Hook) {
    let mut next = KEPT.load(Relaxed);

    loop {
        // SAFETY: By the requirement above.
        unsafe { *(*link).next.get() = next };
        // INVARIANT: The list gets it, by the requirement above.
        match KEPT.cmpxchg(next, link, Release) {
            Ok(_) => return,
            Err(other) => next = other,
        }
    }
}

/// Frees the sub-devices that are not used any more.
pub(super) fn sweep() {
    free_if(|subdev| subdev.is_over());
}

fn free_if(is_over: impl Fn(&dyn Kept) -> bool) {
    let mut link = KEPT.xchg(ptr::null_mut(), Acquire);

    while !link.is_null() {
        // SAFETY: By the invariant of the list, all of which the exchange gave to this call: the
        // link is valid as long as its `this` is.
        let next = unsafe { *(*link).next.get() };
        // SAFETY: The exchange gave the link to this call, so that there is no other reference to
        // its `this`.
        let this = unsafe { &mut *(*link).this.get() };

        if this.as_ref().is_some_and(|subdev| is_over(&**subdev)) {
            // Moved out first: it may be the last reference to the memory that it is in.
            let subdev = this.take();

            drop(subdev);
        } else {
            // SAFETY: The link belongs to this call, and still owns its sub-device.
            unsafe { push(link) };
        }
        link = next;
    }
}

/// Frees the kept sub-devices when it is dropped at the exit of the module.
///
/// Must be the last field of a module's type, so that it is dropped after the driver.
pub struct ReleaseAtExit(());

impl ReleaseAtExit {
    /// Creates the one instance of this module, which registers all sub-devices.
    pub const fn new() -> Self {
        Self(())
    }

    /// Returns whether the module is exiting: it has no users, and there can be no new ones.
    fn is_exiting() -> bool {
        let module = this_module::<crate::LocalModule>().as_ptr();

        // SAFETY: The pointer of a `ThisModule` is null, for code that is built in, or valid.
        unsafe { !module.is_null() && (*module).state == bindings::module_state_MODULE_STATE_GOING }
    }
}

impl Drop for ReleaseAtExit {
    fn drop(&mut self) {
        if Self::is_exiting() {
            // No node is open.
            free_if(|subdev| !subdev.is_in_pipeline());
        }
    }
}
