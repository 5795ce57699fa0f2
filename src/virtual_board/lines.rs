// SPDX-License-Identifier: GPL-2.0-only

//! The GPIO lines that switch sensors.

use super::{
    fsa,
    model::Line,
    wiring::Pins, //
};
use crate::kernel_ext::gpio::driver::Outputs;
use kernel::{
    prelude::*,
    sync::{
        new_mutex,
        Arc,
        Mutex, //
    }, //
};

/// The lines that go straight to the sensor, in the order of their offsets.
const DIRECT: [Line; 5] = [Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Inck, Line::Xclr];
/// The lines that go through the adapter between board and sensor.
const PW_EN: usize = 5;
const RST: usize = 6;

const COUNT: usize = 7;

/// The lines of a GPIO controller, and the sensors that are connected to them.
#[pin_data]
pub(crate) struct PinWires {
    // Taken before the lock of any board.
    #[pin]
    state: Mutex<State>,
}

struct State {
    levels: [bool; COUNT],
    sensors: KVec<Arc<dyn Pins>>,
}

impl PinWires {
    /// Creates lines that are low, without sensors.
    pub(crate) fn new() -> Result<Arc<Self>> {
        let state = State {
            levels: [false; COUNT],
            sensors: KVec::new(),
        };
        Arc::pin_init(
            pin_init!(Self {
                state <- new_mutex!(state, "PinWires::state"),
            }),
            GFP_KERNEL,
        )
    }
}

impl State {
    fn level(&self, offset: usize) -> bool {
        self.levels.get(offset).copied().unwrap_or(false)
    }

    /// Passes the level of one line on to a sensor.
    fn pass(&self, sensor: &dyn Pins, offset: usize) {
        if let Some(line) = DIRECT.get(offset) {
            sensor.set_line(*line, self.level(offset));
        } else {
            fsa::drive(sensor, self.level(PW_EN), self.level(RST));
        }
    }
}

/// The connection of a sensor to the lines, until this is dropped.
pub(crate) struct Registration {
    sensor: Arc<dyn Pins>,
    pins: Arc<PinWires>,
}

impl Registration {
    /// Connects a sensor to the lines, and sets it to their levels.
    pub(crate) fn new(pins: Arc<PinWires>, sensor: Arc<dyn Pins>) -> Result<Self> {
        let mut state = pins.state.lock();

        state.sensors.push(sensor.clone(), GFP_KERNEL)?;
        for offset in (0..COUNT).filter(|offset| state.level(*offset)) {
            state.pass(&*sensor, offset);
        }
        drop(state);
        Ok(Self { sensor, pins })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut state = self.pins.state.lock();
        state
            .sensors
            .retain(|other| !Arc::ptr_eq(other, &self.sensor));
    }
}

/// Drives the lines. 0 is AVDD, 1 DVDD, 2 DOVDD, 3 lets INCK run, 4 is XCLR; 5 and 6 are PW_EN and
/// RST of the adapter in between.
pub(crate) struct Lines(pub(super) Arc<PinWires>);

impl Outputs for Lines {
    const LABEL: &'static CStr = c"fsm-imx412-vboard";
    const LINES: u16 = COUNT as u16;

    fn set(&self, offset: u32, high: bool) {
        let mut state = self.0.state.lock();
        let offset = offset as usize;

        let Some(level) = state.levels.get_mut(offset) else {
            return;
        };
        if core::mem::replace(level, high) != high {
            for sensor in &state.sensors {
                state.pass(&**sensor, offset);
            }
        }
    }

    fn get(&self, offset: u32) -> bool {
        self.0.state.lock().level(offset as usize)
    }
}
