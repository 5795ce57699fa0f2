// SPDX-License-Identifier: GPL-2.0-only

//! Sub-devices that change together.
//!
//! The members of a [`Group`] share one lock for controls and active states. A thread that holds it
//! for one member may change the others.
//!
//! C header: [`include/media/v4l2-ctrls.h`](srctree/include/media/v4l2-ctrls.h)

use super::{
    Operations,
    Subdev, //
};
use crate::kernel_ext::{
    bindings,
    media::v4l2::ctrls::Locked, //
};
use core::{
    cell::UnsafeCell,
    ptr::{
        self,
        NonNull, //
    }, //
};
use kernel::{
    prelude::*,
    static_lock_class,
    sync::Arc,
    types::Opaque, //
};

/// Sub-devices of one driver that share their lock.
///
/// A sub-device is created for its group, see [`Subdev::new`], and is a member while it is
/// registered.
///
/// `src/driver/broadcast.rs` shows it in use.
///
/// # Invariants
///
/// The links from `first` on are accessed with `lock` held only. Each member that they lead to is
/// valid, and its handler's lock is `lock`.
#[pin_data]
pub struct Group<T: Operations> {
    #[pin]
    lock: Opaque<bindings::mutex>,
    first: Link<T>,
}

/// Link to a member of a group, null at the end. Part of the member before it.
pub(super) struct Link<T: Operations>(UnsafeCell<*const Subdev<T>>);

impl<T: Operations> Link<T> {
    pub(super) const fn new() -> Self {
        Self(UnsafeCell::new(ptr::null()))
    }

    /// Returns the member.
    ///
    /// # Safety
    ///
    /// The lock of the group must be held throughout `'a`.
    unsafe fn member<'a>(&self) -> Option<&'a Subdev<T>> {
        // SAFETY: By the type invariant of the group and the requirement above, nothing else
        // accesses the link, and the member is valid: it leaves the group, which takes the lock,
        // before it is freed.
        unsafe { (*self.0.get()).as_ref() }
    }

    /// Makes this the link to `member`.
    ///
    /// # Safety
    ///
    /// The lock of the group must be held.
    unsafe fn set(&self, member: *const Subdev<T>) {
        // SAFETY: By the requirement above nothing else accesses the link.
        unsafe { *self.0.get() = member };
    }
}

// SAFETY: The members are `Send` and `Sync`, and the list of them is protected by `lock`.
unsafe impl<T: Operations> Send for Group<T> {}
// SAFETY: A shared group gives access to its members, which are `Sync`, with `lock` held only.
unsafe impl<T: Operations> Sync for Group<T> {}

impl<T: Operations> Group<T> {
    /// Creates a group without members.
    pub fn new() -> Result<Arc<Self>> {
        // INVARIANT: There are no members.
        Arc::pin_init(
            pin_init!(Self {
                lock <- Opaque::ffi_init(|slot: *mut bindings::mutex| {
                    // SAFETY: `slot` is valid for writing and pinned from here on; name and class
                    // are static.
                    unsafe {
                        bindings::__mutex_init(
                            slot,
                            c"v4l2::subdev::group::Group".as_char_ptr(),
                            static_lock_class!().as_ptr(),
                        )
                    }
                }),
                first: Link::new(),
            }),
            GFP_KERNEL,
        )
    }

    /// Returns the lock, for the handlers of the members to point to.
    pub(super) fn lock(&self) -> NonNull<bindings::mutex> {
        NonNull::from(&self.lock).cast()
    }

    /// Calls `f` with every member but the one that `locked` belongs to, until it returns an error.
    ///
    /// Returns `EINVAL` if `locked` does not belong to a member of this group.
    pub fn others(
        &self,
        locked: &Locked<'_>,
        mut f: impl FnMut(&T, &Locked<'_>) -> Result,
    ) -> Result {
        if !ptr::eq(locked.mutex(), self.lock.get()) {
            return Err(EINVAL);
        }
        // SAFETY: `locked` shows that the lock is held, by this thread and until after this
        // returns.
        let mut next = unsafe { self.first.member() };

        while let Some(member) = next {
            if !locked.is_of(&member.handler) {
                // SAFETY: The member's lock is the group's, which is held. No control operation of
                // this member is under way: it would hold the lock.
                let locked = unsafe { member.handler.assume_locked(false) };

                f(&member.inner, &locked)?;
            }
            // SAFETY: As above.
            next = unsafe { member.next.member() };
        }
        Ok(())
    }

    /// Calls `f` with any one of the members, to reach all of them; `None` if there is none.
    ///
    /// Takes the lock.
    pub fn with_any<R>(&self, f: impl FnOnce(&T, &Locked<'_>) -> R) -> Option<R> {
        self.with_lock(|| {
            // SAFETY: The lock is held until this returns.
            let member = unsafe { self.first.member() }?;
            // SAFETY: The member's lock is the group's, which is held until `f` has returned. No
            // control operation is under way: it would hold the lock.
            let locked = unsafe { member.handler.assume_locked(false) };

            Some(f(&member.inner, &locked))
        })
    }

    /// Makes `subdev` the last member.
    ///
    /// # Safety
    ///
    /// `subdev` must have been created for this group, and must not be a member. It must leave
    /// before it is freed.
    pub(super) unsafe fn join(&self, subdev: &Subdev<T>) {
        self.with_lock(|| {
            let mut link = &self.first;

            // SAFETY: The lock is held until this returns.
            while let Some(member) = unsafe { link.member() } {
                link = &member.next;
            }
            // INVARIANT: By the requirements above.
            //
            // SAFETY: As above.
            unsafe { link.set(subdev) };
        });
    }

    /// Removes `subdev`, which cannot be reached through the group once this returns. Has no effect
    /// if it is not a member.
    pub(super) fn leave(&self, subdev: &Subdev<T>) {
        self.with_lock(|| {
            let mut link = &self.first;

            // SAFETY: The lock is held until this returns.
            while let Some(member) = unsafe { link.member() } {
                if ptr::eq(member, subdev) {
                    // SAFETY: As above. The link goes to the next member, or to none.
                    unsafe { link.set(*member.next.0.get()) };
                    // SAFETY: As above.
                    unsafe { member.next.set(ptr::null()) };
                    return;
                }
                link = &member.next;
            }
        });
    }

    fn with_lock<R>(&self, f: impl FnOnce() -> R) -> R {
        // SAFETY: The mutex is initialised.
        unsafe { bindings::mutex_lock(self.lock.get()) };
        let result = f();
        // SAFETY: Taken above.
        unsafe { bindings::mutex_unlock(self.lock.get()) };
        result
    }
}
