// SPDX-License-Identifier: GPL-2.0-only

//! The IMX412 and its family as V4L2 sub-devices.
//!
//! | file | purpose |
//! |---|---|
//! | `probe` | binding and unbinding, identification |
//! | `firmware` | the device tree description, checked |
//! | `power` | sequence of supplies, INCK and XCLR |
//! | `bus` | register access over I2C |
//! | `sensor` | contents and activity of one sensor; recovery |
//! | `device` | state shared by all callbacks: the request, the sensor, its place on the bus |
//! | `apply` | applying settings, to one sensor or several |
//! | `broadcast` | sensors on one bus that start together |
//! | `streaming` | starting and stopping streams |
//! | `controls` | V4L2 controls as configuration changes (`table`), and their publication (`publish`) |
//! | `formats` | conversions to V4L2's formats |
//! | `interval` | frame interval operations |
//! | `subdev` | formats, selections and the other operations of the sub-device |

#![forbid(unsafe_code)]
// The built module is checked for panics as well, see docs/development.md.
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
