// SPDX-License-Identifier: GPL-2.0-only

//! Data shared by everything in a module.
//!
//! [`kernel::sync::global_lock`] needs to be initialised by hand before its first use, which modules
//! that are made of one `module_driver!` have no place for.
//!
//! C header: [`include/linux/mutex.h`](srctree/include/linux/mutex.h)

use super::bindings;
use core::cell::UnsafeCell;
use kernel::{
    prelude::*,
    static_lock_class,
    sync::atomic::{
        ordering,
        Atomic, //
    },
    types::Opaque, //
};

const UNINITIALISED: u32 = 0;
const INITIALISING: u32 = 1;
const READY: u32 = 2;

/// A value in a `static`, protected by a mutex that is ready at its first use.
///
/// The value is not dropped when the module is unloaded: whoever puts something in takes it out.
///
/// # Examples
///
/// ```ignore
/// static BOARDS: GlobalMutex<KVec<Arc<Board>>> = GlobalMutex::new(KVec::new());
///
/// BOARDS.with(|boards| boards.push(board, GFP_KERNEL))?;
/// ```
///
/// # Invariants
///
/// `mutex` is initialised if `state` is `READY`. `value` is touched with `mutex` held only.
pub struct GlobalMutex<T> {
    state: Atomic<u32>,
    mutex: Opaque<bindings::mutex>,
    value: UnsafeCell<T>,
}

// SAFETY: `value` is protected by `mutex`, so sharing this hands the value from thread to thread at
// most.
unsafe impl<T: Send> Sync for GlobalMutex<T> {}

impl<T: Send> GlobalMutex<T> {
    /// For use in a `static`.
    pub const fn new(value: T) -> Self {
        // INVARIANT: Not `READY`.
        Self {
            state: Atomic::new(UNINITIALISED),
            mutex: Opaque::uninit(),
            value: UnsafeCell::new(value),
        }
    }

    /// Calls `f` with the value, which nobody else has meanwhile. May sleep.
    pub fn with<R>(&'static self, f: impl FnOnce(&mut T) -> R) -> R {
        self.initialise();

        // SAFETY: The mutex is initialised.
        unsafe { bindings::mutex_lock(self.mutex.get()) };
        // SAFETY: The mutex is held until the reference is gone.
        let result = f(unsafe { &mut *self.value.get() });
        // SAFETY: The mutex is held by this thread.
        unsafe { bindings::mutex_unlock(self.mutex.get()) };
        result
    }

    /// Returns with the mutex initialised.
    fn initialise(&'static self) {
        if self.state.load(ordering::Acquire) == READY {
            return;
        }
        if self
            .state
            .cmpxchg(UNINITIALISED, INITIALISING, ordering::Relaxed)
            .is_ok()
        {
            // SAFETY: The exchange lets one thread in here, once. The mutex is in a `static`; name and
            // class are static too.
            unsafe {
                bindings::__mutex_init(
                    self.mutex.get(),
                    c"GlobalMutex".as_char_ptr(),
                    static_lock_class!().as_ptr(),
                )
            };
            self.state.store(READY, ordering::Release);
        }
        // Another thread may be in the middle of the few stores above.
        while self.state.load(ordering::Acquire) != READY {
            core::hint::spin_loop();
        }
    }
}
