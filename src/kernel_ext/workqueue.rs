// SPDX-License-Identifier: GPL-2.0-only

//! Dedicated work queues.
//!
//! [`kernel::workqueue`] offers the system's queues only. A module that may be unloaded needs a
//! queue that it can drain: work still pending on a system queue would run code that is gone.
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

/// A work queue whose items run one after the other, in any thread that is free.
///
/// Dropping it waits for all items that were queued, and must therefore not happen in one of them.
///
/// # Examples
///
/// ```ignore
/// let queue = OrderedQueue::new(c"my-device")?;
/// // `Device` implements `kernel::workqueue::WorkItem`.
/// let _ = queue.enqueue::<Arc<Device>, 0>(device.clone());
/// queue.flush();
/// ```
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
    /// Creates a queue; `name` shows up in lists of kernel threads.
    ///
    /// Fails with `ENOMEM`.
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

    /// Waits until all items that were queued before have run. Must not be called in one of them.
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
