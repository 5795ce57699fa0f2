// SPDX-License-Identifier: GPL-2.0-only

//! Every setting as a control: its range, and when it can be set.

use crate::{
    driver::controls::table::rows,
    sensor::Kind,
    tests::fixture::{
        ensure,
        ensure_eq,
        overlay,
        Fixture, //
    }, //
};
use kernel::prelude::*;

#[kunit_tests(imx412_controls_every)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_can_be_set_to_the_ends_of_its_range() -> Result {
        for board in [&overlay!("four-lanes")[..], overlay!("imx477")] {
            let fixture = Fixture::new(board)?;

            fixture.with_subdev(|subdev| {
                for row in rows(false) {
                    let id = row.id;
                    let range = subdev.user_range(id)?;

                    // The default last: other ranges are as they were then.
                    for value in [range.min, range.max, range.default] {
                        subdev.user_set_controls(&[(id, i32::try_from(value)?)])?;
                        let found = i64::from(subdev.user_control(id)?);

                        match row.setting.kind() {
                            // What cannot be counted, or is beyond the depth, becomes the nearest.
                            Kind::Number | Kind::Level => {
                                ensure!((range.min..=range.max).contains(&found));
                            }
                            Kind::Switch | Kind::Menu(_) => ensure_eq!(found, value),
                        }
                    }
                }
                // The sensor takes what that leads to.
                subdev.user_enable()?;
                subdev.user_disable()
            })?;
            ensure_eq!(fixture.board.violations(), 0);
        }
        Ok(())
    }

    #[test]
    fn settings_that_need_standby_are_refused_while_streaming() -> Result {
        for board in [&overlay!("four-lanes")[..], overlay!("imx477")] {
            let fixture = Fixture::new(board)?;

            fixture.with_subdev(|subdev| {
                subdev.user_enable()?;
                for row in rows(false) {
                    let id = row.id;
                    let range = subdev.user_range(id)?;
                    let now = subdev.user_control(id)?;
                    let other = match i64::from(now) == range.min {
                        true => range.max,
                        false => range.min,
                    };
                    let set = subdev.user_set_controls(&[(id, i32::try_from(other)?)]);

                    if row.setting.is_live() {
                        ensure_eq!(set, Ok(()));
                        subdev.user_set_controls(&[(id, now)])?;
                    } else {
                        ensure_eq!(set, Err(EBUSY));
                        ensure_eq!(subdev.user_control(id)?, now);
                    }
                }
                subdev.user_disable()
            })?;
            ensure_eq!(fixture.board.violations(), 0);
        }
        Ok(())
    }
}
