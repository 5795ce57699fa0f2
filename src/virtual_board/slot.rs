// SPDX-License-Identifier: GPL-2.0-only

//! Places on an I2C bus: its root segment, or behind a channel of its mux.

use super::{
    fsa,
    model::{
        Tca6408,
        Tca9548, //
        CHANNELS,
    },
    wiring::{
        Pins,
        Target, //
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
    /// The root segment.
    pub(crate) const ROOT: Self = Self(None);

    /// Returns the segment on which the device tree has the sensor of `dev`.
    pub(crate) fn from_fwnode(dev: &Device, fwnode: &FwNode, has_mux: bool) -> Result<Self> {
        let channel = number(dev, fwnode, c"fsm-imx412,mux-channel")?;

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
            Some(_) if !has_mux => {
                dev_err!(
                    dev,
                    "fsm-imx412,mux-channel: the bus has no mux, see fsm-imx412,mux\n"
                );
                Err(EINVAL)
            }
            channel => Ok(Self(channel)),
        }
    }

    /// Returns the segments that devices of a bus are on: the channels, if it has a mux.
    pub(crate) fn all(has_mux: bool) -> impl Iterator<Item = Self> {
        let channels = if has_mux { CHANNELS } else { 0 };
        let root = (!has_mux).then_some(Self(None));

        Iterator::chain((0..channels).map(|channel| Self(Some(channel))), root)
    }

    /// Returns whether messages come here, with the mux as it is.
    pub(crate) fn is_reached(self, mux: Option<Tca9548>) -> bool {
        self.0
            .is_none_or(|channel| mux.is_some_and(|mux| mux.connects(channel)))
    }
}

/// Returns a property that is a number, if it is there and a cell of 32 bits. Reports a number that
/// is too large for `T`.
pub(crate) fn number<T: TryFrom<u32>>(
    dev: &Device,
    node: &FwNode,
    name: &CStr,
) -> Result<Option<T>> {
    let Some(found) = node.property_read::<u32>(name).optional() else {
        return Ok(None);
    };

    T::try_from(found).map(Some).map_err(|_| {
        dev_err!(dev, "{name}: {found:#x} is too large\n");
        EINVAL
    })
}

/// A GPIO expander on a bus. It switches the sensors that are on its segment.
pub(crate) struct Expander {
    chip: Tca6408,
    sensors: KVec<Arc<dyn Pins>>,
}

impl Expander {
    /// Creates an expander whose pins are low.
    pub(crate) fn new(address: u8) -> Self {
        Self {
            chip: Tca6408::new(address),
            sensors: KVec::new(),
        }
    }

    /// Adds a sensor, and sets it to the levels of the pins.
    pub(crate) fn add(&mut self, sensor: Arc<dyn Pins>) -> Result {
        self.drive(&*sensor);
        Ok(self.sensors.push(sensor, GFP_KERNEL)?)
    }

    /// Removes a sensor.
    pub(crate) fn remove(&mut self, sensor: &Arc<dyn Pins>) {
        self.sensors.retain(|other| !Arc::ptr_eq(other, sensor));
    }

    fn drive(&self, sensor: &dyn Pins) {
        let pins = self.chip.pins();

        fsa::drive(sensor, pins & PW_EN != 0, pins & RST != 0);
    }
}

impl Target for Expander {
    fn write(&mut self, address: u8, data: &[u8], _now_ns: u64) -> bool {
        let before = self.chip.pins();
        let acknowledged = self.chip.write(address, data);

        if self.chip.pins() != before {
            for sensor in &self.sensors {
                self.drive(&**sensor);
            }
        }
        acknowledged
    }

    fn read(&mut self, address: u8, data: &mut [u8], _now_ns: u64) -> bool {
        let Some(sent) = self.chip.read(address) else {
            return false;
        };

        data.iter_mut().for_each(|byte| *byte &= sent);
        true
    }
}
