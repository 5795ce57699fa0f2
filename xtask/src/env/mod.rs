// SPDX-License-Identifier: GPL-2.0-only

//! The machine: folders, installed programs, permissions.

pub mod apt;
pub mod command;
pub mod disk;
pub mod mirror;
pub mod mmdebstrap;
pub mod once;
pub mod page;
pub mod paths;
pub mod progress;
pub mod root;
pub mod step;
pub mod tools;
pub mod tree;
