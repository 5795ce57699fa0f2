// SPDX-License-Identifier: GPL-2.0-only

//! Raspberry Pi 4 and older: Unicam, of BCM2835 to BCM2711.
//!
//! Only the image, not the embedded data, and what linux 7.3's bcm2835-unicam asks of it:
//!
//! | register | what the driver does with it |
//! |---|---|
//! | CTRL 0x000 | `unicam_start_rx()`, `unicam_disable()`: CPE, the peripheral is on |
//! | STA 0x004, ISTA 0x104 | `unicam_isr()`: frame start, frame end |
//! | DAT0 to DAT3 0x018 to 0x024 | `unicam_start_rx()`: lanes that are on |
//! | CMP0 0x02c | `unicam_start_rx()`: a packet to report, that of the frame end |
//! | ICTL 0x100 | `unicam_start_rx()`: which interrupts, lines from one line interrupt to the next |
//! | IDI0 0x108 | `unicam_cfg_image_id()`: virtual channel, data type |
//! | IPIPE 0x10c | `unicam_set_packing_config()`: as on the link, or repacked to 16 bits |
//! | IBSA0 0x110, IBEA0 0x114 | `unicam_wr_dma_addr()`: from where to where the next frame is stored |
//! | IBLS 0x118 | `unicam_start_rx()`: bytes from one line to the next |
//! | clock gate, the other window | `unicam_clk_write()`: lanes whose clock is on |
//!
//! Line interrupts do not come: the driver takes buffers that were queued since the frame start with them,
//! and takes them at the next frame start otherwise. The timing of the D-PHY does not depend on the link
//! frequency in that driver, so that nothing is compared with it.

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

/// The windows of the device, in the order of its node. It has one interrupt.
const UNICAM: usize = 0;
const CLOCK_GATE: usize = 1;
const INTERRUPT: usize = 0;

const CTRL: usize = 0x000;
const STA: usize = 0x004;
const DAT: [usize; 4] = [0x018, 0x01c, 0x020, 0x024];
const CMP0: usize = 0x02c;
const ICTL: usize = 0x100;
const ISTA: usize = 0x104;
const IDI0: usize = 0x108;
const IPIPE: usize = 0x10c;
const IBSA0: usize = 0x110;
const IBEA0: usize = 0x114;
const IBLS: usize = 0x118;

/// CTRL: the peripheral is on.
const CPE: u32 = 1 << 0;
/// STA: an interrupt of the image's; the packet to report came.
const IS: u32 = 1 << 14;
const PI0: u32 = 1 << 15;
/// DAT0 to DAT3: the lane is on.
const DLE: u32 = 1 << 0;
/// CMP0: packets are compared.
const PCE: u32 = 1 << 31;
/// ICTL and ISTA have the same bits: frame start, frame end.
const FRAME_START: u32 = 1 << 0;
const FRAME_END: u32 = 1 << 1;

/// IPIPE, bits 9 to 7: each pixel is repacked to 16 bits.
const PACK16: u32 = 5;

/// `line_int_freq` of `unicam_start_rx()` is a quarter of the height, and this at least.
const SHORTEST_LINE_INTERVAL: u64 = 128;

/// A frame that the driver was told of, and whose end it was not told of yet.
#[derive(Clone, Copy)]
enum Open {
    Stored(DmaTarget),
    /// The driver has no buffer for it.
    Dropped,
}

/// Unicam.
pub(super) struct Unicam {
    open: Option<Open>,
}

impl Unicam {
    pub(super) fn new() -> Self {
        Self { open: None }
    }

    /// Interrupts for a frame's start or end, if the driver asked for one.
    fn interrupt(device: &AbsentDevice, event: u32, status: u32) -> Result {
        if device.read(UNICAM, ICTL) & event == 0 {
            return Ok(());
        }
        // Assigned: memory has kept what the driver acknowledged.
        device.write(UNICAM, STA, status);
        device.write(UNICAM, ISTA, event);
        device.raise(INTERRUPT)
    }

    fn end(&mut self, device: &AbsentDevice) -> Result {
        let packet = if device.read(UNICAM, CMP0) & PCE != 0 {
            PI0
        } else {
            0
        };

        self.open = None;
        Self::interrupt(device, FRAME_END, IS | packet)
    }

    /// Returns the bits of the pixels that are unpacked, 0 if none are.
    fn unpacked_bits(device: &AbsentDevice) -> u32 {
        match device.read(UNICAM, IPIPE) & 7 {
            3 => 8,
            4 => 10,
            5 => 12,
            6 => 14,
            7 => 16,
            _ => 0,
        }
    }

    fn is_repacked(device: &AbsentDevice) -> bool {
        (device.read(UNICAM, IPIPE) >> 7) & 7 == PACK16
    }
}

impl ReceiverHardware for Unicam {
    fn memory(&self, device: &AbsentDevice) -> Memory {
        if Self::is_repacked(device) {
            Memory::Words
        } else {
            Memory::Packed
        }
    }

    fn begin(&mut self, device: &AbsentDevice) {
        self.open = None;
        device.write(UNICAM, STA, 0);
        device.write(UNICAM, ISTA, 0);
    }

    fn settings(
        &self,
        device: &AbsentDevice,
        stream: &StreamDescription,
        f: &mut dyn FnMut(LinkSetting),
    ) {
        let identity = device.read(UNICAM, IDI0);
        let lanes = DAT.map(|lane| device.read(UNICAM, lane) & DLE);
        // Two bits for each lane's clock, the clock lane's first.
        let clocks = (device.read(CLOCK_GATE, 0) & 0x3ff).count_ones();
        let lines = u64::from((device.read(UNICAM, ICTL) >> 16) & 0x1fff);
        let shortest = match lines {
            SHORTEST_LINE_INTERVAL => 0,
            lines => lines.saturating_mul(4),
        };
        let pixel_bits = if Self::is_repacked(device) && stream.bits > 8 {
            16
        } else {
            stream.bits
        };

        f(LinkSetting::exact(
            "lanes",
            lanes.iter().sum(),
            stream.lanes,
        ));
        f(LinkSetting::exact(
            "lane-clocks",
            clocks.saturating_sub(1),
            stream.lanes,
        ));
        f(LinkSetting::exact(
            "virtual-channel",
            (identity >> 6) & 3,
            0,
        ));
        f(LinkSetting::exact(
            "data-type",
            identity & 0x3f,
            data_type(stream.bits),
        ));
        if Self::is_repacked(device) {
            f(LinkSetting::exact(
                "unpacked-bits",
                Self::unpacked_bits(device),
                stream.bits,
            ));
        }
        f(LinkSetting {
            name: "line-bytes",
            set: 0..=device.read(UNICAM, IBLS).into(),
            arrives: u64::from(stream.width.saturating_mul(pixel_bits)).div_ceil(8),
        });
        f(LinkSetting {
            name: "height",
            set: shortest..=lines.saturating_mul(4).saturating_add(3),
            arrives: stream.height.into(),
        });
    }

    fn frame_start(&mut self, device: &AbsentDevice) -> Result<Option<DmaTarget>> {
        if device.read(UNICAM, CTRL) & CPE == 0 {
            return Ok(None);
        }
        match self.open {
            // It could not be stored. For the driver this is the same frame still.
            Some(Open::Stored(target)) => return Ok(Some(target)),
            Some(Open::Dropped) => return Ok(None),
            None => {}
        }
        if !device.is_served(INTERRUPT)? {
            return Ok(None);
        }
        let (start, end) = (device.read(UNICAM, IBSA0), device.read(UNICAM, IBEA0));
        let target = DmaTarget {
            address: start.into(),
            size: usize::try_from(end.saturating_sub(start))?,
            stride: usize::try_from(device.read(UNICAM, IBLS))?,
        };

        // Without a buffer the driver gives the address of one that ends where it starts.
        let open = if target.size == 0 {
            Open::Dropped
        } else {
            Open::Stored(target)
        };
        self.open = Some(open);
        // The handler writes the address for the frame after this one.
        Self::interrupt(device, FRAME_START, IS)?;
        Ok(match open {
            Open::Stored(target) => Some(target),
            Open::Dropped => None,
        })
    }

    fn is_ready(&self, device: &AbsentDevice) -> Result<bool> {
        device.is_served(INTERRUPT)
    }

    fn frame_end(&mut self, device: &AbsentDevice) -> Result {
        self.end(device)
    }

    /// The driver puts the next buffer to use at the end of a frame, of one that it dropped as well.
    fn frame_passed(&mut self, device: &AbsentDevice) -> Result {
        if matches!(self.open, Some(Open::Dropped)) && device.is_served(INTERRUPT)? {
            self.end(device)?;
        }
        Ok(())
    }
}
