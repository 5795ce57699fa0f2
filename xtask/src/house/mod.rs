// SPDX-License-Identifier: GPL-2.0-only

//! The modules' source, read: which file uses which.

pub mod circles;
mod module;
pub mod rooms;
mod source;
