// SPDX-License-Identifier: GPL-2.0-only

//! The driver's own view of a configuration, in words and numbers.
//!
//! Nothing about the sensor is worked out here: `sensor` of the kernel module is, compiled for the host.

#![forbid(unsafe_code)]

pub mod document;
pub mod explain;
pub mod modes;
pub mod program;
pub mod report;
pub mod request;
pub mod settings;
