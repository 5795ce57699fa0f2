// SPDX-License-Identifier: GPL-2.0-only

//! The IMX412 and IMX577 as V4L2 sub-devices.
//!
//! | file | what it does |
//! |---|---|
//! | `probe` | finds the sensor, and lets it go |
//! | `firmware` | what the device tree says |
//! | `power` | supplies, INCK and XCLR in their order |
//! | `bus` | register bursts on I2C |
//! | `sensor` | the configuration, and what the part holds of it |
//! | `broadcast` | sensors on one bus that change together |
//! | `controls` | V4L2 controls to configuration changes, by its `table` |
//! | `formats` | V4L2's names for readouts |
//! | `interval` | frame intervals as V4L2 asks for them |
//! | `subdev` | V4L2 formats, selections and streams |

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

mod broadcast;
mod bus;
mod controls;
mod firmware;
mod formats;
mod interval;
mod power;
mod probe;
mod sensor;
mod subdev;

pub use probe::{
    Camera,
    Imx412Driver, //
};
pub use subdev::Imx412;
