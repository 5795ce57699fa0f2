// SPDX-License-Identifier: GPL-2.0-only

//! Frame intervals: what requests become, what is offered, and what a state to try has of its own.

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    Fixture, //
};
use crate::{
    driver::Imx412,
    kernel_ext::{
        bindings::{
            MEDIA_BUS_FMT_SRGGB10_1X10 as RAW10,
            MEDIA_BUS_FMT_SRGGB12_1X12 as RAW12,
            MEDIA_BUS_FMT_SRGGB8_1X8 as RAW8,
            V4L2_CID_HBLANK,
            V4L2_CID_VBLANK, //
        },
        media::v4l2::{
            ctrls::Id,
            subdev::{
                state::Fraction,
                Subdev, //
            }, //
        },
        testing::v4l2_user_state::UserState, //
    },
    sensor::part::presets::PRESETS, //
};
use kernel::prelude::*;

const PIXEL_RATE: u64 = 840_000_000;

const fn every(numerator: u32, denominator: u32) -> Fraction {
    Fraction {
        numerator,
        denominator,
    }
}

/// Returns whether frames of so many lines, each of so many pixel clocks, come at `interval`: to a
/// millionth, as the longest intervals take more bits than there are.
fn lasts(interval: Fraction, line: u64, frame: u64) -> bool {
    let found = u64::from(interval.numerator) * PIXEL_RATE;
    let expected = u64::from(interval.denominator) * line * frame;

    found.abs_diff(expected) <= expected / 1_000_000
}

/// HBLANK and VBLANK.
fn blanking(subdev: &Subdev<Imx412>) -> Result<(i32, i32)> {
    Ok((
        subdev.user_control(Id(V4L2_CID_HBLANK))?,
        subdev.user_control(Id(V4L2_CID_VBLANK))?,
    ))
}

/// Goes through what `state` offers for each preset and depth: it becomes slower from one to the
/// next, and is what becomes of it when asked for.
fn expect_offers(state: &UserState<'_, Imx412>) -> Result {
    for preset in &PRESETS {
        for code in [RAW10, RAW12] {
            let output = preset.output();
            let format = (code, u32::from(output.width), u32::from(output.height));
            let mut last = every(0, 1);
            let mut index = 0;

            ensure_eq!(state.set_format(format)?, format);
            while let Ok(offered) = state.offered_interval(format, index) {
                let longer = u64::from(offered.numerator) * u64::from(last.denominator)
                    > u64::from(last.numerator) * u64::from(offered.denominator);

                ensure!(longer);
                // From the default line length on, which the offers are for.
                state.set_interval(every(0, 1))?;
                ensure_eq!(state.set_interval(offered)?, offered);
                ensure_eq!(state.interval()?, offered);
                last = offered;
                index += 1;
            }
            // The fastest, the slowest, and some rate between them.
            ensure!(index > 2);
            ensure_eq!(state.offered_interval(format, index), Err(EINVAL));
        }
    }
    for format in [(RAW10, 1923, 1081), (RAW8, 1920, 1080), (0, 1920, 1080)] {
        ensure_eq!(state.offered_interval(format, 0), Err(EINVAL));
    }
    Ok(())
}

#[kunit_tests(imx412_intervals)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_taken_and_the_blanking_follows() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let state = subdev.user_active();

            for (asked, line, frame) in [
                (every(1, 25), 4512, 7447),
                (every(1, 1000), 4512, 3092),
                // A long frame, in steps of four lines.
                (every(1, 1), 4512, 186_172),
                // Longer than the longest frame of such lines.
                (every(60, 1), 6012, 8_383_232),
                (every(1, 60), 4512, 3103),
                (every(u32::MAX, 1), 65_520, 8_384_000),
                (every(0, 1), 4512, 3103),
            ] {
                let found = state.set_interval(asked)?;

                ensure!(lasts(found, line, frame));
                ensure_eq!(state.interval()?, found);
                let (horizontal, vertical) = blanking(subdev)?;
                ensure_eq!(u64::try_from(horizontal)? + 4056, line);
                ensure_eq!(u64::try_from(vertical)? + 3040, frame);
            }
            Ok(())
        })
    }

    #[test]
    fn the_controls_change_the_active_interval() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_set_controls(&[(Id(V4L2_CID_VBLANK), 1000)])?;
            ensure!(lasts(subdev.user_active().interval()?, 4512, 4040));
            subdev.user_set_controls(&[(Id(V4L2_CID_HBLANK), 944)])?;
            ensure!(lasts(subdev.user_active().interval()?, 5000, 4040));
            Ok(())
        })
    }

    #[test]
    fn a_state_to_try_has_its_own() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let (active, before) = (subdev.user_active(), blanking(subdev)?);
            let interval = active.interval()?;
            let state = subdev.user_try()?;
            let slow = state.set_interval(every(1, 10))?;

            ensure!(lasts(slow, 4512, 18_617));
            ensure_eq!(state.interval()?, slow);
            // It stays with the size, and goes with it.
            state.set_format((RAW10, 4056, 3040))?;
            ensure_eq!(state.interval()?, slow);
            state.set_format((RAW10, 3840, 2160))?;
            ensure!(lasts(state.interval()?, 4512, 3103));
            // What is offered is what can be tried, whatever lines others have set.
            subdev.user_set_controls(&[(Id(V4L2_CID_HBLANK), 5000)])?;
            let offered = state.offered_interval((RAW10, 3840, 2160), 3)?;
            ensure_eq!(state.set_interval(offered)?, offered);
            subdev.user_set_controls(&[(Id(V4L2_CID_HBLANK), before.0)])?;
            // Nothing of this reached the sensor.
            ensure_eq!(active.interval()?, interval);
            ensure_eq!(blanking(subdev)?, before);
            // Nor does what the sensor does reach a new state.
            active.set_interval(every(1, 10))?;
            ensure_eq!(subdev.user_try()?.interval()?, interval);
            Ok(())
        })
    }

    #[test]
    fn all_formats_offer_intervals_to_try() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| expect_offers(&subdev.user_try()?))
    }

    #[test]
    fn all_formats_offer_intervals_to_use() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| expect_offers(&subdev.user_active()))
    }
}
