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
/// `members` is accessed with `lock` held only. Each member is valid, and its handler's lock is
/// `lock`.
#[pin_data]
pub struct Group<T: Operations> {
    #[pin]
    lock: Opaque<bindings::mutex>,
    members: UnsafeCell<KVec<NonNull<Subdev<T>>>>,
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
                            c"kernel_ext::media::v4l2::subdev::group::Group".as_char_ptr(),
                            static_lock_class!().as_ptr(),
                        )
                    }
                }),
                members: UnsafeCell::new(KVec::new()),
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
        // returns. The list does not change meanwhile, as that takes the lock as well.
        let members = unsafe { &*self.members.get() };

        for member in members {
            // SAFETY: Members are valid by the type invariant, and stay so while the lock is held:
            // they leave the group, which takes it, before they are freed.
            let member = unsafe { member.as_ref() };

            if !locked.is_of(&member.handler) {
                // SAFETY: The member's lock is the group's, which is held. No control operation of
                // this member is under way: it would hold the lock.
                let locked = unsafe { member.handler.assume_locked(false) };

                f(&member.inner, &locked)?;
            }
        }
        Ok(())
    }

    /// Calls `f` with any one of the members, to reach all of them; `None` if there is none.
    ///
    /// Takes the lock.
    pub fn with_any<R>(&self, f: impl FnOnce(&T, &Locked<'_>) -> R) -> Option<R> {
        // SAFETY: The mutex is initialised.
        unsafe { bindings::mutex_lock(self.lock.get()) };
        // SAFETY: The lock is held, without which the list does not change.
        let first = unsafe { &*self.members.get() }.first().copied();
        let result = first.map(|member| {
            // SAFETY: Members are valid by the type invariant, and stay so while the lock is held:
            // they leave the group, which takes it, before they are freed.
            let member = unsafe { member.as_ref() };
            // SAFETY: The member's lock is the group's, which is held until `f` has returned. No
            // control operation is under way: it would hold the lock.
            let locked = unsafe { member.handler.assume_locked(false) };

            f(&member.inner, &locked)
        });
        // SAFETY: Taken above.
        unsafe { bindings::mutex_unlock(self.lock.get()) };
        result
    }

    /// Makes `subdev` a member.
    ///
    /// # Safety
    ///
    /// `subdev` must have been created for this group. It must leave before it is freed.
    pub(crate) unsafe fn join(&self, subdev: &Subdev<T>) -> Result {
        self.with_members(|members| {
            // INVARIANT: By the requirements above.
            members.push(NonNull::from(subdev), GFP_KERNEL)
        })?;
        Ok(())
    }

    /// Removes `subdev`, which cannot be reached through the group once this returns.
    pub(crate) fn leave(&self, subdev: &Subdev<T>) {
        self.with_members(|members| {
            members.retain(|member| !ptr::eq(member.as_ptr(), subdev));
        });
    }

    fn with_members<R>(&self, f: impl FnOnce(&mut KVec<NonNull<Subdev<T>>>) -> R) -> R {
        // SAFETY: The mutex is initialised.
        unsafe { bindings::mutex_lock(self.lock.get()) };
        // SAFETY: The lock is held until the reference is gone.
        let result = f(unsafe { &mut *self.members.get() });
        // SAFETY: Taken above.
        unsafe { bindings::mutex_unlock(self.lock.get()) };
        result
    }
}
