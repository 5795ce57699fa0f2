// SPDX-License-Identifier: GPL-2.0-only

//! Link frequencies that cannot be made, and the nearest ones that can.

use super::{
    ClockTree,
    Inck,
    Part, //
};
use core::fmt;

/// A link frequency that the clock tree cannot make, with the nearest ones that it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The input clock.
    pub inck: Inck,
    /// The requested frequency in Hz.
    pub link_freq: u64,
    /// The nearest lower frequency that can be made, if any, in Hz.
    pub below: Option<u64>,
    /// The nearest higher frequency that can be made, if any, in Hz.
    pub above: Option<u64>,
}

impl Unreachable {
    pub(crate) fn nearest(part: &Part, inck: Inck, link_freq: u64) -> Self {
        // Of no tree.
        let (mut below, mut above) = (0, u64::MAX);
        ClockTree::visit(part, inck, (0, u64::MAX), &mut |tree| {
            let reachable = tree.nominal().link_freq();
            if reachable < link_freq {
                below = below.max(reachable);
            } else {
                above = above.min(reachable);
            }
        });
        Self {
            inck,
            link_freq,
            below: (below > 0).then_some(below),
            above: (above < u64::MAX).then_some(above),
        }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "link frequency {} Hz cannot be made exactly from an INCK of {} Hz; nearest: ",
            self.link_freq,
            self.inck.nominal_hz(),
        )?;
        match (self.below, self.above) {
            (Some(below), Some(above)) => write!(f, "{below} Hz and {above} Hz"),
            (Some(only), None) | (None, Some(only)) => write!(f, "{only} Hz"),
            (None, None) => f.write_str("none"),
        }
    }
}
