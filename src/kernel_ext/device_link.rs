// SPDX-License-Identifier: GPL-2.0-only

//! Dependencies between devices, beyond those that firmware describes.
//!
//! C header: [`include/linux/device.h`](srctree/include/linux/device.h)

use super::bindings;
use kernel::{
    device::{
        Bound,
        Device, //
    },
    prelude::*, //
};

/// Makes `consumer`, which is being probed, depend on `supplier`.
///
/// It is unbound before `supplier` is, and probed again when that is bound again. The link lasts as
/// long as both devices.
///
/// Fails with `EINVAL` if `supplier` depends on `consumer` already.
pub fn depend(consumer: &Device<Bound>, supplier: &Device) -> Result {
    // SAFETY: Both are valid devices; the driver core takes references of its own.
    let link = unsafe {
        bindings::device_link_add(
            core::ptr::from_ref(consumer).cast_mut().cast(),
            core::ptr::from_ref(supplier).cast_mut().cast(),
            bindings::DL_FLAG_AUTOPROBE_CONSUMER,
        )
    };
    if link.is_null() {
        return Err(EINVAL);
    }
    Ok(())
}
