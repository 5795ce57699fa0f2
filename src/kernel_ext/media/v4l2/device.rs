// SPDX-License-Identifier: GPL-2.0-only

//! V4L2 devices: what holds the sub-devices and video nodes of one camera together.
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
    sync::aref::{
        ARef,
        AlwaysRefCounted, //
    },
    types::{
        ForeignOwnable,
        Opaque, //
    }, //
};

/// A V4L2 device with its media device.
///
/// Reference counted: every video node holds a reference until its last file is closed.
///
/// # Invariants
///
/// `v4l2` was registered with `v4l2_device_register()`, its release callback is
/// [`V4l2Device::release_callback`], and the object lives in a [`KBox`] that the callback frees.
#[pin_data]
pub struct V4l2Device {
    #[pin]
    v4l2: Opaque<bindings::v4l2_device>,
    #[pin]
    media: MediaDevice,
}

// SAFETY: The last reference may be dropped on any thread.
unsafe impl Send for V4l2Device {}
// SAFETY: The C structures bring their own locks.
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
    fn new(dev: &Device<Bound>, model: &CStr) -> Result<ARef<Self>> {
        let raw_dev: *mut bindings::device = core::ptr::from_ref(dev).cast_mut().cast();

        let this = KBox::pin_init(
            try_pin_init!(&this in Self {
                media <- MediaDevice::new(dev, model),
                v4l2 <- Opaque::try_ffi_init(|v4l2: *mut bindings::v4l2_device| {
                    // SAFETY: `v4l2` is valid for writes; zeros are what the registration expects.
                    unsafe { v4l2.write(pin_init::zeroed()) };
                    // SAFETY: `v4l2` was just zeroed and is not shared yet; `this` is the structure
                    // under construction, whose media device is initialised.
                    unsafe {
                        (*v4l2).mdev = (*this.as_ptr()).media.as_raw();
                        (*v4l2).release = Some(Self::release_callback);
                    }
                    // SAFETY: Both are valid. The C function claims driver data that is not set yet,
                    // which in Rust belongs to the bus abstraction: it is put back.
                    to_result(unsafe {
                        let drvdata = bindings::dev_get_drvdata(raw_dev);
                        let ret = bindings::v4l2_device_register(raw_dev, v4l2);
                        bindings::dev_set_drvdata(raw_dev, drvdata);
                        ret
                    })
                }),
            }? Error),
            GFP_KERNEL,
        )?;

        let raw = this.into_foreign().cast::<Self>();
        // SAFETY: `into_foreign` of a box returns the address of its content, never null. The
        // registration set the count to one, which the `ARef` now owns.
        // INVARIANT: Registered above, and in a box that was given up.
        Ok(unsafe { ARef::from_raw(NonNull::new_unchecked(raw)) })
    }

    /// The C structure.
    pub fn as_raw(&self) -> *mut bindings::v4l2_device {
        self.v4l2.get()
    }

    /// The media device.
    pub fn media(&self) -> &MediaDevice {
        &self.media
    }

    /// Creates device nodes for the sub-devices that ask for one and have none yet.
    pub fn register_subdev_nodes(&self) -> Result {
        // SAFETY: The device is registered by the type invariant.
        to_result(unsafe { bindings::__v4l2_device_register_subdev_nodes(self.as_raw(), false) })
    }

    extern "C" fn release_callback(v4l2: *mut bindings::v4l2_device) {
        let v4l2 = Opaque::cast_from(v4l2);
        // SAFETY: By the type invariant, `v4l2` is a field of a `V4l2Device`.
        let this = unsafe { container_of!(v4l2, Self, v4l2) };
        // SAFETY: By the type invariant the object is in a box that `new` gave up. The last
        // reference is gone.
        drop(unsafe { Pin::<KBox<Self>>::from_foreign(this.cast_mut().cast()) });
    }
}

/// Keeps a [`V4l2Device`] registered.
///
/// Dropping it takes the media device node and all sub-devices away; the object itself lives on
/// while video nodes are open.
///
/// # Examples
///
/// ```ignore
/// let registration = v4l2_device::Registration::new(dev, c"My camera", module)?;
/// let video = VideoDevice::register(registration.device(), ...)?;
/// registration.device().media().register(module)?;
/// ```
pub struct Registration {
    device: ARef<V4l2Device>,
}

impl Registration {
    /// Registers a V4L2 device for `dev`, with a media device of `model`. The media device gets its
    /// node by [`MediaDevice::register`].
    pub fn new(dev: &Device<Bound>, model: &CStr) -> Result<Self> {
        Ok(Self {
            device: V4l2Device::new(dev, model)?,
        })
    }

    /// The device.
    pub fn device(&self) -> &ARef<V4l2Device> {
        &self.device
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.device.media.unregister();
        // SAFETY: The device is registered; unregistering twice is harmless in C, and happens never,
        // because there is one `Registration` per device.
        unsafe { bindings::v4l2_device_unregister(self.device.as_raw()) };
    }
}
