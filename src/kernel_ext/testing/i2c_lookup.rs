// SPDX-License-Identifier: GPL-2.0-only

//! Look-up of I2C clients by their path in the device tree, for tests.
//!
//! C headers: [`include/linux/device/bus.h`](srctree/include/linux/device/bus.h),
//! [`include/linux/of.h`](srctree/include/linux/of.h)

use crate::kernel_ext::{
    bindings,
    i2c::client::{
        Adapter,
        PowerManaged, //
    }, //
};
use core::ptr::NonNull;
use kernel::{
    device::Device,
    error::to_result,
    prelude::*,
    sync::aref::ARef,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

/// Returns the client at `path` of the device tree, if there is one.
pub fn find(path: &CStr) -> Option<ARef<Device>> {
    // SAFETY: `path` is NUL-terminated. The node comes with a reference.
    let node = NonNull::new(unsafe {
        bindings::of_find_node_opts_by_path(path.as_char_ptr(), core::ptr::null_mut())
    })?;
    // SAFETY: `i2c_bus_type` is a registered bus; `device_match_of_node()` takes a node, which is
    // valid until the reference is given back.
    let dev = unsafe {
        let dev = bindings::bus_find_device(
            &raw const bindings::i2c_bus_type,
            core::ptr::null_mut(),
            node.as_ptr().cast(),
            Some(bindings::device_match_of_node),
        );

        bindings::of_node_put(node.as_ptr());
        dev
    };

    // SAFETY: `bus_find_device()` took a reference for us; `Device` is transparent.
    NonNull::new(dev).map(|dev| unsafe { ARef::from_raw(dev.cast()) })
}

fn as_raw(dev: &Device) -> *mut bindings::device {
    core::ptr::from_ref(dev).cast_mut().cast()
}

/// Calls `f` with the data of `T` for `dev`, which is not unbound meanwhile.
///
/// Returns `None` if `T` is not bound to it.
pub fn with_bound<T: PowerManaged, R>(
    dev: &Device,
    f: impl FnOnce(Pin<&T::Data<'_>>) -> R,
) -> Option<R> {
    let raw = as_raw(dev);

    // SAFETY: `raw` is valid.
    unsafe { bindings::mutex_lock(&raw mut (*raw).mutex) };
    // SAFETY: `raw` is valid, and its lock is held until `f` has returned.
    let result = unsafe { Adapter::<T>::data_of(raw) }.map(f);
    // SAFETY: Taken above.
    unsafe { bindings::mutex_unlock(&raw mut (*raw).mutex) };
    result
}

/// Returns the number of the adapter of a client; `None` if `dev` is not a client.
pub fn adapter_number(dev: &Device) -> Option<i32> {
    // SAFETY: `dev` is valid. A client is kept by its device, and has its adapter as long as it is
    // registered, whose number does not change.
    unsafe {
        bindings::i2c_verify_client(as_raw(dev))
            .as_ref()
            .map(|client| (*client.adapter).nr)
    }
}

/// Returns whether a probe of `dev` was deferred and not repeated yet.
pub fn is_deferred(dev: &Device) -> bool {
    let raw = as_raw(dev);

    // SAFETY: `raw` is valid and registered, so that it has its private part. The answer is a
    // snapshot: the list belongs to the driver core, which may change it at any time.
    unsafe {
        let list = &raw const (*(*raw).p).deferred_probe;

        !core::ptr::eq((&raw const (*list).next).read_volatile(), list)
    }
}

/// Unbinds `dev` from its driver, as writing to sysfs does.
pub fn unbind(dev: &Device) {
    // SAFETY: `dev` is valid.
    unsafe { bindings::device_release_driver(as_raw(dev)) };
}

/// Powers `dev` down once it is idle, without its autosuspend delay.
///
/// The driver core itself uses it for a moment after a probe. Returns `EAGAIN` if it is not idle
/// within some seconds.
pub fn suspend_now(dev: &Device) -> Result {
    for _ in 0..5000 {
        // SAFETY: `dev` is valid.
        let result = to_result(unsafe { bindings::__pm_runtime_suspend(as_raw(dev), 0) });

        if result != Err(EAGAIN) {
            return result;
        }
        fsleep(Delta::from_millis(1));
    }
    Err(EAGAIN)
}

/// Probes `dev`. The caller has to check whether a driver was bound.
pub fn probe(dev: &Device) {
    // SAFETY: `dev` is valid and registered. The result does not distinguish success from failure.
    let _ = unsafe { bindings::device_attach(as_raw(dev)) };
}
