// SPDX-License-Identifier: GPL-2.0-only

//! V4L2 devices, which group the sub-devices and video nodes of one camera.
//!
//! C header: [`include/media/v4l2-device.h`](srctree/include/media/v4l2-device.h)

use crate::kernel_ext::{
    bindings,
    media::device::MediaDevice, //
};
use core::ptr::NonNull;
use kernel::{
    container_of,
    device::{
        Bound,
        Device, //
    },
    error::to_result,
    prelude::*,
    sync::{
        aref::{
            ARef,
            AlwaysRefCounted, //
        },
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
    types::{
        ForeignOwnable,
        Opaque, //
    },
};

/// The V4L2 devices of this module that are not freed.
static ALIVE: Atomic<i32> = Atomic::new(0);

/// A V4L2 device with its media device.
///
/// Reference counted: every video node holds a reference until its last file is closed.
///
/// # Invariants
///
/// `v4l2` was registered with `v4l2_device_register()`, its release callback is
/// [`V4l2Device::release_callback`], and the object lives in a [`KBox`] that the callback frees.
#[pin_data]
pub(crate) struct V4l2Device {
    #[pin]
    v4l2: Opaque<bindings::v4l2_device>,
    #[pin]
    media: MediaDevice,
}

// SAFETY: The last reference may be dropped on any thread.
unsafe impl Send for V4l2Device {}
// SAFETY: The C structures have their own locks.
unsafe impl Sync for V4l2Device {}

// SAFETY: The count is `v4l2_device.ref`; the object is freed by the release callback, that is when
// the count reaches zero.
unsafe impl AlwaysRefCounted for V4l2Device {
    fn inc_ref(&self) {
        // SAFETY: `v4l2` is valid; a shared reference means that the count is not zero.
        unsafe { kref_get(&raw mut (*self.as_raw()).ref_) };
    }

    unsafe fn dec_ref(obj: NonNull<Self>) {
        // SAFETY: The caller owns a reference to a valid object.
        unsafe { bindings::v4l2_device_put(obj.as_ref().as_raw()) };
    }
}

/// # Safety
///
/// `kref` must be valid, with a count above zero.
unsafe fn kref_get(kref: *mut bindings::kref) {
    // SAFETY: `kref` is valid by the requirement above, and `refcount_t` is a transparent atomic
    // that `refcount_inc()` accepts in this state.
    unsafe { bindings::refcount_inc(&raw mut (*kref).refcount) };
}

impl V4l2Device {
    fn new(dev: &Device<Bound>, driver: &CStr, model: &CStr) -> Result<ARef<Self>> {
        // The name of a registered device is not empty.
        if driver.is_empty() {
            return Err(EINVAL);
        }

        let this = KBox::pin_init(
            try_pin_init!(&this in Self {
                media <- MediaDevice::new(dev, driver, model),
                v4l2 <- Opaque::try_ffi_init(|v4l2: *mut bindings::v4l2_device| {
                    // SAFETY: `v4l2` is valid for writes; zeros are what the registration expects.
                    unsafe { v4l2.write(pin_init::zeroed()) };
                    let driver = driver.to_bytes().iter().take(15);
                    let name = Iterator::chain(driver, b" ");
                    let name = Iterator::chain(name, dev.name().to_bytes());

                    // SAFETY: `v4l2` was just zeroed and is not shared yet. `this` is the structure
                    // under construction, whose media device is initialised.
                    unsafe {
                        // The last byte stays zero.
                        for (to, from) in (*v4l2).name.iter_mut().take(35).zip(name) {
                            *to = *from;
                        }
                        (*v4l2).mdev = (*this.as_ptr()).media.as_raw();
                        (*v4l2).release = Some(Self::release_callback);
                    }

                    // With a device the C function would claim its driver data, which belong to the
                    // bus abstraction: the device comes afterwards, as the function would set it.
                    //
                    // SAFETY: `v4l2` is valid and has a name, as the function demands of those
                    // without a device.
                    to_result(unsafe {
                        bindings::v4l2_device_register(core::ptr::null_mut(), v4l2)
                    })?;
                    // SAFETY: `v4l2` and `dev` are valid. Unregistering gives the reference back.
                    unsafe {
                        (*v4l2).dev =
                            bindings::get_device(core::ptr::from_ref(dev).cast_mut().cast());
                    }
                    Ok::<(), Error>(())
                }),
            }? Error),
            GFP_KERNEL,
        )?;

        ALIVE.fetch_add(1, Relaxed);
        let raw = this.into_foreign().cast::<Self>();
        // SAFETY: `into_foreign` of a box returns the address of its content, never null. The
        // registration set the count to one, which the `ARef` now owns.
        // INVARIANT: Registered above, and in a box that was given up.
        Ok(unsafe { ARef::from_raw(NonNull::new_unchecked(raw)) })
    }

    /// Returns the C structure.
    pub(crate) fn as_raw(&self) -> *mut bindings::v4l2_device {
        self.v4l2.get()
    }

    /// Returns the media device.
    pub(crate) fn media(&self) -> &MediaDevice {
        &self.media
    }

    extern "C" fn release_callback(v4l2: *mut bindings::v4l2_device) {
        let v4l2 = Opaque::cast_from(v4l2);
        // SAFETY: By the type invariant, `v4l2` is a field of a `V4l2Device`.
        let this = unsafe { container_of!(v4l2, Self, v4l2) };
        // SAFETY: By the type invariant the object is in a box that `new` gave up. The last
        // reference is gone.
        drop(unsafe { Pin::<KBox<Self>>::from_foreign(this.cast_mut().cast()) });
        // Pairs with `FreedAtExit`: the device is gone.
        ALIVE.fetch_sub(1, Release);
    }
}

/// Waits, when dropped, until all V4L2 devices and video nodes of this module are freed: the last
/// reference may be the driver core's, which does not pin the module whose code frees them.
///
/// Must be the last field of a module's type, so that it is dropped after the driver.
pub struct FreedAtExit(());

impl FreedAtExit {
    /// Creates the one instance of this module.
    pub const fn new() -> Self {
        Self(())
    }
}

impl Drop for FreedAtExit {
    fn drop(&mut self) {
        while ALIVE.load(Acquire) != 0 {
            fsleep(Delta::from_millis(1));
        }
        // The thread that has freed the last one may not have returned from `release_callback()`
        // yet, in which it does not sleep any more.
        //
        // SAFETY: A module exits in a context that may sleep, with no lock held that a thread waits
        // for without sleeping.
        unsafe { bindings::synchronize_rcu_tasks() };
    }
}

/// A registered V4L2 device.
///
/// The registrations of its video nodes and its notifiers hold a reference each. It is
/// unregistered, together with its media device, when the last one is dropped, so a driver can drop
/// them in any order.
///
/// # Examples
///
/// `Node` in `tests/kunit/receiver.rs` registers a device with a video node.
pub struct Registration {
    device: ARef<V4l2Device>,
}

impl Registration {
    /// Registers a V4L2 device for `dev`, with a media device that is not registered yet.
    ///
    /// `driver` (at most 15 bytes are used; `EINVAL` if it is empty) and `model` (31) are what
    /// `MEDIA_IOC_DEVICE_INFO` reports.
    #[expect(
        clippy::new_ret_no_self,
        reason = "typestate: the media device is registered next"
    )]
    pub fn new(dev: &Device<Bound>, driver: &CStr, model: &CStr) -> Result<Unpublished> {
        let registration = Self {
            device: V4l2Device::new(dev, driver, model)?,
        };

        // INVARIANT: Made here, once for the device.
        Ok(Unpublished {
            registration: Arc::new(registration, GFP_KERNEL)?,
        })
    }

    /// Returns the device.
    pub(crate) fn device(&self) -> &ARef<V4l2Device> {
        &self.device
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // SAFETY: Pipelines are started by video nodes that are registered, and stopped when the
        // node is unregistered at the latest. Registered nodes hold a reference to `self`: there
        // are none.
        unsafe { self.device.media.unregister() };
        // SAFETY: The device is registered by its type invariant, and each has one `Registration`.
        unsafe { bindings::v4l2_device_unregister(self.device.as_raw()) };
    }
}

/// A registered V4L2 device whose media device is not registered yet.
///
/// # Invariants
///
/// The only `Unpublished` of its device.
pub struct Unpublished {
    registration: Arc<Registration>,
}

impl Unpublished {
    /// Returns the V4L2 device, to add video nodes to it.
    pub fn registration(&self) -> &Arc<Registration> {
        &self.registration
    }

    /// Registers the media device, so that user space gets its node.
    pub fn publish(self) -> Result<Arc<Registration>> {
        // SAFETY: By the type invariant and because this consumes `self`, it is registered once;
        // the reference that is held here keeps the registration from unregistering it meanwhile.
        unsafe { self.registration.device.media.register() }?;
        Ok(self.registration)
    }
}
