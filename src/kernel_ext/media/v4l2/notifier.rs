// SPDX-License-Identifier: GPL-2.0-only

//! Waiting for sub-devices that other drivers register: asynchronous notifiers.
//!
//! C header: [`include/media/v4l2-async.h`](srctree/include/media/v4l2-async.h)

use super::{
    device::V4l2Device,
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
    types::Opaque, //
};

/// What a receiver does when the sub-device behind its endpoint comes and goes.
///
/// All are called with the lock of the asynchronous registration held.
pub trait Operations: Send + Sync + 'static {
    /// Where the sub-device is found between `bound` and `unbound`.
    fn source(&self) -> &SourceSlot;

    /// The sub-device has come; an error refuses it.
    fn bound(&self, subdev: &RemoteSubdev) -> Result;

    /// All have come: time to create device nodes.
    fn complete(&self) -> Result;

    /// The sub-device is leaving. It is no longer in [`Operations::source`], and must not be called
    /// any more; its entity is still in the graph.
    fn unbound(&self);
}

/// A registered notifier for the sub-device at the other end of one endpoint.
///
/// Dropping it unbinds the sub-device, if there is one.
///
/// # Examples
///
/// ```ignore
/// impl Operations for MyReceiver {
///     fn source(&self) -> &SourceSlot {
///         &self.source
///     }
///
///     fn bound(&self, subdev: &RemoteSubdev) -> Result {
///         subdev.link_to(subdev.source_pad()?, self.video.entity())
///     }
///
///     fn complete(&self) -> Result {
///         self.device.register_subdev_nodes()
///     }
///
///     fn unbound(&self) {
///         self.stop();
///     }
/// }
///
/// let notifier = KBox::pin_init(Notifier::new(&device, endpoint, receiver), GFP_KERNEL)?;
/// ```
///
/// # Invariants
///
/// `notifier` is initialised and has one connection; it is registered from the end of construction
/// to the drop.
#[pin_data(PinnedDrop)]
pub struct Notifier<T: Operations> {
    receiver: Arc<T>,
    // Referred to by `notifier`.
    _device: ARef<V4l2Device>,
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

    /// Waits for the sub-device at the other end of `endpoint`.
    ///
    /// Calls [`Operations::bound`] and [`Operations::complete`] at once when it is already there.
    /// Fails with `ENOTCONN` for an endpoint without a `remote-endpoint`.
    pub fn new<'a>(
        device: &'a ARef<V4l2Device>,
        endpoint: ARef<FwNode>,
        receiver: Arc<T>,
    ) -> impl PinInit<Self, Error> + 'a {
        try_pin_init!(Self {
            receiver,
            _device: device.clone(),
            notifier <- Opaque::try_ffi_init(|notifier: *mut bindings::v4l2_async_notifier| {
                // SAFETY: `notifier` is valid for writes; zeros are what the initialisation
                // expects. The device outlives the notifier, which keeps a reference.
                unsafe {
                    notifier.write(pin_init::zeroed());
                    bindings::v4l2_async_nf_init(notifier, device.as_raw());
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
                // callbacks use `receiver` alone, which is initialised.
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
    /// `notifier` must belong to a `Notifier<T>` whose `receiver` is initialised, throughout `'a`.
    unsafe fn receiver<'a>(notifier: *mut bindings::v4l2_async_notifier) -> &'a Arc<T> {
        let notifier = Opaque::cast_from(notifier);
        // SAFETY: By the requirement above.
        unsafe { &(*container_of!(notifier, Self, notifier)).receiver }
    }

    extern "C" fn bound_callback(
        notifier: *mut bindings::v4l2_async_notifier,
        subdev: *mut bindings::v4l2_subdev,
        _connection: *mut bindings::v4l2_async_connection,
    ) -> c_int {
        // SAFETY: The core calls this for a notifier that `new` registers or has registered.
        let receiver = unsafe { Self::receiver(notifier) };
        // SAFETY: The core has registered the sub-device with the notifier's V4L2 device.
        let remote = unsafe { RemoteSubdev::from_raw(subdev) };

        if let Err(error) = receiver.bound(remote) {
            return error.to_errno();
        }
        if let Some(subdev) = NonNull::new(subdev) {
            // SAFETY: The core keeps the sub-device registered until `unbind_callback`, which clears
            // the slot, has returned.
            unsafe { receiver.source().fill(subdev) };
        }
        0
    }

    extern "C" fn complete_callback(notifier: *mut bindings::v4l2_async_notifier) -> c_int {
        // SAFETY: As in `bound_callback`.
        match unsafe { Self::receiver(notifier) }.complete() {
            Ok(()) => 0,
            Err(error) => error.to_errno(),
        }
    }

    extern "C" fn unbind_callback(
        notifier: *mut bindings::v4l2_async_notifier,
        _subdev: *mut bindings::v4l2_subdev,
        _connection: *mut bindings::v4l2_async_connection,
    ) {
        // SAFETY: As in `bound_callback`.
        let receiver = unsafe { Self::receiver(notifier) };

        receiver.source().clear();
        receiver.unbound();
    }
}

#[pinned_drop]
impl<T: Operations> PinnedDrop for Notifier<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariant the notifier is registered; nobody uses it after the
        // cleanup.
        unsafe {
            bindings::v4l2_async_nf_unregister(self.notifier.get());
            bindings::v4l2_async_nf_cleanup(self.notifier.get());
        }
    }
}
