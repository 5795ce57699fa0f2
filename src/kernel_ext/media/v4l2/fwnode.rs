// SPDX-License-Identifier: GPL-2.0-only

//! What firmware says of a video port: bus, lanes, link frequencies; and of how a camera is mounted.
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
    prelude::*, //
};

/// A parsed endpoint of a CSI-2 D-PHY bus.
///
/// # Invariants
///
/// `raw` was filled by `v4l2_fwnode_endpoint_alloc_parse()` and not freed.
pub struct CsiEndpoint {
    raw: bindings::v4l2_fwnode_endpoint,
}

/// Why there is no usable endpoint.
pub enum EndpointError {
    /// The device has no `port/endpoint` node.
    Missing,
    /// There is one, but it could not be parsed as CSI-2 D-PHY.
    Invalid(Error),
}

impl CsiEndpoint {
    /// Finds and parses the first endpoint of `dev`.
    pub fn first_of(dev: &Device) -> Result<Self, EndpointError> {
        let fwnode: *mut bindings::fwnode_handle = match dev.fwnode() {
            Some(node) => core::ptr::from_ref::<FwNode>(node).cast_mut().cast(),
            None => return Err(EndpointError::Missing),
        };

        // SAFETY: `fwnode` is valid while `dev` is; the result holds a reference of its own.
        let endpoint = NonNull::new(unsafe {
            bindings::fwnode_graph_get_next_endpoint(fwnode, core::ptr::null_mut())
        })
        .ok_or(EndpointError::Missing)?;

        let mut raw = bindings::v4l2_fwnode_endpoint {
            bus_type: bindings::v4l2_mbus_type_V4L2_MBUS_CSI2_DPHY,
            ..Default::default()
        };
        // SAFETY: `endpoint` is valid, and `raw` is zeroed but for the bus type that is expected.
        let ret =
            unsafe { bindings::v4l2_fwnode_endpoint_alloc_parse(endpoint.as_ptr(), &mut raw) };
        // SAFETY: The reference that `fwnode_graph_get_next_endpoint()` took is given back, once.
        unsafe { bindings::fwnode_handle_put(endpoint.as_ptr()) };

        to_result(ret).map_err(EndpointError::Invalid)?;
        // INVARIANT: Parsed. On an error the C function leaves nothing to free.
        Ok(Self { raw })
    }

    /// How many data lanes `data-lanes` lists.
    pub fn lanes(&self) -> u32 {
        u32::from(self.raw.bus.mipi_csi2.num_data_lanes)
    }

    /// The frequencies of `link-frequencies`, in Hz.
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

/// How a camera is mounted: `orientation` and `rotation` of the device tree.
pub struct Mounting {
    pub(crate) raw: bindings::v4l2_fwnode_device_properties,
}

impl Mounting {
    /// Parses the properties of `dev`. Fails with `EINVAL` when they are out of range.
    pub fn of(dev: &Device) -> Result<Self> {
        let mut raw = bindings::v4l2_fwnode_device_properties::default();

        // SAFETY: `dev` is a valid device, `raw` is valid for writing.
        to_result(unsafe {
            bindings::v4l2_fwnode_device_parse(core::ptr::from_ref(dev).cast_mut().cast(), &mut raw)
        })?;
        Ok(Self { raw })
    }
}
