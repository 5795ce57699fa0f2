// SPDX-License-Identifier: GPL-2.0-only

//! Firmware description of a sensor, checked, with errors that name the property to change.

use crate::{
    dev_err_probe,
    kernel_ext::media::v4l2::fwnode::{
        first_endpoint,
        read_cells,
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
        property::FwNode,
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
        let found = dev
            .fwnode()
            .and_then(|node| Some((node, first_endpoint(node)?)));
        let Some((node, endpoint)) = found else {
            return Err(dev_err_probe!(
                dev,
                EINVAL,
                "port: there is no endpoint, connect it to the CSI-2 receiver\n"
            ));
        };
        let lanes = lanes(dev, &endpoint)?;

        check_polarities(dev, &endpoint, lanes)?;
        check_orders(dev, &endpoint, lanes)?;
        check_clock_lane(dev, &endpoint)?;
        check_link_frequencies(dev, &endpoint)?;
        let mounting = mounting(dev, node)?;
        let synchronisation = synchronisation(dev, node)?;
        let broadcast = broadcast(dev, node)?;
        let parsed = CsiEndpoint::parse(&endpoint).map_err(|e| {
            dev_err_probe!(
                dev,
                e,
                "port/endpoint/bus-type: it is {}, the sensor sends over CSI-2 D-PHY, which is 4\n",
                endpoint.property_read::<u32>(c"bus-type").or(0)
            )
        })?;
        let inck =
            Clk::get(dev, None).map_err(|e| dev_err_probe!(dev, e, "clocks: cannot get INCK\n"))?;
        let mut board = board(dev, &inck, lanes, parsed.link_frequencies(), part)?;

        warn_of_left_out(dev, &board, parsed.link_frequencies());
        board.set_synchronisation(synchronisation);
        Ok(Self {
            board: board.into(),
            inck,
            mounting,
            always_on: node.property_read_bool(c"sony,always-on"),
            broadcast,
        })
    }
}

/// Returns the board, with the clock trees of its links.
// Not inlined, so that its copies of the board are off the stack when it returns.
#[inline(never)]
fn board(
    dev: &Device,
    inck: &Clk,
    lanes: usize,
    link_freqs: &[u64],
    part: &'static Part,
) -> Result<UniqueArc<Board>> {
    let inck_hz = u32::try_from(inck.rate().as_hz()).unwrap_or(u32::MAX);
    let place = UniqueArc::new_uninit(GFP_KERNEL)?;

    match Board::new(inck_hz, u32::try_from(lanes)?, link_freqs, part) {
        Ok(board) => Ok(place.write(board)),
        Err(error) => Err(refuse(dev, &error)),
    }
}

/// Reports `error`, naming the property to change.
fn refuse(dev: &Device, error: &BoardError) -> Error {
    dev_err_probe!(dev, EINVAL, "{}: {error}\n", property(error))
}

/// Room for a cell for each lane of CSI-2: eight for data, and one for the clock.
type Cells = [u32; 9];

/// Returns a list of lanes of `endpoint`, which is empty if it is missing. Reports errors.
fn lane_cells<'a>(
    dev: &Device,
    endpoint: &FwNode,
    name: &CStr,
    cells: &'a mut Cells,
) -> Result<&'a [u32]> {
    read_cells(endpoint, name, cells).map_err(|e| {
        dev_err_probe!(
            dev,
            e,
            "port/endpoint/{name}: it is no list of up to 9 cells of 32 bits\n"
        )
    })
}

/// Returns the number of lanes of `endpoint`. Reports lanes that are reordered, which the sensor
/// does not support.
fn lanes(dev: &Device, endpoint: &FwNode) -> Result<usize> {
    let mut cells = Cells::default();
    let lanes = lane_cells(dev, endpoint, c"data-lanes", &mut cells)?;

    if lanes.is_empty() {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/data-lanes: it is missing, list the lanes that are wired: 2 or 4\n"
        ));
    }
    if !Lanes::are_in_order(lanes) {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/data-lanes: {lanes:?}, the sensor cannot swap lanes: list them from 1 on, in order\n"
        ));
    }
    Ok(lanes.len())
}

/// Checks that none of the `lanes` of `endpoint` is inverted.
fn check_polarities(dev: &Device, endpoint: &FwNode, lanes: usize) -> Result {
    let mut cells = Cells::default();
    let polarities = lane_cells(dev, endpoint, c"lane-polarities", &mut cells)?;
    let needed = lanes.saturating_add(1);

    if !polarities.is_empty() && polarities.len() != needed {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/lane-polarities: {} entries, {needed} are needed: one for the clock lane and one for each data lane\n",
            polarities.len()
        ));
    }
    if polarities.iter().any(|&polarity| polarity != 0) {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/lane-polarities: {polarities:?}, the sensor cannot invert lanes: all are 0\n"
        ));
    }
    Ok(())
}

/// Checks the line orders of `endpoint`, which are those of C-PHY: V4L2's parser wants one for each
/// of the `lanes`.
fn check_orders(dev: &Device, endpoint: &FwNode, lanes: usize) -> Result {
    let mut cells = Cells::default();
    let orders = lane_cells(dev, endpoint, c"line-orders", &mut cells)?.len();

    if orders != 0 && orders != lanes {
        return Err(dev_err_probe!(
            dev,
            EINVAL,
            "port/endpoint/line-orders: {orders} entries for {lanes} lanes, and of no use to CSI-2 D-PHY: leave it out\n"
        ));
    }
    Ok(())
}

/// Checks that the property `name` is a cell below `limit`, if there is one. Reports errors;
/// `allowed` says what is possible.
fn check_cell(dev: &Device, node: &FwNode, name: &CStr, limit: u32, allowed: &str) -> Result {
    if !node.property_present(name) {
        return Ok(());
    }
    match node.property_read::<u32>(name).optional() {
        Some(found) if found < limit => Ok(()),
        Some(found) => Err(dev_err_probe!(
            dev,
            EINVAL,
            "{name}: it is {found}, {allowed}\n"
        )),
        None => Err(dev_err_probe!(
            dev,
            EINVAL,
            "{name}: it is no cell of 32 bits\n"
        )),
    }
}

/// Checks the clock lane of `endpoint`, which the sensor has no use for: V4L2's parser shifts a bit
/// by its number, however large.
fn check_clock_lane(dev: &Device, endpoint: &FwNode) -> Result {
    check_cell(
        dev,
        endpoint,
        c"clock-lanes",
        u32::BITS,
        "there is no such lane: leave it out of port/endpoint",
    )
}

/// Checks the cell size of the link frequencies of `endpoint`: V4L2's parser ignores a list of any
/// other size.
fn check_link_frequencies(dev: &Device, endpoint: &FwNode) -> Result {
    const PROPERTY: &CStr = c"link-frequencies";

    if endpoint.property_present(PROPERTY) {
        endpoint.property_count_elem::<u64>(PROPERTY).map_err(|e| {
            dev_err_probe!(
                dev,
                e,
                "port/endpoint/link-frequencies: it is no list of /bits/ 64 cells\n"
            )
        })?;
    }
    Ok(())
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
fn mounting(dev: &Device, node: &FwNode) -> Result<Mounting> {
    check_cell(
        dev,
        node,
        c"orientation",
        3,
        "allowed are 0 (front), 1 (back) and 2 (external)",
    )?;
    check_cell(dev, node, c"rotation", 360, "allowed are 0 to 359 degrees")?;
    Mounting::parse(dev)
}

/// Returns the default of the synchronisation control; the property is optional.
fn synchronisation(dev: &Device, node: &FwNode) -> Result<Synchronisation> {
    const PROPERTY: &CStr = c"sony,sync-mode";

    if !node.property_present(PROPERTY) {
        return Ok(Synchronisation::default());
    }
    for &(name, mode) in &[
        (c"standalone", Synchronisation::Standalone),
        (c"source", Synchronisation::Source),
        (c"sink", Synchronisation::Sink),
    ] {
        if node.property_match_string(PROPERTY, name) == Ok(0) {
            return Ok(mode);
        }
    }
    Err(match node.property_read::<CString>(PROPERTY).optional() {
        Some(found) => dev_err_probe!(
            dev,
            EINVAL,
            "sony,sync-mode: \"{}\" is none of \"standalone\", \"source\" and \"sink\"\n",
            &*found
        ),
        None => dev_err_probe!(dev, EINVAL, "sony,sync-mode: it is no string\n"),
    })
}

// As the message below says.
const _: () = assert!(regs::SECOND_ADDRESS == 0x36);

/// Returns whether `reg` has the broadcast address.
fn broadcast(dev: &Device, node: &FwNode) -> Result<bool> {
    let Ok(index) = node.property_match_string(c"reg-names", c"broadcast") else {
        return Ok(false);
    };

    let mut cells = Cells::default();
    let addresses = read_cells(node, c"reg", &mut cells)
        .map_err(|e| dev_err_probe!(dev, e, "reg: it is no list of up to 9 cells of 32 bits\n"))?;

    match addresses.get(index) {
        Some(&found) if found == u32::from(regs::SECOND_ADDRESS) => Ok(true),
        Some(found) => Err(dev_err_probe!(
            dev,
            EINVAL,
            "reg: the broadcast address is {found:#04x}, the part has 0x36\n"
        )),
        None => Err(dev_err_probe!(
            dev,
            EINVAL,
            "reg: there is no address for each of reg-names\n"
        )),
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
