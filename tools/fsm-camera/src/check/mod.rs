// SPDX-License-Identifier: GPL-2.0-only

//! Checks a camera from the device tree up to its pixels, and says what is likely wrong.
//!
//! [`run`] walks through the steps; what each sees goes into [`Observations`], from which
//! [`verdict::suspects`] makes the verdict. A step that fails stops no later one that can still tell
//! something.

pub mod machine;
pub mod observe;
pub mod report;
pub mod signal;
pub mod verdict;

mod frames;
mod life;
mod light;
mod pixels;
mod run;

pub use observe::Observations;
pub use report::{Outcome, Report, StepDone};
pub use run::{run, Options, Stopped};
