// SPDX-License-Identifier: GPL-2.0-only

//! The CSI-2 link.

use super::clock::ClockTree;

/// Number of CSI-2 data lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lanes {
    /// Two data lanes.
    Two,
    /// Four data lanes.
    Four,
}

impl Lanes {
    /// Returns `count` lanes, or `None` if the sensor cannot send on that many.
    pub const fn new(count: u32) -> Option<Self> {
        match count {
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            _ => None,
        }
    }

    /// Returns the number of lanes.
    pub const fn count(self) -> u8 {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }
}

/// One way of running the link: a clock tree on a number of lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub(super) index: usize,
    pub(super) tree: ClockTree,
    pub(super) lanes: Lanes,
}

impl Link {
    /// Returns the index of its frequency in the list of the board.
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Returns the clock tree behind it.
    pub const fn tree(&self) -> &ClockTree {
        &self.tree
    }

    /// Returns the lanes that it uses.
    pub const fn lanes(&self) -> Lanes {
        self.lanes
    }

    /// Returns the bits per second over all lanes.
    pub const fn total_rate(&self) -> u64 {
        self.tree
            .lane_rate()
            .saturating_mul(self.lanes.count() as u64)
    }
}
