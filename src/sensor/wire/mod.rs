// SPDX-License-Identifier: GPL-2.0-only

//! Programs on their way to the sensor.

pub mod burst;
pub mod diff;
pub mod group;
pub mod image;
pub mod known;
pub mod witness;
