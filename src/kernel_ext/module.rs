// SPDX-License-Identifier: GPL-2.0-only

//! Beginnings of modules.
//!
//! C header: [`include/linux/mutex.h`](srctree/include/linux/mutex.h)

/// Initialises the global locks of a module ([`kernel::sync::global_lock`]).
///
/// To be used once, by the module's `InPlaceModule::init()` before it registers anything, with each
/// lock that the code of the module declares.
#[macro_export]
macro_rules! init_global_locks {
    ($($lock:path),+ $(,)?) => {
        // SAFETY: The kernel calls what initialises a module once, before any other code of it.
        $(unsafe { $lock.init() };)+
    };
}
