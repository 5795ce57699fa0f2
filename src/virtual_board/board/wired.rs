// SPDX-License-Identifier: GPL-2.0-only

//! The emulated sensor at the end of its bus, lines and XVS wire.

use super::EmulatedSensor;
use crate::virtual_board::{
    model::{
        Ack,
        Line, //
    },
    wiring::{
        Follower,
        Pins,
        Target, //
    }, //
};
use kernel::sync::Arc;

/// The sensor of a board, as a device on its bus.
pub(crate) struct OnBus(pub(crate) Arc<EmulatedSensor>);

impl Target for OnBus {
    fn write(&mut self, address: u8, data: &[u8], now_ns: u64) -> bool {
        let (acknowledged, change) = self.0.at(now_ns, |state| {
            state.hear(address, now_ns);
            state.watched(|state| state.sensor.write(address, data, now_ns) == Ack::Ack)
        });

        self.0.tell(change);
        acknowledged
    }

    fn read(&mut self, address: u8, data: &mut [u8], now_ns: u64) -> bool {
        self.0.at(now_ns, |state| {
            state.hear(address, now_ns);
            let mut ack = state.sensor.read(address, &mut [], now_ns);
            for byte in data {
                let mut sent = [*byte];
                ack = state.sensor.read(address, &mut sent, now_ns);
                let [sent] = sent;
                *byte &= sent;
            }
            ack == Ack::Ack
        })
    }
}

impl Pins for EmulatedSensor {
    fn set_line(&self, line: Line, high: bool) {
        let ((), change) = self
            .with(|state, now_ns| state.watched(|state| state.sensor.set_line(line, high, now_ns)));

        self.tell(change);
    }
}

impl Follower for EmulatedSensor {
    fn catch_up(&self, now_ns: u64) {
        self.state.lock().act(self.xvs(), now_ns, |_| ());
    }

    fn leave(&self) {
        let mut state = self.state.lock();

        state.clock.leave(&mut self.xvs().wire.lock());
    }
}
