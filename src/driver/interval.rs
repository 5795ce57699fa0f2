// SPDX-License-Identifier: GPL-2.0-only

//! The frame interval operations of the sub-device.
//!
//! The active interval follows from VBLANK and HBLANK, and setting it sets them. The interval of a
//! try state is stored in the state and computed with the shortest line, as are the enumerated
//! intervals.

use super::{
    device::Imx412,
    subdev::{
        requested_crop,
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
        Interval, //
    }, //
};
use kernel::prelude::*;

/// A zero interval, which requests the default one.
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
    /// Returns the `index`th enumerated interval of a code and a size, the shortest first; `EINVAL`
    /// past the last one, and for a code or size that set_format would adjust.
    pub(super) fn offered_interval(
        &self,
        state: &mut State,
        code: u32,
        (width, height): (u32, u32),
        index: u32,
    ) -> Result<Fraction> {
        let depth = self.offered_depth(state, code)?;
        let crop = requested_crop(state)?;
        let readout = negotiate::for_format(crop, width, height, depth);
        let output = readout.output();

        if (u32::from(output.width), u32::from(output.height)) != (width, height) {
            return Err(EINVAL);
        }
        self.config()
            .with_readout(readout)
            .offered_frame_interval(usize::try_from(index)?)
            .map(Fraction::from)
            .ok_or(EINVAL)
    }

    /// Returns the active interval, or that of a try state.
    pub(super) fn interval(&self, state: &mut State, which: Which<'_>) -> Result<Fraction> {
        match which {
            Which::Try => state.interval(SOURCE),
            // Computed, as the controls change it.
            Which::Active(_) => Ok(self.config().frame_interval().into()),
        }
    }

    /// Sets `interval` to the nearest that the readout in `state` allows. In the active state
    /// VBLANK and HBLANK follow, also while streaming.
    pub(super) fn set_interval(
        &self,
        state: &mut State,
        which: Which<'_>,
        interval: &mut Fraction,
    ) -> Result {
        let request = self.request();
        let readout = self.readout_of(state, &which, &request.config)?;
        let present = request.config.with_readout(readout);
        let present = match which {
            // As enumerated: independent of the HBLANK that another handle may have set.
            Which::Try => present.with_frame_interval(DEFAULT),
            Which::Active(_) => present,
        };
        let next = present.with_frame_interval((*interval).into());

        if let Which::Active(controls) = which {
            self.apply(&request, next, None, &controls)?;
        }
        *interval = next.frame_interval().into();
        state.set_interval(SOURCE, *interval)
    }

    /// Stores the default interval of the readout of `config` in `state`.
    pub(super) fn store_default_interval(&self, state: &mut State, config: &Config) -> Result {
        let config = config.with_frame_interval(DEFAULT);

        state.set_interval(SOURCE, config.frame_interval().into())
    }
}
