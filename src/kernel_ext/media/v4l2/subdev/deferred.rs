// SPDX-License-Identifier: GPL-2.0-only

//! Memory of sub-devices that were unbound while an application had their node open.
//!
//! `v4l2_subdev` has no reference count, and closing the node touches it once more. An open node
//! holds a reference to the driver's module, though: when the module goes, every node is closed, and
//! what was kept is freed by [`ReleaseAtExit`].

use super::{
    Operations,
    Subdev, //
};
use crate::kernel_ext::bindings;
use core::{
    cell::UnsafeCell,
    ptr,
    sync::atomic::{
        AtomicPtr,
        Ordering, //
    }, //
};
use kernel::prelude::*;

/// Sub-devices kept, linked through their [`Link`]s.
static KEPT: AtomicPtr<Link> = AtomicPtr::new(ptr::null_mut());

/// What links a kept sub-device to the next one. Unused until then.
pub(crate) struct Link {
    next: UnsafeCell<*mut Link>,
    free: UnsafeCell<Option<unsafe fn(*mut Link)>>,
}

impl Link {
    pub(crate) const fn new() -> Self {
        Self {
            next: UnsafeCell::new(ptr::null_mut()),
            free: UnsafeCell::new(None),
        }
    }
}

/// Keeps `subdev` until the module exits.
pub(crate) fn defer<T: Operations>(subdev: Pin<KBox<Subdev<T>>>) {
    // SAFETY: The box is never moved out of: `free()` makes a pinned box of it again.
    let subdev = KBox::into_raw(unsafe { Pin::into_inner_unchecked(subdev) });
    // SAFETY: `subdev` is valid until it is freed.
    let link = unsafe { &raw mut (*subdev).deferred };

    // SAFETY: Nobody else uses the link before it is in the list.
    unsafe { *(*link).free.get() = Some(free::<T>) };

    let mut next = KEPT.load(Ordering::Relaxed);
    loop {
        // SAFETY: As above.
        unsafe { *(*link).next.get() = next };
        match KEPT.compare_exchange_weak(next, link, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return,
            Err(other) => next = other,
        }
    }
}

/// # Safety
///
/// `link` must be that of a `Subdev<T>` given to [`defer`], which nobody uses any more.
unsafe fn free<T: Operations>(link: *mut Link) {
    // SAFETY: `link` is the field of a `Subdev<T>` by the requirement above.
    let subdev = unsafe { kernel::container_of!(link, Subdev<T>, deferred) };

    // SAFETY: `subdev` comes from `KBox::into_raw()` in `defer()`; this is its only owner.
    drop(unsafe { Pin::new_unchecked(KBox::from_raw(subdev)) });
}

/// Frees what was kept, when dropped by the exit of the module.
///
/// To be the last field of a module's type, so that it is dropped after the driver.
pub struct ReleaseAtExit {
    module: &'static ThisModule,
}

impl ReleaseAtExit {
    /// The one of `module`, which must be the owner of the sub-devices that this crate registers.
    pub const fn new(module: &'static ThisModule) -> Self {
        Self { module }
    }

    /// Whether the module is on its way out: its last user is gone, and no new one can come.
    fn is_exiting(&self) -> bool {
        let module = self.module.as_ptr();

        // SAFETY: The pointer of a `ThisModule` is null, for code that is built in, or valid.
        unsafe { !module.is_null() && (*module).state == bindings::module_state_MODULE_STATE_GOING }
    }
}

impl Drop for ReleaseAtExit {
    fn drop(&mut self) {
        if !self.is_exiting() {
            return;
        }
        let mut link = KEPT.swap(ptr::null_mut(), Ordering::Acquire);

        while !link.is_null() {
            // SAFETY: Links in the list are valid and belong to it alone. Nobody uses the
            // sub-devices any more: an open node would keep the module from exiting.
            unsafe {
                let next = *(*link).next.get();

                if let Some(free) = *(*link).free.get() {
                    free(link);
                }
                link = next;
            }
        }
    }
}
