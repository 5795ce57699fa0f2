// SPDX-License-Identifier: GPL-2.0-only

//! Finds cameras with an IMX412 or one of its family, sets their whole pipeline up in physical units, takes
//! frames, develops and saves them, and checks that all of it works.
//!
//! Below is V4L2 and the media controller, as every other program uses them: nothing here is private
//! to the driver, and all of it can be used beside v4l2-ctl and media-ctl. From C or Python, use those,
//! or libcamera.
//!
//! ```no_run
//! use fsm_camera::{camera::{Camera, Settings}, develop::develop, save, stream::Frame};
//! use std::{path::Path, time::Duration};
//!
//! fn main() -> anyhow::Result<()> {
//!     let camera = Camera::find(None)?;
//!     let (exposure, gain) = (Some("10ms".parse()?), Some("6dB".parse()?));
//!     let settings = Settings { exposure, gain, ..Settings::default() };
//!     let (stream, state) = camera.configure(&settings)?.start(4)?;
//!     let mut frame = Frame::default();
//!     anyhow::ensure!(stream.next(Duration::from_secs(2), &mut frame)?, "no frame came");
//!     let raw = state.raw(&frame, stream.layout())?;
//!     save::png(Path::new("shot.png"), &develop(&raw)?)
//! }
//! ```

#![deny(unsafe_code)]
#![warn(missing_debug_implementations, missing_docs)]

pub mod auto;
pub mod camera;
pub mod check;
pub mod controls;
pub mod develop;
pub mod formats;
pub mod graph;
pub mod live;
pub mod plan;
pub mod save;
pub mod sensor;
pub mod stream;
pub mod sys;
pub mod tree;
pub mod units;

/// The sensors that this program knows, as their drivers name them.
pub const PARTS: [&str; 4] = ["imx412", "imx577", "imx477", "imx378"];
