// SPDX-License-Identifier: GPL-2.0-only

//! Properties that a board fixes for as long as the driver is bound: input clock, lanes, link frequencies.

use super::{
    clock::{
        ClockTree,
        Inck,
        Unreachable, //
    },
    link::{
        Lanes,
        Link, //
    },
    part::Part,
    setting::sync::Synchronisation, //
};
use core::fmt;

/// The sensor's surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    lanes: Lanes,
    part: &'static Part,
    synchronisation: Synchronisation,
    /// The first is always there; the others fill up from the front.
    trees: [Option<ClockTree>; Board::MAX_LINKS],
    first: ClockTree,
}

impl Board {
    /// The most link frequencies that a board can offer.
    pub const MAX_LINKS: usize = 8;

    /// Checks the firmware description and solves the clock tree for each link frequency (in Hz).
    ///
    /// Link frequencies that cannot be made are left out, as long as there is another one: firmware can
    /// list those of several drivers. So are those beyond [`Board::MAX_LINKS`].
    ///
    /// # Errors
    ///
    /// The first thing found that the sensor cannot do, with what it can do instead.
    pub fn new(
        inck_hz: u32,
        lanes: u32,
        link_freqs: &[u64],
        part: &'static Part,
    ) -> Result<Self, BoardError> {
        let inck = Inck::new(inck_hz).ok_or(BoardError::Inck { found: inck_hz })?;
        let lanes = Lanes::new(lanes).ok_or(BoardError::Lanes { found: lanes })?;
        let mut trees = link_freqs
            .iter()
            .filter_map(|&link_freq| tree_for(part, inck, link_freq));
        let Some(first) = trees.next() else {
            return Err(no_link(part, inck, link_freqs));
        };
        // Filled in where it stays: it is large for the kernel's stack.
        let mut board = Self {
            lanes,
            part,
            synchronisation: Synchronisation::Standalone,
            trees: [None; Self::MAX_LINKS],
            first,
        };
        let all = core::iter::once(first).chain(trees);
        for (slot, tree) in board.trees.iter_mut().zip(all) {
            *slot = Some(tree);
        }
        Ok(board)
    }

    /// Sets the synchronisation to start with.
    pub fn set_synchronisation(&mut self, synchronisation: Synchronisation) {
        self.synchronisation = synchronisation;
    }

    /// Returns the synchronisation to start with.
    pub const fn synchronisation(&self) -> Synchronisation {
        self.synchronisation
    }

    /// Returns the lanes that are wired.
    pub const fn lanes(&self) -> Lanes {
        self.lanes
    }

    /// Returns the sensor that firmware names.
    pub const fn part(&self) -> &'static Part {
        self.part
    }

    /// Returns the input clock.
    pub const fn inck(&self) -> Inck {
        self.first.inck()
    }

    /// Returns the link that is used until another is chosen: the first.
    pub const fn default_link(&self) -> Link {
        Link {
            index: 0,
            tree: self.first,
            lanes: self.lanes,
        }
    }

    /// Returns the link at `index` among those that the board offers, or `None` past their end.
    pub fn link(&self, index: usize) -> Option<Link> {
        let tree = self.trees.get(index).copied().flatten()?;
        Some(Link {
            index,
            tree,
            lanes: self.lanes,
        })
    }

    /// Returns all links, in the order of the list.
    pub fn links(&self) -> impl Iterator<Item = Link> + '_ {
        (0..Self::MAX_LINKS).map_while(|index| self.link(index))
    }
}

/// Returns the clock tree for `link_freq` Hz, if there is one.
// Apart, as the intermediate results would add to the stack of the caller, which holds all trees.
#[inline(never)]
fn tree_for(part: &Part, inck: Inck, link_freq: u64) -> Option<ClockTree> {
    ClockTree::solve(part, inck, link_freq).ok()
}

/// Returns why none of `link_freqs` can be made.
#[inline(never)]
fn no_link(part: &Part, inck: Inck, link_freqs: &[u64]) -> BoardError {
    match link_freqs.first() {
        None => BoardError::NoLinkFrequency,
        Some(&link_freq) => BoardError::LinkFrequency(Unreachable::nearest(part, inck, link_freq)),
    }
}

/// Why a board cannot be supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardError {
    /// The input clock is near none of [`Inck::SUPPORTED_HZ`].
    Inck {
        /// Its frequency in Hz.
        found: u32,
    },
    /// The sensor sends on two or four lanes.
    Lanes {
        /// The number of lanes asked for.
        found: u32,
    },
    /// The list of link frequencies is empty.
    NoLinkFrequency,
    /// No link frequency of the list can be made from the input clock. This is the first.
    LinkFrequency(Unreachable),
}

impl fmt::Display for BoardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inck { found } => {
                write!(
                    f,
                    "INCK is {found} Hz, supported are 6, 12, 18, 24 and 27 MHz within {} %",
                    Inck::TOLERANCE_PERCENT
                )
            }
            Self::Lanes { found } => write!(f, "{found} data lanes, supported are 2 and 4"),
            Self::NoLinkFrequency => {
                f.write_str("no link frequency is given, at least one is needed")
            }
            Self::LinkFrequency(error) => error.fmt(f),
        }
    }
}
