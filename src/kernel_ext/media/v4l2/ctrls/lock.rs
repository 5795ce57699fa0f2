// SPDX-License-Identifier: GPL-2.0-only

//! One lock for the controls of several sub-devices.
//!
//! C header: [`include/media/v4l2-ctrls.h`](srctree/include/media/v4l2-ctrls.h)

use crate::kernel_ext::bindings;
use kernel::{
    prelude::*,
    static_lock_class,
    types::Opaque, //
};

/// A lock for the controls of several handlers.
#[pin_data]
pub(crate) struct SharedLock {
    #[pin]
    raw: Opaque<bindings::mutex>,
}

// SAFETY: A mutex may be used and freed from any thread.
unsafe impl Send for SharedLock {}
// SAFETY: A mutex is there to be shared.
unsafe impl Sync for SharedLock {}

impl SharedLock {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            raw <- Opaque::ffi_init(|slot: *mut bindings::mutex| {
                // SAFETY: `slot` is valid for writing and pinned from here on; name and class are
                // static.
                unsafe {
                    bindings::__mutex_init(
                        slot,
                        c"kernel_ext::media::v4l2::ctrls::lock::SharedLock".as_char_ptr(),
                        static_lock_class!().as_ptr(),
                    )
                }
            }),
        })
    }

    /// Returns the C mutex, for a handler to point to.
    pub(crate) fn as_raw(&self) -> *mut bindings::mutex {
        self.raw.get()
    }
}
