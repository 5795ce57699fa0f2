// SPDX-License-Identifier: GPL-2.0-only

//! V4L2 controls of a sub-device whose controls limit each other.
//!
//! All writable controls of a [`Handler`] form one cluster: however many of them an application sets
//! at once, the driver sees one change, with all values, under the handler's lock. That is what lets
//! a sensor driver treat its configuration as one value.
//!
//! V4L2 would cut each value to the *present* range of its control before the driver sees any of
//! them, and so refuse an exposure that fits the frame length that is set with it. The integers of
//! the cluster are therefore handed over as they are asked for, and [`Controls::try_controls`] cuts
//! them to what the whole change allows.
//!
//! [`Builder`] makes the controls.
//!
//! C header: [`include/media/v4l2-ctrls.h`](srctree/include/media/v4l2-ctrls.h)

mod builder;

use super::subdev::{
    group::SharedLock,
    state::State, //
};
use crate::kernel_ext::bindings;
use builder::Parts;
pub use builder::{
    Builder,
    Name, //
};
use core::{
    marker::PhantomData,
    ops::Deref,
    ptr::NonNull,
    sync::atomic::{
        AtomicBool,
        Ordering, //
    }, //
};
use kernel::{
    error::to_result,
    prelude::*,
    static_lock_class,
    sync::Arc,
    types::Opaque, //
};

/// A control, by its V4L2 number (`V4L2_CID_*`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Id(pub u32);

/// What a control may be set to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Smallest value.
    pub min: i64,
    /// Largest value.
    pub max: i64,
    /// Distance of the values between them.
    pub step: u64,
    /// The value that "default" stands for.
    pub default: i64,
}

/// What a driver does when its controls are changed or asked for.
///
/// All functions are called with the handler's lock held, never concurrently.
pub trait Controls {
    /// Makes the new values agree with each other before they are tried or set.
    ///
    /// [`Locked::asked`] gives what is asked for, which for an integer may be out of its range;
    /// [`Locked::adjust`] replaces it. An error refuses the change; nothing is kept of it.
    fn try_controls(&self, controls: &Locked<'_>) -> Result;

    /// Puts the new values, as [`Controls::try_controls`] left them, into effect.
    ///
    /// `state` is the active one, for changes that the format follows. On an error the controls keep
    /// their values.
    fn set_controls(&self, state: &mut State, controls: &Locked<'_>) -> Result;

    /// Finds out the value of a volatile control.
    fn volatile_value(&self, id: Id, controls: &mut Held<'_>) -> Result<i32>;
}

/// A control handler with its controls.
///
/// # Invariants
///
/// - `raw` is initialised until `Drop`.
/// - `entries` holds controls of `raw`, which lives as long as it does.
#[pin_data(PinnedDrop)]
pub struct Handler {
    #[pin]
    raw: Opaque<bindings::v4l2_ctrl_handler>,
    entries: KVec<(Id, NonNull<bindings::v4l2_ctrl>)>,
    // What the controls of `raw` point to.
    parts: Parts,
    publishing: AtomicBool,
    // Keeps the lock that `raw` points to, if that is not its own.
    _lock: Option<Arc<SharedLock>>,
}

// SAFETY: A handler may be used and freed from any thread.
unsafe impl Send for Handler {}
// SAFETY: Through a shared reference the controls are reached with the handler's lock held alone.
unsafe impl Sync for Handler {}

impl Handler {
    /// A handler with the controls that `build` adds.
    ///
    /// The writable ones call `ops`. Without a `lock` to share the handler has its own.
    pub(crate) fn new<'a>(
        ops: &'static bindings::v4l2_ctrl_ops,
        lock: Option<Arc<SharedLock>>,
        build: impl FnOnce(&mut Builder<'_>) -> Result + 'a,
    ) -> impl PinInit<Self, Error> + 'a {
        try_pin_init!(Self {
            raw <- Opaque::try_ffi_init(|slot: *mut bindings::v4l2_ctrl_handler| {
                let key = static_lock_class!();

                // SAFETY: `slot` is valid for writing and pinned from here on. The C function fills
                // in what is not zero; on an error nothing was allocated.
                to_result(unsafe {
                    slot.write(pin_init::zeroed());
                    bindings::v4l2_ctrl_handler_init_class(
                        slot,
                        Builder::COUNT_HINT,
                        key.as_ptr(),
                        c"kernel_ext::media::v4l2::ctrls::Handler".as_char_ptr(),
                    )
                })
            }),
            entries: KVec::new(),
            parts: Parts::new(),
            publishing: AtomicBool::new(false),
            _lock: lock,
        })
        .pin_chain(move |this| {
            let this = this.project();

            if let Some(lock) = this._lock {
                // SAFETY: `raw` is initialised, and nobody uses it yet. The lock lives as long as
                // the handler does, which freeing it still takes.
                unsafe { (*this.raw.get()).lock = lock.as_raw() };
            }
            // SAFETY: The handler was just initialised, and nobody else knows it.
            let mut builder =
                unsafe { Builder::new(this.raw.get(), ops, this.entries, this.parts) };

            build(&mut builder)?;
            builder.finish()
        })
    }

    /// The C handler, for a `v4l2_subdev` to point to.
    pub(crate) fn as_raw(&self) -> *mut bindings::v4l2_ctrl_handler {
        self.raw.get()
    }

    /// Whether a control operation comes from [`Locked::publish`], and must not reach the driver.
    ///
    /// To be asked with the handler's lock held.
    pub(crate) fn is_publishing(&self) -> bool {
        self.publishing.load(Ordering::Relaxed)
    }

    /// The handler that `raw` is part of.
    ///
    /// # Safety
    ///
    /// `raw` must point to the C handler inside of a [`Handler`].
    pub(crate) unsafe fn from_raw(raw: *mut bindings::v4l2_ctrl_handler) -> *mut Self {
        // SAFETY: By the requirement above `raw` is the field of a `Handler`.
        unsafe { kernel::container_of!(Opaque::cast_from(raw).cast_mut(), Self, raw) }
    }

    /// The controls, for somebody who holds the handler's lock.
    ///
    /// # Safety
    ///
    /// The handler's lock must be held for as long as the result lives. `changing` tells whether
    /// this is inside of a control operation.
    pub(crate) unsafe fn assume_locked(&self, changing: bool) -> Locked<'_> {
        Locked {
            handler: self,
            changing,
            _not_send: PhantomData,
        }
    }

    /// The controls, for somebody who holds the handler's lock and may let go of it.
    ///
    /// # Safety
    ///
    /// As for [`Handler::assume_locked`], outside of a change of controls. Until the result is gone,
    /// nothing may rely on the lock being held all the time: it may be released and taken again.
    pub(crate) unsafe fn assume_held(&self) -> Held<'_> {
        // SAFETY: By the requirements above.
        Held(unsafe { self.assume_locked(false) })
    }

    fn find(&self, id: Id) -> Result<*mut bindings::v4l2_ctrl> {
        self.entries
            .iter()
            .find(|entry| entry.0 == id)
            .map(|entry| entry.1.as_ptr())
            .ok_or(EINVAL)
    }
}

#[pinned_drop]
impl PinnedDrop for Handler {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: `raw` is initialised; nothing refers to its controls any more.
        unsafe { bindings::v4l2_ctrl_handler_free(self.raw.get()) };
    }
}

/// The controls of a handler whose lock is held by an operation that may let go of it meanwhile.
pub struct Held<'a>(Locked<'a>);

impl Held<'_> {
    /// Calls `f` without the lock, for what takes long and needs no control: others may hold the lock,
    /// and change what it guards.
    pub fn unlocked<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let lock = self.mutex();

        // SAFETY: The lock is held, by this thread, and may be released by the requirements of
        // `Handler::assume_held()`. Nothing borrows from `self`, which is borrowed itself until the lock
        // is held again.
        unsafe { bindings::mutex_unlock(lock) };
        let result = f();
        // SAFETY: The handler, and its lock, are valid for as long as `self`.
        unsafe { bindings::mutex_lock(lock) };
        result
    }
}

impl<'a> Deref for Held<'a> {
    type Target = Locked<'a>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// The controls of a handler whose lock is held.
pub struct Locked<'a> {
    handler: &'a Handler,
    changing: bool,
    // A mutex is released by the thread that took it.
    _not_send: PhantomData<*mut ()>,
}

impl Locked<'_> {
    /// The lock that is held.
    pub(crate) fn mutex(&self) -> *mut bindings::mutex {
        // SAFETY: The handler is initialised.
        unsafe { (*self.handler.as_raw()).lock }
    }

    /// Whether these are the controls of `handler`.
    pub(crate) fn is_of(&self, handler: &Handler) -> bool {
        core::ptr::eq(self.handler, handler)
    }

    /// The value asked for; `None` for a control that nobody asks to change.
    ///
    /// In [`Controls::set_controls`] also what [`Controls::try_controls`] changed.
    pub fn asked(&self, id: Id) -> Result<Option<i64>> {
        let ctrl = self.handler.find(id)?;

        // SAFETY: A valid control of this handler, whose lock is held. All controls of the cluster
        // are of 32 bits, so `cur.val` is the member in use.
        let (is_new, new, current) = unsafe {
            (
                bindings::v4l2_ctrl::is_new_raw(ctrl) != 0,
                (*ctrl).val,
                (*ctrl).cur.val,
            )
        };

        Ok((is_new || new != current).then_some(i64::from(new)))
    }

    /// Replaces the value asked for.
    ///
    /// Of use in [`Controls::try_controls`] only.
    pub fn adjust(&self, id: Id, value: i64) -> Result {
        let ctrl = self.handler.find(id)?;

        // SAFETY: A valid control of this handler, whose lock is held.
        unsafe { (*ctrl).val = i32::try_from(value)? };
        Ok(())
    }

    /// Tells applications what a control of numbers now is and may be, without the driver being
    /// asked.
    ///
    /// Events are sent for what changed. In [`Controls::set_controls`] `value` must be what
    /// [`Controls::try_controls`] left for a control of the cluster.
    pub fn publish(&self, id: Id, range: Range, value: i64) -> Result {
        let ctrl = self.handler.find(id)?;

        if self.is_part_of_change(ctrl) {
            // Its new value is about to become its present one: doing that now keeps
            // `__v4l2_ctrl_modify_range()` from starting another change inside of this one.
            //
            // SAFETY: A valid control of this handler, whose lock is held; a control of the cluster
            // is of 32 bits.
            unsafe { (*ctrl).cur.val = i32::try_from(value)? };
        }
        self.unheard(|| {
            // SAFETY: A valid control of this handler, whose lock is held.
            unsafe {
                bindings::__v4l2_ctrl_modify_range(
                    ctrl,
                    range.min,
                    range.max,
                    range.step,
                    range.default,
                )
            }
        })?;
        self.publish_value(id, value)
    }

    /// Tells applications what a control now is, without the driver being asked.
    ///
    /// An event is sent if that changed. In [`Controls::set_controls`] this does nothing for a
    /// control of the cluster, which gets the value that [`Controls::try_controls`] left for it.
    pub fn publish_value(&self, id: Id, value: i64) -> Result {
        let ctrl = self.handler.find(id)?;

        if self.is_part_of_change(ctrl) {
            return Ok(());
        }
        // SAFETY: A valid control of this handler, whose lock is held. The type tells which member
        // is in use.
        unsafe {
            if (*ctrl).type_ == bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER64 {
                return self.unheard(|| bindings::__v4l2_ctrl_s_ctrl_int64(ctrl, value));
            }

            let value = i32::try_from(value)?;

            if (*ctrl).cur.val == value {
                // V4L2 would look whether the control is grabbed, and refuse.
                return Ok(());
            }
            self.unheard(|| bindings::__v4l2_ctrl_s_ctrl(ctrl, value))
        }
    }

    /// Whether a control gets a new value by the change that is under way.
    fn is_part_of_change(&self, ctrl: *const bindings::v4l2_ctrl) -> bool {
        // SAFETY: A valid control of this handler, whose lock is held.
        self.changing && unsafe { !(*ctrl).ops.is_null() }
    }

    /// Changes a control by `f`, and keeps what V4L2 calls back for it away from the driver.
    fn unheard(&self, f: impl FnOnce() -> i32) -> Result {
        // Only ever touched with the handler's lock held.
        self.handler.publishing.store(true, Ordering::Relaxed);
        let ret = f();
        self.handler.publishing.store(false, Ordering::Relaxed);
        to_result(ret)
    }

    /// Keeps applications from changing a control, or lets them again.
    pub fn grab(&self, id: Id, grabbed: bool) -> Result {
        let ctrl = self.handler.find(id)?;

        // SAFETY: A valid control of this handler, whose lock is held.
        unsafe { bindings::__v4l2_ctrl_grab(ctrl, grabbed) };
        Ok(())
    }
}
