// SPDX-License-Identifier: GPL-2.0-only

//! Device-tree overlays at run time.
//!
//! C header: [`include/linux/of.h`](srctree/include/linux/of.h)

use crate::kernel_ext::bindings;
use kernel::{
    error::to_result,
    ffi::c_int,
    prelude::*, //
};

/// An overlay on the live device tree, until this is dropped.
///
/// # Invariants
///
/// `changeset` is that of an applied overlay.
pub struct Overlay {
    changeset: c_int,
}

impl Overlay {
    /// Applies `fdt`, a flattened overlay. Its devices are created before this returns, but their
    /// probes may be deferred: see [`wait_for_probes`].
    pub fn apply(fdt: &[u8]) -> Result<Self> {
        let mut changeset = 0;
        // A device tree must be aligned to 8 bytes, which a slice of bytes may not be.
        let mut aligned = KVec::with_capacity(fdt.len().div_ceil(8), GFP_KERNEL)?;

        for chunk in fdt.chunks(8) {
            let mut word = [0; 8];

            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            aligned.push(u64::from_ne_bytes(word), GFP_KERNEL)?;
        }

        // SAFETY: `aligned` is valid for the length of `fdt` at least, and the function copies it.
        let ret = unsafe {
            bindings::of_overlay_fdt_apply(
                aligned.as_ptr().cast(),
                u32::try_from(fdt.len())?,
                &mut changeset,
                core::ptr::null(),
            )
        };

        if ret < 0 && changeset != 0 {
            // A failed overlay may be half applied, and must be removed as well.
            //
            // SAFETY: `changeset` was given out by `of_overlay_fdt_apply()`.
            unsafe { bindings::of_overlay_remove(&mut changeset) };
        }
        to_result(ret)?;
        // INVARIANT: Applied.
        Ok(Self { changeset })
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        // SAFETY: By the type invariant the overlay is applied. An error means that a newer one is
        // stacked on it, which is reported by the C side.
        unsafe { bindings::of_overlay_remove(&mut self.changeset) };
    }
}

/// Waits until no device is being probed, deferred ones included.
pub fn wait_for_probes() {
    // SAFETY: May be called in any context that can sleep.
    unsafe { bindings::wait_for_device_probe() };
}
