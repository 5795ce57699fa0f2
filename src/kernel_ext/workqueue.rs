// SPDX-License-Identifier: GPL-2.0-only

//! Dedicated work queues, and work that is waited for.
//!
//! [`kernel::workqueue`] has the system's queues only. A module that may be unloaded needs a queue
//! that it can drain: pending work on a system queue would run code that is gone. And its work owns
//! what it needs, while [`join`]'s may borrow it.
//!
//! C header: [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)

use super::bindings;
use core::{
    ops::Deref,
    ptr::NonNull, //
};
use kernel::{
    prelude::*,
    sync::static_lock_class,
    types::Opaque,
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

/// A closure on its way to a worker.
#[repr(C)]
struct Job<F> {
    /// The first field: a pointer to it is one to the job.
    work: Opaque<bindings::work_struct>,
    /// Taken by who runs it.
    run: Option<F>,
}

impl<F: FnOnce()> Job<F> {
    /// # Safety
    ///
    /// `work` is that of a valid job, which nothing else uses meanwhile.
    unsafe extern "C" fn run(work: *mut bindings::work_struct) {
        // SAFETY: The work is the first field of a `repr(C)` structure, and the caller hands in a
        // pointer that may be used for all of it.
        let run = unsafe { (*work.cast::<Self>()).run.take() };

        if let Some(run) = run {
            run();
        }
    }
}

/// Runs `here` in this thread and `elsewhere` in one of the kernel's workers, mostly on another CPU if
/// there is one; returns when both have run.
///
/// What no worker has begun when `here` is done is run in this thread: nothing here needs memory, a
/// free worker, or a second CPU. `here` may call it again; `elsewhere` may not, and takes no lock that
/// callers hold, as all calls are one lock to lockdep. May sleep.
pub fn join<F: FnOnce() + Send>(here: impl FnOnce(), elsewhere: F) {
    let mut job = Job {
        work: Opaque::uninit(),
        run: Some(elsewhere),
    };
    // From here on `job` is used by this pointer only.
    let job = &raw mut job;
    let work = job.cast::<bindings::work_struct>();

    // SAFETY: `work` points to memory for a work item, as `Job` begins with one, on the stack, of which
    // the `true` tells; it stays there until this function returns. Name and key are static. The queue
    // is a C global that is never destroyed. `Job::run` gets `work`, which was derived from a pointer
    // to all of the job, at most once, as it is queued once. Until `cancel_work_sync()` has returned
    // this function does not touch the job, so that it is the worker's; `F` may be sent to it.
    unsafe {
        bindings::init_work_with_key(
            work,
            Some(Job::<F>::run),
            true,
            c"join".as_char_ptr(),
            static_lock_class!().as_ptr(),
        );
        bindings::queue_work_on(
            bindings::wq_misc_consts_WORK_CPU_UNBOUND as c_int,
            bindings::system_dfl_wq,
            work,
        );
    }
    here();
    // SAFETY: The work is initialised. This takes it off the queue, or waits until `Job::run` has
    // returned, whose code and whose borrows are therefore no longer used. There is no way around this
    // line: nothing unwinds in the kernel.
    unsafe { bindings::cancel_work_sync(work) };
    // SAFETY: It was initialised as one on the stack, and nothing uses it any more. Elsewhere C has no
    // such function, but an empty line.
    #[cfg(CONFIG_DEBUG_OBJECTS_WORK)]
    unsafe {
        bindings::destroy_work_on_stack(work)
    };
    // SAFETY: The job is valid, and this thread's only.
    unsafe { Job::<F>::run(work) };
}
