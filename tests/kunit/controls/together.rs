// SPDX-License-Identifier: GPL-2.0-only

//! Several controls in one call, in any order: one change, cut to what all of it allows.

use super::{
    ANALOGUE_GAIN,
    DIGITAL_GAIN,
    EXPOSURE,
    HBLANK,
    LINK_FREQ,
    VBLANK, //
};
use crate::{
    kernel_ext::media::v4l2::ctrls::Id,
    sensor::regs,
    tests::fixture::{
        ensure_eq,
        overlay,
        Fixture, //
    }, //
};
use kernel::prelude::*;

/// Lines of a frame that its exposure cannot use.
const MARGIN: i32 = 22;
const HEIGHT: i32 = 3040;

/// Swaps the elements of `values` so that each order comes once in `N!` calls (Heap's algorithm).
fn permute<const N: usize>(
    values: &mut [(Id, i32); N],
    count: usize,
    f: &mut impl FnMut(&[(Id, i32)]) -> Result,
) -> Result {
    if count <= 1 {
        return f(values.as_slice());
    }
    for i in 0..count {
        permute(values, count - 1, f)?;
        let other = if count % 2 == 0 { i } else { 0 };
        values.swap(other, count - 1);
    }
    Ok(())
}

#[kunit_tests(imx412_controls_together)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_frame_makes_room_for_the_exposure_that_comes_with_it() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let long = [(EXPOSURE, 5000), (VBLANK, 3000)];
        let short = [(EXPOSURE, 50), (VBLANK, 60)];

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            for reversed in [false, true] {
                for mut values in [long, short] {
                    if reversed {
                        values.reverse();
                    }
                    let before = fixture.board.bus();
                    subdev.user_set_controls(&values)?;
                    let after = fixture.board.bus();

                    ensure_eq!(after.transfers - before.transfers, 1);
                    for (id, value) in values {
                        ensure_eq!(subdev.user_control(id)?, value);
                    }
                    let (exposure, vblank) = if reversed {
                        (values[1].1, values[0].1)
                    } else {
                        (values[0].1, values[1].1)
                    };
                    ensure_eq!(
                        i32::from(fixture.word(regs::COARSE_INTEG_TIME.address)),
                        exposure
                    );
                    ensure_eq!(
                        i32::from(fixture.word(regs::FRM_LENGTH_LINES.address)),
                        HEIGHT + vblank
                    );
                }
            }
            ensure_eq!(fixture.board.register(regs::GRP_PARAM_HOLD.address), 0);
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn an_exposure_is_cut_to_the_frame_that_comes_with_it() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for vblank in [1000, 100, 4000] {
                subdev.user_set_controls(&[(EXPOSURE, i32::MAX), (VBLANK, vblank)])?;
                ensure_eq!(subdev.user_control(VBLANK)?, vblank);
                ensure_eq!(subdev.user_control(EXPOSURE)?, HEIGHT + vblank - MARGIN);
                ensure_eq!(
                    subdev.user_range(EXPOSURE)?.max,
                    i64::from(HEIGHT + vblank - MARGIN)
                );
            }
            Ok(())
        })
    }

    #[test]
    fn the_order_of_controls_makes_no_difference() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let mut values = [
                (LINK_FREQ, 1),
                (HBLANK, 1000),
                (VBLANK, 9000),
                (EXPOSURE, 12_000),
                (ANALOGUE_GAIN, 100),
            ];
            let count = values.len();

            permute(&mut values, count, &mut |values| {
                subdev.user_set_controls(&[(LINK_FREQ, 0), (EXPOSURE, 8)])?;
                subdev.user_set_controls(values)?;
                for (id, value) in values {
                    ensure_eq!(subdev.user_control(*id)?, *value);
                }
                Ok(())
            })
        })
    }

    #[test]
    fn what_is_asked_for_counts_even_if_it_is_there_already() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let vblank = subdev.user_control(VBLANK)?;

            // Alone, another link brings another blanking to start with.
            subdev.user_set_controls(&[(LINK_FREQ, 1)])?;
            ensure_eq!(subdev.user_control(VBLANK)? == vblank, false);
            subdev.user_set_controls(&[(LINK_FREQ, 0)])?;
            ensure_eq!(subdev.user_control(VBLANK)?, vblank);
            subdev.user_set_controls(&[(VBLANK, vblank), (LINK_FREQ, 1)])?;
            ensure_eq!(subdev.user_control(VBLANK)?, vblank);
            Ok(())
        })
    }

    #[test]
    fn numbers_are_cut_to_their_range_and_steps() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for (id, asked, becomes) in [
                (EXPOSURE, i32::MIN, 8),
                (EXPOSURE, -1, 8),
                (ANALOGUE_GAIN, i32::MAX, 978),
                (DIGITAL_GAIN, 0, 0x0100),
                (HBLANK, 457, 456),
                (HBLANK, 458, 460),
                (HBLANK, i32::MAX, 0xfff0 - 4056),
            ] {
                let tried = subdev.user_try_controls(&[(id, asked)])?;
                ensure_eq!(tried.first().copied(), Some(becomes));
                subdev.user_set_controls(&[(id, asked)])?;
                ensure_eq!(subdev.user_control(id)?, becomes);
            }
            Ok(())
        })
    }

    #[test]
    fn trying_changes_nothing() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let before = (subdev.user_control(VBLANK)?, subdev.user_control(EXPOSURE)?);
            let longest = subdev.user_range(EXPOSURE)?.max;

            let tried = subdev.user_try_controls(&[(EXPOSURE, 9000), (VBLANK, 8000)])?;
            ensure_eq!(tried.as_slice(), [9000, 8000].as_slice());
            ensure_eq!(
                (subdev.user_control(VBLANK)?, subdev.user_control(EXPOSURE)?),
                before
            );
            ensure_eq!(subdev.user_range(EXPOSURE)?.max, longest);
            Ok(())
        })
    }

    #[test]
    fn extremes_are_those_of_the_range() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for id in [EXPOSURE, VBLANK, HBLANK, ANALOGUE_GAIN, DIGITAL_GAIN] {
                let (min, max) = subdev.user_extremes(id)?;
                let range = subdev.user_range(id)?;

                ensure_eq!((i64::from(min), i64::from(max)), (range.min, range.max));
            }
            Ok(())
        })
    }
}
