// SPDX-License-Identifier: GPL-2.0-only

//! Dedicated work queues.
//!
//! [`kernel::workqueue`] has the system's queues only. A module that may be unloaded needs a queue
//! that it can drain: pending work on a system queue would run code that is gone.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)

use super::bindings;
use core::{
    ops::Deref,
    ptr::NonNull, //
};
use kernel::{
    prelude::*,
    workqueue::Queue, //
};

/// A work queue whose items run one after the other, in any free worker thread.
///
/// Dropping it waits for all queued items, and must therefore not happen in one of them.
///
/// # Examples
///
/// `src/virtual_board/receiver/frames.rs` queues work that is drained when the device is unbound.
///
/// # Invariants
///
/// `queue` is a valid work queue that this object owns.
pub struct OrderedQueue {
    queue: NonNull<bindings::workqueue_struct>,
}

// SAFETY: Work queues may be used and destroyed from any thread.
unsafe impl Send for OrderedQueue {}
// SAFETY: All work queue operations on a shared reference are thread-safe.
unsafe impl Sync for OrderedQueue {}

impl OrderedQueue {
    /// Creates a queue called `name`. Returns `ENOMEM` without memory.
    pub fn new(name: &CStr) -> Result<Self> {
        const FLAGS: u32 = bindings::wq_flags_WQ_UNBOUND | bindings::wq_flags___WQ_ORDERED;

        // SAFETY: Both strings are NUL-terminated, and `%s` takes the one argument.
        let queue = unsafe {
            bindings::alloc_workqueue_noprof(c"%s".as_char_ptr(), FLAGS, 1, name.as_char_ptr())
        };

        // INVARIANT: A queue that was just allocated has no other owner.
        Ok(Self {
            queue: NonNull::new(queue).ok_or(ENOMEM)?,
        })
    }

    /// Waits until all items queued before have run. Must not be called in one of them.
    pub fn flush(&self) {
        // SAFETY: The queue is valid by the type invariant.
        unsafe { bindings::__flush_workqueue(self.queue.as_ptr()) };
    }
}

impl Deref for OrderedQueue {
    type Target = Queue;

    fn deref(&self) -> &Queue {
        // SAFETY: The queue is valid for as long as `self`, by the type invariant.
        unsafe { Queue::from_raw(self.queue.as_ptr()) }
    }
}

impl Drop for OrderedQueue {
    fn drop(&mut self) {
        // SAFETY: By the type invariant, the queue is valid and owned by `self`. Borrows through
        // `Deref` have ended.
        unsafe { bindings::destroy_workqueue(self.queue.as_ptr()) }
    }
}
