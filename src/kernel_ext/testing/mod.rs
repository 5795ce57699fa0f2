// SPDX-License-Identifier: GPL-2.0-only

//! Helpers of tests, which find devices, apply overlays and act as applications.

pub mod bench;
pub mod i2c_lookup;
pub mod of_overlay;
pub mod v4l2_user;
pub mod v4l2_user_state;
pub mod video_user;
