// SPDX-License-Identifier: GPL-2.0-only

//! Registers on the I2C bus: 16-bit addresses, 8-bit data, addresses counting up by themselves.

use crate::{
    kernel_ext::i2c::{Bus, Message},
    sensor::{Burst, WriteLimit},
};
use kernel::{device::Bound, i2c::I2cClient, prelude::*};

/// The registers of one sensor.
pub(super) struct RegisterBus {
    bus: Bus,
    limit: WriteLimit,
}

impl RegisterBus {
    /// The bus of `client`, with the limits of its adapter.
    ///
    /// Fails with `EOPNOTSUPP` if the adapter cannot do I2C, or not even a one-register write.
    pub(super) fn new(client: &I2cClient<Bound>) -> Result<Self> {
        let bus = Bus::new(client)?;
        let limit = match bus.max_write_len() {
            Some(bytes) => WriteLimit::new(usize::from(bytes)).ok_or(EOPNOTSUPP)?,
            None => WriteLimit::UNLIMITED,
        };

        Ok(Self { bus, limit })
    }

    /// The longest write that the adapter takes.
    pub(super) fn limit(&self) -> WriteLimit {
        self.limit
    }

    /// Reads a 16-bit register.
    pub(super) fn read_u16(&self, address: u16) -> Result<u16> {
        let client = self.bus.client();
        let address = address.to_be_bytes();
        let mut value = [0; 2];
        let mut messages = [
            Message::write(client, &address)?,
            Message::read(client, &mut value)?,
        ];

        self.bus.transfer(&mut messages)?;
        Ok(u16::from_be_bytes(value))
    }

    /// Writes `bursts` as one transfer, as far as the adapter takes so many messages: nothing else
    /// gets on the bus between them.
    pub(super) fn write(&self, bursts: &[Burst]) -> Result {
        let client = self.bus.client();
        let at_once = self.bus.max_writes().unwrap_or(bursts.len()).max(1);
        let mut messages = KVec::with_capacity(bursts.len().min(at_once), GFP_KERNEL)?;

        for bursts in bursts.chunks(at_once) {
            messages.clear();
            for burst in bursts {
                messages.push(Message::write(client, burst.wire())?, GFP_KERNEL)?;
            }
            self.bus.transfer(&mut messages)?;
        }
        Ok(())
    }
}
