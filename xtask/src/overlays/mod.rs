// SPDX-License-Identifier: GPL-2.0-only

//! The overlays for boards: what there is, compiled, merged into the kernel's device trees, and
//! judged there.

pub mod boards;
pub mod build;
pub mod docs;
pub mod gaps;
pub mod list;
pub mod merged;
pub mod rules;
pub mod schema;
pub mod shipped;
pub mod tree;
