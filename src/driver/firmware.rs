// SPDX-License-Identifier: GPL-2.0-only

//! What the device tree says of a sensor, checked, with errors that name the property to change.

use super::broadcast;
use crate::{
    dev_err_probe,
    kernel_ext::media::v4l2::fwnode::{
        CsiEndpoint,
        EndpointError,
        Mounting, //
    },
    sensor::{
        Board,
        BoardError,
        Part,
        Synchronisation, //
    }, //
};
use kernel::{
    clk::Clk,
    device::Device,
    fmt,
    prelude::*,
    str::CString, //
};

/// A sensor as the device tree describes it.
pub(super) struct Firmware {
    pub(super) board: Board,
    pub(super) inck: Clk,
    pub(super) mounting: Mounting,
    /// The sensor is powered for as long as the driver is bound.
    pub(super) always_on: bool,
    /// It may listen to the second address as well.
    pub(super) broadcast: bool,
}

impl Firmware {
    /// Reads the description of `dev`. What is wrong with it was reported when this fails.
    pub(super) fn of(dev: &Device, part: &'static Part) -> Result<Self> {
        let mounting = Mounting::of(dev)
            .map_err(|e| dev_err_probe!(dev, e, "orientation or rotation is out of range\n"))?;
        let endpoint = CsiEndpoint::first_of(dev).map_err(|error| match error {
            EndpointError::Missing => dev_err_probe!(
                dev,
                EINVAL,
                "port: there is no endpoint, connect it to the CSI-2 receiver\n"
            ),
            EndpointError::Invalid(e) => dev_err_probe!(
                dev,
                e,
                "port/endpoint: cannot be parsed as CSI-2 D-PHY, see data-lanes and bus-type\n"
            ),
        })?;
        let inck =
            Clk::get(dev, None).map_err(|e| dev_err_probe!(dev, e, "clocks: cannot get INCK\n"))?;
        let inck_hz = u32::try_from(inck.rate().as_hz()).unwrap_or(u32::MAX);
        let board = Board::new(inck_hz, endpoint.lanes(), endpoint.link_frequencies(), part)
            .map_err(|error| dev_err_probe!(dev, EINVAL, "{}: {error}\n", property(&error)))?;

        Ok(Self {
            board: board.with_synchronisation(synchronisation(dev)?),
            inck,
            mounting,
            always_on: dev
                .fwnode()
                .is_some_and(|node| node.property_read_bool(c"sony,always-on")),
            broadcast: broadcast(dev)?,
        })
    }
}

/// The synchronisation to start with, which need not be given.
fn synchronisation(dev: &Device) -> Result<Synchronisation> {
    const PROPERTY: &CStr = c"sony,sync-mode";

    let Some(node) = dev.fwnode().filter(|node| node.property_present(PROPERTY)) else {
        return Ok(Synchronisation::default());
    };
    let found = node
        .property_read::<CString>(PROPERTY)
        .required_by(dev)
        .map_err(|e| dev_err_probe!(dev, e, "sony,sync-mode: it is no string\n"))?;

    match found.to_bytes_with_nul() {
        b"standalone\0" => Ok(Synchronisation::Standalone),
        b"source\0" => Ok(Synchronisation::Source),
        b"sink\0" => Ok(Synchronisation::Sink),
        _ => Err(dev_err_probe!(
            dev,
            EINVAL,
            "sony,sync-mode: \"{}\" is none of \"standalone\", \"source\" and \"sink\"\n",
            &*found
        )),
    }
}

/// Whether `reg` names the second address.
fn broadcast(dev: &Device) -> Result<bool> {
    let Some(node) = dev.fwnode() else {
        return Ok(false);
    };
    let Ok(index) = node.property_match_string(c"reg-names", c"broadcast") else {
        return Ok(false);
    };
    let addresses = node
        .property_read_array_vec::<u32>(c"reg", index.saturating_add(1))?
        .required_by(dev)
        .map_err(|e| dev_err_probe!(dev, e, "reg: there is no address for each of reg-names\n"))?;

    match addresses.get(index) {
        Some(&found) if found != u32::from(broadcast::ADDRESS) => Err(dev_err_probe!(
            dev,
            EINVAL,
            "reg: the broadcast address is {found:#04x}, the part has {:#04x}\n",
            broadcast::ADDRESS
        )),
        _ => Ok(true),
    }
}

// The kernel prints through a trait of its own.
impl fmt::Display for BoardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

/// The property that an error is about.
fn property(error: &BoardError) -> &'static str {
    match error {
        BoardError::Inck { .. } => "clocks",
        BoardError::Lanes { .. } => "port/endpoint/data-lanes",
        BoardError::NoLinkFrequency
        | BoardError::TooManyLinkFrequencies { .. }
        | BoardError::LinkFrequency(_) => "port/endpoint/link-frequencies",
    }
}
