// SPDX-License-Identifier: GPL-2.0-only

//! Manufacturer settings: two thirds of a program, and constants.
//!
//! Neither images nor known contents have a copy of them. They name the settings by what these
//! depend on, which tells two of them apart as well.

use super::{
    burst::{
        Burst,
        WriteLimit, //
    },
    entry::Entry, //
};
use crate::sensor::{
    config::Config,
    part::{
        Block,
        SettingsBlock, //
    },
    readout::{
        Binning,
        Depth, //
    },
    regs::Phase, //
};
use core::{
    iter,
    slice, //
};

/// The manufacturer settings of a configuration.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    blocks: &'static [SettingsBlock],
    link_freq: u64,
    binning: Binning,
    depth: Depth,
}

impl Settings {
    /// Returns the settings of `config`.
    pub fn of(config: &Config) -> Self {
        Self {
            blocks: config.part().settings,
            link_freq: config.link().tree().nominal().link_freq(),
            binning: config.readout().binning(),
            depth: config.readout().depth(),
        }
    }

    // Its callers are many, and a copy in each is larger than a call.
    #[inline(never)]
    fn have(&self, block: &SettingsBlock) -> bool {
        block.binning.is_none_or(|binning| binning == self.binning)
            && block
                .converter_bits
                .is_none_or(|bits| bits == self.depth.converter_bits())
            && block
                .link_freq
                .is_none_or(|freq| freq.get() == self.link_freq)
    }

    /// Returns whether D-PHY timing is among them. Otherwise the sensor has to compute it.
    pub(crate) fn have_dphy_timing(&self) -> bool {
        let mut blocks = self.blocks.iter();
        blocks.any(|block| block.phase == Phase::Link && self.have(block))
    }

    /// Returns whether these have registers that `next`, of the same sensor, leave as they are.
    pub(super) fn leave_traces(&self, next: &Self) -> bool {
        let mut blocks = self.blocks.iter();
        blocks.any(|block| block.leaves_traces && self.have(block) && !next.have(block))
    }

    /// Returns what a sensor lacks of these that holds the settings `held`, in the order of the
    /// program.
    pub(crate) fn lacked_by<'a>(&'a self, held: Option<&'a Self>) -> Pieces<'a> {
        Pieces {
            settings: self,
            held,
            blocks: self.blocks.iter(),
            phase: Phase::Global,
            block: Block::EMPTY,
            address: 0,
            values: &[],
        }
    }
}

/// Settings that a sensor lacks, the blocks of which are written as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Pieces<'a> {
    settings: &'a Settings,
    held: Option<&'a Settings>,
    // The blocks behind the current one.
    blocks: slice::Iter<'static, SettingsBlock>,
    // The current block, without the runs of registers that are done.
    phase: Phase,
    block: Block,
    // The rest of the current run.
    address: u16,
    values: &'static [u8],
}

impl<'a> Pieces<'a> {
    /// Returns the next write, not longer than `limit`.
    pub(crate) fn cut(&mut self, limit: WriteLimit) -> Option<Burst> {
        while self.values.is_empty() {
            if let Some(run) = self.block.next_run() {
                (self.address, self.values) = run;
                break;
            }
            let lacked = self.blocks.find(|block| {
                self.settings.have(block) && !self.held.is_some_and(|held| held.have(block))
            })?;
            (self.phase, self.block) = (lacked.phase, lacked.block);
        }
        let (values, rest) = self
            .values
            .split_at_checked(limit.data)
            .unwrap_or((self.values, &[]));
        let burst = Burst::new(self.address, values);
        self.address = burst.end();
        self.values = rest;
        Some(burst)
    }

    /// Returns each byte.
    pub(crate) fn entries(mut self) -> impl Iterator<Item = Entry> + use<'a> {
        iter::from_fn(move || {
            let burst = self.cut(WriteLimit { data: 1 })?;
            Some(Entry {
                phase: self.phase,
                address: burst.address(),
                value: *burst.data().first()?,
            })
        })
    }
}
