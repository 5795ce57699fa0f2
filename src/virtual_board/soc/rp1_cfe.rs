// SPDX-License-Identifier: GPL-2.0-only

//! Raspberry Pi 5: the camera front end of its RP1.
//!
//! Only channel 0 of the CSI-2 DMA, and what linux 7.3's rp1-cfe asks of it:
//!
//! | register | what the driver does with it |
//! |---|---|
//! | CSI2 STATUS 0x00 | `csi2_isr()`: frame start, frame end |
//! | CSI2 CH_CTRL 0x28 | `csi2_start_channel()`, `csi2_stop_channel()`: DMA on, virtual channel, data type |
//! | CSI2 CH_ADDR0 0x2c, STRIDE 0x30, LENGTH 0x34, ADDR1 0x3c | `csi2_set_buffer()`; ADDR0 last |
//! | CSI2 CH_FRAME_SIZE 0x40 | `csi2_start_channel()` |
//! | D-PHY N_LANES 0x04, TST_CTRL1 0x54 | `dphy_start()`, `dphy_set_hsfreqrange()`: its last word |
//! | MIPICFG INTE 0x2c, INTS 0x34 | `cfe_start_streaming()`, `cfe_isr()` |

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
use core::ops::RangeInclusive;
use kernel::prelude::*;

/// The windows of the device, in the order of its node. It has one interrupt.
const CSI2: usize = 0;
const DPHY: usize = 1;
const MIPICFG: usize = 2;
const INTERRUPT: usize = 0;

const CSI2_STATUS: usize = 0x00;
const CH_CTRL: usize = 0x28;
const CH_ADDR0: usize = 0x2c;
const CH_STRIDE: usize = 0x30;
const CH_LENGTH: usize = 0x34;
const CH_ADDR1: usize = 0x3c;
const CH_FRAME_SIZE: usize = 0x40;
const DPHY_N_LANES: usize = 0x04;
const DPHY_TST_CTRL1: usize = 0x54;
const MIPICFG_INTE: usize = 0x2c;
const MIPICFG_INTS: usize = 0x34;

const FRAME_START: u32 = 1 << 0;
const FRAME_END_ACK: u32 = 1 << 8;
const DMA_EN: u32 = 1 << 0;
const IRQ_EN_FS: u32 = 1 << 13;
const IRQ_EN_FE_ACK: u32 = 1 << 15;
const INT_CSI_DMA: u32 = 1 << 0;

/// `hsfreqrange_table` of linux 7.3's rp1-cfe/dphy.c: up to so many Mbit/s a lane, and the code.
const HS_FREQ_RANGES: [(u64, u32); 39] = [
    (89, 0b000000),
    (99, 0b010000),
    (109, 0b100000),
    (129, 0b000001),
    (139, 0b010001),
    (149, 0b100001),
    (169, 0b000010),
    (179, 0b010010),
    (199, 0b100010),
    (219, 0b000011),
    (239, 0b010011),
    (249, 0b100011),
    (269, 0b000100),
    (299, 0b010100),
    (329, 0b000101),
    (359, 0b010101),
    (399, 0b100101),
    (449, 0b000110),
    (499, 0b010110),
    (549, 0b000111),
    (599, 0b010111),
    (649, 0b001000),
    (699, 0b011000),
    (749, 0b001001),
    (799, 0b011001),
    (849, 0b101001),
    (899, 0b111001),
    (949, 0b001010),
    (999, 0b011010),
    (1049, 0b101010),
    (1099, 0b111010),
    (1149, 0b001011),
    (1199, 0b011011),
    (1249, 0b101011),
    (1299, 0b111011),
    (1349, 0b001100),
    (1399, 0b011100),
    (1449, 0b101100),
    (1500, 0b111100),
];

/// Returns the lane rates in Mbit/s for which the driver takes the code that stands in TST_CTRL1.
fn lane_rates(test_control: u32) -> RangeInclusive<u64> {
    let code = (test_control & 0xff) >> 1;
    let mut slowest = 80;

    for (fastest, known) in HS_FREQ_RANGES {
        if known == code {
            return slowest..=fastest;
        }
        slowest = fastest.saturating_add(1);
    }
    // A code that is in no table fits no rate.
    u64::MAX..=u64::MAX
}

/// Channel 0 of the front end.
pub(super) struct Rp1Cfe;

impl Rp1Cfe {
    pub(super) fn new() -> Self {
        Self
    }

    fn interrupt(device: &AbsentDevice, status: u32) -> Result {
        // Assigned: `csi2_start_channel()` clears the bits by writing them, which sets them in memory.
        device.write(CSI2, CSI2_STATUS, status);
        device.write(MIPICFG, MIPICFG_INTS, INT_CSI_DMA);
        if device.read(MIPICFG, MIPICFG_INTE) & INT_CSI_DMA != 0 {
            device.raise(INTERRUPT)?;
        }
        Ok(())
    }
}

impl ReceiverHardware for Rp1Cfe {
    fn memory(&self, _device: &AbsentDevice) -> Memory {
        Memory::Packed
    }

    fn begin(&mut self, device: &AbsentDevice) {
        device.write(CSI2, CSI2_STATUS, 0);
    }

    fn settings(
        &self,
        device: &AbsentDevice,
        stream: &StreamDescription,
        f: &mut dyn FnMut(LinkSetting),
    ) {
        let control = device.read(CSI2, CH_CTRL);
        let frame = device.read(CSI2, CH_FRAME_SIZE);

        f(LinkSetting::exact(
            "lanes",
            (device.read(DPHY, DPHY_N_LANES) & 3).saturating_add(1),
            stream.lanes,
        ));
        f(LinkSetting {
            name: "lane-rate-mbps",
            set: lane_rates(device.read(DPHY, DPHY_TST_CTRL1)),
            arrives: stream.lane_rate_bps / 1_000_000,
        });
        f(LinkSetting::exact("virtual-channel", (control >> 5) & 3, 0));
        f(LinkSetting::exact(
            "data-type",
            (control >> 7) & 0x3f,
            data_type(stream.bits),
        ));
        f(LinkSetting::exact("width", frame & 0xffff, stream.width));
        f(LinkSetting::exact("height", frame >> 16, stream.height));
    }

    fn frame_start(&mut self, device: &AbsentDevice) -> Result<Option<DmaTarget>> {
        let control = device.read(CSI2, CH_CTRL);

        if control & DMA_EN == 0 {
            return Ok(None);
        }
        let low = u64::from(device.read(CSI2, CH_ADDR0));
        let high = u64::from(device.read(CSI2, CH_ADDR1));
        let target = DmaTarget {
            address: ((high << 32) | low) << 4,
            size: usize::try_from(u64::from(device.read(CSI2, CH_LENGTH)) << 4)?,
            stride: usize::try_from(u64::from(device.read(CSI2, CH_STRIDE)) << 4)?,
        };

        // The driver arms a buffer by writing this register last, and never reads it. An address that
        // is not written again belongs to a buffer that went to user space.
        device.write(CSI2, CH_ADDR0, 0);
        if control & IRQ_EN_FS != 0 && device.is_served(INTERRUPT)? {
            Self::interrupt(device, FRAME_START)?;
        }
        Ok((low != 0).then_some(target))
    }

    fn is_ready(&self, device: &AbsentDevice) -> Result<bool> {
        device.is_served(INTERRUPT)
    }

    fn frame_end(&mut self, device: &AbsentDevice) -> Result {
        if device.read(CSI2, CH_CTRL) & IRQ_EN_FE_ACK != 0 {
            Self::interrupt(device, FRAME_END_ACK)?;
        }
        Ok(())
    }
}
