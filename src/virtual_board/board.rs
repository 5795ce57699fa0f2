// SPDX-License-Identifier: GPL-2.0-only

//! The emulated sensor of a board and its counters, which all files of the board share.

mod wired;

pub use super::bus::BusCounters;
pub(crate) use wired::OnBus;

use super::{
    broken::Broken,
    bus::Wire,
    clock::now_ns,
    faults::Fault,
    lines::PinWires,
    mismatch::{
        Mismatch,
        MismatchKind, //
    },
    model::{
        FrameClock,
        PowerEvent,
        Sensor,
        StartedFrame,
        StreamState,
        Surroundings,
        Violation,
        SECOND_ADDRESS,
        STORAGE_BYTES, //
    },
    trace::Trace,
    xvs::Xvs, //
};
use kernel::{
    alloc::KVVec,
    device::Device,
    prelude::*,
    sync::{
        aref::ARef,
        new_mutex,
        Arc,
        Mutex, //
    }, //
};

/// Messages on its bus that reached a sensor since the board was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeardCounters {
    /// Messages to either of its addresses.
    pub messages: u64,
    /// Those of them that went to the second address.
    pub broadcasts: u64,
}

/// Numbers of frames, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameCounters {
    /// Frame starts, received or not.
    pub started: u64,
    /// Frames that went to user space.
    pub delivered: u64,
    /// Frames that came while a stream ran and found no buffer, or no time to be rendered.
    pub dropped: u64,
}

/// The time that frames took the processor, in ns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FrameWork {
    /// To render those that are not as the one before.
    pub(crate) rendering_ns: u64,
    /// To copy them into buffers.
    pub(crate) copying_ns: u64,
}

/// Numbers of pulses on XVS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PulseCounters {
    /// Those that it sent.
    pub sent: u64,
    /// Those that started a frame.
    pub taken: u64,
    /// Those that came while a frame was being read out.
    pub ignored: u64,
}

/// The part of a board that changes, under its lock.
pub(crate) struct State {
    pub(crate) sensor: Sensor<KVVec<u8>>,
    pub(crate) clock: FrameClock,
    pub(crate) trace: Trace,
    pub(crate) heard: HeardCounters,
    pub(crate) delivered: u64,
    pub(crate) dropped: u64,
    pub(crate) work: FrameWork,
    pub(crate) broken: Broken,
    mismatches: [u32; MismatchKind::ALL.len()],
}

/// A change of whether the sensor sends frames.
enum StreamChange {
    Started,
    Stopped,
}

impl State {
    /// Starts all frames that are due, calls `f`, and takes to XVS what has become of the sensor.
    fn act<R>(&mut self, xvs: &Xvs, now_ns: u64, f: impl FnOnce(&mut Self) -> R) -> R {
        let Self {
            sensor,
            clock,
            trace,
            broken,
            ..
        } = self;
        let supply = broken.supply;
        clock.advance(sensor, &mut xvs.wire.lock(), now_ns, |started| {
            trace.push(started);
            supply
                .filter(|(_, frames)| started.sequence >= *frames)
                .map(|(line, _)| line)
        });
        let result = f(self);
        self.clock
            .settle(&mut self.sensor, &mut xvs.wire.lock(), now_ns);
        result
    }

    /// Calls `f`, and returns what that has made of the stream.
    fn watched<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> (R, Option<StreamChange>) {
        let epoch = |state: &Self| match state.sensor.stream() {
            StreamState::Streaming(stream) => Some(stream.epoch),
            StreamState::Standby | StreamState::Faulted(_) => None,
        };
        let before = epoch(self);
        let result = f(self);
        let after = epoch(self);
        let change = match after {
            _ if before == after => None,
            Some(_) => Some(StreamChange::Started),
            None => Some(StreamChange::Stopped),
        };

        (result, change)
    }

    /// Counts a stream that was refused.
    pub(crate) fn record(&mut self, mismatch: &Mismatch) {
        if let Some(count) = self.mismatches.get_mut(mismatch.kind as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Returns the names of broken rules and refused streams, with their counts.
    pub(crate) fn violations(&self) -> impl Iterator<Item = (&'static str, u32)> + '_ {
        let refused = MismatchKind::ALL
            .iter()
            .zip(self.mismatches)
            .filter(|(_, count)| *count > 0)
            .map(|(kind, count)| (kind.name(), count));
        let broken = self
            .sensor
            .violations()
            .iter()
            .map(|(violation, count)| (violation.name(), count));
        // Initialisers have a method of this name, too.
        Iterator::chain(broken, refused)
    }

    /// Counts a message if it reaches the sensor.
    fn hear(&mut self, address: u8, now_ns: u64) {
        if self.sensor.hears(address, now_ns) {
            let HeardCounters {
                messages,
                broadcasts,
            } = &mut self.heard;
            *messages = messages.saturating_add(1);
            if address != self.sensor.config().i2c_address {
                *broadcasts = broadcasts.saturating_add(1);
            }
        }
    }

    pub(crate) fn frames(&self) -> FrameCounters {
        FrameCounters {
            started: self.clock.started(),
            delivered: self.delivered,
            dropped: self.dropped,
        }
    }
}

/// A listener to starts and stops of the sensor's stream.
///
/// Called without any lock of the board held, before what made the sensor do so is acknowledged: a
/// write on the bus, or a change of a line.
pub(crate) trait StreamListener: Send + Sync {
    /// The sensor has begun to stream.
    fn started(&self);

    /// The sensor streams no more. Nothing of a frame may be stored anywhere when this returns.
    fn stopped(&self);
}

/// An emulated sensor on its bus, lines and XVS wire.
///
/// [`find`](super::registry::find) returns one by the name of its device.
#[pin_data]
pub struct EmulatedSensor {
    dev: ARef<Device>,
    wire: Arc<Wire>,
    pins: Arc<PinWires>,
    xvs: Arc<Xvs>,
    #[pin]
    listener: Mutex<Option<Arc<dyn StreamListener>>>,
    #[pin]
    state: Mutex<State>,
}

impl EmulatedSensor {
    /// Creates an unpowered sensor, to be attached to a bus and to lines.
    pub(crate) fn new(
        dev: &Device,
        config: Surroundings,
        wire: Arc<Wire>,
        pins: Arc<PinWires>,
        xvs: Arc<Xvs>,
    ) -> Result<Arc<Self>> {
        let storage = KVVec::from_elem(0, STORAGE_BYTES, GFP_KERNEL)?;
        let sensor = Sensor::new(storage, config).map_err(|_| EINVAL)?;
        let state = State {
            sensor,
            clock: FrameClock::new(xvs.wire.lock().tap()),
            trace: Trace::new()?,
            heard: HeardCounters::default(),
            delivered: 0,
            dropped: 0,
            work: FrameWork::default(),
            broken: Broken::default(),
            mismatches: [0; MismatchKind::ALL.len()],
        };

        Arc::pin_init(
            pin_init!(Self {
                dev: dev.into(),
                wire,
                pins,
                xvs,
                listener <- new_mutex!(None, "EmulatedSensor::listener"),
                state <- new_mutex!(state, "EmulatedSensor::state"),
            }),
            GFP_KERNEL,
        )
    }

    /// Returns the platform device.
    pub fn device(&self) -> &Device {
        &self.dev
    }

    /// Returns the bus that the sensor is on, which other sensors may be on as well.
    pub(crate) fn wire(&self) -> &Arc<Wire> {
        &self.wire
    }

    /// Returns the lines that the sensor follows.
    pub(crate) fn pins(&self) -> &Arc<PinWires> {
        &self.pins
    }

    /// Calls `f` with the state as it is at this time. May sleep; `f` must not call the board.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut State, u64) -> R) -> R {
        let now_ns = now_ns();

        self.at(now_ns, |state| f(state, now_ns))
    }

    /// Calls `f` with the state as it is at `now_ns`, which is the same time for all sensors that a
    /// message reaches.
    fn at<R>(&self, now_ns: u64, f: impl FnOnce(&mut State) -> R) -> R {
        let xvs = self.xvs();

        // First the others: this sensor's frames may start with their pulses.
        xvs.catch_up_others(self, now_ns);
        self.state.lock().act(xvs, now_ns, f)
    }

    /// Returns the wire that joins the sensor with others.
    pub(crate) fn xvs(&self) -> &Arc<Xvs> {
        &self.xvs
    }

    /// A pulse on the wire, as an external trigger gives it.
    pub fn trigger(&self) {
        self.with(|_, now_ns| self.xvs().wire.lock().pulse(now_ns));
    }

    /// Returns the numbers of pulses on the wire that concerned the sensor.
    pub fn pulses(&self) -> PulseCounters {
        self.with(|state, _| {
            let tap = state.clock.tap();
            PulseCounters {
                sent: tap.sent(),
                taken: tap.taken(),
                ignored: tap.ignored(),
            }
        })
    }

    /// Notifies `listener` of streams until [`EmulatedSensor::forget_listener`].
    ///
    /// Fails with `EBUSY` if there is one already.
    pub(crate) fn listen(&self, listener: Arc<dyn StreamListener>) -> Result {
        let mut place = self.listener.lock();

        if place.is_some() {
            return Err(EBUSY);
        }
        *place = Some(listener);
        Ok(())
    }

    /// Tells the listener of streams nothing more.
    pub(crate) fn forget_listener(&self) {
        *self.listener.lock() = None;
    }

    fn tell(&self, change: Option<StreamChange>) {
        let Some(change) = change else {
            return;
        };
        let listener = self.listener.lock().clone();

        if let Some(listener) = listener {
            match change {
                StreamChange::Started => listener.started(),
                StreamChange::Stopped => listener.stopped(),
            }
        }
    }

    /// Lets a message fail, or none.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.wire.set_fault(fault);
    }

    /// Returns the failure that is still to come.
    pub fn fault(&self) -> Option<Fault> {
        self.wire.fault()
    }

    /// Calls `tap` ahead of each message on the bus, in the thread that sends it, or nothing.
    pub fn set_tap(&self, tap: Option<fn()>) {
        self.wire.set_tap(tap);
    }

    /// Returns what went over the bus.
    pub fn bus(&self) -> BusCounters {
        self.wire.counters()
    }

    /// Returns the numbers of messages that reached the sensor.
    pub fn heard(&self) -> HeardCounters {
        self.state.lock().heard
    }

    /// Returns the numbers of frames.
    pub fn frames(&self) -> FrameCounters {
        self.with(|state, _| state.frames())
    }

    /// Returns the value of the register at `address`.
    pub fn register(&self, address: u16) -> u8 {
        self.with(|state, _| {
            state
                .sensor
                .register_bytes()
                .get(usize::from(address))
                .copied()
                .unwrap_or(0)
        })
    }

    /// Returns whether the sensor sends frames, and what they are like.
    pub fn stream(&self) -> StreamState {
        self.with(|state, _| state.sensor.stream())
    }

    /// Returns whether the sensor is in standby and listens to the address that it shares with others, one of
    /// which may start all.
    pub(crate) fn awaits_others(&self) -> bool {
        self.with(|state, now_ns| {
            state.sensor.stream() == StreamState::Standby
                && state.sensor.hears(SECOND_ADDRESS, now_ns)
        })
    }

    /// Returns how often any rule was broken or a stream was refused.
    pub fn violations(&self) -> u32 {
        self.with(|state, _| {
            state
                .violations()
                .fold(0, |sum: u32, (_, count)| sum.saturating_add(count))
        })
    }

    /// Returns how often a rule of the sensor was broken.
    pub fn violation(&self, violation: Violation) -> u32 {
        self.with(|state, _| state.sensor.violations().count(violation))
    }

    /// Returns how often a stream was refused for this reason.
    pub fn mismatch(&self, kind: MismatchKind) -> u32 {
        self.with(|state, _| state.mismatches.get(kind as usize).copied().unwrap_or(0))
    }

    /// Forgets violations and refused streams.
    pub fn clear_violations(&self) {
        self.with(|state, _| {
            state.sensor.clear_violations();
            state.mismatches = [0; MismatchKind::ALL.len()];
        });
    }

    /// Returns the newest frames that have started, with their values, oldest first.
    pub fn trace(&self) -> Result<KVec<StartedFrame>> {
        self.with(|state, _| {
            let mut frames = KVec::new();
            for frame in state.trace.iter() {
                frames.push(*frame, GFP_KERNEL)?;
            }
            Ok(frames)
        })
    }

    /// Returns the newest changes of supplies, clock and XCLR, oldest first.
    pub fn power_events(&self) -> Result<KVec<PowerEvent>> {
        self.with(|state, _| {
            let mut events = KVec::new();
            for event in state.sensor.power_events() {
                events.push(event, GFP_KERNEL)?;
            }
            Ok(events)
        })
    }
}
