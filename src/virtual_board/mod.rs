// SPDX-License-Identifier: GPL-2.0-only

//! What stands in for hardware: a board with an IMX412 on an I2C bus, the GPIO lines that switch it,
//! and a CSI-2 receiver that shows what the sensor's registers say.
//!
//! ```text
//!   regulators, gate clock, reset            i2c-core                    V4L2, media controller
//!            |                                   |                                |
//!        [lines]: GPIO chip              [bus]: I2C adapter            [receiver]: video node
//!            |                                   |                         |            |
//!            +------------> [board] <------------+                    [referee]     [frames]
//!                              |                                           |            |
//!                  [model]: the sensor  <--- [clock]: frame starts         +-- [picture]
//! ```
//!
//! Each `fsm-imx412,virtual-board` node of the device tree makes a board of its own. Nothing here
//! knows the driver under test: the model is written from public descriptions of the part, as a
//! referee.

#![forbid(unsafe_code)]

pub mod board;
mod bus;
mod clock;
mod debugfs;
pub mod faults;
mod formats;
mod frames;
mod lines;
pub mod model;
mod picture;
mod receiver;
pub mod referee;

use crate::kernel_ext::{gpio_driver, i2c_adapter, v4l2_device, v4l2_notifier, video_device};
use board::{Board, Listed};
use kernel::{
    clk::Clk,
    debugfs::Scope,
    dev_err,
    device::{property::FwNode, Bound, Core, Device},
    module::this_module,
    of, platform,
    prelude::*,
    sync::{aref::ARef, Arc},
};

kernel::of_device_table!(
    OF_TABLE,
    <VirtualBoard as platform::Driver>::IdInfo,
    [(of::DeviceId::new(c"fsm-imx412,virtual-board"), ())]
);

/// A board.
///
/// Its parts go in the order of the fields: what uses the sensor first, the sensor last.
#[pin_data]
pub struct VirtualBoard {
    _listed: Listed,
    #[pin]
    _files: Scope<debugfs::View>,
    _files_root: debugfs::Root,
    #[pin]
    _bus: i2c_adapter::Adapter<bus::Bus>,
    _notifier: Option<Pin<KBox<v4l2_notifier::Notifier<receiver::Port>>>>,
    _video: video_device::Registration<receiver::Receiver>,
    _media: v4l2_device::Registration,
    #[pin]
    _lines: gpio_driver::Chip<lines::Lines>,
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
            let module = this_module::<crate::LocalModule>();
            let fwnode = dev.fwnode().ok_or(ENODEV)?;
            let bus_node = child(dev, fwnode, c"i2c")?;
            let endpoint = child(dev, &*child(dev, fwnode, c"port")?, c"endpoint")?;
            let lanes = endpoint.property_count_elem::<u32>(c"data-lanes")?;
            let lanes = u32::try_from(lanes)?;

            let limits = i2c_adapter::Limits {
                max_write_bytes: bytes_limit(&bus_node, c"fsm-imx412,max-write-bytes")?,
                max_read_bytes: bytes_limit(&bus_node, c"fsm-imx412,max-read-bytes")?,
            };
            let board = Board::new(dev, sensor_config(dev, fwnode, &bus_node)?)?;
            let receiver = receiver::Receiver::new(board.clone(), lanes)?;

            Ok(try_pin_init!(Self {
                _lines <- gpio_driver::Chip::new(fwnode, lines::Lines::new(board.clone())),
                _media: v4l2_device::Registration::new(dev, c"FSM-IMX412 virtual board")?,
                _video: video_device::Registration::new(
                    _media.device(),
                    c"fsm-imx412 csi2",
                    receiver.clone(),
                    module,
                )?,
                _: { _media.device().media().register(module)? },
                _notifier: listen(
                    endpoint,
                    receiver::Port {
                        receiver,
                        video: (*_video).clone(),
                        device: _media.device().clone(),
                    },
                )?,
                _bus <- i2c_adapter::Adapter::new(
                    dev,
                    bus_node,
                    c"fsm-imx412 virtual board",
                    limits,
                    bus::Bus::new(board.clone()),
                    module,
                ),
                _files_root: debugfs::Root::get(),
                _files <- _files_root.board(board.clone(), dev.name()),
                _listed: Listed::new(board)?,
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

/// Waits for the sensor behind `endpoint`; for nobody if that leads nowhere.
fn listen(
    endpoint: ARef<FwNode>,
    port: receiver::Port,
) -> Result<Option<Pin<KBox<v4l2_notifier::Notifier<receiver::Port>>>>> {
    let device = port.device.clone();
    let port = Arc::new(port, GFP_KERNEL)?;

    match KBox::pin_init(
        v4l2_notifier::Notifier::new(&device, endpoint, port),
        GFP_KERNEL,
    ) {
        Ok(notifier) => Ok(Some(notifier)),
        Err(ENOTCONN) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A limit of the bus in bytes, if there is one.
fn bytes_limit(node: &FwNode, name: &CStr) -> Result<Option<u16>> {
    Ok(match node.property_read::<u32>(name).optional() {
        Some(limit) => Some(u16::try_from(limit)?),
        None => None,
    })
}

/// What the device tree says of the sensor: INCK, the part, and for tests what else may be there.
fn sensor_config(dev: &Device<Bound>, fwnode: &FwNode, bus: &FwNode) -> Result<model::Config> {
    let inck = u32::try_from(Clk::get(dev, Some(c"inck"))?.rate().as_hz())?;
    let is_imx577 = bus.children().any(|client| {
        let part = client.property_match_string(c"compatible", c"sony,imx577");
        part.is_ok()
    });
    let mut config = if is_imx577 {
        model::Config::imx577(inck)
    } else {
        model::Config::imx412(inck)
    };

    if let Some(id) = fwnode
        .property_read::<u32>(c"fsm-imx412,chip-id")
        .optional()
    {
        config.chip_id = u16::try_from(id)?;
    }
    Ok(config)
}
