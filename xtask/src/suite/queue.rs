// SPDX-License-Identifier: GPL-2.0-only

//! Guests that several lanes of tests take from one list.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Guests of a list, each of which is taken once.
#[derive(Debug)]
pub struct Queue<T: 'static> {
    guests: &'static [T],
    taken: AtomicUsize,
}

impl<T> Queue<T> {
    /// Creates the queue of `guests`, none of which is taken.
    pub fn new(guests: &'static [T]) -> Self {
        Self {
            guests,
            taken: AtomicUsize::new(0),
        }
    }

    /// Takes the next guest; `None` once all are taken.
    pub fn take(&self) -> Option<&'static T> {
        self.guests.get(self.taken.fetch_add(1, Ordering::Relaxed))
    }
}
