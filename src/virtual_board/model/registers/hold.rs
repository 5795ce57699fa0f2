// SPDX-License-Identifier: GPL-2.0-only

//! Group hold and the frame boundary.
//!
//! A frame-latched register has three values: what was written last (the register file, which is
//! what a read returns), what the next frame start will take (staged) and what the present frame
//! shows (active). In standby all three are one. While streaming a write stages its byte unless
//! group hold is set; releasing the hold stages everything at once.

use super::access::FRAME_LATCHED;

/// Frame starts that a group hold may span. Nothing public states a limit; a driver that needs
/// more than one or two frames for its writes has lost its release.
pub(crate) const HOLD_LIMIT_FRAMES: u32 = 60;

const COUNT: usize = {
    let mut count = 0;
    let mut runs = FRAME_LATCHED;
    while let [(first, last), rest @ ..] = runs {
        count += (*last - *first) as usize + 1;
        runs = rest;
    }
    count
};

/// A copy of the frame-latched registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Latched {
    values: [u8; COUNT],
}

impl Latched {
    const EMPTY: Self = Self { values: [0; COUNT] };

    /// Returns the registers as `file` has them.
    pub(crate) fn of(file: impl Fn(u16) -> u8) -> Self {
        let mut latched = Self::EMPTY;

        latched.load(file);
        latched
    }

    fn load(&mut self, file: impl Fn(u16) -> u8) {
        let addresses = FRAME_LATCHED
            .iter()
            .flat_map(|(first, last)| *first..=*last);
        for (value, address) in self.values.iter_mut().zip(addresses) {
            *value = file(address);
        }
    }

    fn slot(address: u16) -> Option<usize> {
        let mut base = 0usize;
        for (first, last) in FRAME_LATCHED {
            if (*first..=*last).contains(&address) {
                return Some(base.saturating_add(usize::from(address.saturating_sub(*first))));
            }
            base = base
                .saturating_add(usize::from(last.saturating_sub(*first)))
                .saturating_add(1);
        }
        None
    }

    fn set(&mut self, address: u16, value: u8) {
        if let Some(slot) = Self::slot(address).and_then(|slot| self.values.get_mut(slot)) {
            *slot = value;
        }
    }

    /// The value of the register at `address`, if it is one of these.
    pub(crate) fn get(&self, address: u16) -> Option<u8> {
        self.values.get(Self::slot(address)?).copied()
    }
}

/// The frame-latched registers on their way from the bus to the picture.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    staged: Latched,
    active: Latched,
    held: bool,
    frames_held: u32,
}

impl Hold {
    pub(crate) const fn new() -> Self {
        Self {
            staged: Latched::EMPTY,
            active: Latched::EMPTY,
            held: false,
            frames_held: 0,
        }
    }

    /// What the present frame shows.
    pub(crate) const fn active(&self) -> &Latched {
        &self.active
    }

    /// Forgets the hold and takes everything from `file`: after reset.
    pub(crate) fn reset(&mut self, file: impl Fn(u16) -> u8) {
        self.held = false;
        self.frames_held = 0;
        self.load(file);
    }

    /// Takes everything from `file` at once: when streaming starts.
    pub(crate) fn load(&mut self, file: impl Fn(u16) -> u8) {
        self.staged.load(file);
        self.active = self.staged;
    }

    /// Sets or releases the hold; a release stages what `file` holds.
    pub(crate) fn set_held(&mut self, held: bool, file: impl Fn(u16) -> u8) {
        if self.held && !held {
            self.staged.load(file);
        }
        if self.held != held {
            self.frames_held = 0;
        }
        self.held = held;
    }

    /// A frame-latched register was written while streaming.
    pub(crate) fn stage(&mut self, address: u16, value: u8) {
        if !self.held {
            self.staged.set(address, value);
        }
    }

    /// The frame boundary. Returns whether the frame differs from the one before.
    pub(crate) fn latch(&mut self) -> bool {
        if self.held {
            self.frames_held = self.frames_held.saturating_add(1);
        }
        let changed = self.active != self.staged;
        self.active = self.staged;
        changed
    }

    /// Frame starts since the hold was set.
    pub(crate) const fn frames_held(&self) -> u32 {
        self.frames_held
    }
}
