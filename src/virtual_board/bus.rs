// SPDX-License-Identifier: GPL-2.0-only

//! The I2C bus: the adapter, and what its messages reach.
//!
//! ```text
//!   adapter ---+--- sensors on the root segment
//!              |
//!              +--- TCA9548 -- channel 0 ---+--- sensor
//!                     |   ...               +--- TCA6408 that switches the sensor
//!                     +------- channel 7 ---
//! ```
//!
//! A message goes to all devices on the root segment and on the connected channels. It is
//! acknowledged if any of them does; what several send at once is the AND of it, as on open-drain
//! lines.

use super::{
    board::Board,
    clock::now_ns,
    faults::{
        Fault,
        FaultKind, //
    },
    model::Tca9548,
    slot::{
        Expander,
        Segment,
        Slot, //
    }, //
};
use crate::kernel_ext::i2c::adapter::{
    Algorithm,
    Message, //
};
use kernel::{
    prelude::*,
    sync::{
        new_mutex,
        Arc,
        Mutex, //
    }, //
};

/// What went over a bus since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusCounters {
    /// Messages, failed ones included.
    pub messages: u64,
    /// Bytes in these messages, register addresses included.
    pub bytes: u64,
    /// Transfers: what stands between a start and a stop condition.
    pub transfers: u64,
}

/// An I2C bus with all that hangs on it.
#[pin_data]
pub(crate) struct Wire {
    // Taken before the lock of any board.
    #[pin]
    state: Mutex<State>,
}

struct State {
    counters: BusCounters,
    fault: Option<Fault>,
    mux: Option<Tca9548>,
    expanders: KVec<Expander>,
    slots: KVec<Slot>,
}

impl Wire {
    /// A bus without sensors. `mux` is the address of its TCA9548, if it has one; `expander` that of
    /// a TCA6408 behind each channel of it, or on the bus without one.
    pub(crate) fn new(mux: Option<u8>, expander: Option<u8>) -> Result<Arc<Self>> {
        let mut expanders = KVec::new();
        if let Some(address) = expander {
            for segment in Segment::all(mux.is_some()) {
                expanders.push(Expander::new(address, segment), GFP_KERNEL)?;
            }
        }

        let state = State {
            counters: BusCounters::default(),
            fault: None,
            mux: mux.map(Tca9548::new),
            expanders,
            slots: KVec::new(),
        };
        Arc::pin_init(
            pin_init!(Self {
                state <- new_mutex!(state, "Wire::state"),
            }),
            GFP_KERNEL,
        )
    }

    /// Whether the bus has channels.
    pub(crate) fn has_mux(&self) -> bool {
        self.state.lock().mux.is_some()
    }

    /// Lets a message fail, or none.
    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        self.state.lock().fault = fault;
    }

    /// The failure that is still to come.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.state.lock().fault
    }

    /// What went over the bus.
    pub(crate) fn counters(&self) -> BusCounters {
        self.state.lock().counters
    }
}

/// A sensor's place on a bus, which it leaves when this is dropped.
pub(crate) struct Attached {
    board: Arc<Board>,
    wire: Arc<Wire>,
}

impl Attached {
    /// Puts the sensor of `board` on a segment of its bus.
    pub(crate) fn new(board: Arc<Board>, segment: Segment) -> Result<Self> {
        let wire = board.wire().clone();
        let mut state = wire.state.lock();
        let slot = Slot {
            board: board.clone(),
            segment,
        };

        for expander in &state.expanders {
            expander.switch(&slot);
        }
        state.slots.push(slot, GFP_KERNEL)?;
        drop(state);
        Ok(Self { board, wire })
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        let mut state = self.wire.state.lock();
        state
            .slots
            .retain(|slot| !Arc::ptr_eq(&slot.board, &self.board));
    }
}

/// Performs the transfers of an adapter.
pub(crate) struct Bus(pub(super) Arc<Wire>);

impl Algorithm for Bus {
    fn transfer(&self, messages: &mut [Message]) -> Result<usize> {
        let wire = &self.0;

        wire.state.lock().count_transfer();
        for message in messages.iter_mut() {
            // Time goes on between the messages, and frames may start.
            wire.state.lock().perform(message, now_ns())?;
        }
        Ok(messages.len())
    }
}

impl State {
    fn count_transfer(&mut self) {
        self.counters.transfers = self.counters.transfers.saturating_add(1);
    }

    fn perform(&mut self, message: &mut Message, now_ns: u64) -> Result {
        let length = message.data().len();
        self.counters.messages = self.counters.messages.saturating_add(1);
        self.counters.bytes = self.counters.bytes.saturating_add(length as u64);

        if let Some(fault) = self.fault {
            let (kind, later) = fault.count();
            self.fault = later;
            if let Some(kind) = kind {
                if kind == FaultKind::Partial {
                    // The failure is reported, whatever the sensor answered.
                    let _ = self.exchange(message, length / 2, now_ns);
                }
                return Err(kind.error());
            }
        }

        self.exchange(message, length, now_ns)
    }

    /// Lets the devices have the first `length` bytes of a message.
    fn exchange(&mut self, message: &mut Message, length: usize, now_ns: u64) -> Result {
        let address = u8::try_from(message.address()).map_err(|_| ENXIO)?;
        if message.is_ten_bit() {
            return Err(ENXIO);
        }

        let acknowledged = if message.is_read() {
            let data = message.data_mut().get_mut(..length).unwrap_or(&mut []);
            self.read(address, data, now_ns)
        } else {
            let data = message.data().get(..length).unwrap_or(&[]);
            self.write(address, data, now_ns)
        };
        if acknowledged {
            Ok(())
        } else {
            Err(ENXIO)
        }
    }

    /// Returns whether somebody acknowledged.
    fn write(&mut self, address: u8, data: &[u8], now_ns: u64) -> bool {
        let Self {
            mux,
            expanders,
            slots,
            ..
        } = self;
        // A channel that this message connects does not get it.
        let before = *mux;
        let mut acknowledged = mux.as_mut().is_some_and(|mux| mux.write(address, data));

        for slot in slots.iter() {
            if slot.segment.is_reached(before) {
                acknowledged |= slot.board.write(address, data, now_ns);
            }
        }
        for expander in expanders {
            if expander.segment.is_reached(before) {
                acknowledged |= expander.write(address, data, slots);
            }
        }
        acknowledged
    }

    /// Returns whether somebody acknowledged.
    fn read(&mut self, address: u8, data: &mut [u8], now_ns: u64) -> bool {
        let control = self.mux.and_then(|mux| mux.read(address));
        let expanders = self
            .expanders
            .iter()
            .filter(|expander| expander.segment.is_reached(self.mux))
            .filter_map(|expander| expander.read(address));
        let mut acknowledged = false;

        data.fill(0xff);
        for sent in Iterator::chain(control.into_iter(), expanders) {
            data.iter_mut().for_each(|byte| *byte &= sent);
            acknowledged = true;
        }
        for slot in &self.slots {
            if slot.segment.is_reached(self.mux) {
                acknowledged |= slot.board.read(address, data, now_ns);
            }
        }
        acknowledged
    }
}
