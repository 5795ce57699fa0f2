// SPDX-License-Identifier: GPL-2.0-only

//! The media subsystem.

pub mod device;
pub mod v4l2;
pub mod videobuf2;
