// SPDX-License-Identifier: GPL-2.0-only

//! Frame intervals of the sensor, as V4L2 asks for them.
//!
//! The active one is what VBLANK and HBLANK make of it, and a new one sets them. One to try stays in
//! its state, and becomes what the sensor would make of it now.

use super::{
    formats::depth_of,
    subdev::{
        Imx412,
        SOURCE, //
    }, //
};
use crate::{
    kernel_ext::media::v4l2::subdev::{
        state::{
            Fraction,
            State, //
        },
        Which, //
    },
    sensor::{
        readout::negotiate,
        Config,
        Interval,
        Readout, //
    }, //
};
use kernel::prelude::*;

/// Stands for the interval to start with.
const DEFAULT: Interval = Interval {
    numerator: 0,
    denominator: 0,
};

impl From<Interval> for Fraction {
    fn from(interval: Interval) -> Self {
        Self {
            numerator: interval.numerator,
            denominator: interval.denominator,
        }
    }
}

impl From<Fraction> for Interval {
    fn from(fraction: Fraction) -> Self {
        Self {
            numerator: fraction.numerator,
            denominator: fraction.denominator,
        }
    }
}

impl Imx412 {
    /// The `index`th interval to offer for a code and a size, the shortest first; `EINVAL` past the
    /// last one, and for what set_format would not give.
    pub(super) fn offered_interval(
        &self,
        state: &mut State,
        code: u32,
        (width, height): (u32, u32),
        index: u32,
    ) -> Result<Fraction> {
        let depth = depth_of(code, self.board.part()).ok_or(EINVAL)?;
        let crop = state.crop(SOURCE)?.try_into()?;
        let readout = negotiate::for_format(crop, width, height, depth);
        let output = readout.output();

        if (u32::from(output.width), u32::from(output.height)) != (width, height) {
            return Err(EINVAL);
        }
        self.with(&readout)
            .offered_frame_interval(usize::try_from(index)?)
            .map(Fraction::from)
            .ok_or(EINVAL)
    }

    /// The interval in use, or the one that `state` tries.
    pub(super) fn interval(&self, state: &mut State, which: Which<'_>) -> Result<Fraction> {
        match which {
            Which::Try => state.interval(SOURCE),
            // The controls may have changed it.
            Which::Active(_) => Ok(self.sensor.lock().config().frame_interval().into()),
        }
    }

    /// Makes `interval` the nearest that the readout in `state` allows; for the active state the
    /// controls follow, also while streaming.
    pub(super) fn set_interval(
        &self,
        state: &mut State,
        which: Which<'_>,
        interval: &mut Fraction,
    ) -> Result {
        let readout = self.readout_of(state)?;
        let next = self.with(&readout).with_frame_interval((*interval).into());

        if let Which::Active(controls) = which {
            self.configure(next, &controls)?;
        }
        *interval = next.frame_interval().into();
        state.set_interval(SOURCE, *interval)
    }

    /// Puts the interval that `readout` starts with into `state`.
    pub(super) fn store_default_interval(&self, state: &mut State, readout: &Readout) -> Result {
        let config = self.with(readout).with_frame_interval(DEFAULT);

        state.set_interval(SOURCE, config.frame_interval().into())
    }

    /// What the configuration becomes with `readout`.
    fn with(&self, readout: &Readout) -> Config {
        self.sensor.lock().config().with_readout(*readout)
    }
}
