// SPDX-License-Identifier: GPL-2.0-only

//! Firmware descriptions of video ports (bus, lanes, link frequencies) and of the mounting of a
//! camera.
//!
//! C header: [`include/media/v4l2-fwnode.h`](srctree/include/media/v4l2-fwnode.h)

use crate::kernel_ext::bindings;
use core::ptr::NonNull;
use kernel::{
    device::{
        property::FwNode,
        Device, //
    },
    error::to_result,
    prelude::*,
    sync::aref::ARef, //
};

/// Returns the first endpoint of the device of `node`, `None` if it has no `port/endpoint` node.
pub fn first_endpoint(node: &FwNode) -> Option<ARef<FwNode>> {
    let node: *mut bindings::fwnode_handle = core::ptr::from_ref(node).cast_mut().cast();
    // SAFETY: `node` is valid. There is no previous endpoint to give back.
    let endpoint = unsafe { bindings::fwnode_graph_get_next_endpoint(node, core::ptr::null_mut()) };

    // SAFETY: `FwNode` is transparent over `fwnode_handle`, and the reference that
    // `fwnode_graph_get_next_endpoint()` took is handed over.
    NonNull::new(endpoint.cast()).map(|endpoint| unsafe { ARef::from_raw(endpoint) })
}

/// Reads the list `name` of `node` into `cells`.
///
/// Returns its cells, none if it is missing; `EOVERFLOW` if there is not enough room, or the error
/// of a property that is no list of cells of 32 bits.
pub fn read_cells<'a>(node: &FwNode, name: &CStr, cells: &'a mut [u32]) -> Result<&'a [u32]> {
    if !node.property_present(name) {
        return Ok(&[]);
    }
    let count = node.property_count_elem::<u32>(name)?;
    let cells = cells.get_mut(..count).ok_or(EOVERFLOW)?;

    // SAFETY: `node` is valid, `name` is NUL-terminated, and `cells` has room for `count`.
    to_result(unsafe {
        bindings::fwnode_property_read_u32_array(
            core::ptr::from_ref(node).cast(),
            name.as_char_ptr(),
            cells.as_mut_ptr(),
            count,
        )
    })?;
    Ok(cells)
}

/// A parsed endpoint of a CSI-2 D-PHY bus.
///
/// # Invariants
///
/// `raw` was filled by `v4l2_fwnode_endpoint_alloc_parse()` and not freed.
pub struct CsiEndpoint {
    raw: bindings::v4l2_fwnode_endpoint,
}

impl CsiEndpoint {
    /// Parses `endpoint`.
    ///
    /// # Errors
    ///
    /// `ENXIO` if `bus-type` names another bus; `EINVAL` if it names none, or if `lane-polarities`
    /// or `line-orders` do not go with `data-lanes`.
    pub fn parse(endpoint: &FwNode) -> Result<Self> {
        let mut raw = bindings::v4l2_fwnode_endpoint {
            bus_type: bindings::v4l2_mbus_type_V4L2_MBUS_CSI2_DPHY,
            ..Default::default()
        };
        // SAFETY: `endpoint` is valid, and `raw` is zeroed but for the bus type that is expected.
        to_result(unsafe {
            bindings::v4l2_fwnode_endpoint_alloc_parse(
                core::ptr::from_ref(endpoint).cast_mut().cast(),
                &mut raw,
            )
        })?;
        // INVARIANT: Parsed. On an error the C function leaves nothing to free.
        Ok(Self { raw })
    }

    /// Returns the frequencies of `link-frequencies`, in Hz.
    pub fn link_frequencies(&self) -> &[u64] {
        let len = self.raw.nr_of_link_frequencies as usize;

        if self.raw.link_frequencies.is_null() {
            return &[];
        }
        // SAFETY: The parser allocated `len` frequencies, which live until `Drop` frees them.
        unsafe { core::slice::from_raw_parts(self.raw.link_frequencies, len) }
    }
}

impl Drop for CsiEndpoint {
    fn drop(&mut self) {
        // SAFETY: By the type invariant there is a parsed endpoint to free, once.
        unsafe { bindings::v4l2_fwnode_endpoint_free(&mut self.raw) };
    }
}

/// Mounting of a camera: `orientation` and `rotation` of the device tree.
pub struct Mounting {
    pub(crate) raw: bindings::v4l2_fwnode_device_properties,
}

impl Mounting {
    /// Parses the properties of `dev`; `EINVAL` if they are out of range.
    pub fn parse(dev: &Device) -> Result<Self> {
        let mut raw = bindings::v4l2_fwnode_device_properties::default();

        // SAFETY: `dev` is a valid device, `raw` is valid for writing.
        to_result(unsafe {
            bindings::v4l2_fwnode_device_parse(core::ptr::from_ref(dev).cast_mut().cast(), &mut raw)
        })?;
        Ok(Self { raw })
    }
}
