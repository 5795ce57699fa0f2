// SPDX-License-Identifier: GPL-2.0-only

//! Asynchronous notifiers, by which a receiver waits for sub-devices of other drivers.
//!
//! C header: [`include/media/v4l2-async.h`](srctree/include/media/v4l2-async.h)

use super::{
    device::Registration,
    remote::{
        RemoteSubdev,
        SourceSlot, //
    }, //
};
use crate::kernel_ext::bindings;
use core::{
    marker::PhantomPinned,
    ptr::NonNull, //
};
use kernel::{
    container_of,
    device::property::FwNode,
    error::{
        from_err_ptr,
        to_result, //
    },
    ffi::{
        c_int,
        c_uint, //
    },
    prelude::*,
    sync::{
        aref::ARef,
        Arc, //
    },
    types::{
        NotThreadSafe,
        Opaque, //
    }, //
};

/// The callbacks of a receiver for the sub-device behind its endpoint.
///
/// All are called with the lock of the asynchronous registration held.
pub trait Operations: Send + Sync + 'static {
    /// Called when the sub-device was registered; an error refuses it. It is put into the slot of
    /// the notifier afterwards.
    fn bound(&self, subdev: &RemoteSubdev) -> Result;

    /// Called when all sub-devices were registered: device nodes may be created.
    fn complete(&self, completion: &Completion<'_>) -> Result;

    /// Called when the sub-device is being unregistered. The slot is empty, the pipelines through
    /// the sub-device are stopped and its links are removed.
    fn unbound(&self);
}

/// A call of [`Operations::complete`], during which sub-devices are neither bound nor unbound.
pub struct Completion<'a> {
    registration: &'a Registration,
    _not_send: NotThreadSafe,
}

impl Completion<'_> {
    /// Creates device nodes for the sub-devices that request one and have none yet.
    pub fn register_subdev_nodes(&self) -> Result {
        let v4l2 = self.registration.device().as_raw();

        // SAFETY: The device is registered, and its list of sub-devices does not change: that takes
        // the lock of the asynchronous registration, which is held during `complete`.
        to_result(unsafe { bindings::__v4l2_device_register_subdev_nodes(v4l2, false) })
    }
}

/// A registered notifier for the sub-device at the other end of one endpoint.
///
/// Dropping it unbinds the sub-device, if there is one.
///
/// # Examples
///
/// `Port` in `src/virtual_board/receiver/mod.rs` has the operations of a receiver.
///
/// # Invariants
///
/// `notifier` is initialised and has one connection; it is registered from the end of construction
/// to the drop. While `source` holds a sub-device that this notifier put there, that is registered
/// with the device of `registration`.
#[pin_data(PinnedDrop)]
pub struct Notifier<T: Operations> {
    receiver: Arc<T>,
    source: Arc<SourceSlot>,
    // Keeps the device registered, which `notifier` refers to.
    registration: Arc<Registration>,
    #[pin]
    notifier: Opaque<bindings::v4l2_async_notifier>,
    #[pin]
    _pin: PhantomPinned,
}

// SAFETY: A notifier may be unregistered from any thread.
unsafe impl<T: Operations> Send for Notifier<T> {}
// SAFETY: A shared `Notifier` offers no access.
unsafe impl<T: Operations> Sync for Notifier<T> {}

impl<T: Operations> Notifier<T> {
    const OPERATIONS: bindings::v4l2_async_notifier_operations =
        bindings::v4l2_async_notifier_operations {
            bound: Some(Self::bound_callback),
            complete: Some(Self::complete_callback),
            unbind: Some(Self::unbind_callback),
            destroy: None,
        };

    /// Waits for the sub-device at the other end of `endpoint`, and keeps it in `source` while it
    /// is bound.
    ///
    /// If it is registered already, [`Operations::bound`] and [`Operations::complete`] are called
    /// at once. Returns `ENOTCONN` for an endpoint without a `remote-endpoint`. A sub-device is
    /// refused with `EBUSY` while `source` holds another one.
    pub fn new<'a>(
        registration: &'a Arc<Registration>,
        endpoint: ARef<FwNode>,
        source: Arc<SourceSlot>,
        receiver: Arc<T>,
    ) -> impl PinInit<Self, Error> + 'a {
        try_pin_init!(Self {
            receiver,
            source,
            registration: registration.clone(),
            notifier <- Opaque::try_ffi_init(|notifier: *mut bindings::v4l2_async_notifier| {
                // SAFETY: `notifier` is valid for writes; zeros are what the initialisation
                // expects. The device stays registered longer than the notifier, which keeps a
                // reference.
                unsafe {
                    notifier.write(pin_init::zeroed());
                    bindings::v4l2_async_nf_init(notifier, registration.device().as_raw());
                    (*notifier).ops = &Self::OPERATIONS;
                }

                // SAFETY: `notifier` is initialised and `endpoint` valid. The size is that of the
                // structure that the core itself needs.
                let added = from_err_ptr(unsafe {
                    bindings::__v4l2_async_nf_add_fwnode_remote(
                        notifier,
                        core::ptr::from_ref::<FwNode>(&endpoint).cast_mut().cast(),
                        core::mem::size_of::<bindings::v4l2_async_connection>() as c_uint,
                    )
                })
                // SAFETY: `notifier` is valid, and stays pinned until `drop` unregisters it. The
                // callbacks use only the fields above, which are initialised.
                .and_then(|_| to_result(unsafe { bindings::v4l2_async_nf_register(notifier) }));

                if let Err(error) = added {
                    // SAFETY: `notifier` is initialised and not registered.
                    unsafe { bindings::v4l2_async_nf_cleanup(notifier) };
                    return Err(error);
                }
                Ok(())
            }),
            _pin: PhantomPinned,
        })
    }

    /// # Safety
    ///
    /// `notifier` must belong to a `Notifier<T>` whose fields above it are initialised, throughout
    /// `'a`.
    unsafe fn from_raw<'a>(notifier: *mut bindings::v4l2_async_notifier) -> &'a Self {
        let notifier = Opaque::cast_from(notifier);
        // SAFETY: `notifier` is a field of a `Notifier<T>` by the requirement above; what follows
        // it has no invalid values.
        unsafe { &*container_of!(notifier, Self, notifier) }
    }

    /// Takes a sub-device out of all pipelines and unlinks it.
    ///
    /// # Safety
    ///
    /// `subdev` must be registered with the device of the notifier.
    unsafe fn detach(&self, subdev: *mut bindings::v4l2_subdev) {
        let graph = self.registration.device().media().graph();

        // SAFETY: `subdev` is valid by the requirement above, and its entity initialised: the core
        // registers sub-devices with a media device only if they have one.
        unsafe {
            let entity = &raw mut (*subdev).entity;
            if graph.contains(entity) {
                graph.detach(entity);
            }
        }
    }

    fn bind(&self, subdev: NonNull<bindings::v4l2_subdev>) -> Result {
        // SAFETY: The core has registered the sub-device with the device of this notifier, and
        // keeps it registered during `bound_callback`.
        let remote = unsafe { RemoteSubdev::from_raw(subdev.as_ptr()) };

        self.receiver.bound(remote)?;
        // SAFETY: The core keeps the sub-device registered until `unbind_callback`, which clears
        // the slot, has returned.
        unsafe { self.source.fill(subdev) }
    }

    extern "C" fn bound_callback(
        notifier: *mut bindings::v4l2_async_notifier,
        subdev: *mut bindings::v4l2_subdev,
        _connection: *mut bindings::v4l2_async_connection,
    ) -> c_int {
        // SAFETY: The core calls this for a notifier that `new` is registering or has registered.
        let this = unsafe { Self::from_raw(notifier) };
        let Some(found) = NonNull::new(subdev) else {
            return ENODEV.to_errno();
        };

        match this.bind(found) {
            Ok(()) => 0,
            Err(error) => {
                // The core does not call `unbind_callback` for a sub-device that was refused.
                //
                // SAFETY: The core unregisters the sub-device only after this call.
                unsafe { this.detach(subdev) };
                error.to_errno()
            }
        }
    }

    extern "C" fn complete_callback(notifier: *mut bindings::v4l2_async_notifier) -> c_int {
        // SAFETY: The core calls this for a notifier that `new` is registering or has registered.
        let this = unsafe { Self::from_raw(notifier) };
        let completion = Completion {
            registration: &this.registration,
            _not_send: NotThreadSafe,
        };

        match this.receiver.complete(&completion) {
            Ok(()) => 0,
            Err(error) => error.to_errno(),
        }
    }

    extern "C" fn unbind_callback(
        notifier: *mut bindings::v4l2_async_notifier,
        subdev: *mut bindings::v4l2_subdev,
        _connection: *mut bindings::v4l2_async_connection,
    ) {
        // SAFETY: The core calls this for a notifier that `new` is registering, or that `drop` has
        // not unregistered yet.
        let this = unsafe { Self::from_raw(notifier) };

        // Waits for callers of the sub-device. A pipeline that is started afterwards has no link to
        // it.
        this.source.clear();
        // SAFETY: The core unregisters the sub-device, which frees its pads, only after this call.
        unsafe { this.detach(subdev) };
        this.receiver.unbound();
    }
}

#[pinned_drop]
impl<T: Operations> PinnedDrop for Notifier<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the notifier is registered; nothing uses it after the
        // cleanup.
        unsafe {
            bindings::v4l2_async_nf_unregister(self.notifier.get());
            bindings::v4l2_async_nf_cleanup(self.notifier.get());
        }
    }
}
