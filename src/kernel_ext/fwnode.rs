// SPDX-License-Identifier: GPL-2.0-only

//! References between firmware nodes.
//!
//! `FwNode::property_get_reference_args()` of rust/kernel returns the arguments of a reference, but
//! not the node that is referenced.
//!
//! C header: [`include/linux/property.h`](srctree/include/linux/property.h)

use super::bindings;
use core::ptr::NonNull;
use kernel::{
    device::property::FwNode,
    error::from_err_ptr,
    prelude::*,
    sync::aref::ARef, //
};

fn as_raw(node: &FwNode) -> *mut bindings::fwnode_handle {
    core::ptr::from_ref(node).cast_mut().cast()
}

/// # Safety
///
/// `node` must be null, or a node with a reference that the caller gives away.
unsafe fn adopt(node: *mut bindings::fwnode_handle) -> Option<ARef<FwNode>> {
    // SAFETY: `FwNode` is transparent over `fwnode_handle`, and by the safety requirement the
    // caller's reference becomes that of the `ARef`.
    NonNull::new(node.cast::<FwNode>()).map(|node| unsafe { ARef::from_raw(node) })
}

/// Returns the node that the property `name` of `node` refers to, without arguments; `None` if
/// there is no such property.
///
/// `src/virtual_board/mod.rs` shows it in use.
pub fn reference(node: &FwNode, name: &CStr) -> Result<Option<ARef<FwNode>>> {
    if !node.property_present(name) {
        return Ok(None);
    }
    // SAFETY: `node` is valid and `name` NUL-terminated.
    let found = from_err_ptr(unsafe {
        bindings::fwnode_find_reference(as_raw(node), name.as_char_ptr(), 0)
    })?;
    // SAFETY: `fwnode_find_reference()` returned a reference that is ours.
    Ok(unsafe { adopt(found) })
}

/// Returns the node of the device at the other end of `endpoint`, if there is one and it is
/// available.
pub fn remote_device(endpoint: &FwNode) -> Option<ARef<FwNode>> {
    // SAFETY: `endpoint` is valid. The result is null or has a reference that is ours.
    unsafe {
        adopt(bindings::fwnode_graph_get_remote_port_parent(as_raw(
            endpoint,
        )))
    }
}
