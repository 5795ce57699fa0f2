// SPDX-License-Identifier: GPL-2.0-only

//! V4L2 controls of a device whose controls limit each other.
//!
//! All writable controls of a [`Handler`] form one cluster: however many of them an application sets
//! at once, the driver sees one change, with all values, under the handler's lock. That is what lets
//! a sensor driver treat its configuration as one value.
//!
//! C header: [`include/media/v4l2-ctrls.h`](srctree/include/media/v4l2-ctrls.h)

use super::{bindings, v4l2_fwnode::Mounting};
use core::{
    marker::PhantomData,
    ptr::NonNull,
    sync::atomic::{AtomicBool, Ordering},
};
use kernel::{error::to_result, ffi::c_char, prelude::*, static_lock_class, types::Opaque};

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

/// What a driver does when its controls change.
///
/// Both functions are called with the handler's lock held, never concurrently.
pub trait Controls {
    /// Makes the new values agree with each other before they are tried or set.
    ///
    /// [`Locked::new_value`] gives what is asked for, [`Locked::adjust`] replaces it. An error
    /// refuses the change; nothing is kept of it.
    fn try_controls(&self, controls: &Locked<'_>) -> Result;

    /// Puts the new values, as [`Controls::try_controls`] left them, into effect.
    ///
    /// On an error the controls keep their values.
    fn set_controls(&self, controls: &Locked<'_>) -> Result;
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
    // What the controls of `raw` point to: menus of integers and of names, and the cluster.
    menus: KVec<KVec<i64>>,
    names: KVec<KVec<*const c_char>>,
    cluster: KVec<*mut bindings::v4l2_ctrl>,
    publishing: AtomicBool,
}

// SAFETY: A handler may be used and freed from any thread.
unsafe impl Send for Handler {}
// SAFETY: Through a shared reference the controls are reached with the handler's lock held alone.
unsafe impl Sync for Handler {}

impl Handler {
    /// A handler with the controls that `build` adds.
    ///
    /// The writable ones call `ops`.
    pub(super) fn new<'a>(
        ops: &'static bindings::v4l2_ctrl_ops,
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
                        c"kernel_ext::v4l2_ctrls::Handler".as_char_ptr(),
                    )
                })
            }),
            entries: KVec::new(),
            menus: KVec::new(),
            names: KVec::new(),
            cluster: KVec::new(),
            publishing: AtomicBool::new(false),
        })
        .pin_chain(move |this| {
            let this = this.project();
            let mut builder = Builder {
                raw: this.raw.get(),
                ops,
                entries: this.entries,
                menus: this.menus,
                names: this.names,
                cluster: this.cluster,
            };

            build(&mut builder)?;
            builder.finish()
        })
    }

    /// The C handler, for a `v4l2_subdev` to point to.
    pub(super) fn as_raw(&self) -> *mut bindings::v4l2_ctrl_handler {
        self.raw.get()
    }

    /// Whether a control operation comes from [`Locked::publish`], and must not reach the driver.
    ///
    /// To be asked with the handler's lock held.
    pub(super) fn is_publishing(&self) -> bool {
        self.publishing.load(Ordering::Relaxed)
    }

    /// The handler that `raw` is part of.
    ///
    /// # Safety
    ///
    /// `raw` must point to the C handler inside of a [`Handler`].
    pub(super) unsafe fn from_raw(raw: *mut bindings::v4l2_ctrl_handler) -> *mut Self {
        // SAFETY: By the requirement above `raw` is the field of a `Handler`.
        unsafe { kernel::container_of!(Opaque::cast_from(raw).cast_mut(), Self, raw) }
    }

    /// The controls, for somebody who holds the handler's lock.
    ///
    /// # Safety
    ///
    /// The handler's lock must be held for as long as the result lives. `changing` tells whether
    /// this is inside of a control operation.
    pub(super) unsafe fn assume_locked(&self, changing: bool) -> Locked<'_> {
        Locked {
            handler: self,
            changing,
            _not_send: PhantomData,
        }
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

/// The controls of a handler whose lock is held.
pub struct Locked<'a> {
    handler: &'a Handler,
    changing: bool,
    // A mutex is released by the thread that took it.
    _not_send: PhantomData<*mut ()>,
}

impl Locked<'_> {
    /// The value asked for; for a control that nobody asked to change, its present one.
    ///
    /// Of use in the functions of [`Controls`] only.
    pub fn new_value(&self, id: Id) -> Result<i64> {
        let ctrl = self.handler.find(id)?;

        // SAFETY: A valid control of this handler, whose lock is held.
        Ok(i64::from(unsafe { (*ctrl).val }))
    }

    /// The value asked for if it differs from the present one.
    pub fn changed_value(&self, id: Id) -> Result<Option<i64>> {
        let ctrl = self.handler.find(id)?;

        // SAFETY: A valid control of this handler, whose lock is held. All controls of the cluster
        // are of 32 bits, so `cur.val` is the member in use.
        let (new, current) = unsafe { ((*ctrl).val, (*ctrl).cur.val) };

        Ok((new != current).then_some(i64::from(new)))
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

    /// Tells applications what a control now is and may be, without the driver being asked.
    ///
    /// Events are sent for what changed. In [`Controls::set_controls`] `value` must be what
    /// [`Controls::try_controls`] left for a control of the cluster.
    pub fn publish(&self, id: Id, range: Range, value: i64) -> Result {
        let ctrl = self.handler.find(id)?;

        // SAFETY: A valid control of this handler, whose lock is held.
        let (is_64_bit, has_ops) = unsafe {
            (
                (*ctrl).type_ == bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER64,
                !(*ctrl).ops.is_null(),
            )
        };

        if self.changing && has_ops {
            // Part of the change that is under way. Its new value is about to become its present
            // one: doing that now keeps `__v4l2_ctrl_modify_range()` from starting another change
            // inside of this one.
            //
            // SAFETY: As above; a control of the cluster is of 32 bits.
            unsafe { (*ctrl).cur.val = i32::try_from(value)? };
        }

        self.handler.publishing.store(true, Ordering::Relaxed);
        // SAFETY: As above. What these functions call back is kept away from the driver by
        // `publishing`, which only changes with the lock held.
        let ret = unsafe {
            let ret = bindings::__v4l2_ctrl_modify_range(
                ctrl,
                range.min,
                range.max,
                range.step,
                range.default,
            );

            if ret != 0 || (self.changing && has_ops) {
                ret
            } else if is_64_bit {
                bindings::__v4l2_ctrl_s_ctrl_int64(ctrl, value)
            } else {
                match i32::try_from(value) {
                    Ok(value) => bindings::__v4l2_ctrl_s_ctrl(ctrl, value),
                    Err(_) => ERANGE.to_errno(),
                }
            }
        };
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

/// Adds the controls of a [`Handler`].
pub struct Builder<'a> {
    raw: *mut bindings::v4l2_ctrl_handler,
    ops: &'static bindings::v4l2_ctrl_ops,
    entries: &'a mut KVec<(Id, NonNull<bindings::v4l2_ctrl>)>,
    menus: &'a mut KVec<KVec<i64>>,
    names: &'a mut KVec<KVec<*const c_char>>,
    cluster: &'a mut KVec<*mut bindings::v4l2_ctrl>,
}

impl Builder<'_> {
    const COUNT_HINT: u32 = 24;

    fn add(&mut self, id: Id, ctrl: *mut bindings::v4l2_ctrl, writable: bool) -> Result {
        let Some(ctrl) = NonNull::new(ctrl) else {
            // SAFETY: `raw` is an initialised handler. A control that could not be made leaves the
            // reason in it.
            to_result(unsafe { (*self.raw).error })?;
            return Err(EINVAL);
        };

        self.entries.push((id, ctrl), GFP_KERNEL)?;
        if writable {
            self.cluster.push(ctrl.as_ptr(), GFP_KERNEL)?;
        }
        Ok(())
    }

    /// Adds a standard integer control that applications may set.
    pub fn integer(&mut self, id: Id, range: Range) -> Result {
        // SAFETY: `raw` is an initialised handler.
        let ctrl = unsafe {
            bindings::v4l2_ctrl_new_std(
                self.raw,
                self.ops,
                id.0,
                range.min,
                range.max,
                range.step,
                range.default,
            )
        };
        self.add(id, ctrl, true)
    }

    /// Adds a standard integer control that only the driver changes, by [`Locked::publish`].
    pub fn read_only(&mut self, id: Id, range: Range) -> Result {
        // SAFETY: `raw` is an initialised handler. Without operations nothing is called back.
        let ctrl = unsafe {
            bindings::v4l2_ctrl_new_std(
                self.raw,
                core::ptr::null(),
                id.0,
                range.min,
                range.max,
                range.step,
                range.default,
            )
        };
        self.add(id, ctrl, false)?;
        // SAFETY: `add()` has checked that `ctrl` is valid; nobody else knows it yet.
        unsafe { (*ctrl).flags |= bindings::V4L2_CTRL_FLAG_READ_ONLY as kernel::ffi::c_ulong };
        Ok(())
    }

    /// Adds a standard menu with entries of its own.
    pub fn menu(&mut self, id: Id, items: &[&'static CStr], default: u8) -> Result {
        let last = items.len().checked_sub(1).ok_or(EINVAL)?;
        let mut names = KVec::with_capacity(items.len(), GFP_KERNEL)?;

        for item in items {
            names.push(item.as_char_ptr(), GFP_KERNEL)?;
        }
        names.push(core::ptr::null(), GFP_KERNEL)?;
        let first = names.as_ptr();

        self.names.push(names, GFP_KERNEL)?;
        // SAFETY: `raw` is an initialised handler. The pointers are to static strings and end with
        // null; they were moved into `names`, which lives as long as the handler. Moving a vector
        // leaves its elements where they are.
        let ctrl = unsafe {
            bindings::v4l2_ctrl_new_std_menu_items(
                self.raw,
                self.ops,
                id.0,
                u8::try_from(last)?,
                0,
                default,
                first,
            )
        };
        self.add(id, ctrl, true)
    }

    /// Adds a standard menu of integers.
    pub fn integer_menu(&mut self, id: Id, values: KVec<i64>, default: u8) -> Result {
        let last = values.len().checked_sub(1).ok_or(EINVAL)?;
        let items = values.as_ptr();

        self.menus.push(values, GFP_KERNEL)?;
        // SAFETY: `raw` is an initialised handler. The values were moved into `menus`, which lives
        // as long as the handler; moving a vector leaves its elements where they are.
        let ctrl = unsafe {
            bindings::v4l2_ctrl_new_int_menu(
                self.raw,
                self.ops,
                id.0,
                u8::try_from(last)?,
                default,
                items,
            )
        };
        self.add(id, ctrl, true)
    }

    /// Adds `V4L2_CID_UNIT_CELL_SIZE`: the size of a photosite in nanometres.
    pub fn unit_cell_size(&mut self, width: u32, height: u32) -> Result {
        let area = bindings::v4l2_area { width, height };
        let ptr = || bindings::v4l2_ctrl_ptr {
            p_const: (&raw const area).cast(),
        };

        // SAFETY: `raw` is an initialised handler, which copies the area.
        let ctrl = unsafe {
            bindings::v4l2_ctrl_new_std_compound(
                self.raw,
                core::ptr::null(),
                bindings::V4L2_CID_UNIT_CELL_SIZE,
                ptr(),
                ptr(),
                ptr(),
            )
        };
        self.add(Id(bindings::V4L2_CID_UNIT_CELL_SIZE), ctrl, false)
    }

    /// Adds `V4L2_CID_CAMERA_ORIENTATION` and `V4L2_CID_CAMERA_SENSOR_ROTATION` as firmware gives
    /// them.
    pub fn mounting(&mut self, mounting: &Mounting) -> Result {
        // SAFETY: `raw` is an initialised handler.
        to_result(unsafe {
            bindings::v4l2_ctrl_new_fwnode_properties(
                self.raw,
                core::ptr::null(),
                &raw const mounting.raw,
            )
        })
    }

    /// Ties the writable controls together.
    fn finish(self) -> Result {
        // SAFETY: `raw` is an initialised handler.
        to_result(unsafe { (*self.raw).error })?;

        let count = u32::try_from(self.cluster.len())?;

        if count > 1 {
            // SAFETY: The controls are valid and of this handler, which also owns the array that
            // they point to from here on. Its elements stay where they are.
            unsafe { bindings::v4l2_ctrl_cluster(count, self.cluster.as_mut_ptr()) };
        }
        Ok(())
    }
}
