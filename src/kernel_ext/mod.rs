// SPDX-License-Identifier: GPL-2.0-only

//! Abstractions that rust/kernel does not have yet, laid out as rust/kernel is.
//!
//! Implementations of traits are compiled into a module whether it uses them or not, and what they
//! call has to be in the kernel. So `Kbuild` sets a `--cfg` by the purpose of a module:
//! `kernel_ext_receiver` for receivers and adapters, `kernel_ext_testing` for test suites.

#[cfg(kernel_ext_receiver)]
pub mod absent_hardware;
pub mod bindings;
pub mod compat;
#[cfg(kernel_ext_receiver)]
pub mod cpumask;
pub mod delay;
pub mod dev_printk;
#[cfg(kernel_ext_receiver)]
pub mod device_link;
#[cfg(kernel_ext_receiver)]
pub mod fwnode;
pub mod gpio;
pub mod i2c;
pub mod media;
pub mod module;
pub mod pm_runtime;
pub mod regulator_bulk;
#[cfg(kernel_ext_testing)]
pub mod testing;
#[cfg(kernel_ext_receiver)]
pub mod workqueue;
