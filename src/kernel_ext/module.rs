// SPDX-License-Identifier: GPL-2.0-only

//! Initialisation of modules.
//!
//! C header: [`include/linux/mutex.h`](srctree/include/linux/mutex.h)

/// Declares a global lock of a module.
///
/// As [`kernel::sync::global_lock`]. Each lock has to be in the list that the module's root gives
/// to [`init_global_locks`](crate::init_global_locks), where all that a module is made of is named.
#[macro_export]
macro_rules! module_lock {
    ($(#[$meta:meta])* $vis:vis static $name:ident: Mutex<$value:ty> = $initial:expr;) => {
        kernel::sync::global_lock! {
            $(#[$meta])*
            // SAFETY: The module's root initialises the locks that it names before it registers
            // anything, so before any code that takes them can run; it names this one, as the macro
            // asks for.
            $vis unsafe(uninit) static $name: Mutex<$value> = $initial;
        }
    };
}

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
