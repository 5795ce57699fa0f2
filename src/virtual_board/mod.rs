// SPDX-License-Identifier: GPL-2.0-only

//! A virtual board: an IMX412 on an I2C bus, the GPIO lines that switch it, and a CSI-2 receiver whose
//! frames are those that the sensor's registers describe.
//!
//! ```text
//!   regulators, gate clock, reset            i2c-core                    V4L2, media controller
//!            |                                   |                                |
//!        [lines]: GPIO chip              [bus]: I2C adapter            [receiver]: video node
//!            |                                   |                         |            |
//!            +------------> [board] <------------+                    [referee]     [frames]
//!                              |                                           |            |
//!                  [model]: the sensor  <--- [clock]: frame starts         +-- [canvas]
//! ```
//!
//! Each `fsm-imx412,virtual-board` node of the device tree makes a board with one sensor. Boards may
//! share a bus and lines, and [xvs] joins their sensors: these know a sensor only by the traits of
//! [wiring], and [registry] finds what boards share, and the board that another one refers to. [slot]
//! is the place of a sensor on a bus, [fsa] the adapter between a board and its sensor, [broken] what
//! is wrong with the hardware on demand. Nothing here knows the driver under test: the model is
//! written from public descriptions of the devices, as a referee.

#![forbid(unsafe_code)]

pub mod board;
mod broken;
mod bus;
mod clock;
pub(crate) mod debugfs;
mod devices;
pub mod faults;
mod fsa;
mod lines;
mod look;
pub mod mismatch;
pub mod model;
pub mod receiver;
pub mod registry;
mod slot;
pub mod soc;
mod trace;
mod wiring;
pub(crate) mod xvs;

use crate::{
    dev_err_probe,
    kernel_ext::{
        compat::{
            enotconn,
            of_device_table, //
        },
        device_link,
        fwnode,
        gpio::driver as gpio,
        i2c::adapter as i2c_adapter,
        media::v4l2::{
            device as v4l2_device,
            notifier,
            video_device::{
                self,
                ioctl::Formats, //
            }, //
        }, //
    }, //
};
use board::{
    EmulatedSensor,
    OnBus, //
};
use bus::{
    Bus,
    Equipment,
    Wire, //
};
use devices::Devices;
use kernel::{
    clk::Clk,
    debugfs::{
        Dir,
        Scope, //
    },
    dev_err,
    dev_info,
    device::{
        property::FwNode,
        Bound,
        Core,
        Device, //
    },
    of,
    platform,
    prelude::*,
    str::CString,
    sync::{
        aref::ARef,
        Arc, //
    }, //
};
use lines::{
    Lines,
    PinWires, //
};
use slot::{
    number,
    Segment, //
};
use xvs::Xvs;

of_device_table!(
    OF_TABLE,
    <VirtualBoard as platform::Driver>::IdInfo,
    [(of::DeviceId::new(c"fsm-imx412,virtual-board"), ())]
);

/// A board.
///
/// Its parts go in the order of the fields: what uses the sensor first, the sensor last.
#[pin_data]
pub struct VirtualBoard {
    _listed: registry::Registration,
    #[pin]
    _files: Scope<debugfs::View>,
    _directory: registry::Use<Dir>,
    _bus: Option<Pin<KBox<i2c_adapter::Registration<Bus>>>>,
    _notifier: Option<Pin<KBox<notifier::Notifier<receiver::Port>>>>,
    _video: video_device::Registration<receiver::Receiver>,
    _lines: Option<Pin<KBox<gpio::Chip<Lines>>>>,
    _followed: lines::Registration,
    _attached: bus::Registration,
    _joined: xvs::Registration,
    _wire: registry::Use<Arc<Xvs>>,
}

impl platform::Driver for VirtualBoard {
    type IdInfo = ();
    type Data<'bound> = Self;
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = Some(&OF_TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        _info: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self, Error> + 'bound {
        let dev: &'bound Device<Bound> = pdev.as_ref();
        Self::new(dev)
    }
}

impl VirtualBoard {
    fn new<'a>(dev: &'a Device<Bound>) -> impl PinInit<Self, Error> + 'a {
        pin_init::pin_init_scope(move || {
            let fwnode = dev.fwnode().ok_or(ENODEV)?;
            let endpoint = child(dev, &*child(dev, fwnode, c"port")?, c"endpoint")?;
            let lanes = endpoint
                .property_count_elem::<u32>(c"data-lanes")
                .map_err(|e| {
                    dev_err_probe!(
                        dev,
                        e,
                        "port/endpoint/data-lanes: there is no list of cells of 32 bits\n"
                    )
                })?;
            let lanes = u32::try_from(lanes)?;

            let bus_node = fwnode.get_child_by_name(c"i2c");
            let wire = wire_of(dev, fwnode, bus_node.as_deref())?;
            let segment = Segment::from_fwnode(dev, fwnode, wire.has_mux())?;
            let pins = match owner(dev, fwnode, c"fsm-imx412,lines")? {
                Some(owner) => owner.pins().clone(),
                None => PinWires::new()?,
            };
            let xvs = fwnode.property_read::<CString>(c"fsm-imx412,xvs");
            let xvs = registry::wire(xvs.optional())?;
            let config = sensor_config(dev, fwnode, &endpoint)?;
            let board = EmulatedSensor::new(dev, config, wire, pins, xvs.clone())?;
            let driver_name = fwnode
                .property_read::<CString>(receiver::DRIVER_PROPERTY)
                .optional();
            let receiver = receiver::Receiver::new(board.clone(), lanes, driver_name)?;

            let device = v4l2_device::Registration::new(
                dev,
                receiver.driver(),
                c"FSM-IMX412 virtual board",
            )?;
            let video = video_device::Registration::new(
                device.registration(),
                c"fsm-imx412 csi2",
                receiver.clone(),
            )?;
            let device = device.publish()?;

            Ok(try_pin_init!(Self {
                _wire: xvs,
                _joined: xvs::Registration::new(board.xvs().clone(), board.clone())?,
                _attached: bus::Registration::new(
                    board.wire().clone(),
                    segment,
                    KBox::new(OnBus(board.clone()), GFP_KERNEL)?,
                    board.clone(),
                )?,
                _followed: lines::Registration::new(board.pins().clone(), board.clone())?,
                _lines: lines(fwnode, &board)?,
                _video: video,
                _notifier: listen(
                    &device,
                    dev,
                    endpoint,
                    receiver::Port {
                        receiver,
                        video: (*_video).clone(),
                    },
                )?,
                _bus: bus(dev, bus_node, &board)?,
                _directory: registry::directory()?,
                _files <- debugfs::files(_directory, board.clone(), dev.name()),
                _listed: registry::add_board(board, (*_video).clone())?,
            }))
        })
    }
}

fn child(dev: &Device, parent: &FwNode, name: &CStr) -> Result<ARef<FwNode>> {
    parent.get_child_by_name(name).ok_or_else(|| {
        dev_err!(dev, "no node '{}' in the device tree\n", name);
        ENODEV
    })
}

/// Returns the bus that the sensor is on: the one that `node` describes, or another board's.
fn wire_of(dev: &Device<Bound>, fwnode: &FwNode, node: Option<&FwNode>) -> Result<Arc<Wire>> {
    if let Some(node) = node {
        return Wire::new(Equipment {
            mux: number(dev, node, c"fsm-imx412,mux")?,
            expander: number(dev, node, c"fsm-imx412,expander")?,
            devices: Devices::read(dev, node)?,
        });
    }
    let owner = owner(dev, fwnode, c"fsm-imx412,bus")?.ok_or_else(|| {
        dev_err!(
            dev,
            "neither a node 'i2c' nor fsm-imx412,bus in the device tree\n"
        );
        ENODEV
    })?;
    Ok(owner.wire().clone())
}

/// Returns the board that the property `name` refers to; this one is bound no longer than that.
fn owner(dev: &Device<Bound>, node: &FwNode, name: &CStr) -> Result<Option<Arc<EmulatedSensor>>> {
    let Some(owner) = fwnode::reference(node, name)? else {
        return Ok(None);
    };
    let owner = registry::find_by_fwnode(&owner).ok_or_else(|| {
        dev_err_probe!(dev, EPROBE_DEFER, "{}: that board is not there yet\n", name)
    })?;
    device_link::depend(dev, owner.device())
        .inspect_err(|_| dev_err!(dev, "{}: that board needs this one\n", name))?;
    Ok(Some(owner))
}

/// Returns the GPIO controller, if the board has one.
fn lines(fwnode: &FwNode, board: &EmulatedSensor) -> Result<Option<Pin<KBox<gpio::Chip<Lines>>>>> {
    if !fwnode.property_present(c"gpio-controller") {
        return Ok(None);
    }
    let chip = gpio::Chip::new(fwnode.into(), Lines(board.pins().clone()));
    KBox::pin_init(chip, GFP_KERNEL).map(Some)
}

/// Returns the I2C adapter, if the board has one.
fn bus(
    dev: &Device<Bound>,
    node: Option<ARef<FwNode>>,
    board: &EmulatedSensor,
) -> Result<Option<Pin<KBox<i2c_adapter::Registration<Bus>>>>> {
    let Some(node) = node else {
        return Ok(None);
    };
    let limits = i2c_adapter::Limits {
        max_write_bytes: number(dev, &node, c"fsm-imx412,max-write-bytes")?,
        max_read_bytes: number(dev, &node, c"fsm-imx412,max-read-bytes")?,
    };
    let adapter = i2c_adapter::Registration::new(
        dev,
        node,
        c"fsm-imx412 virtual board",
        limits,
        Bus(board.wire().clone()),
    );
    let adapter = KBox::pin_init(adapter, GFP_KERNEL)?;

    // Returning removes the clients again, while their supplies are there.
    board.wire().linked()?;
    Ok(Some(adapter))
}

/// Waits for the sensor behind `endpoint`; for none if that leads nowhere, or back.
fn listen(
    device: &Arc<v4l2_device::Registration>,
    dev: &Device,
    endpoint: ARef<FwNode>,
    port: receiver::Port,
) -> Result<Option<Pin<KBox<notifier::Notifier<receiver::Port>>>>> {
    let leads_back = fwnode::remote_device(&endpoint).is_some_and(|remote| {
        dev.fwnode()
            .is_some_and(|own| core::ptr::eq::<FwNode>(&*remote, own))
    });

    if leads_back {
        dev_info!(
            dev,
            "port/endpoint: remote-endpoint is the receiver's own\n"
        );
        return Ok(None);
    }
    let source = port.receiver.source().clone();
    let port = Arc::new(port, GFP_KERNEL)?;
    let notifier = notifier::Notifier::new(device, endpoint, source, port);

    match KBox::pin_init(notifier, GFP_KERNEL) {
        Ok(notifier) => Ok(Some(notifier)),
        Err(error) if error == enotconn() => {
            dev_info!(
                dev,
                "port/endpoint: no sensor at its remote-endpoint, none to film\n"
            );
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Returns the configuration of the sensor by the device tree: INCK, the part, its address, and for tests what else may
/// be there.
fn sensor_config(
    dev: &Device<Bound>,
    fwnode: &FwNode,
    endpoint: &FwNode,
) -> Result<model::Surroundings> {
    let inck = Clk::get(dev, Some(c"inck"))
        .map_err(|e| dev_err_probe!(dev, e, "clocks, clock-names: no clock \"inck\"\n"))?;
    let inck = u32::try_from(inck.rate().as_hz())?;
    // A sensor behind another receiver is not at the other end of this endpoint.
    let sensor = fwnode::reference(fwnode, c"fsm-imx412,sensor")?
        .or_else(|| fwnode::remote_device(endpoint));
    let part = sensor.and_then(|sensor| {
        let mut parts = model::Part::ALL.into_iter();

        parts.find(|part| {
            let index = sensor.property_match_string(c"compatible", part.compatible);
            index.is_ok()
        })
    });
    let mut config = model::Surroundings::new(part.unwrap_or(&model::part::IMX412), inck);

    if let Some(id) = number(dev, fwnode, c"fsm-imx412,chip-id")? {
        config.chip_id = id;
    }
    if let Some(address) = number(dev, fwnode, c"fsm-imx412,address")? {
        config.i2c_address = address;
    }
    if fwnode.property_present(LATENCY) {
        config.latency = latency(dev, fwnode)?;
    }
    Ok(config)
}

const LATENCY: &CStr = c"fsm-imx412,latency";

/// Latencies of exposure, gains, frame length and line length.
fn latency(dev: &Device<Bound>, fwnode: &FwNode) -> Result<model::Latency> {
    let [exposure, gain, frame_length, line_length] =
        fwnode.property_read::<[u8; 4]>(LATENCY).required_by(dev)?;
    let latency = model::Latency {
        exposure,
        gain,
        frame_length,
        line_length,
    };

    if !latency.is_valid() {
        dev_err!(
            dev,
            "{}: exposure and gains take 1 to 4 frames, lengths 2 to 5\n",
            LATENCY
        );
        return Err(EINVAL);
    }
    Ok(latency)
}
