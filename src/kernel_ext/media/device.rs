// SPDX-License-Identifier: GPL-2.0-only

//! Media devices: the graph of entities and its device node.
//!
//! C header: [`include/media/media-device.h`](srctree/include/media/media-device.h)

use crate::kernel_ext::bindings;
use kernel::{
    device::{
        Bound,
        Device, //
    },
    error::to_result,
    prelude::*,
    types::Opaque,
    ThisModule, //
};

/// A media device.
///
/// It is made unregistered, so that entities can join before user space sees the graph.
///
/// # Examples
///
/// ```ignore
/// let media = KBox::pin_init(MediaDevice::new(dev, c"My camera"), GFP_KERNEL)?;
/// // Entities join.
/// media.register(module)?;
/// ```
///
/// # Invariants
///
/// `mdev` was initialised with `media_device_init()`.
#[pin_data(PinnedDrop)]
#[repr(transparent)]
pub struct MediaDevice {
    #[pin]
    mdev: Opaque<bindings::media_device>,
}

// SAFETY: Media devices may be registered, unregistered and cleaned up from any thread.
unsafe impl Send for MediaDevice {}
// SAFETY: The graph is protected by the mutex in the C structure.
unsafe impl Sync for MediaDevice {}

impl MediaDevice {
    /// Makes a media device for `dev`, of a `model` that user space may show. Names longer than 31
    /// bytes are cut.
    pub fn new<'a>(dev: &'a Device<Bound>, model: &'a CStr) -> impl PinInit<Self> + 'a {
        pin_init!(Self {
            mdev <- Opaque::ffi_init(|mdev: *mut bindings::media_device| {
                // SAFETY: `mdev` is valid for writes; zeros are what `media_device_init()` expects.
                unsafe { mdev.write(pin_init::zeroed()) };
                // SAFETY: `mdev` was just zeroed and is not shared yet.
                let device = unsafe { &mut *mdev };
                device.dev = core::ptr::from_ref(dev).cast_mut().cast();
                for (to, from) in device.model.iter_mut().zip(model.to_bytes().iter().take(31)) {
                    *to = *from;
                }
                // SAFETY: `mdev` is zeroed but for its device and model, as the function expects.
                unsafe { bindings::media_device_init(mdev) };
            }),
        })
    }

    /// The C structure.
    pub fn as_raw(&self) -> *mut bindings::media_device {
        self.mdev.get()
    }

    /// Creates the device node.
    pub fn register(&self, module: &'static ThisModule) -> Result {
        // SAFETY: The device is initialised by the type invariant; the module outlives the node.
        to_result(unsafe { bindings::__media_device_register(self.as_raw(), module.as_ptr()) })
    }

    /// Removes the device node and takes all entities out of the graph. Does nothing for a device
    /// that is not registered.
    pub fn unregister(&self) {
        // SAFETY: The device is initialised by the type invariant.
        unsafe { bindings::media_device_unregister(self.as_raw()) };
    }
}

#[pinned_drop]
impl PinnedDrop for MediaDevice {
    fn drop(self: Pin<&mut Self>) {
        self.unregister();
        // SAFETY: The device is initialised and no longer registered; nobody refers to it any more.
        unsafe { bindings::media_device_cleanup(self.as_raw()) };
    }
}
