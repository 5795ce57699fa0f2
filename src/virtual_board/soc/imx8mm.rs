// SPDX-License-Identifier: GPL-2.0-only

//! i.MX8MM: a CSIS CSI-2 receiver and the CSI bridge behind it.
//!
//! Only what linux 7.3's imx-mipi-csis.c and imx7-media-csi.c ask for:
//!
//! | register | what the drivers do with it |
//! |---|---|
//! | CSIS CMN_CTRL 0x04, DPHY_CMN_CTRL 0x24, ISP_CONFIG 0x40, ISP_RESOL 0x44 | `mipi_csis_set_params()` |
//! | CSIS INT_MSK 0x10, INT_SRC 0x14, FRAME_COUNTER 0x100 | `mipi_csis_irq_handler()` sends V4L2_EVENT_FRAME_SYNC |
//! | CSI CR1 0x00, CR3 0x08, CR18 0x48 | `imx7_csi_enable()`, `imx7_csi_disable()` |
//! | CSI SR 0x18 | `imx7_csi_irq_handler()`: which of the two buffers is full |
//! | CSI DMASA_FB1 0x28, FB2 0x2c | `imx7_csi_update_buf()`: where the buffers are |
//! | CSI IMAG_PARA 0x34 | `imx7_csi_configure()`: width and height |

use super::{
    data_type,
    LinkSetting, //
    Memory,
    ReceiverHardware,
};
use crate::{
    kernel_ext::absent_hardware::{
        AbsentDevice,
        DmaTarget, //
    },
    virtual_board::model::StreamDescription, //
};
use kernel::prelude::*;

/// The windows and interrupts of the device, in the order of its node.
const CSIS: usize = 0;
const CSI: usize = 1;

const CSIS_CMN_CTRL: usize = 0x04;
const CSIS_INT_MSK: usize = 0x10;
const CSIS_INT_SRC: usize = 0x14;
const CSIS_DPHY_CMN_CTRL: usize = 0x24;
const CSIS_ISP_CONFIG: usize = 0x40;
const CSIS_ISP_RESOL: usize = 0x44;
const CSIS_FRAME_COUNTER: usize = 0x100;
const CSIS_FRAME_START: u32 = 1 << 24;

const CSI_CR1: usize = 0x00;
const CSI_CR3: usize = 0x08;
const CSI_SR: usize = 0x18;
const CSI_DMASA: [usize; 2] = [0x28, 0x2c];
const CSI_IMAG_PARA: usize = 0x34;
const CSI_CR18: usize = 0x48;

/// CR1 FB1_DMA_DONE_INTEN and FB2_DMA_DONE_INTEN; the bits of SR are the same.
const DONE: [u32; 2] = [1 << 19, 1 << 20];
/// CR3: 16 bits for each pixel; restart of the DMA, and reset of the frame counter, both of which
/// clear themselves; the DMA runs.
const TWO_8BIT_SENSOR: u32 = 1 << 3;
const DMA_REFLASH_RFF: u32 = 1 << 14;
const FRMCNT_RST: u32 = 1 << 15;
const DMA_REQ_EN_RFF: u32 = 1 << 12;
/// CR18: the bridge is on.
const CSI_HW_ENABLE: u32 = 1 << 31;

/// Ths_settle is (lane rate - 5 MHz) / 45 MHz in `mipi_csis_calculate_params()`.
const SETTLE_OFFSET: u64 = 5_000_000;
const SETTLE_STEP: u64 = 45_000_000;

/// CSIS and CSI bridge.
pub(super) struct Imx8mm {
    /// The buffer that is filled next, 0 or 1.
    next: usize,
    frames: u32,
}

impl Imx8mm {
    pub(super) fn new() -> Self {
        Self { next: 0, frames: 0 }
    }

    fn restart(&mut self, device: &AbsentDevice) {
        let cr3 = device.read(CSI, CSI_CR3);

        device.write(CSI, CSI_CR3, cr3 & !(DMA_REFLASH_RFF | FRMCNT_RST));
        device.write(CSI, CSI_SR, 0);
        self.next = 0;
    }

    /// Returns the bytes of a pixel in memory.
    fn pixel_bytes(device: &AbsentDevice) -> usize {
        if device.read(CSI, CSI_CR3) & TWO_8BIT_SENSOR != 0 {
            2
        } else {
            1
        }
    }

    /// `V4L2_EVENT_FRAME_SYNC`, if the driver wants to know.
    fn announce(&mut self, device: &AbsentDevice) -> Result {
        self.frames = self.frames.wrapping_add(1);
        if device.read(CSIS, CSIS_INT_MSK) & CSIS_FRAME_START == 0 || !device.is_served(CSIS)? {
            return Ok(());
        }
        device.write(CSIS, CSIS_FRAME_COUNTER, self.frames);
        device.write(CSIS, CSIS_INT_SRC, CSIS_FRAME_START);
        device.raise(CSIS)
    }
}

impl ReceiverHardware for Imx8mm {
    fn memory(&self, _device: &AbsentDevice) -> Memory {
        Memory::Words
    }

    fn begin(&mut self, device: &AbsentDevice) {
        self.frames = 0;
        self.restart(device);
    }

    fn settings(
        &self,
        device: &AbsentDevice,
        stream: &StreamDescription,
        f: &mut dyn FnMut(LinkSetting),
    ) {
        let common = device.read(CSIS, CSIS_CMN_CTRL);
        let config = device.read(CSIS, CSIS_ISP_CONFIG);
        let resolution = device.read(CSIS, CSIS_ISP_RESOL);
        let image = device.read(CSI, CSI_IMAG_PARA);
        let settle = u64::from(device.read(CSIS, CSIS_DPHY_CMN_CTRL) >> 24);
        let slowest = settle
            .saturating_mul(SETTLE_STEP)
            .saturating_add(SETTLE_OFFSET);

        f(LinkSetting::exact(
            "lanes",
            ((common >> 8) & 3).saturating_add(1),
            stream.lanes,
        ));
        f(LinkSetting {
            name: "lane-rate",
            set: slowest..=slowest.saturating_add(SETTLE_STEP - 1),
            arrives: stream.lane_rate_bps,
        });
        f(LinkSetting::exact(
            "data-type",
            (config >> 2) & 0x3f,
            data_type(stream.bits),
        ));
        f(LinkSetting::exact(
            "width",
            resolution & 0xffff,
            stream.width,
        ));
        f(LinkSetting::exact(
            "height",
            resolution >> 16,
            stream.height,
        ));
        f(LinkSetting::exact(
            "bridge-data-type",
            (device.read(CSI, CSI_CR18) >> 25) & 0x3f,
            data_type(stream.bits),
        ));
        f(LinkSetting::exact(
            "bridge-width",
            image >> 16,
            stream.width,
        ));
        f(LinkSetting::exact(
            "bridge-height",
            image & 0xffff,
            stream.height,
        ));
    }

    fn frame_start(&mut self, device: &AbsentDevice) -> Result<Option<DmaTarget>> {
        self.announce(device)?;

        let cr3 = device.read(CSI, CSI_CR3);

        if device.read(CSI, CSI_CR18) & CSI_HW_ENABLE == 0 || cr3 & DMA_REQ_EN_RFF == 0 {
            return Ok(None);
        }
        if cr3 & DMA_REFLASH_RFF != 0 {
            self.restart(device);
        }
        let Some(&address) = CSI_DMASA.get(self.next) else {
            return Ok(None);
        };
        let image = device.read(CSI, CSI_IMAG_PARA);
        let stride = usize::try_from(image >> 16)?.saturating_mul(Self::pixel_bytes(device));

        Ok(Some(DmaTarget {
            address: device.read(CSI, address).into(),
            size: stride.saturating_mul(usize::try_from(image & 0xffff)?),
            stride,
        }))
    }

    fn is_ready(&self, device: &AbsentDevice) -> Result<bool> {
        device.is_served(CSI)
    }

    fn frame_end(&mut self, device: &AbsentDevice) -> Result {
        let Some(&done) = DONE.get(self.next) else {
            return Err(EINVAL);
        };

        // Assigned: memory has kept what the driver acknowledged.
        device.write(CSI, CSI_SR, done);
        // `imx7_csi_fast_track_buffer()` writes the other buffer's address and then reads SR: it must
        // see this frame before that address is taken.
        device.barrier();
        self.next ^= 1;
        if device.read(CSI, CSI_CR1) & done != 0 {
            device.raise(CSI)?;
        }
        Ok(())
    }
}
