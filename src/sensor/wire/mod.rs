// SPDX-License-Identifier: GPL-2.0-only

//! Register programs as bus writes.

pub mod burst;
pub mod diff;
pub mod entry;
pub mod group;
pub mod image;
pub mod known;
pub mod settings;
pub mod witness;
