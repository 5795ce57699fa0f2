// SPDX-License-Identifier: GPL-2.0-only

//! Dependencies between devices, beyond those that firmware describes.
//!
//! C header: [`include/linux/device.h`](srctree/include/linux/device.h)

use super::bindings;
use kernel::{
    device::{
        property::FwNode,
        Bound,
        Device, //
    },
    prelude::*, //
};

/// Makes `consumer`, which is being probed, depend on `supplier`.
///
/// The driver core unbinds it before `supplier`, and probes it again after `supplier` was bound
/// again. The link lasts as long as both devices.
///
/// Returns `EINVAL` if `supplier` depends on `consumer` already.
pub fn depend(consumer: &Device<Bound>, supplier: &Device) -> Result {
    link(consumer, as_raw(supplier))
}

/// Makes `consumer`, which is being added, depend on the platform device that `supplier` describes.
/// The driver core does that by itself, but only for the first device of a firmware node.
///
/// Has no effect if there is no such device.
pub fn depend_on_node(consumer: &Device, supplier: &FwNode) -> Result {
    // SAFETY: `platform_bus_type` is a registered bus; `device_match_fwnode()` takes a firmware
    // node, as which `FwNode` is transparent.
    let found = unsafe {
        bindings::bus_find_device(
            &raw const bindings::platform_bus_type,
            core::ptr::null_mut(),
            core::ptr::from_ref(supplier).cast(),
            Some(bindings::device_match_fwnode),
        )
    };
    if found.is_null() {
        return Ok(());
    }
    let result = link(consumer, found);

    // SAFETY: `bus_find_device()` took the reference.
    unsafe { bindings::put_device(found) };
    result
}

fn as_raw(device: &Device) -> *mut bindings::device {
    core::ptr::from_ref(device).cast_mut().cast()
}

fn link(consumer: &Device, supplier: *mut bindings::device) -> Result {
    // SAFETY: Both are valid devices; the driver core takes references of its own.
    let link = unsafe {
        bindings::device_link_add(
            as_raw(consumer),
            supplier,
            bindings::DL_FLAG_AUTOPROBE_CONSUMER,
        )
    };
    if link.is_null() {
        return Err(EINVAL);
    }
    Ok(())
}
