// SPDX-License-Identifier: GPL-2.0-only

//! The register file.

pub(super) mod access;
pub(super) mod file;
pub(super) mod hold;
pub(super) mod latency;
pub(super) mod manufacturer;
pub(super) mod map;
pub(super) mod view;
