// SPDX-License-Identifier: GPL-2.0-only

//! The I2C adapter with the sensor on its bus.

use super::{
    board::{Board, State},
    faults::FaultKind,
    model::Ack,
};
use crate::kernel_ext::i2c_adapter::{Algorithm, Message};
use kernel::{prelude::*, sync::Arc};

/// Performs transfers on the emulated sensor.
pub(super) struct Bus {
    board: Arc<Board>,
}

impl Bus {
    pub(super) fn new(board: Arc<Board>) -> Self {
        Self { board }
    }
}

impl Algorithm for Bus {
    fn transfer(&self, messages: &mut [Message]) -> Result<usize> {
        // Time goes on between the messages, and frames may start.
        self.board
            .with(|state, _| state.bus.transfers = state.bus.transfers.saturating_add(1));
        for message in messages.iter_mut() {
            self.board
                .with(|state, now_ns| perform(state, message, now_ns))?;
        }
        Ok(messages.len())
    }
}

fn perform(state: &mut State, message: &mut Message, now_ns: u64) -> Result {
    let length = message.data().len();
    state.bus.messages = state.bus.messages.saturating_add(1);
    state.bus.bytes = state.bus.bytes.saturating_add(length as u64);

    if let Some(fault) = state.fault {
        let (kind, later) = fault.count();
        state.fault = later;
        if let Some(kind) = kind {
            if kind == FaultKind::Partial {
                // The failure is reported, whatever the sensor answered.
                let _ = exchange(state, message, length / 2, now_ns);
            }
            return Err(kind.error());
        }
    }

    exchange(state, message, length, now_ns)
}

/// Lets the sensor have the first `length` bytes of a message.
fn exchange(state: &mut State, message: &mut Message, length: usize, now_ns: u64) -> Result {
    let address = u8::try_from(message.address()).map_err(|_| ENXIO)?;
    if message.is_ten_bit() {
        return Err(ENXIO);
    }

    let ack = if message.is_read() {
        let data = message.data_mut().get_mut(..length).unwrap_or(&mut []);
        state.sensor.read(address, data, now_ns)
    } else {
        let data = message.data().get(..length).unwrap_or(&[]);
        state.sensor.write(address, data, now_ns)
    };
    match ack {
        Ack::Ack => Ok(()),
        Ack::Nack => Err(ENXIO),
    }
}
