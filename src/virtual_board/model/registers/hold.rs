// SPDX-License-Identifier: GPL-2.0-only

//! Group hold and the frame boundary.
//!
//! A frame-latched register has these values: the one written last (the register file, which is what
//! a read returns), the one that the next frame start latches (staged), those that the last frame
//! starts have latched, and that of the current frame (active), which was latched by this frame start
//! or by an earlier one, as the [`Latency`] has it. In standby all are one. While streaming a write
//! stages its byte unless group hold is set; releasing the hold stages everything at once.

use super::{
    latency::{
        Latency, //
        DEPTH,
    }, //
    map::FRAME_LATCHED,
};

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

    /// Returns the value of the register at `address`, if it is one of these.
    pub(crate) fn get(&self, address: u16) -> Option<u8> {
        self.values.get(Self::slot(address)?).copied()
    }
}

/// The frame-latched registers on their way from the bus to the frame.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    latency: Latency,
    staged: Latched,
    /// Values that the last frame starts have latched, newest first.
    latched: [Latched; DEPTH],
    active: Latched,
    held: bool,
    frames_held: u32,
}

impl Hold {
    pub(crate) const fn new(latency: Latency) -> Self {
        Self {
            latency,
            staged: Latched::EMPTY,
            latched: [Latched::EMPTY; DEPTH],
            active: Latched::EMPTY,
            held: false,
            frames_held: 0,
        }
    }

    /// Returns the values of the current frame.
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
        self.latched = [self.staged; DEPTH];
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

    /// Passes a frame boundary. Returns whether the frame differs from the one before.
    pub(crate) fn latch(&mut self) -> bool {
        if self.held {
            self.frames_held = self.frames_held.saturating_add(1);
        }
        self.latched.rotate_right(1);
        if let Some(newest) = self.latched.first_mut() {
            *newest = self.staged;
        }

        let before = self.active;
        self.active = self.delayed();
        before != self.active
    }

    /// Returns whether values that were latched are still to show.
    pub(crate) fn is_pending(&self) -> bool {
        self.latched.first() != Some(&self.active)
    }

    /// Returns the values for the frame that starts.
    fn delayed(&self) -> Latched {
        let mut active = Latched::EMPTY;
        let addresses = FRAME_LATCHED
            .iter()
            .flat_map(|(first, last)| *first..=*last);

        for (slot, (value, address)) in active.values.iter_mut().zip(addresses).enumerate() {
            let frames = self.latency.frames_after_latch(address);
            *value = self
                .latched
                .get(frames)
                .and_then(|latched| latched.values.get(slot))
                .copied()
                .unwrap_or(0);
        }
        active
    }

    /// Returns the frame starts since the hold was set.
    pub(crate) const fn frames_held(&self) -> u32 {
        self.frames_held
    }
}
