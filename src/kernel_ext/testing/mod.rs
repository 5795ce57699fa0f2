// SPDX-License-Identifier: GPL-2.0-only

//! Helpers for tests: look-up of devices, overlays, and calls as applications make them.

pub mod bench;
pub mod i2c_lookup;
pub mod of_overlay;
pub mod v4l2_user;
pub mod v4l2_user_state;
pub mod video_user;
