// SPDX-License-Identifier: GPL-2.0-only

//! Registers on the I2C bus: 16-bit addresses, 8-bit data, address auto-increment.

use crate::{
    kernel_ext::i2c::client::{
        Bus,
        Message, //
    },
    sensor::{
        regs::Register,
        Burst,
        Bursts,
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
    /// Returns the bus of `client`, with the limits of its adapter.
    ///
    /// Returns `EOPNOTSUPP` if the adapter supports SMBus only, and `EMSGSIZE` if its longest write
    /// is too short for one register.
    pub(super) fn new(client: &I2cClient<Bound>) -> Result<Self> {
        let bus = Bus::new(client)?;
        let limit = match bus.max_write_len() {
            Some(bytes) => WriteLimit::new(usize::from(bytes)).ok_or(EMSGSIZE)?,
            None => WriteLimit::UNLIMITED,
        };

        Ok(Self { bus, limit })
    }

    /// Returns the longest write that the adapter supports.
    pub(super) fn limit(&self) -> WriteLimit {
        self.limit
    }

    /// Reads a 16-bit register.
    pub(super) fn read_u16(&self, register: &Register) -> Result<u16> {
        let mut value = [0; 2];

        self.read(register.address, &mut value)?;
        Ok(u16::from_be_bytes(value))
    }

    /// Reads consecutive registers from `first` on, in one transfer if the adapter can read as many
    /// bytes.
    pub(super) fn read(&self, first: u16, bytes: &mut [u8]) -> Result {
        let client = self.bus.client();
        let at_once = self.bus.max_read_len().map_or(bytes.len(), usize::from);
        let mut address = first;

        // Not every adapter can read even two bytes at once.
        for part in bytes.chunks_mut(at_once.max(1)) {
            let wire = address.to_be_bytes();
            let next = address.wrapping_add(u16::try_from(part.len())?);
            let mut messages = [Message::write(client, &wire)?, Message::read(client, part)?];

            self.bus.transfer(&mut messages)?;
            address = next;
        }
        Ok(())
    }

    /// Writes an 8-bit register.
    pub(super) fn write_u8(&self, register: &Register, value: u8) -> Result {
        self.write(&Burst::new(register.address, &[value]))
    }

    fn write(&self, burst: &Burst) -> Result {
        self.bus
            .transfer(&mut [Message::write(self.bus.client(), burst.wire())?])
    }

    /// Writes `bursts`, each as a transfer: no adapter has to accept a hundred messages, and nothing
    /// is allocated. Ends with the first that fails.
    pub(super) fn write_each(&self, bursts: Bursts<'_>) -> Result {
        for burst in bursts {
            self.write(&burst)?;
        }
        Ok(())
    }

    /// Adds `bursts` to the list of `writes`, as writes to `address`.
    pub(super) fn list(
        writes: &mut KVec<(u16, Burst)>,
        address: u16,
        bursts: Bursts<'_>,
    ) -> Result {
        for burst in bursts {
            writes.push((address, burst), GFP_KERNEL)?;
        }
        Ok(())
    }

    /// Performs `writes`, each of a burst to an I2C address, in as few transfers as the adapter
    /// supports: within a transfer, no other device uses the bus, so that frames cannot split it.
    pub(super) fn write_at_once(&self, writes: &[(u16, Burst)]) -> Result {
        let mut messages = KVec::with_capacity(writes.len(), GFP_KERNEL)?;

        for (address, burst) in writes {
            messages.push(Message::write_to(*address, burst.wire())?, GFP_KERNEL)?;
        }

        let at_once = self.bus.max_writes().unwrap_or(usize::MAX).max(1);

        for messages in messages.chunks_mut(at_once) {
            self.bus.transfer(messages)?;
        }
        Ok(())
    }

    /// Returns the sensor's own address.
    pub(super) fn address(&self) -> u16 {
        self.bus.address()
    }

    /// Returns the number of the adapter.
    pub(super) fn adapter_number(&self) -> i32 {
        self.bus.adapter_number()
    }
}
