// SPDX-License-Identifier: GPL-2.0-only

//! CPUs.
//!
//! [`kernel::cpumask`] has sets of CPUs, but not the kernel's own.
//!
//! C header: [`include/linux/cpumask.h`](srctree/include/linux/cpumask.h)

use super::bindings;
use kernel::cpumask::Cpumask;

/// Returns the number of CPUs that run at present.
pub fn num_online_cpus() -> u32 {
    // SAFETY: The set is a C global, which is only read here; what else changes is in an `Opaque`.
    unsafe { Cpumask::from_raw(&raw const bindings::__cpu_online_mask) }.weight()
}
