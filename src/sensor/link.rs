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
    /// Returns `count` lanes, or `None` if the sensor does not support that number.
    pub const fn new(count: u32) -> Option<Self> {
        match count {
            2 => Some(Self::Two),
            4 => Some(Self::Four),
            _ => None,
        }
    }

    /// Returns whether `positions`, the values of `data-lanes`, are in the order of the sensor,
    /// which cannot reorder its lanes. They count from 1, or from 0 as in mainline's Lemans trees.
    pub fn are_in_order(positions: &[u32]) -> bool {
        let follows =
            |pair: &[u32]| matches!(pair, [lane, next] if next.checked_sub(*lane) == Some(1));
        positions.first().is_none_or(|first| *first <= 1) && positions.windows(2).all(follows)
    }

    /// Returns the number of lanes.
    pub const fn count(self) -> u8 {
        match self {
            Self::Two => 2,
            Self::Four => 4,
        }
    }
}

/// A configuration of the link: its clock tree and number of lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub(super) index: usize,
    pub(super) tree: ClockTree,
    pub(super) lanes: Lanes,
}

impl Link {
    /// Returns the index of its frequency in the board's list.
    pub const fn index(&self) -> usize {
        self.index
    }

    /// Returns its clock tree.
    pub const fn tree(&self) -> &ClockTree {
        &self.tree
    }

    /// Returns its lanes.
    pub const fn lanes(&self) -> Lanes {
        self.lanes
    }

    /// Returns the bit rate of all lanes in bit/s, with an INCK of exactly the supported frequency.
    pub fn total_rate(&self) -> u64 {
        self.tree
            .nominal()
            .lane_rate()
            .saturating_mul(u64::from(self.lanes.count()))
    }
}
