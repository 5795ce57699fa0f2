// SPDX-License-Identifier: GPL-2.0-only

//! Devices that the device tree adds to a bus besides its sensors: a row per kind.

use super::{
    model::Eeprom,
    slot::number,
    wiring::Target, //
};
use kernel::{
    device::{
        property::FwNode,
        Device, //
    },
    prelude::*, //
};

/// A kind of device.
struct Kind {
    /// Property with the address of one on the root segment.
    root: &'static CStr,
    /// Property with the address of one behind each channel of the mux, or on the bus without one.
    module: &'static CStr,
    /// Creates one that answers to a 7-bit address.
    create: fn(u8) -> Result<KBox<dyn Target>>,
}

static KINDS: [Kind; 1] = [Kind {
    root: c"fsm-imx412,eeprom",
    module: c"fsm-imx412,module-eeprom",
    create: |address| Ok(KBox::new(Eeprom::new(address), GFP_KERNEL)?),
}];

/// Devices of one kind and address.
pub(crate) struct Devices {
    /// Set for one behind each channel of the mux, or on the bus without one.
    pub(crate) on_modules: bool,
    address: u8,
    kind: &'static Kind,
}

impl Devices {
    /// Returns the devices that `node`, the node of a bus on the board `dev`, describes.
    pub(crate) fn read(dev: &Device, node: &FwNode) -> Result<KVec<Self>> {
        let mut found = KVec::new();

        for kind in &KINDS {
            for (on_modules, property) in [(false, kind.root), (true, kind.module)] {
                let Some(address) = number(dev, node, property)? else {
                    continue;
                };
                let devices = Self {
                    on_modules,
                    address,
                    kind,
                };
                found.push(devices, GFP_KERNEL)?;
            }
        }
        Ok(found)
    }

    /// Creates one of them.
    pub(crate) fn create(&self) -> Result<KBox<dyn Target>> {
        (self.kind.create)(self.address)
    }
}
