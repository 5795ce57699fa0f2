// SPDX-License-Identifier: GPL-2.0-only

//! Frames as the sensor shows them.

pub(super) mod defects;
pub(super) mod frame;
pub(super) mod level;
pub(super) mod light;
pub(super) mod pack;
mod pairs;
pub(super) mod patterns;
pub(super) mod render;
pub(super) mod scene;
pub(super) mod srgb;
pub(super) mod wire;
