// SPDX-License-Identifier: GPL-2.0-only

//! The I2C bus: the adapter, and the devices that its messages reach.
//!
//! ```text
//!   adapter ---+--- sensors and an EEPROM on the root segment
//!              |
//!              +--- TCA9548 -- channel 0 ---+--- sensor, EEPROM
//!                     |   ...               +--- TCA6408 that switches the sensor
//!                     +------- channel 7 ---
//! ```
//!
//! A message goes to all devices on the root segment and on the connected channels. It is
//! acknowledged if any of them does; what several send at once is the AND of it, as on open-drain
//! lines.

use super::{
    clock::now_ns,
    devices::Devices,
    faults::{
        EveryNth,
        Fault,
        FaultKind, //
    },
    model::Tca9548,
    slot::{
        Expander,
        Segment, //
    },
    wiring::{
        Pins,
        Target, //
    }, //
};
use crate::kernel_ext::{
    device_link,
    fwnode,
    i2c::adapter::{
        Algorithm,
        Message, //
    }, //
};
use kernel::{
    dev_err,
    dev_warn,
    device::Device,
    prelude::*,
    sync::{
        new_mutex,
        Arc,
        Mutex, //
    }, //
};

/// Counts of a bus since it was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusCounters {
    /// Messages, failed ones included.
    pub messages: u64,
    /// Bytes in these messages, register addresses included.
    pub bytes: u64,
    /// Transfers: what stands between a start and a stop condition.
    pub transfers: u64,
    /// Time that the emulation of these transfers took, in ns.
    pub busy_ns: u64,
}

/// An I2C bus with its devices.
#[pin_data]
pub(crate) struct Wire {
    // Taken before the lock of any device.
    #[pin]
    state: Mutex<State>,
}

/// A device on a segment of the bus.
struct Slot {
    segment: Segment,
    target: KBox<dyn Target>,
    /// Names the device for its [`Registration`].
    id: usize,
}

struct State {
    counters: BusCounters,
    fault: Option<Fault>,
    /// A recurring failure.
    weakness: Option<EveryNth>,
    tap: Option<fn()>,
    mux: Option<Tca9548>,
    expanders: KVec<(Segment, Expander)>,
    slots: KVec<Slot>,
    last_id: usize,
    /// Why a client has no link to one of its suppliers.
    unlinked: Option<Error>,
}

/// The devices of a bus besides its sensors.
pub(crate) struct Equipment {
    /// Address of a TCA9548.
    pub(crate) mux: Option<u8>,
    /// Address of a TCA6408 behind each channel of the mux, or on the bus without one.
    pub(crate) expander: Option<u8>,
    /// Further devices.
    pub(crate) devices: KVec<Devices>,
}

impl Wire {
    /// Creates a bus without sensors.
    pub(crate) fn new(equipment: Equipment) -> Result<Arc<Self>> {
        let mut state = State {
            counters: BusCounters::default(),
            fault: None,
            weakness: None,
            tap: None,
            mux: equipment.mux.map(Tca9548::new),
            expanders: KVec::new(),
            slots: KVec::new(),
            last_id: 0,
            unlinked: None,
        };

        for devices in equipment.devices.iter().filter(|found| !found.on_modules) {
            state.add(Segment::ROOT, devices.create()?)?;
        }
        for segment in Segment::all(equipment.mux.is_some()) {
            for devices in equipment.devices.iter().filter(|found| found.on_modules) {
                state.add(segment, devices.create()?)?;
            }
            if let Some(address) = equipment.expander {
                state
                    .expanders
                    .push((segment, Expander::new(address)), GFP_KERNEL)?;
            }
        }
        Arc::pin_init(
            pin_init!(Self {
                state <- new_mutex!(state, "Wire::state"),
            }),
            GFP_KERNEL,
        )
    }

    /// Returns whether the bus has channels.
    pub(crate) fn has_mux(&self) -> bool {
        self.state.lock().mux.is_some()
    }

    /// Lets a message fail, or none.
    pub(crate) fn set_fault(&self, fault: Option<Fault>) {
        self.state.lock().fault = fault;
    }

    /// Returns the failure that is still to come.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.state.lock().fault
    }

    /// Lets messages fail again and again, or none.
    pub(crate) fn set_weakness(&self, weakness: Option<EveryNth>) {
        self.state.lock().weakness = weakness;
    }

    /// Calls `tap` ahead of each message, with no lock of the board held, or nothing.
    pub(crate) fn set_tap(&self, tap: Option<fn()>) {
        self.state.lock().tap = tap;
    }

    /// Returns what went over the bus.
    pub(crate) fn counters(&self) -> BusCounters {
        self.state.lock().counters
    }

    /// Returns the error if a client of the adapter that was just registered could not be linked to
    /// one of its suppliers. It must not stay: a supply that went before it would be freed while it
    /// is on.
    pub(super) fn linked(&self) -> Result {
        self.state.lock().unlinked.take().map_or(Ok(()), Err)
    }

    fn transfer(&self, messages: &mut [Message]) -> Result<usize> {
        for message in messages.iter_mut() {
            let tap = self.state.lock().tap;
            if let Some(tap) = tap {
                tap();
            }
            // Time goes on between the messages, and frames may start.
            self.state.lock().perform(message, now_ns())?;
        }
        Ok(messages.len())
    }
}

/// The place of a sensor on a bus, until this is dropped.
pub(crate) struct Registration {
    wire: Arc<Wire>,
    segment: Segment,
    id: usize,
    pins: Arc<dyn Pins>,
}

impl Registration {
    /// Puts a sensor on a segment, where it answers as `target` and an expander, if there is one,
    /// drives its `pins`.
    pub(crate) fn new(
        wire: Arc<Wire>,
        segment: Segment,
        target: KBox<dyn Target>,
        pins: Arc<dyn Pins>,
    ) -> Result<Self> {
        let mut state = wire.state.lock();
        let id = state.add(segment, target)?;

        drop(state);
        // From here on dropping it takes the sensor off the bus again.
        let registration = Self {
            wire,
            segment,
            id,
            pins,
        };
        for (place, expander) in &mut registration.wire.state.lock().expanders {
            if *place == segment {
                expander.add(registration.pins.clone())?;
            }
        }
        Ok(registration)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut state = self.wire.state.lock();

        state.slots.retain(|slot| slot.id != self.id);
        for (place, expander) in &mut state.expanders {
            if *place == self.segment {
                expander.remove(&self.pins);
            }
        }
    }
}

/// The properties by which a sensor refers to its supplies and its clock. It is unbound before them.
///
/// The driver core sees to that for the first device of a firmware node. Clients of a bus that was
/// unbound and is bound again are new devices, and would lose their supplies while they run.
const SUPPLIERS: [&CStr; 4] = [c"avdd-supply", c"dvdd-supply", c"dovdd-supply", c"clocks"];

/// Performs the transfers of an adapter.
pub(crate) struct Bus(pub(super) Arc<Wire>);

impl Algorithm for Bus {
    fn transfer(&self, messages: &mut [Message]) -> Result<usize> {
        let wire = &self.0;
        let began_ns = now_ns();
        let result = wire.transfer(messages);

        wire.state
            .lock()
            .count_transfer(now_ns().saturating_sub(began_ns));
        result
    }

    fn added(&self, client: &Device) {
        let Some(node) = client.fwnode() else {
            return;
        };

        for name in SUPPLIERS {
            match fwnode::reference(node, name) {
                Ok(Some(supplier)) => {
                    if let Err(error) = device_link::depend_on_node(client, &supplier) {
                        dev_err!(client, "no link to the supplier {}: {:?}\n", name, error);
                        self.0.state.lock().unlinked = Some(error);
                    }
                }
                Ok(None) => {}
                // There is no supplier that could go too early. The driver says what it lacks.
                Err(error) => dev_warn!(client, "{} refers to nothing: {:?}\n", name, error),
            }
        }
    }
}

impl State {
    fn count_transfer(&mut self, busy_ns: u64) {
        self.counters.transfers = self.counters.transfers.saturating_add(1);
        self.counters.busy_ns = self.counters.busy_ns.saturating_add(busy_ns);
    }

    fn perform(&mut self, message: &mut Message, now_ns: u64) -> Result {
        let length = message.data().len();
        self.counters.messages = self.counters.messages.saturating_add(1);
        self.counters.bytes = self.counters.bytes.saturating_add(length as u64);

        if let Some(kind) = self.failure() {
            if kind == FaultKind::Partial {
                // The failure is reported, whatever the sensor answered.
                let _ = self.exchange(message, length / 2, now_ns);
            }
            return Err(kind.error());
        }

        self.exchange(message, length, now_ns)
    }

    /// Counts a message, and returns how it fails if it does.
    fn failure(&mut self) -> Option<FaultKind> {
        let (once, later) = self.fault.map_or((None, None), Fault::count);
        let again = self.weakness.as_mut().and_then(EveryNth::count);

        self.fault = later;
        once.or(again)
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

    /// Adds a device and returns its number.
    fn add(&mut self, segment: Segment, target: KBox<dyn Target>) -> Result<usize> {
        let id = self.last_id.wrapping_add(1);

        self.slots.push(
            Slot {
                segment,
                target,
                id,
            },
            GFP_KERNEL,
        )?;
        self.last_id = id;
        Ok(id)
    }

    /// Returns the devices that messages reach with the mux as it is.
    fn reached(
        &mut self,
        mux: Option<Tca9548>,
    ) -> impl Iterator<Item = &mut (dyn Target + 'static)> + '_ {
        let slots = self
            .slots
            .iter_mut()
            .filter(move |slot| slot.segment.is_reached(mux))
            .map(|slot| &mut *slot.target);
        let expanders = self
            .expanders
            .iter_mut()
            .filter(move |(segment, _)| segment.is_reached(mux))
            .map(|(_, expander)| -> &mut (dyn Target + 'static) { expander });

        Iterator::chain(slots, expanders)
    }

    /// Returns whether a device acknowledged.
    fn write(&mut self, address: u8, data: &[u8], now_ns: u64) -> bool {
        // A channel that this message connects does not get it.
        let before = self.mux;
        let mut acknowledged = match &mut self.mux {
            Some(mux) => mux.write(address, data),
            None => false,
        };

        for target in self.reached(before) {
            acknowledged |= target.write(address, data, now_ns);
        }
        acknowledged
    }

    /// Returns whether a device acknowledged.
    fn read(&mut self, address: u8, data: &mut [u8], now_ns: u64) -> bool {
        let sent = self.mux.and_then(|mux| mux.read(address));
        let mut acknowledged = sent.is_some();

        data.fill(sent.unwrap_or(0xff));
        for target in self.reached(self.mux) {
            acknowledged |= target.read(address, data, now_ns);
        }
        acknowledged
    }
}
