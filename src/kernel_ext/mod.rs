// SPDX-License-Identifier: GPL-2.0-only

//! What rust/kernel does not have yet, laid out as rust/kernel is.

pub mod bindings;
pub mod dev_printk;
pub mod device_link;
pub mod fwnode;
pub mod global;
pub mod gpio;
pub mod i2c;
pub mod media;
pub mod pm_runtime;
pub mod regulator_bulk;
pub mod testing;
pub mod workqueue;
