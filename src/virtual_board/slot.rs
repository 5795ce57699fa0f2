// SPDX-License-Identifier: GPL-2.0-only

//! A camera slot on an I2C bus: the sensor, and the GPIO expander that may be beside it.

use super::{
    board::Board,
    bus::Wire,
    fsa,
    model::{Tca6408, Tca9548, CHANNELS},
};
use kernel::{
    dev_err,
    device::{property::FwNode, Device},
    prelude::*,
    sync::Arc,
};

/// The pin of the expander that is PW_EN, and the one that is RST (FRAMOS' FPA-4.A/AGX).
const PW_EN: u8 = 1 << 0;
const RST: u8 = 1 << 2;

/// Where on a bus a slot is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Behind which channel of the mux; none for the root segment.
    channel: Option<u8>,
    /// Address of the expander that switches the sensor, if there is one.
    expander: Option<u8>,
}

impl Place {
    /// What the device tree says of the slot of `dev`, which is on `wire`.
    pub(super) fn of(dev: &Device, fwnode: &FwNode, wire: &Wire) -> Result<Self> {
        let place = Self {
            channel: byte(fwnode, c"fsm-imx412,mux-channel")?,
            expander: byte(fwnode, c"fsm-imx412,expander")?,
        };

        match place.channel {
            Some(channel) if channel >= CHANNELS => {
                dev_err!(
                    dev,
                    "fsm-imx412,mux-channel is {}, the last channel is {}\n",
                    channel,
                    CHANNELS.saturating_sub(1)
                );
                Err(EINVAL)
            }
            Some(_) if !wire.has_mux() => {
                dev_err!(
                    dev,
                    "fsm-imx412,mux-channel: the bus has no mux, see fsm-imx412,mux\n"
                );
                Err(EINVAL)
            }
            _ => Ok(place),
        }
    }
}

/// A property that is a number below 256, if it is there.
pub(super) fn byte(fwnode: &FwNode, name: &CStr) -> Result<Option<u8>> {
    Ok(match fwnode.property_read::<u32>(name).optional() {
        Some(value) => Some(u8::try_from(value)?),
        None => None,
    })
}

/// What is in a slot, as the bus sees it.
pub(super) struct Slot {
    board: Arc<Board>,
    channel: Option<u8>,
    expander: Option<Tca6408>,
}

impl Slot {
    pub(super) fn new(board: Arc<Board>, place: Place) -> Self {
        Self {
            board,
            channel: place.channel,
            expander: place.expander.map(Tca6408::new),
        }
    }

    /// Whether this is the slot of `board`.
    pub(super) fn is_of(&self, board: &Arc<Board>) -> bool {
        Arc::ptr_eq(&self.board, board)
    }

    /// Whether messages come here, with the mux as it is.
    pub(super) fn is_reached(&self, mux: Option<Tca9548>) -> bool {
        self.channel
            .is_none_or(|channel| mux.is_some_and(|mux| mux.connects(channel)))
    }

    /// One write message. Returns whether a device acknowledged.
    pub(super) fn write(&mut self, address: u8, data: &[u8], now_ns: u64) -> bool {
        let mut acknowledged = self.board.write(address, data, now_ns);

        if let Some(expander) = &mut self.expander {
            let before = expander.pins();
            acknowledged |= expander.write(address, data);
            let pins = expander.pins();
            if pins != before {
                fsa::drive(&self.board, pins & PW_EN != 0, pins & RST != 0);
            }
        }
        acknowledged
    }

    /// One read message: what the devices send is ANDed to `data`. Returns whether one acknowledged.
    pub(super) fn read(&mut self, address: u8, data: &mut [u8], now_ns: u64) -> bool {
        let mut acknowledged = self.board.read(address, data, now_ns);

        if let Some(value) = self.expander.and_then(|expander| expander.read(address)) {
            data.iter_mut().for_each(|byte| *byte &= value);
            acknowledged = true;
        }
        acknowledged
    }
}
