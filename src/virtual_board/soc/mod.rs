// SPDX-License-Identifier: GPL-2.0-only

//! The hardware of receivers whose drivers come with the kernel.
//!
//! On QEMU's virt machine memory stands in for the registers of an SoC's CSI-2 receiver, so that its
//! driver, as distributions ship it, captures from the emulated sensor. A [`ReceiverHardware`] is what that
//! driver believes to drive: its registers say where a frame goes, its interrupts that it is there.
//! [`engine`] feeds it with the frames of a board's sensor.
//!
//! A node of the device tree names the receiver's own regions and interrupts once more:
//!
//! ```text
//! engine@b0000000 {
//!     compatible = "fsm-imx412,imx8mm-csi";
//!     reg = <...>, <...>;          // CSIS, CSI
//!     interrupts = <...>, <...>;   // CSIS, CSI
//!     fsm-imx412,board = <&cam0_board>;
//! };
//! ```
//!
//! The writer of these registers chooses where frames are stored, as with the hardware. It runs
//! nowhere but on that machine, with `play_receivers=1` for the module, on registers that are no memory
//! of the kernel's, and stores to memory of the kernel's only.

mod debugfs;
mod engine;
mod imx8mm;
mod rp1_cfe;
mod unicam;

use super::{
    board::EmulatedSensor,
    model::StreamDescription,
    registry, //
};
use crate::{
    dev_err_probe,
    kernel_ext::{
        absent_hardware::{
            AbsentDevice,
            DmaTarget, //
        },
        compat,
        device_link,
        fwnode, //
    }, //
};
use core::ops::RangeInclusive;
use engine::{
    Engine,
    Listening, //
};
use kernel::{
    debugfs::{
        Dir,
        Scope, //
    },
    device::{
        Bound,
        Core, //
    },
    of,
    platform,
    prelude::*,
    sync::Arc, //
};

/// Rows of a frame in memory, as a receiver stores them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// 16 bits for each pixel of more than 8.
    Words,
    /// As on the link.
    Packed,
}

/// A setting of a receiver next to what arrives on the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LinkSetting {
    pub(crate) name: &'static str,
    /// The value that the receiver takes.
    pub(crate) set: RangeInclusive<u64>,
    pub(crate) arrives: u64,
}

impl LinkSetting {
    /// Creates a setting that takes one value.
    pub(crate) fn exact(name: &'static str, set: u32, arrives: u32) -> Self {
        Self {
            name,
            set: u64::from(set)..=u64::from(set),
            arrives: arrives.into(),
        }
    }

    /// Returns whether the receiver can receive what arrives.
    pub(crate) fn fits(&self) -> bool {
        self.set.contains(&self.arrives)
    }
}

/// The hardware of a receiver, as its driver sees it.
///
/// All functions are called one at a time.
pub(crate) trait ReceiverHardware: Send {
    /// Returns how it stores frames.
    fn memory(&self, device: &AbsentDevice) -> Memory;

    /// The sensor has begun to stream.
    fn begin(&mut self, device: &AbsentDevice);

    /// Calls `f` with each setting that must fit what arrives for frames to be received.
    fn settings(
        &self,
        device: &AbsentDevice,
        stream: &StreamDescription,
        f: &mut dyn FnMut(LinkSetting),
    );

    /// Starts a frame. Returns its target; `None` if the driver does not want it.
    fn frame_start(&mut self, device: &AbsentDevice) -> Result<Option<DmaTarget>>;

    /// Returns whether the driver has dealt with the frame before, so that another may be stored.
    fn is_ready(&self, device: &AbsentDevice) -> Result<bool>;

    /// The frame was stored.
    fn frame_end(&mut self, device: &AbsentDevice) -> Result;

    /// A frame has ended that was stored nowhere.
    fn frame_passed(&mut self, _device: &AbsentDevice) -> Result {
        Ok(())
    }
}

/// Returns the CSI-2 data type of raw pixels of `bits` (MIPI CSI-2, table of data types; linux
/// include/media/mipi-csi2.h).
pub(crate) const fn data_type(bits: u32) -> u32 {
    match bits {
        8 => 0x2a,
        12 => 0x2c,
        _ => 0x2b,
    }
}

/// The receivers that can be played.
#[derive(Clone, Copy)]
pub enum Kind {
    /// i.MX8MM's CSIS and CSI bridge.
    Imx8mm,
    /// Raspberry Pi 5's CFE.
    Rp1Cfe,
    /// Unicam of Raspberry Pi 4 and older.
    Unicam,
}

impl Kind {
    fn receiver(self) -> Result<KBox<dyn ReceiverHardware>> {
        Ok(match self {
            Self::Imx8mm => KBox::new(imx8mm::Imx8mm::new(), GFP_KERNEL)?,
            Self::Rp1Cfe => KBox::new(rp1_cfe::Rp1Cfe::new(), GFP_KERNEL)?,
            Self::Unicam => KBox::new(unicam::Unicam::new(), GFP_KERNEL)?,
        })
    }
}

compat::of_device_table!(
    OF_TABLE,
    <AbsentReceiver as platform::Driver>::IdInfo,
    [
        (of::DeviceId::new(c"fsm-imx412,imx8mm-csi"), Kind::Imx8mm),
        (of::DeviceId::new(c"fsm-imx412,rp1-cfe"), Kind::Rp1Cfe),
        (of::DeviceId::new(c"fsm-imx412,unicam"), Kind::Unicam),
    ]
);

/// A receiver that is played.
#[pin_data]
pub struct AbsentReceiver {
    _listening: Listening,
    #[pin]
    _files: Scope<Arc<Engine>>,
    _directory: registry::Use<Dir>,
}

impl platform::Driver for AbsentReceiver {
    type IdInfo = Kind;
    type Data<'bound> = Self;
    const OF_ID_TABLE: Option<of::IdTable<Self::IdInfo>> = Some(&OF_TABLE);

    fn probe<'bound>(
        pdev: &'bound platform::Device<Core<'_>>,
        kind: Option<&'bound Self::IdInfo>,
    ) -> impl PinInit<Self, Error> + 'bound {
        Self::new(pdev, kind.copied())
    }
}

impl AbsentReceiver {
    fn new<'a>(
        pdev: &'a platform::Device<Bound>,
        kind: Option<Kind>,
    ) -> impl PinInit<Self, Error> + 'a {
        pin_init::pin_init_scope(move || {
            let dev: &kernel::device::Device<Bound> = pdev.as_ref();

            if !crate::plays_receivers() {
                return Err(dev_err_probe!(
                    dev,
                    ENODEV,
                    "receivers are played with play_receivers=1 only\n"
                ));
            }
            let receiver = kind.ok_or(ENODEV)?.receiver()?;
            let device = AbsentDevice::new(pdev).map_err(|e| {
                dev_err_probe!(
                    dev,
                    e,
                    "not on QEMU's virt machine, or reg is memory that the kernel uses\n"
                )
            })?;
            let board = board_of(dev)?;
            let engine = Engine::new(board, device, receiver)?;
            let name = dev.name();

            Ok(try_pin_init!(Self {
                _directory: registry::directory()?,
                _files <- debugfs::files(_directory, engine.clone(), name),
                _listening: Listening::new(engine)?,
            }))
        })
    }
}

/// Returns the board whose sensor feeds the receiver.
fn board_of(dev: &kernel::device::Device<Bound>) -> Result<Arc<EmulatedSensor>> {
    const PROPERTY: &CStr = c"fsm-imx412,board";

    let node = fwnode::reference(dev.fwnode().ok_or(ENODEV)?, PROPERTY)?
        .ok_or_else(|| dev_err_probe!(dev, EINVAL, "fsm-imx412,board: it is missing\n"))?;
    let board = registry::find_by_fwnode(&node).ok_or_else(|| {
        dev_err_probe!(
            dev,
            EPROBE_DEFER,
            "fsm-imx412,board: that board is not there yet\n"
        )
    })?;

    device_link::depend(dev, board.device())?;
    Ok(board)
}
