// SPDX-License-Identifier: GPL-2.0-only

//! What is where on an I2C bus: on its root segment, or behind a channel of its mux.

use super::{
    board::Board,
    bus::Wire,
    fsa,
    model::{
        Tca6408,
        Tca9548, //
        CHANNELS,
    }, //
};
use kernel::{
    dev_err,
    device::{
        property::FwNode,
        Device, //
    },
    prelude::*,
    sync::Arc, //
};

/// The pin of an expander that is PW_EN, and the one that is RST (FRAMOS' FPA-4.A/AGX).
const PW_EN: u8 = 1 << 0;
const RST: u8 = 1 << 2;

/// A segment of a bus: what is behind a channel of the mux, or the root without one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment(Option<u8>);

impl Segment {
    /// Where the device tree puts the sensor of `dev`, which is on `wire`.
    pub(crate) fn of(dev: &Device, fwnode: &FwNode, wire: &Wire) -> Result<Self> {
        let channel = byte(fwnode, c"fsm-imx412,mux-channel")?;

        match channel {
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
            channel => Ok(Self(channel)),
        }
    }

    /// The segments that devices of a bus are on: the channels, if it has a mux.
    pub(crate) fn all(has_mux: bool) -> impl Iterator<Item = Self> {
        let channels = if has_mux { CHANNELS } else { 0 };
        let root = (!has_mux).then_some(Self(None));

        Iterator::chain((0..channels).map(|channel| Self(Some(channel))), root)
    }

    /// Whether messages come here, with the mux as it is.
    pub(crate) fn is_reached(self, mux: Option<Tca9548>) -> bool {
        self.0
            .is_none_or(|channel| mux.is_some_and(|mux| mux.connects(channel)))
    }
}

/// A property that is a number below 256, if it is there.
pub(crate) fn byte(fwnode: &FwNode, name: &CStr) -> Result<Option<u8>> {
    Ok(match fwnode.property_read::<u32>(name).optional() {
        Some(value) => Some(u8::try_from(value)?),
        None => None,
    })
}

/// A sensor on a bus.
pub(crate) struct Slot {
    pub(crate) board: Arc<Board>,
    pub(crate) segment: Segment,
}

/// A GPIO expander on a bus. It switches the sensors that are on its segment.
pub(crate) struct Expander {
    chip: Tca6408,
    pub(crate) segment: Segment,
}

impl Expander {
    /// An expander whose pins are low.
    pub(crate) fn new(address: u8, segment: Segment) -> Self {
        Self {
            chip: Tca6408::new(address),
            segment,
        }
    }

    /// One write message. Returns whether it was acknowledged.
    pub(crate) fn write(&mut self, address: u8, data: &[u8], slots: &[Slot]) -> bool {
        let before = self.chip.pins();
        let acknowledged = self.chip.write(address, data);

        if self.chip.pins() != before {
            for slot in slots {
                self.switch(slot);
            }
        }
        acknowledged
    }

    /// What the expander sends, if it answers to `address`.
    pub(crate) fn read(&self, address: u8) -> Option<u8> {
        self.chip.read(address)
    }

    /// Sets the lines of a sensor, if it is on this segment.
    pub(crate) fn switch(&self, slot: &Slot) {
        let pins = self.chip.pins();

        if slot.segment == self.segment {
            fsa::drive(&slot.board, pins & PW_EN != 0, pins & RST != 0);
        }
    }
}
