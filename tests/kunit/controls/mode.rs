// SPDX-License-Identifier: GPL-2.0-only

//! The menu of sensor modes.

use super::{
    EXPOSURE,
    HBLANK,
    TEST_PATTERN,
    VBLANK, //
};
use crate::{
    kernel_ext::{
        bindings::{
            MEDIA_BUS_FMT_SRGGB10_1X10 as RAW10,
            MEDIA_BUS_FMT_SRGGB12_1X12 as RAW12,
            MEDIA_BUS_FMT_SRGGB8_1X8 as RAW8,
            V4L2_CID_FSM_IMX412_SENSOR_MODE, //
        },
        media::v4l2::{
            ctrls::Id,
            subdev::state::Rect, //
        }, //
    },
    sensor::{
        part::presets::PRESETS,
        Depth,
        Setting, //
    },
    tests::{
        fixture::{
            ensure,
            ensure_eq,
            overlay,
            Fixture, //
        },
        stream::four_lanes, //
    }, //
};
use kernel::prelude::*;

const SENSOR_MODE: Id = Id(V4L2_CID_FSM_IMX412_SENSOR_MODE);

/// Number of presets there are: the number of modes of one depth.
const MODES: i32 = PRESETS.len() as i32;

/// Sensor mode of an IMX412 for a format that is not a mode: the last item of the menu.
const CUSTOM: i32 = 2 * MODES + 1;

/// Number, code and depth of all modes of a part with these depths.
fn expect_modes(overlay: &[u8], depths: &[(u32, Depth)]) -> Result {
    let fixture = Fixture::new(overlay)?;

    fixture.with_subdev(|subdev| {
        let custom = 1 + PRESETS.len() * depths.len();
        let range = subdev.user_range(SENSOR_MODE)?;
        ensure_eq!((range.min, range.max), (1, i64::try_from(custom)?));

        let modes = depths
            .iter()
            .flat_map(|depth| PRESETS.iter().map(move |preset| (preset, *depth)));
        for (number, (preset, (code, depth))) in (1..).zip(modes) {
            let readout = preset.readout(depth);
            let output = preset.output();

            subdev.user_set_controls(&[(SENSOR_MODE, number)])?;
            ensure_eq!(subdev.user_control(SENSOR_MODE)?, number);
            ensure_eq!(
                subdev.user_format()?,
                (code, output.width.into(), output.height.into())
            );
            ensure_eq!(subdev.user_crop()?, Rect::from(readout.field_of_view()));
        }
        Ok(())
    })
}

#[kunit_tests(imx412_controls_mode)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_sets_format_and_crop() -> Result {
        expect_modes(
            overlay!("four-lanes"),
            &[(RAW10, Depth::Ten), (RAW12, Depth::Twelve)],
        )
    }

    #[test]
    fn an_imx577_has_modes_of_8_bits() -> Result {
        expect_modes(
            overlay!("imx577"),
            &[
                (RAW10, Depth::Ten),
                (RAW12, Depth::Twelve),
                (RAW8, Depth::Eight),
            ],
        )
    }

    #[test]
    fn a_mode_brings_its_limits_and_what_is_set_with_it_counts() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let full_hd = PRESETS.get(6).ok_or(EINVAL)?;
        let config = four_lanes()?.with_readout(full_hd.readout(Depth::Ten));

        fixture.with_subdev(|subdev| {
            subdev.user_set_controls(&[(SENSOR_MODE, 7)])?;
            ensure_eq!(
                subdev.user_range(VBLANK)?.min,
                i64::from(config.limits(Setting::VerticalBlanking).min)
            );
            ensure_eq!(
                subdev.user_control(VBLANK)?,
                i32::try_from(config.vertical_blanking())?
            );
            ensure_eq!(
                subdev.user_control(HBLANK)?,
                i32::try_from(config.horizontal_blanking())?
            );

            subdev.user_set_controls(&[(EXPOSURE, 7000), (VBLANK, 6000), (SENSOR_MODE, 1)])?;
            ensure_eq!(subdev.user_control(SENSOR_MODE)?, 1);
            ensure_eq!(subdev.user_control(VBLANK)?, 6000);
            ensure_eq!(subdev.user_control(EXPOSURE)?, 7000);
            subdev.user_enable()?;
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn the_mode_follows_format_and_crop() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            ensure_eq!(subdev.user_control(SENSOR_MODE)?, 1);
            subdev.user_set_format((RAW12, 4056, 3040))?;
            ensure_eq!(subdev.user_control(SENSOR_MODE)?, MODES + 1);
            subdev.user_set_format((RAW10, 1920, 1080))?;
            ensure_eq!(subdev.user_control(SENSOR_MODE)?, 7);
            subdev.user_set_crop(
                Rect {
                    left: 100,
                    top: 100,
                    width: 1000,
                    height: 700,
                },
                0,
            )?;
            ensure_eq!(subdev.user_control(SENSOR_MODE)?, CUSTOM);
            Ok(())
        })
    }

    #[test]
    fn custom_goes_back_to_the_format_that_was_set() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let crop = Rect {
            left: 100,
            top: 100,
            width: 1000,
            height: 700,
        };

        fixture.with_subdev(|subdev| {
            // The one to start with: by its name.
            subdev.user_set_controls(&[(SENSOR_MODE, 7)])?;
            let tried = subdev.user_try_controls(&[(SENSOR_MODE, CUSTOM), (TEST_PATTERN, 1)])?;
            ensure_eq!(tried.as_slice(), [1, 1].as_slice());
            subdev.user_set_controls(&[(SENSOR_MODE, CUSTOM)])?;
            ensure_eq!(subdev.user_control(SENSOR_MODE)?, 1);
            ensure_eq!(subdev.user_format()?, (RAW10, 4056, 3040));

            subdev.user_set_format((RAW12, 4056, 3040))?;
            ensure_eq!(subdev.user_set_crop(crop, 0)?, crop);
            let vblank = subdev.user_range(VBLANK)?;
            for mode in [1, MODES, CUSTOM - 1] {
                subdev.user_set_controls(&[(SENSOR_MODE, mode)])?;
                ensure_eq!(subdev.user_control(SENSOR_MODE)?, mode);
            }
            subdev.user_set_controls(&[(SENSOR_MODE, CUSTOM)])?;
            ensure_eq!(subdev.user_control(SENSOR_MODE)?, CUSTOM);
            ensure_eq!(subdev.user_format()?, (RAW12, 1000, 700));
            ensure_eq!(subdev.user_crop()?, crop);
            ensure!(subdev.user_range(VBLANK)? == vblank);
            // The crop is still the requested one, and a mode is what its size is without any.
            ensure_eq!(
                subdev.user_set_format((RAW12, 500, 350))?,
                (RAW12, 500, 350)
            );
            ensure_eq!(subdev.user_crop()?, crop);
            subdev.user_set_controls(&[(SENSOR_MODE, 10)])?;
            ensure_eq!(
                subdev.user_set_format((RAW10, 1332, 990))?,
                (RAW10, 1332, 990)
            );
            ensure_eq!(subdev.user_control(SENSOR_MODE)?, 10);
            for none in [0, CUSTOM + 1] {
                let refused = subdev.user_set_controls(&[(SENSOR_MODE, none)]);
                ensure_eq!(refused, Err(ERANGE));
            }
            Ok(())
        })
    }

    #[test]
    fn the_mode_is_fixed_while_streaming() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            ensure_eq!(subdev.user_set_controls(&[(SENSOR_MODE, 7)]), Err(EBUSY));
            ensure_eq!(subdev.user_format()?, (RAW10, 4056, 3040));
            subdev.user_disable()
        })
    }
}
