// SPDX-License-Identifier: GPL-2.0-only

//! Errors of configuration changes.

use super::{
    Limits,
    Setting, //
};
use core::fmt;

/// The reason why a change is not possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// A value outside its limits, or between their steps.
    OutOfRange {
        /// The setting.
        setting: Setting,
        /// The value.
        found: u32,
        /// Its limits.
        limits: Limits,
    },
    /// The board has no link of this number.
    NoSuchLink {
        /// The number.
        found: usize,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutOfRange {
                setting,
                found,
                limits: Limits { min, max, step, .. },
            } => write!(
                f,
                "{setting} of {found} is not in {min} to {max} in steps of {step}"
            ),
            Self::NoSuchLink { found } => write!(f, "there is no link frequency number {found}"),
        }
    }
}
