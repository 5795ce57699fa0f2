// SPDX-License-Identifier: GPL-2.0-only

//! The IMX412 and its family as V4L2 sub-devices.
//!
//! | file | what it does |
//! |---|---|
//! | `probe` | finds the sensor, and lets it go |
//! | `firmware` | what the device tree says |
//! | `power` | supplies, INCK and XCLR in their order |
//! | `bus` | register bursts on I2C |
//! | `sensor` | what the sensor holds and does |
//! | `device` | what all callbacks share: what was asked for, the sensor, its place on the bus |
//! | `apply` | settings into effect, for one sensor or several |
//! | `joint` | a change of several sensors as one transfer |
//! | `broadcast` | sensors on one bus that start together |
//! | `streaming` | starting and stopping |
//! | `controls` | V4L2 controls to configuration changes, by its `table`, and back, by `publish` |
//! | `formats` | V4L2's names for readouts |
//! | `interval` | frame intervals as V4L2 asks for them |
//! | `subdev` | V4L2 formats and selections |

#![forbid(unsafe_code)]
// What could panic. The built module is looked at, too: docs/development.md.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod apply;
mod broadcast;
mod bus;
pub(crate) mod controls;
pub(crate) mod device;
mod firmware;
mod formats;
mod interval;
mod joint;
mod power;
mod probe;
mod sensor;
mod streaming;
mod subdev;

pub use device::Imx412;
pub use probe::{
    Camera,
    Imx412Driver, //
};
