// SPDX-License-Identifier: GPL-2.0-only

//! Registers on the I2C bus: 16-bit addresses, 8-bit data, addresses counting up by themselves.

use crate::{
    kernel_ext::i2c::client::{
        Bus,
        Message, //
    },
    sensor::{
        regs::Register,
        Burst,
        WriteLimit, //
    }, //
};
use kernel::{
    device::Bound,
    i2c::I2cClient,
    prelude::*, //
};

/// The registers of one sensor.
pub(super) struct RegisterBus {
    bus: Bus,
    limit: WriteLimit,
}

impl RegisterBus {
    /// The bus of `client`, with the limits of its adapter.
    ///
    /// Fails with `EOPNOTSUPP` if the adapter cannot do I2C, and with `EMSGSIZE` if it cannot write what
    /// one register takes.
    pub(super) fn new(client: &I2cClient<Bound>) -> Result<Self> {
        let bus = Bus::new(client)?;
        let limit = match bus.max_write_len() {
            Some(bytes) => WriteLimit::new(usize::from(bytes)).ok_or(EMSGSIZE)?,
            None => WriteLimit::UNLIMITED,
        };

        Ok(Self { bus, limit })
    }

    /// The longest write that the adapter takes.
    pub(super) fn limit(&self) -> WriteLimit {
        self.limit
    }

    /// Reads a 16-bit register.
    pub(super) fn read_u16(&self, register: &Register) -> Result<u16> {
        self.read(register).map(u16::from_be_bytes)
    }

    /// Reads an 8-bit register.
    pub(super) fn read_u8(&self, register: &Register) -> Result<u8> {
        self.read(register).map(u8::from_be_bytes)
    }

    fn read<const BYTES: usize>(&self, register: &Register) -> Result<[u8; BYTES]> {
        let client = self.bus.client();
        let at_once = self.bus.max_read_len().map_or(BYTES, usize::from);
        let mut address = register.address;
        let mut value = [0; BYTES];

        // Not every adapter can read two bytes at once.
        for part in value.chunks_mut(at_once.max(1)) {
            let wire = address.to_be_bytes();
            let next = address.wrapping_add(u16::try_from(part.len())?);
            let mut messages = [
                Message::write(client, &wire)?,
                Message::read(client, part)?,
            ];

            self.bus.transfer(&mut messages)?;
            address = next;
        }
        Ok(value)
    }

    /// Writes an 8-bit register.
    pub(super) fn write_u8(&self, register: &Register, value: u8) -> Result {
        let [high, low] = register.address.to_be_bytes();
        let wire = [high, low, value];

        self.bus
            .transfer(&mut [Message::write(self.bus.client(), &wire)?])
    }

    /// Writes `bursts` as one transfer, as far as the adapter takes so many messages: nothing else
    /// gets on the bus between them.
    pub(super) fn write(&self, bursts: &[Burst]) -> Result {
        let address = self.address();

        self.write_each(bursts.len(), bursts.iter().map(|burst| (address, burst)))
    }

    /// Writes bursts to the addresses that they come with, as one transfer like [`Self::write`].
    pub(super) fn write_addressed(&self, bursts: &[(u16, Burst)]) -> Result {
        let pairs = bursts.iter().map(|(address, burst)| (*address, burst));

        self.write_each(bursts.len(), pairs)
    }

    fn write_each<'a>(
        &self,
        count: usize,
        bursts: impl Iterator<Item = (u16, &'a Burst)>,
    ) -> Result {
        let at_once = self.bus.max_writes().unwrap_or(count).max(1);
        let mut messages = KVec::with_capacity(count.min(at_once), GFP_KERNEL)?;

        for (address, burst) in bursts {
            if messages.len() == at_once {
                self.bus.transfer(&mut messages)?;
                messages.clear();
            }
            messages.push(Message::write_to(address, burst.wire())?, GFP_KERNEL)?;
        }
        if messages.is_empty() {
            return Ok(());
        }
        self.bus.transfer(&mut messages)
    }

    /// The sensor's own address.
    pub(super) fn address(&self) -> u16 {
        self.bus.address()
    }

    /// The number of the adapter.
    pub(super) fn adapter_number(&self) -> i32 {
        self.bus.adapter_number()
    }
}
