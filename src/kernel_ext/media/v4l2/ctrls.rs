// SPDX-License-Identifier: GPL-2.0-only

//! V4L2 controls of a sub-device.
//!
//! A [`Handler`] has the controls that were added by a [`Builder`]. Their operations are a driver's
//! [`Controls`]. A [`Locked`] is the proof that the handler's lock is held.
//!
//! `tests/kunit/examples.rs` has an example that is compiled and run.
//!
//! [`cluster`] is a policy on top of that: all controls of a driver change together.
//!
//! C header: [`include/media/v4l2-ctrls.h`](srctree/include/media/v4l2-ctrls.h)

mod builder;
pub mod cluster;

use super::subdev::state::State;
use crate::kernel_ext::bindings;
use builder::MAX_CONTROLS;
pub use builder::{
    Builder,
    Name,
    Text, //
};
use core::{
    cell::Cell,
    marker::PhantomData,
    ops::Deref,
    ptr::NonNull, //
};
use kernel::{
    error::to_result,
    prelude::*,
    static_lock_class,
    types::Opaque, //
};

/// A control, by its V4L2 number (`V4L2_CID_*`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Id(pub u32);

/// Range of values of a control.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Smallest value.
    pub min: i64,
    /// Largest value.
    pub max: i64,
    /// Distance between valid values.
    pub step: u64,
    /// Default value.
    pub default: i64,
}

/// Control operations of a driver.
///
/// V4L2 calls them once for each changed control, or once for all controls of a cluster, with the
/// first of them. The handler's lock is held, so calls are never concurrent.
pub trait Controls {
    /// Adjusts the new value of a control, or those of its cluster, to valid ones before they are
    /// tried or set. On an error nothing is changed.
    fn try_control(&self, first: Id, controls: &Locked<'_>) -> Result {
        let _ = (first, controls);
        Ok(())
    }

    /// Applies the new value of a control, or those of its cluster.
    ///
    /// `state` is the active state, for changes that affect the format. On an error the controls
    /// keep their values.
    fn set_control(&self, first: Id, state: &mut State, controls: &Locked<'_>) -> Result;

    /// Returns the current value of a volatile control; `EINVAL` for unsupported controls.
    fn volatile_value(&self, id: Id, controls: &mut Held<'_>) -> Result<i32> {
        let _ = (id, controls);
        Err(EINVAL)
    }
}

/// A control handler with its controls.
///
/// # Invariants
///
/// - `raw` is initialised until `Drop`.
/// - `entries` holds controls of `raw`, which lives as long as it does.
/// - What is in `entries` and `values` stays there, where controls may point to it.
#[pin_data(PinnedDrop)]
pub struct Handler {
    #[pin]
    raw: Opaque<bindings::v4l2_ctrl_handler>,
    entries: KVec<NonNull<bindings::v4l2_ctrl>>,
    // Items of the menu of integers.
    values: KVec<i64>,
    // Set while control operations must not reach the driver. Accessed with the handler's lock held.
    quiet: Cell<bool>,
}

// SAFETY: A handler may be used and freed from any thread.
unsafe impl Send for Handler {}
// SAFETY: Through a shared reference the controls and `quiet` are only reached with the handler's
// lock held.
unsafe impl Sync for Handler {}

impl Handler {
    /// Creates a handler with the controls that `build` adds.
    ///
    /// `ops` are their operations. With `lock`, the handler uses that lock instead of its own.
    ///
    /// # Safety
    ///
    /// `lock` must be valid until the handler has been dropped.
    pub(crate) unsafe fn new<'a>(
        ops: &'static bindings::v4l2_ctrl_ops,
        lock: Option<NonNull<bindings::mutex>>,
        build: impl FnOnce(&mut Builder<'_>) -> Result + 'a,
    ) -> impl PinInit<Self, Error> + 'a {
        try_pin_init!(Self {
            // First, as what fails behind `raw` would not free what that has allocated.
            entries: KVec::with_capacity(MAX_CONTROLS, GFP_KERNEL)?,
            raw <- Opaque::try_ffi_init(|slot: *mut bindings::v4l2_ctrl_handler| {
                let key = static_lock_class!();

                // SAFETY: `slot` is valid for writing and pinned from here on. The C function fills
                // in what is not zero; on an error nothing was allocated.
                to_result(unsafe {
                    slot.write(pin_init::zeroed());
                    bindings::v4l2_ctrl_handler_init_class(
                        slot,
                        MAX_CONTROLS as u32,
                        key.as_ptr(),
                        c"v4l2::ctrls::Handler".as_char_ptr(),
                    )
                })
            }),
            values: KVec::new(),
            quiet: Cell::new(false),
        })
        .pin_chain(move |this| {
            let this = this.project();

            if let Some(lock) = lock {
                // SAFETY: `raw` is initialised, and not in use yet. By the requirement above the
                // lock is there until the handler was freed, which still takes it.
                unsafe { (*this.raw.get()).lock = lock.as_ptr() };
            }
            // SAFETY: The handler was just initialised, and has no other reference. The lists live
            // as long as it does, and are not changed by anything else.
            let mut builder =
                unsafe { Builder::new(this.raw.get(), ops, this.entries, this.values) };

            build(&mut builder)?;
            builder.finish()
        })
    }

    /// Returns the C handler, for a `v4l2_subdev` to point to.
    pub(crate) fn as_raw(&self) -> *mut bindings::v4l2_ctrl_handler {
        self.raw.get()
    }

    /// Returns whether a control operation must not reach the driver, as it has caused the
    /// operation itself.
    ///
    /// # Safety
    ///
    /// The handler's lock must be held.
    pub(crate) unsafe fn is_quiet(&self) -> bool {
        self.quiet.get()
    }

    /// Returns the handler that `raw` is part of.
    ///
    /// # Safety
    ///
    /// `raw` must point to the C handler inside of a [`Handler`].
    pub(crate) unsafe fn from_raw(raw: *mut bindings::v4l2_ctrl_handler) -> *mut Self {
        // SAFETY: By the requirement above `raw` is the field of a `Handler`.
        unsafe { kernel::container_of!(Opaque::cast_from(raw).cast_mut(), Self, raw) }
    }

    /// Returns the proof that the handler's lock is held.
    ///
    /// # Safety
    ///
    /// The handler's lock must be held for as long as the result lives. `changing` must be set if
    /// this is inside of a control operation.
    pub(crate) unsafe fn assume_locked(&self, changing: bool) -> Locked<'_> {
        Locked {
            handler: self,
            changing,
            next: Cell::new(0),
            _not_send: PhantomData,
        }
    }

    /// Returns the proof that the handler's lock is held, and may be released meanwhile.
    ///
    /// # Safety
    ///
    /// As for [`Handler::assume_locked`], outside of a change of controls. Until the result is
    /// dropped, nothing may rely on the lock being held without interruption: it may be released
    /// and taken again.
    pub(crate) unsafe fn assume_held(&self) -> Held<'_> {
        // SAFETY: By the requirements above.
        Held(unsafe { self.assume_locked(false) })
    }
}

#[pinned_drop]
impl PinnedDrop for Handler {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: `raw` is initialised; nothing refers to its controls any more.
        unsafe { bindings::v4l2_ctrl_handler_free(self.raw.get()) };
    }
}

/// The controls of a handler whose lock is held, by an operation that may release it for a time.
pub struct Held<'a>(Locked<'a>);

impl Held<'_> {
    /// Calls `f` with the lock released, for long waits. Other threads may take the lock meanwhile,
    /// and change what it protects.
    pub fn unlocked<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let lock = self.mutex();

        // SAFETY: The lock is held, by this thread, and may be released by the requirements of
        // `Handler::assume_held()`. Nothing borrows from `self`, which is borrowed itself until the
        // lock is held again.
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
    // Index to look up the next control at first, as drivers iterate in the order of addition.
    next: Cell<usize>,
    // A mutex is released by the thread that took it.
    _not_send: PhantomData<*mut ()>,
}

/// A control that was looked up.
///
/// # Invariants
///
/// A valid control of the handler of the [`Locked`] that is borrowed, whose lock is held.
#[derive(Clone, Copy)]
struct Found<'a>(*mut bindings::v4l2_ctrl, PhantomData<&'a ()>);

impl Locked<'_> {
    /// Returns the held lock.
    pub(crate) fn mutex(&self) -> *mut bindings::mutex {
        // SAFETY: The handler is initialised.
        unsafe { (*self.handler.as_raw()).lock }
    }

    fn find(&self, id: Id) -> Result<Found<'_>> {
        let entries = self.handler.entries.as_slice();
        let next = self.next.get();
        // SAFETY: A valid control of this handler, whose number does not change.
        let is_it = |ctrl: &NonNull<bindings::v4l2_ctrl>| unsafe { (*ctrl.as_ptr()).id == id.0 };
        let (at, ctrl) = match entries.get(next).filter(|ctrl| is_it(ctrl)) {
            Some(ctrl) => (next, ctrl),
            None => (0..entries.len())
                .zip(entries)
                .find(|(_, ctrl)| is_it(ctrl))
                .ok_or(EINVAL)?,
        };

        self.next.set(at.wrapping_add(1));
        // INVARIANT: `entries` are controls of this handler.
        Ok(Found(ctrl.as_ptr(), PhantomData))
    }

    /// Returns whether these are the controls of `handler`.
    pub(crate) fn is_of(&self, handler: &Handler) -> bool {
        core::ptr::eq(self.handler, handler)
    }

    /// Returns the new value of a control during an operation that changes it, otherwise its
    /// current one. For integer, boolean and menu controls only.
    pub fn value(&self, id: Id) -> Result<i64> {
        let Found(ctrl, _) = self.find(id)?;

        // SAFETY: By the type invariant of `Found`. The type determines which member is in use.
        Ok(unsafe {
            if (*ctrl).type_ == bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER64 {
                *(*ctrl).p_new.p_s64
            } else {
                (*ctrl).val.into()
            }
        })
    }

    /// Sets the value of a control. Must not be called in an operation for this control or its
    /// cluster.
    ///
    /// An event is sent if it changed. The driver's operation is called only if `heard` is set.
    pub fn set_value(&self, id: Id, value: i64, heard: bool) -> Result {
        self.set_value_of(self.find(id)?, value, heard)
    }

    fn set_value_of(&self, Found(ctrl, _): Found<'_>, value: i64, heard: bool) -> Result {
        // SAFETY: By the type invariant of `Found`. The type determines which member is in use.
        self.call(heard, || unsafe {
            if (*ctrl).type_ == bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER64 {
                bindings::__v4l2_ctrl_s_ctrl_int64(ctrl, value)
            } else {
                i32::try_from(value).map_or(ERANGE.to_errno(), |value| {
                    bindings::__v4l2_ctrl_s_ctrl(ctrl, value)
                })
            }
        })
    }

    /// Sets the range of a control, and clamps its value to it; `EINVAL` for menus, whose range is
    /// their table's. Must not be called in an operation for this control or its cluster.
    ///
    /// Events are sent for changes. If the value changes, the driver's operation is called only if
    /// `heard` is set.
    pub fn set_range(&self, id: Id, range: &Range, heard: bool) -> Result {
        self.set_range_of(self.find(id)?, range, heard)
    }

    fn set_range_of(&self, Found(ctrl, _): Found<'_>, range: &Range, heard: bool) -> Result {
        // SAFETY: By the type invariant of `Found`.
        let kind = unsafe { (*ctrl).type_ };

        if kind == bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_MENU
            || kind == bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER_MENU
        {
            return Err(EINVAL);
        }
        self.call(heard, || {
            // SAFETY: As above.
            unsafe {
                bindings::__v4l2_ctrl_modify_range(
                    ctrl,
                    range.min,
                    range.max,
                    range.step,
                    range.default,
                )
            }
        })
    }

    /// Changes a control by `f`. Unless `heard` is set, operations that V4L2 calls for it do not
    /// reach the driver.
    fn call(&self, heard: bool, f: impl FnOnce() -> i32) -> Result {
        self.handler.quiet.set(!heard);
        let ret = f();
        self.handler.quiet.set(false);
        to_result(ret)
    }

    /// Grabs a control, if there is one of this number, so that applications cannot change it, or
    /// releases it.
    pub fn grab(&self, id: Id, grabbed: bool) {
        if let Ok(Found(ctrl, _)) = self.find(id) {
            // SAFETY: By the type invariant of `Found`.
            unsafe { bindings::__v4l2_ctrl_grab(ctrl, grabbed) };
        }
    }
}
