// SPDX-License-Identifier: GPL-2.0-only

//! Media devices: the graph of entities and its device node.
//!
//! C header: [`include/media/media-device.h`](srctree/include/media/media-device.h)

use crate::kernel_ext::{
    bindings,
    compat::this_module, //
};
use kernel::{
    device::{
        Bound,
        Device, //
    },
    error::to_result,
    prelude::*,
    sync::aref::ARef,
    types::{
        NotThreadSafe,
        Opaque, //
    },
};

/// A media device, as a part of a [`V4l2Device`](super::v4l2::device::V4l2Device).
///
/// # Invariants
///
/// `mdev` was initialised with `media_device_init()` for the device `_dev`.
#[pin_data(PinnedDrop)]
pub(crate) struct MediaDevice {
    // `mdev` refers to it without counting.
    _dev: ARef<Device>,
    #[pin]
    mdev: Opaque<bindings::media_device>,
}

// SAFETY: Media devices may be registered, unregistered and cleaned up from any thread.
unsafe impl Send for MediaDevice {}
// SAFETY: The graph is protected by the mutex in the C structure.
unsafe impl Sync for MediaDevice {}

impl MediaDevice {
    /// Creates an unregistered media device for `dev`.
    ///
    /// `driver` (at most 15 bytes are used) and `model` (31) are what `MEDIA_IOC_DEVICE_INFO`
    /// reports.
    pub(crate) fn new<'a>(
        dev: &'a Device<Bound>,
        driver: &'a CStr,
        model: &'a CStr,
    ) -> impl PinInit<Self> + 'a {
        pin_init!(Self {
            _dev: dev.into(),
            mdev <- Opaque::ffi_init(|mdev: *mut bindings::media_device| {
                // SAFETY: `mdev` is valid for writes; zeros are what `media_device_init()` expects.
                unsafe { mdev.write(pin_init::zeroed()) };
                // SAFETY: `mdev` was just zeroed and is not shared yet.
                let device = unsafe { &mut *mdev };
                device.dev = core::ptr::from_ref(dev).cast_mut().cast();
                // With an empty name, the C code would use that of the device's driver, which is
                // gone after unbinding.
                for (to, from) in device.driver_name.iter_mut().zip(driver.to_bytes().iter().take(15)) {
                    *to = *from;
                }
                for (to, from) in device.model.iter_mut().zip(model.to_bytes().iter().take(31)) {
                    *to = *from;
                }
                // SAFETY: `mdev` is zeroed except for its device and names, as the function
                // expects.
                unsafe { bindings::media_device_init(mdev) };
            }),
        })
    }

    /// Returns the C structure.
    pub(crate) fn as_raw(&self) -> *mut bindings::media_device {
        self.mdev.get()
    }

    /// Creates the device node.
    ///
    /// # Safety
    ///
    /// Must be called once at most, and not after [`MediaDevice::unregister`]: a second node would
    /// overwrite the first, which the character device layer still refers to.
    pub(crate) unsafe fn register(&self) -> Result {
        let module = this_module::<crate::LocalModule>().as_ptr();

        // SAFETY: The device is initialised by the type invariant, and not registered by the
        // requirement above.
        to_result(unsafe { bindings::__media_device_register(self.as_raw(), module) })
    }

    /// Removes the device node and takes all entities out of the graph. Does nothing if the device
    /// is not registered.
    ///
    /// # Safety
    ///
    /// No pipeline may be running, and none may be started afterwards: entities outside of the
    /// graph have no media device whose mutex could be taken.
    pub(crate) unsafe fn unregister(&self) {
        // SAFETY: The device is initialised by the type invariant.
        unsafe { bindings::media_device_unregister(self.as_raw()) };
    }

    /// Locks the graph. May sleep.
    pub(crate) fn graph(&self) -> Graph<'_> {
        // SAFETY: `media_device_init()` initialised the mutex.
        unsafe { bindings::mutex_lock(&raw mut (*self.as_raw()).graph_mutex) };
        // INVARIANT: Locked just now.
        Graph {
            media: self,
            _not_send: NotThreadSafe,
        }
    }
}

#[pinned_drop]
impl PinnedDrop for MediaDevice {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: The device is initialised by the type invariant. Its `V4l2Device` is being freed,
        // so that the registration of that one, the only one to register this one, has unregistered
        // it.
        unsafe { bindings::media_device_cleanup(self.as_raw()) };
    }
}

/// The locked graph of a media device.
///
/// # Invariants
///
/// This thread holds the graph's mutex until the drop.
pub(crate) struct Graph<'a> {
    media: &'a MediaDevice,
    _not_send: NotThreadSafe,
}

impl Graph<'_> {
    /// Returns whether `entity` is in this graph.
    ///
    /// # Safety
    ///
    /// `entity` must be valid and initialised.
    pub(crate) unsafe fn contains(&self, entity: *const bindings::media_entity) -> bool {
        // SAFETY: `entity` is valid by the requirement above. Its media device is set and cleared
        // with the mutex of that device held: it does not become or cease to be this one meanwhile.
        unsafe { core::ptr::eq((*entity).graph_obj.mdev, self.media.as_raw()) }
    }

    /// Stops all pipelines that run through `entity` and removes its links, so that no pipeline can
    /// reach it any more.
    ///
    /// A pipeline keeps pointers to the pads of all its entities until it is stopped.
    ///
    /// # Safety
    ///
    /// `entity` must be valid, initialised, and a member of this graph.
    pub(crate) unsafe fn detach(&self, entity: *mut bindings::media_entity) {
        // SAFETY: `entity` is valid and initialised by the requirement above.
        let (pads, count) = unsafe { ((*entity).pads, usize::from((*entity).num_pads)) };

        for index in 0..count {
            // SAFETY: An initialised entity with `count` pads has that many at `pads`.
            let pad = unsafe { pads.add(index) };

            // A pipeline counts its starts.
            //
            // SAFETY: `pad` is valid. Its pipeline changes only with the graph's mutex held, as it
            // is here; one that is set is started, as the function expects.
            while unsafe { !(*pad).pipe.is_null() } {
                // SAFETY: As the condition has found, `pad` is in a started pipeline; the graph's
                // mutex is held.
                unsafe { bindings::__media_pipeline_stop(pad) };
            }
        }
        // SAFETY: `entity` is a member of this graph, whose mutex is held.
        unsafe { bindings::__media_entity_remove_links(entity) };
    }
}

impl Drop for Graph<'_> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant this thread holds the mutex.
        unsafe { bindings::mutex_unlock(&raw mut (*self.media.as_raw()).graph_mutex) };
    }
}
