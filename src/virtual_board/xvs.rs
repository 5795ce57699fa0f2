// SPDX-License-Identifier: GPL-2.0-only

//! XVS wires: sensors of boards that name the same one are joined by it.

use super::{
    model::XvsWire,
    wiring::Follower, //
};
use kernel::{
    prelude::*,
    sync::{
        new_mutex,
        Arc,
        Mutex, //
    }, //
};

/// Poll interval for a source, ns.
const POLL_NS: u64 = 10_000_000;

/// A wire, and the sensors that it joins.
#[pin_data]
pub(crate) struct Xvs {
    // Taken after the lock of a board.
    #[pin]
    pub(crate) wire: Mutex<XvsWire>,
    #[pin]
    members: Mutex<KVec<Arc<dyn Follower>>>,
}

impl Xvs {
    /// Creates a wire.
    pub(crate) fn new() -> Result<Arc<Self>> {
        Arc::pin_init(
            pin_init!(Self {
                wire <- new_mutex!(XvsWire::new(), "Xvs::wire"),
                members <- new_mutex!(KVec::new(), "Xvs::members"),
            }),
            GFP_KERNEL,
        )
    }

    /// Returns how long from `now_ns` until a sink should look for a pulse again, ns.
    pub(crate) fn next_pulse(&self, now_ns: u64) -> u64 {
        let next_ns = self.wire.lock().next_ns();

        match next_ns.and_then(|next_ns| next_ns.checked_sub(now_ns)) {
            Some(delay_ns) if delay_ns > 0 => delay_ns.min(POLL_NS),
            _ => POLL_NS,
        }
    }

    /// Brings all sensors of the wire except for `sensor` up to `now_ns`.
    pub(crate) fn catch_up_others(&self, sensor: &dyn Follower, now_ns: u64) {
        let mut position = 0usize;

        while let Some(other) = self.member(position) {
            if !core::ptr::addr_eq(&raw const *other, sensor) {
                other.catch_up(now_ns);
            }
            position = position.saturating_add(1);
        }
    }

    fn member(&self, position: usize) -> Option<Arc<dyn Follower>> {
        self.members.lock().get(position).cloned()
    }
}

/// The place of a sensor on its wire, until this is dropped.
pub(crate) struct Registration {
    xvs: Arc<Xvs>,
    sensor: Arc<dyn Follower>,
}

impl Registration {
    /// Puts a sensor on its wire.
    pub(crate) fn new(xvs: Arc<Xvs>, sensor: Arc<dyn Follower>) -> Result<Self> {
        xvs.members.lock().push(sensor.clone(), GFP_KERNEL)?;
        Ok(Self { xvs, sensor })
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.sensor.leave();
        self.xvs
            .members
            .lock()
            .retain(|other| !Arc::ptr_eq(other, &self.sensor));
    }
}
