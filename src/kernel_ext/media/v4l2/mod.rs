// SPDX-License-Identifier: GPL-2.0-only

//! Video4Linux.

pub mod ctrls;
pub mod device;
pub mod fwnode;
pub mod ioctl;
pub mod notifier;
pub mod remote;
pub mod subdev;
pub mod video_device;
