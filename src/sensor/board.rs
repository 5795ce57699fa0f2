// SPDX-License-Identifier: GPL-2.0-only

//! Properties of the board that are fixed at probe: input clock, lanes, link frequencies.

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

/// The sensor's connection to its board: input clock, lanes and link frequencies.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    lanes: Lanes,
    part: &'static Part,
    synchronisation: Synchronisation,
    /// Clock trees of the links: at least one, without gaps.
    trees: [Option<ClockTree>; Board::MAX_LINKS],
    first: ClockTree,
}

impl Board {
    /// Maximum number of link frequencies of a board.
    pub const MAX_LINKS: usize = 8;

    /// Checks the firmware description and solves the clock tree for each of `link_freqs` in Hz.
    ///
    /// Link frequencies that cannot be made are left out, as long as there is another one, because
    /// firmware can list those of several drivers; so are those beyond [`Board::MAX_LINKS`].
    ///
    /// # Errors
    ///
    /// Returns the first property that the sensor does not support, with the supported values.
    // Apart, as its board would add to the stack of the caller, which has one.
    #[inline(never)]
    pub fn new(
        inck_hz: u32,
        lanes: u32,
        link_freqs: &[u64],
        part: &'static Part,
    ) -> Result<Self, BoardError> {
        let inck = Inck::new(inck_hz).ok_or(BoardError::Inck { found: inck_hz })?;
        let lanes = Lanes::new(lanes).ok_or(BoardError::Lanes { found: lanes })?;
        let mut trees = [None; Self::MAX_LINKS];
        let mut slots = trees.iter_mut();
        let mut unreachable = None;
        for &link_freq in link_freqs {
            match ClockTree::solve(part, inck, link_freq) {
                Ok(tree) => {
                    if let Some(slot) = slots.next() {
                        *slot = Some(tree);
                    }
                }
                Err(error) => {
                    unreachable.get_or_insert(error);
                }
            }
        }
        let [Some(first), ..] = trees else {
            return Err(unreachable.map_or(BoardError::NoLinkFrequency, BoardError::LinkFrequency));
        };
        Ok(Self {
            lanes,
            part,
            synchronisation: Synchronisation::Standalone,
            trees,
            first,
        })
    }

    /// Sets the default synchronisation.
    pub fn set_synchronisation(&mut self, synchronisation: Synchronisation) {
        self.synchronisation = synchronisation;
    }

    /// Returns the default synchronisation.
    pub const fn synchronisation(&self) -> Synchronisation {
        self.synchronisation
    }

    /// Returns the connected lanes.
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

    /// Returns the default link, which is the first.
    pub const fn default_link(&self) -> Link {
        Link {
            index: 0,
            tree: self.first,
            lanes: self.lanes,
        }
    }

    /// Returns the link at `index` in the board's list, or `None` past its end.
    pub fn link(&self, index: usize) -> Option<Link> {
        let tree = self.trees.get(index).copied().flatten()?;
        Some(Link {
            index,
            tree,
            lanes: self.lanes,
        })
    }

    /// Returns the clock trees of all links, in the order of the list.
    pub fn trees(&self) -> impl Iterator<Item = &ClockTree> {
        self.trees.iter().flatten()
    }
}

/// The reason why a board is not supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardError {
    /// The input clock is not within the tolerance of any of [`Inck::SUPPORTED_HZ`].
    Inck {
        /// Its frequency in Hz.
        found: u32,
    },
    /// The number of lanes is neither two nor four.
    Lanes {
        /// The requested number of lanes.
        found: u32,
    },
    /// The list of link frequencies is empty.
    NoLinkFrequency,
    /// No link frequency of the list can be made from the input clock. Has the first of them.
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
