// SPDX-License-Identifier: GPL-2.0-only

//! Names that differ between the supported series of kernels.
//!
//! Kbuild sets `kernel_at_least_7_3` and the like, which only `kernel_ext` may use. Everything here
//! has the form that it has in the newest series: when an older series is dropped, so is its half,
//! and callers use rust/kernel directly.

use super::bindings;
use kernel::prelude::*;
#[cfg(kernel_ext_testing)]
use kernel::{
    device::{
        Bound,
        Device, //
    },
    faux, //
};

#[cfg(kernel_at_least_7_3)]
pub use kernel::{
    module::{
        this_module,
        ModuleMetadata, //
    },
    of_device_table, //
};

#[cfg(all(kernel_at_least_7_3, kernel_ext_testing))]
pub use kernel::i2c_device_table;

#[cfg(kernel_at_least_7_3)]
mod since_7_3 {
    use kernel::sync::barrier;

    /// Orders all memory accesses before it against all after it.
    pub fn smp_mb() {
        barrier::smp_mb(barrier::Full);
    }
}
#[cfg(kernel_at_least_7_3)]
pub use since_7_3::smp_mb;

/// Returns the device that `registration` keeps bound.
#[cfg(kernel_ext_testing)]
pub fn faux_device(registration: &faux::Registration) -> &Device<Bound> {
    #[cfg(kernel_at_least_7_3)]
    return registration.as_ref().as_ref();

    // SAFETY: A faux device is bound by registering it, and cannot be unbound from user space: it
    // stays so as long as `registration` does, which the result borrows.
    #[cfg(not(kernel_at_least_7_3))]
    return unsafe { registration.as_ref().as_bound() };
}

#[cfg(not(kernel_at_least_7_3))]
mod before_7_3 {
    pub use kernel::sync::barrier::smp_mb;
    pub use kernel::ModuleMetadata;

    /// Returns the `THIS_MODULE` of `M`, which is the crate's one module.
    // 7.3 asks the type.
    #[allow(clippy::extra_unused_type_parameters)]
    pub fn this_module<M: ModuleMetadata>() -> &'static kernel::ThisModule {
        &crate::THIS_MODULE
    }

    /// Creates an OF `IdTable`. Before 7.3 the caller also named the alias for modpost.
    macro_rules! of_device_table {
        ($table_name:ident, $($rest:tt)*) => {
            kernel::of_device_table!($table_name, MODULE_OF_TABLE, $($rest)*);
        };
    }
    pub(crate) use of_device_table;

    /// Creates an I2C `IdTable`, as `of_device_table` an OF one.
    #[cfg(kernel_ext_testing)]
    macro_rules! i2c_device_table {
        ($table_name:ident, $($rest:tt)*) => {
            kernel::i2c_device_table!($table_name, MODULE_I2C_TABLE, $($rest)*);
        };
    }
    #[cfg(kernel_ext_testing)]
    pub(crate) use i2c_device_table;
}
#[cfg(all(not(kernel_at_least_7_3), kernel_ext_testing))]
pub(crate) use before_7_3::i2c_device_table;
#[cfg(not(kernel_at_least_7_3))]
pub(crate) use before_7_3::{
    of_device_table,
    smp_mb,
    this_module,
    ModuleMetadata, //
};

/// Functions for errors that rust/kernel has no constants for before 7.3. Constants would not do:
/// where they are missing, a pattern with the name would match everything.
macro_rules! errors {
    ($($function:ident: $code:ident,)*) => {
        $(
            #[doc = concat!("Returns `", stringify!($code), "`.")]
            pub fn $function() -> Error {
                Error::from_errno(-(bindings::$code as c_int))
            }
        )*
    };
}

errors! {
    ecanceled: ECANCELED,
    enodata: ENODATA,
    enotconn: ENOTCONN,
    eopnotsupp: EOPNOTSUPP,
    eremoteio: EREMOTEIO,
}
