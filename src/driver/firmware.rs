// SPDX-License-Identifier: GPL-2.0-only

//! Firmware description of a sensor, checked, with errors that name the property to change.

use crate::{
    dev_err_probe,
    kernel_ext::media::v4l2::fwnode::{
        first_endpoint,
        CsiEndpoint,
        Mounting, //
    },
    sensor::{
        regs,
        Board,
        BoardError,
        ClockTree,
        Lanes,
        Part,
        Synchronisation, //
    }, //
};
use kernel::{
    clk::Clk,
    device::{
        property::{
            FwNode,
            PropertyInt, //
        },
        Device, //
    },
    fmt,
    prelude::*,
    str::CString,
    sync::{
        Arc,
        UniqueArc, //
    }, //
};

/// The firmware description of a sensor.
pub(super) struct Firmware {
    // On the heap, as it is large and the kernel's stack small.
    pub(super) board: Arc<Board>,
    pub(super) inck: Clk,
    pub(super) mounting: Mounting,
    /// The sensor stays powered while the driver is bound.
    pub(super) always_on: bool,
    /// The sensor can listen to the broadcast address as well.
    pub(super) broadcast: bool,
}

impl Firmware {
    /// Reads and checks the description of `dev`. Errors are reported here, naming the property to
    /// change.
    // Not inlined, as `board()`.
    #[inline(never)]
    pub(super) fn read(dev: &Device, part: &'static Part) -> Result<Self> {
        let node = first_endpoint(dev).ok_or_else(|| {
            dev_err_probe!(
                dev,
                EINVAL,
                "port: there is no endpoint, connect it to the CSI-2 receiver\n"
            )
        })?;
        let lanes = lanes(dev, &node)?;

        check_clock_lane(dev, &node)?;
        check_link_frequencies(dev, &node)?;
        let endpoint = CsiEndpoint::parse(&node).map_err(|e| {
            dev_err_probe!(
                dev,
                e,
                "port/endpoint/bus-type: it is {}, the sensor sends over CSI-2 D-PHY, which is 4\n",
                node.property_read::<u32>(c"bus-type").or(0)
            )
        })?;
        let inck =
            Clk::get(dev, None).map_err(|e| dev_err_probe!(dev, e, "clocks: cannot get INCK\n"))?;
        let mut board = board(dev, &inck, lanes, endpoint.link_frequencies(), part)?;

        warn_of_left_out(dev, &board, endpoint.link_frequencies());
        board.set_synchronisation(synchronisation(dev)?);
        Ok(Self {
            board: board.into(),
            inck,
            mounting: mounting(dev)?,
            always_on: dev
                .fwnode()
                .is_some_and(|node| node.property_read_bool(c"sony,always-on")),
            broadcast: broadcast(dev)?,
        })
    }
}

/// Returns the board, with the clock trees of its links.
// Not inlined, so that its copies of the board are off the stack when it returns.
#[inline(never)]
fn board(
    dev: &Device,
    inck: &Clk,
    lanes: u32,
    link_freqs: &[u64],
    part: &'static Part,
) -> Result<UniqueArc<Board>> {
    let inck_hz = u32::try_from(inck.rate().as_hz()).unwrap_or(u32::MAX);
    let place = UniqueArc::new_uninit(GFP_KERNEL)?;

    match Board::new(inck_hz, lanes, link_freqs, part) {
        Ok(board) => Ok(place.write(board)),
        Err(error) => Err(refuse(dev, &error)),
    }
}

/// Reports `error`, naming the property to change.
fn refuse(dev: &Device, error: &BoardError) -> Error {
    dev_err_probe!(dev, EINVAL, "{}: {error}\n", property(error))
}

/// Returns the values of the property `name` of `node`, none if it is missing; `EINVAL` if they are
/// not cells of the size of `T`.
fn list<T: PropertyInt>(node: &FwNode, name: &CStr) -> Result<KVec<T>> {
    if !node.property_present(name) {
        return Ok(KVec::new());
    }
    let count = node.property_count_elem::<T>(name)?;

    node.property_read_array_vec(name, count)?
        .optional()
        .ok_or(EINVAL)
}

/// Returns the number of lanes of `endpoint`. Reports lanes that are reordered or inverted, which
/// the sensor does not support.
fn lanes(dev: &Device, endpoint: &FwNode) -> Result<u32> {
    let cells = |name: &CStr| {
        list::<u32>(endpoint, name).map_err(|e| {
            dev_err_probe!(
                dev,
                e,
                "port/endpoint/{name}: it is no list of cells of 32 bits\n"
            )
        })
    };
    let lanes = cells(c"data-lanes")?;
    let polarities = cells(c"lane-polarities")?;
    let orders = cells(c"line-orders")?;

    if lanes.is_empty() {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/data-lanes: it is missing, list the lanes that are wired: 2 or 4\n"
        ));
    }
    if !Lanes::are_in_order(&lanes) {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/data-lanes: {lanes:?}, the sensor cannot swap lanes: list them from 1 on, in order\n"
        ));
    }
    if !polarities.is_empty() && polarities.len() != lanes.len().saturating_add(1) {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/lane-polarities: {} entries, {} are needed: one for the clock lane and one for each data lane\n",
            polarities.len(),
            lanes.len().saturating_add(1)
        ));
    }
    if polarities.iter().any(|&polarity| polarity != 0) {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/lane-polarities: {polarities:?}, the sensor cannot invert lanes: all are 0\n"
        ));
    }
    if !orders.is_empty() && orders.len() != lanes.len() {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/line-orders: {} entries for {} lanes, and of no use to CSI-2 D-PHY: leave it out\n",
            orders.len(),
            lanes.len()
        ));
    }
    Ok(u32::try_from(lanes.len())?)
}

/// Checks the clock lane of `endpoint`, which the sensor has no use for: V4L2's parser shifts a bit
/// by its number, however large.
fn check_clock_lane(dev: &Device, endpoint: &FwNode) -> Result {
    match endpoint.property_read::<u32>(c"clock-lanes").optional() {
        Some(lane) if lane >= u32::BITS => Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/clock-lanes: there is no lane {lane}: leave it out\n"
        )),
        _ => Ok(()),
    }
}

/// Checks the cell size of the link frequencies of `endpoint`: V4L2's parser ignores a list of any
/// other size.
fn check_link_frequencies(dev: &Device, endpoint: &FwNode) -> Result {
    list::<u64>(endpoint, c"link-frequencies")
        .map(|_| ())
        .map_err(|e| {
            dev_err_probe!(
                dev,
                e,
                "port/endpoint/link-frequencies: it is no list of /bits/ 64 cells\n"
            )
        })
}

/// Warns about the link frequencies that `board` does not offer.
fn warn_of_left_out(dev: &Device, board: &Board, link_freqs: &[u64]) {
    let mut reachable = 0;

    for &link_freq in link_freqs {
        match ClockTree::solve(board.part(), board.inck(), link_freq) {
            Ok(_) if reachable < Board::MAX_LINKS => reachable = reachable.saturating_add(1),
            Ok(_) => dev_warn!(
                dev,
                "port/endpoint/link-frequencies: {link_freq} Hz is left out, {} are offered at most\n",
                Board::MAX_LINKS
            ),
            Err(error) => dev_warn!(
                dev,
                "port/endpoint/link-frequencies: {}; it is left out\n",
                BoardError::LinkFrequency(error)
            ),
        }
    }
}

/// Returns the orientation and rotation of the camera, as far as they are given.
fn mounting(dev: &Device) -> Result<Mounting> {
    let Some(node) = dev.fwnode() else {
        return Mounting::parse(dev);
    };

    for (name, limit, allowed) in [
        (c"orientation", 3, "0 (front), 1 (back) and 2 (external)"),
        (c"rotation", 360, "0 to 359 degrees"),
    ] {
        if !node.property_present(name) {
            continue;
        }
        let Some(found) = node.property_read::<u32>(name).optional() else {
            return Err(dev_err_probe!(
                dev,
                EINVAL,
                "{name}: it is no cell of 32 bits\n"
            ));
        };

        if found >= limit {
            return Err(dev_err_probe!(
                dev,
                EINVAL,
                "{name}: it is {found}, allowed are {allowed}\n"
            ));
        }
    }
    Mounting::parse(dev)
}

/// Returns the default of the synchronisation control; the property is optional.
fn synchronisation(dev: &Device) -> Result<Synchronisation> {
    const PROPERTY: &CStr = c"sony,sync-mode";

    let Some(node) = dev.fwnode().filter(|node| node.property_present(PROPERTY)) else {
        return Ok(Synchronisation::default());
    };
    let found = node
        .property_read::<CString>(PROPERTY)
        .optional()
        .ok_or_else(|| dev_err_probe!(dev, EINVAL, "sony,sync-mode: it is no string\n"))?;

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

/// Returns whether `reg` has the broadcast address.
fn broadcast(dev: &Device) -> Result<bool> {
    let Some(node) = dev.fwnode() else {
        return Ok(false);
    };
    let Ok(index) = node.property_match_string(c"reg-names", c"broadcast") else {
        return Ok(false);
    };
    let addresses = node
        .property_read_array_vec::<u32>(c"reg", index.saturating_add(1))?
        .optional()
        .ok_or_else(|| {
            dev_err_probe!(
                dev,
                EINVAL,
                "reg: there is no address for each of reg-names\n"
            )
        })?;

    match addresses.get(index) {
        Some(&found) if found != u32::from(regs::SECOND_ADDRESS) => Err(dev_err_probe!(
            dev,
            EINVAL,
            "reg: the broadcast address is {found:#04x}, the part has {:#04x}\n",
            regs::SECOND_ADDRESS
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

/// Returns the property to change for `error`.
fn property(error: &BoardError) -> &'static str {
    match error {
        BoardError::Inck { .. } => "clocks",
        BoardError::Lanes { .. } => "port/endpoint/data-lanes",
        BoardError::NoLinkFrequency | BoardError::LinkFrequency(_) => {
            "port/endpoint/link-frequencies"
        }
    }
}
