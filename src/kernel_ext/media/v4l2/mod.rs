// SPDX-License-Identifier: GPL-2.0-only

//! Video4Linux.

pub mod ctrls;
#[cfg(kernel_ext_receiver)]
pub mod device;
pub mod fwnode;
#[cfg(kernel_ext_receiver)]
pub mod notifier;
#[cfg(kernel_ext_receiver)]
pub mod remote;
pub mod subdev;
#[cfg(kernel_ext_receiver)]
pub mod video_device;
