// SPDX-License-Identifier: GPL-2.0-only

//! The media subsystem.

#[cfg(kernel_ext_receiver)]
pub mod device;
pub mod v4l2;
#[cfg(kernel_ext_receiver)]
pub mod videobuf2;
