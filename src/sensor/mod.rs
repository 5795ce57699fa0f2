// SPDX-License-Identifier: GPL-2.0-only

//! The Sony IMX412 and its family as pure Rust.
//!
//! Configuration is a value, registers are a pure function of it, and the bus carries the
//! difference:
//!
//! ```text
//! Board::new(inck_hz, lanes, &[link_freq], part)         fixed at probe
//!     Config::default_for(&board)                        valid by construction
//!         readout::negotiate::for_format(crop, 1920, 1080, depth)
//!                                                        the readout for an image, and for_crop()
//!         config.with_readout(readout)                   for a part of the array
//!         config.with_frame_interval(interval)           the nearest that is possible
//!         config.with(Setting::Exposure.to(1000))?    a new valid value, dependent values follow
//!             program::compose_into(&config, activity, Extent::Whole, &mut image)
//!                                                    cannot fail
//!                 image.diff(&known)                     what the sensor does not hold yet
//!                     .bursts(limit)                     one bus write each, group hold included
//!                 known.commit(&image)                   once all of it was acknowledged
//!                 known.forget_difference(&image)        when it is not known what arrived
//! ```
//!
//! [`wire::group::writes`] does the same for several sensors at once.
//!
//! A program begins with a stop and ends with a start and the registers that must follow it. If
//! [`Diff::needs_stop`] returns true, the same configuration must be applied with
//! [`Activity::Standby`] first. After the supplies were off, call [`Known::reset`]. A sensor that
//! remained powered may have lost its registers nevertheless: see [`wire::witness`]. A failed live
//! change is undone with [`Diff::undo`].
//!
//! Nothing here does I/O, allocates, panics or uses floating point; `core` is the only import, so
//! that the same files build into the kernel module and into a host library.
//!
//! [`RegisterImage`] takes 424 bytes and [`Known`] 288: keep them and reuse them.

pub mod activity;
pub mod area;
mod arithmetic;
pub mod board;
pub mod clock;
pub mod config;
pub mod link;
pub mod part;
pub mod program;
pub mod readout;
pub mod regs;
pub mod setting;
pub mod stream;
pub mod timing;
pub mod wire;

pub use activity::Activity;
pub use board::{
    Board,
    BoardError, //
};
pub use clock::{
    ClockTree,
    Inck, //
};
pub use config::{
    Change,
    Config,
    ConfigError,
    Kind,
    Limits,
    Setting, //
};
pub use link::{
    Lanes,
    Link, //
};
pub use part::Part;
pub use readout::{
    Depth,
    Readout,
    Scaling, //
};
pub use setting::black_level::BlackLevel;
pub use setting::orientation::{
    BayerOrder,
    Orientation, //
};
pub use setting::strobe::Strobe;
pub use setting::sync::Synchronisation;
pub use setting::test_pattern::{
    Channel,
    TestColours,
    TestPattern, //
};
pub use timing::{
    Interval,
    Timing, //
};
pub use wire::burst::{
    Burst,
    WriteLimit, //
};
pub use wire::diff::{
    Bursts,
    Diff, //
};
pub use wire::image::RegisterImage;
pub use wire::known::Known;
