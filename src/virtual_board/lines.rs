// SPDX-License-Identifier: GPL-2.0-only

//! The GPIO lines that switch the sensor's supplies, clock and reset.

use super::{board::Board, model::Line};
use crate::kernel_ext::gpio_driver::Outputs;
use kernel::{
    prelude::*,
    sync::{
        atomic::{ordering, Atomic},
        Arc,
    },
};

/// The lines, in the order of their offsets.
const LINES: [Line; 5] = [Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Inck, Line::Xclr];

/// Drives the lines of the sensor. Line 0 is AVDD, 1 DVDD, 2 DOVDD, 3 lets INCK run, 4 is XCLR.
pub(super) struct Lines {
    board: Arc<Board>,
    levels: [Atomic<u32>; LINES.len()],
}

impl Lines {
    /// All lines low.
    pub(super) fn new(board: Arc<Board>) -> Self {
        Self {
            board,
            levels: [const { Atomic::new(0) }; LINES.len()],
        }
    }
}

impl Outputs for Lines {
    const LABEL: &'static CStr = c"fsm-imx412-vboard";
    const LINES: &'static [&'static CStr] = &[c"AVDD", c"DVDD", c"DOVDD", c"INCK", c"XCLR"];

    fn set(&self, offset: u32, high: bool) {
        let line = offset as usize;
        if let (Some(level), Some(line)) = (self.levels.get(line), LINES.get(line)) {
            level.store(high.into(), ordering::Relaxed);
            self.board.set_line(*line, high);
        }
    }

    fn get(&self, offset: u32) -> bool {
        self.levels
            .get(offset as usize)
            .is_some_and(|level| level.load(ordering::Relaxed) != 0)
    }
}
