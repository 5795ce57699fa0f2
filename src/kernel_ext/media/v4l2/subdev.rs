// SPDX-License-Identifier: GPL-2.0-only

//! Camera sensors as V4L2 sub-devices.
//!
//! A [`Subdev`] is a sub-device with one source pad, a control handler whose lock is also the lock
//! of the active state, and a driver's [`Operations`]. [`Subdev::register`] offers it to receivers.
//!
//! `tests/kunit/examples.rs` has an example that is compiled and run.
//!
//! C header: [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

mod callbacks;
pub mod deferred;
pub mod group;
mod life;
mod ops;
pub mod state;

use super::ctrls::{
    Builder,
    Handler,
    Locked, //
};
use crate::kernel_ext::{
    bindings,
    compat::this_module, //
};
use core::marker::PhantomPinned;
use deferred::{
    Hook, //
    Kept,
};
use group::{
    Group,
    Link, //
};
use kernel::{
    container_of,
    device::{
        Bound,
        Device, //
    },
    devres,
    error::to_result,
    prelude::*,
    static_lock_class,
    sync::{
        aref::ARef,
        Arc,
        UniqueArc, //
    },
    types::Opaque, //
};
use life::Life;
pub use ops::{
    BusConfig,
    FrameDescriptor,
    FrameEntry,
    FrameSizes,
    Operations,
    SelectionFlags,
    Which, //
};

/// A sensor's sub-device.
///
/// It is registered once, by [`Subdev::register`], until its device is unbound. C code may refer to
/// it for longer, as `struct v4l2_subdev` has no reference count: its memory is then kept, see
/// [`deferred`].
///
/// # Invariants
///
/// After [`Subdev::new`] all C structures are initialised, and stay so until `Drop`.
#[pin_data(PinnedDrop)]
pub struct Subdev<T: Operations> {
    #[pin]
    pub(crate) raw: Opaque<bindings::v4l2_subdev>,
    #[pin]
    pad: Opaque<bindings::media_pad>,
    #[pin]
    pub(crate) handler: Handler,
    #[pin]
    pub(crate) inner: T,
    life: Life,
    kept: Hook,
    // Has the lock of `handler`, and so has to be dropped after it.
    group: Option<Arc<Group<T>>>,
    next: Link<T>,
    dev: ARef<Device>,
    #[pin]
    _pin: PhantomPinned,
}

// SAFETY: A sub-device may be used and freed from any thread; `T` is `Send`.
unsafe impl<T: Operations> Send for Subdev<T> {}
// SAFETY: The C structures are guarded by their own locks, the link by that of the group; `T` is
// `Sync`.
unsafe impl<T: Operations> Sync for Subdev<T> {}

impl<T: Operations> Subdev<T> {
    /// Creates the sub-device of `dev`, named after its driver and bus address, as usual for I2C.
    ///
    /// `controls` adds the controls; then [`Operations::init_state`] is called. With a `group`, the
    /// sub-device uses the group's lock.
    pub fn new(
        dev: &Device,
        name: &CStr,
        group: Option<Arc<Group<T>>>,
        controls: impl FnOnce(&mut Builder<'_>) -> Result,
        inner: impl PinInit<T, Error>,
    ) -> Result<Pin<UniqueArc<Self>>> {
        let this = UniqueArc::try_pin_init(
            try_pin_init!(Self {
                raw <- Opaque::ffi_init(|slot: *mut bindings::v4l2_subdev| {
                    // SAFETY: `slot` is valid for writing, and pinned from here on.
                    unsafe {
                        slot.write(Default::default());
                        bindings::v4l2_subdev_init(slot, Self::OPS);
                    }
                }),
                pad <- Opaque::ffi_init(|slot: *mut bindings::media_pad| {
                    // SAFETY: `slot` is valid for writing.
                    unsafe {
                        slot.write(bindings::media_pad {
                            flags: bindings::MEDIA_PAD_FL_SOURCE as kernel::ffi::c_ulong,
                            ..Default::default()
                        })
                    }
                }),
                // SAFETY: The group, which has the lock, is dropped after the handler: by the order
                // of the fields, or of what this function owns if it fails.
                handler <- unsafe {
                    Handler::new(
                        Self::CTRL_OPS,
                        group.as_ref().map(|group| group.lock()),
                        controls,
                    )
                },
                inner <- inner,
                life: Life::new(),
                kept: Hook::new(),
                group,
                next: Link::new(),
                dev: dev.into(),
                _pin: PhantomPinned,
            }? Error),
            GFP_KERNEL,
        )?;

        this.finalize(name)?;
        Ok(this)
    }

    /// Initialises the sub-device like `v4l2_i2c_subdev_init()`, except for the client's driver
    /// data, which is used by rust/kernel; then the entity and the active state.
    fn finalize(&self, name: &CStr) -> Result {
        let sd = self.raw.get();
        let dev: *mut bindings::device = core::ptr::from_ref::<Device>(&self.dev).cast_mut().cast();

        // SAFETY: `sd` was initialised by `v4l2_subdev_init()` and has no other reference yet. The
        // pad, the handler and the device live as long as it does.
        unsafe {
            (*sd).dev = dev;
            (*sd).flags |= bindings::V4L2_SUBDEV_FL_IS_I2C
                | bindings::V4L2_SUBDEV_FL_HAS_DEVNODE
                | bindings::V4L2_SUBDEV_FL_HAS_EVENTS;
            (*sd).internal_ops = Self::INTERNAL_OPS;
            (*sd).ctrl_handler = self.handler.as_raw();
            (*sd).state_lock = (*self.handler.as_raw()).lock;
            (*sd).entity.function = bindings::MEDIA_ENT_F_CAM_SENSOR;
            bindings::snprintf(
                (*sd).name.as_mut_ptr(),
                (*sd).name.len(),
                c"%s %s".as_char_ptr(),
                name.as_char_ptr(),
                self.dev.name().as_char_ptr(),
            );
            to_result(bindings::media_entity_pads_init(
                &raw mut (*sd).entity,
                1,
                self.pad.get(),
            ))?;
            to_result(bindings::__v4l2_subdev_init_finalize(
                sd,
                c"v4l2::subdev::Subdev".as_char_ptr(),
                static_lock_class!().as_ptr(),
            ))?;
        }
        // The initialised state is the active one, not that of a file.
        self.life.opened();
        Ok(())
    }

    /// Registers the sub-device, with its flash and privacy LED, until `dev`, its device, is
    /// unbound.
    ///
    /// Applications may use the sensor before this returns. At unbind, or if this fails, the
    /// sub-device is unregistered, and then [`Operations::unbind`] is called.
    ///
    /// Returns `EINVAL` if `dev` is not the device of the sub-device.
    pub fn register(this: Pin<UniqueArc<Self>>, dev: &Device<Bound>) -> Result<Arc<Self>> {
        let this = Arc::from(this);

        // The driver of another device may be bound for longer than this module is loaded.
        if !core::ptr::eq::<Device>(&*this.dev, &**dev) {
            return Err(EINVAL);
        }
        devres::register(dev, Registration::new(this.clone())?, GFP_KERNEL)?;
        Ok(this)
    }

    /// Returns whether C code does not use the sub-device any more.
    ///
    /// Must be called after it was unregistered only.
    fn is_over(&self) -> bool {
        // `v4l2_subdev_release()` clears `devnode`: currently after it has called `release`, with
        // the patches in docs/upstream before that. It is called by the last close of the node, and
        // so may be running: it is over when both have happened. Without a node it is part of
        // unregistering.
        //
        // SAFETY: `raw` is initialised. The field is a word, which C may clear meanwhile.
        let node = unsafe { (&raw const (*self.raw.get()).devnode).read_volatile() };

        self.is_over_with(!node.is_null())
    }

    /// Returns whether C code does not use the sub-device any more, given whether it has a node.
    pub(crate) fn is_over_with(&self, has_node: bool) -> bool {
        self.life.is_over() && !has_node && !self.is_in_pipeline()
    }

    /// Returns whether a pipeline of a receiver includes the pad. Stopping the pipeline will write
    /// to the pad.
    ///
    /// Pipelines are built along links. Unregistering removes those, so that after it this can only
    /// become false.
    fn is_in_pipeline(&self) -> bool {
        // SAFETY: `pad` is initialised. The field is a word, which `media_pipeline_stop()` clears
        // as the last thing that it does to the pad.
        !unsafe { (&raw const (*self.pad.get()).pipe).read_volatile() }.is_null()
    }

    /// Returns the driver's part.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// Calls `f` with the controls locked.
    pub fn with_controls<R>(&self, f: impl FnOnce(&Locked<'_>) -> R) -> R {
        let lock = self.handler.as_raw();

        // SAFETY: The handler is initialised, so `lock` points to its mutex.
        unsafe { bindings::mutex_lock((*lock).lock) };
        // SAFETY: The lock was just taken, and this is not inside of a control operation.
        let result = f(&unsafe { self.handler.assume_locked(false) });
        // SAFETY: Taken above.
        unsafe { bindings::mutex_unlock((*lock).lock) };
        result
    }

    fn leave_group(&self) {
        if let Some(group) = &self.group {
            group.leave(self);
        }
    }

    /// # Safety
    ///
    /// `sd` must be the C structure inside of a `Subdev<T>` that outlives `'a`.
    pub(crate) unsafe fn from_raw<'a>(sd: *mut bindings::v4l2_subdev) -> &'a Self {
        // SAFETY: By the requirement above; `Opaque` is transparent.
        unsafe { &*container_of!(Opaque::cast_from(sd).cast_mut(), Self, raw) }
    }

    /// # Safety
    ///
    /// `ctrl` must be a control of the handler inside of a `Subdev<T>` that outlives `'a`.
    pub(crate) unsafe fn from_ctrl<'a>(ctrl: *mut bindings::v4l2_ctrl) -> &'a Self {
        // SAFETY: By the requirement above the handler is a field of a live `Subdev<T>`.
        unsafe { &*container_of!(Handler::from_raw((*ctrl).handler), Self, handler) }
    }
}

impl<T: Operations> Kept for Subdev<T> {
    fn is_over(&self) -> bool {
        self.is_over()
    }

    fn is_in_pipeline(&self) -> bool {
        self.is_in_pipeline()
    }
}

#[pinned_drop]
impl<T: Operations> PinnedDrop for Subdev<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: There are no references to the sub-device any more. Cleaning up is allowed at any
        // time after `v4l2_subdev_init()`.
        unsafe { bindings::v4l2_subdev_cleanup(self.raw.get()) };
    }
}

/// The registration of a sub-device.
///
/// Owned by the device of the sub-device, so that it cannot be leaked.
///
/// # Invariants
///
/// Registration was attempted, and not undone yet.
struct Registration<T: Operations> {
    subdev: Arc<Subdev<T>>,
}

impl<T: Operations> Registration<T> {
    fn new(subdev: Arc<Subdev<T>>) -> Result<Self> {
        let module = this_module::<crate::LocalModule>().as_ptr();
        // INVARIANT: Attempted below, before it can be dropped.
        let this = Self { subdev };
        let subdev = &this.subdev;

        if let Some(group) = &subdev.group {
            // SAFETY: It was made for this group, which it joins once, and leaves when `this` is
            // dropped.
            unsafe { group.join(subdev) };
        }
        // SAFETY: The sub-device is initialised. It is pinned, and not freed before C code has
        // stopped using it. The module is the one that its operations are part of.
        to_result(unsafe {
            bindings::__v4l2_async_register_subdev_sensor(subdev.raw.get(), module)
        })
        .inspect_err(|_| {
            // A receiver that refuses the sub-device late may have created its node, and an
            // application may have opened that. The C code then loses track of the reference that
            // closing it has to drop.
            //
            // SAFETY: `raw` is initialised, and not registered.
            unsafe { (*subdev.raw.get()).owner = module };
        })?;
        Ok(this)
    }
}

impl<T: Operations> Drop for Registration<T> {
    fn drop(&mut self) {
        let subdev = &self.subdev;

        subdev.leave_group();
        // SAFETY: The sub-device is initialised. The call does nothing if it was not registered.
        unsafe { bindings::v4l2_async_unregister_subdev(subdev.raw.get()) };
        subdev.inner.unbind();

        deferred::sweep();
        if !subdev.is_over() {
            // SAFETY: It is its own link. It is registered, and so dropped, once.
            unsafe { deferred::keep(subdev.clone(), &raw const subdev.kept) };
        }
    }
}
