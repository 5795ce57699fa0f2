// SPDX-License-Identifier: GPL-2.0-only

//! The GPIO lines that switch sensors.

use super::{
    board::Board,
    fsa,
    model::Line, //
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

/// The lines of a GPIO controller, and the sensors that they go to.
#[pin_data]
pub(crate) struct Harness {
    // Taken before the lock of any board.
    #[pin]
    state: Mutex<State>,
}

struct State {
    levels: [bool; COUNT],
    boards: KVec<Arc<Board>>,
}

impl Harness {
    /// Lines that are low and go nowhere.
    pub(crate) fn new() -> Result<Arc<Self>> {
        let state = State {
            levels: [false; COUNT],
            boards: KVec::new(),
        };
        Arc::pin_init(
            pin_init!(Self {
                state <- new_mutex!(state, "Harness::state"),
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
    fn pass(&self, board: &Board, offset: usize) {
        if let Some(line) = DIRECT.get(offset) {
            board.set_line(*line, self.level(offset));
        } else {
            fsa::drive(board, self.level(PW_EN), self.level(RST));
        }
    }
}

/// A sensor that follows lines, until this is dropped.
pub(crate) struct Followed {
    board: Arc<Board>,
    harness: Arc<Harness>,
}

impl Followed {
    /// Connects the sensor of `board` to the lines, as they are.
    pub(crate) fn new(board: Arc<Board>) -> Result<Self> {
        let harness = board.harness().clone();
        let mut state = harness.state.lock();

        state.boards.push(board.clone(), GFP_KERNEL)?;
        for offset in (0..COUNT).filter(|offset| state.level(*offset)) {
            state.pass(&board, offset);
        }
        drop(state);
        Ok(Self { board, harness })
    }
}

impl Drop for Followed {
    fn drop(&mut self) {
        let mut state = self.harness.state.lock();
        state
            .boards
            .retain(|other| !Arc::ptr_eq(other, &self.board));
    }
}

/// Drives the lines. 0 is AVDD, 1 DVDD, 2 DOVDD, 3 lets INCK run, 4 is XCLR; 5 and 6 are PW_EN and
/// RST of the adapter in between.
pub(crate) struct Lines(pub(super) Arc<Harness>);

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
            for board in &state.boards {
                state.pass(board, offset);
            }
        }
    }

    fn get(&self, offset: u32) -> bool {
        self.0.state.lock().level(offset as usize)
    }
}
