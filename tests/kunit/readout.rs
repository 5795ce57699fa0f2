// SPDX-License-Identifier: GPL-2.0-only

//! Formats, crops and frame intervals: what requests become, and that the sensor can do it.

use super::fixture::{
    ensure,
    ensure_eq,
    overlay,
    Fixture, //
};
use crate::{
    kernel_ext::{
        bindings::{
            MEDIA_BUS_FMT_SBGGR10_1X10,
            MEDIA_BUS_FMT_SBGGR8_1X8,
            MEDIA_BUS_FMT_SRGGB10_1X10 as RAW10,
            MEDIA_BUS_FMT_SRGGB12_1X12 as RAW12,
            MEDIA_BUS_FMT_SRGGB8_1X8 as RAW8,
            V4L2_CID_HFLIP,
            V4L2_CID_VBLANK,
            V4L2_CID_VFLIP,
            V4L2_SEL_FLAG_GE,
            V4L2_SEL_FLAG_KEEP_CONFIG,
            V4L2_SEL_FLAG_LE, //
        },
        media::v4l2::{
            ctrls::Id,
            subdev::state::{
                Fraction,
                Rect, //
            }, //
        }, //
    },
    sensor::part::presets::PRESETS,
    virtual_board::model::{
        StreamDescription,
        StreamState, //
    }, //
};
use kernel::{
    prelude::*,
    time::{
        delay::fsleep,
        Delta, //
    }, //
};

const fn rect(left: i32, top: i32, width: u32, height: u32) -> Rect {
    Rect {
        left,
        top,
        width,
        height,
    }
}

const FULL: Rect = rect(8, 16, 4056, 3040);
const UHD: Rect = rect(116, 456, 3840, 2160);
const FOUR_THIRDS: Rect = rect(36, 36, 4000, 3000);

impl Fixture {
    /// Streams for a moment, and returns what the emulated sensor makes of its registers.
    fn stream(&self) -> Result<StreamDescription> {
        self.with_subdev(|subdev| {
            subdev.user_enable()?;
            let state = self.board.stream();
            subdev.user_disable()?;

            match state {
                StreamState::Streaming(stream) => Ok(stream),
                _ => Err(EIO),
            }
        })
    }
}

/// Goes through both depths of a board at their fastest and compares the frame rates, in mHz.
fn expect_rates(overlay: &[u8], lanes: u32, ten: u64, twelve: u64) -> Result {
    let fixture = Fixture::new(overlay)?;

    for (code, bits, expected) in [(RAW10, 10, ten), (RAW12, 12, twelve)] {
        fixture.with_subdev(|subdev| {
            ensure_eq!(
                subdev.user_set_format((code, 4056, 3040))?,
                (code, 4056, 3040)
            );
            subdev.user_set_controls(&[(Id(V4L2_CID_VBLANK), 52)])
        })?;
        let stream = fixture.stream()?;
        let rate = 1_000_000_000_000 / stream.frame_period_ns;

        ensure_eq!((stream.lanes, stream.bits), (lanes, bits));
        // Within a tenth per cent: 27 MHz makes 2099.25 Mbps, not 2100.
        ensure!(rate.abs_diff(expected) <= expected / 1000);
    }
    ensure_eq!(fixture.board.violations(), 0);
    Ok(())
}

#[kunit_tests(imx412_readout)]
mod tests {
    use super::*;

    #[test]
    fn formats_become_what_the_crop_or_a_preset_can_do() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for (crop, asked, format, becomes) in [
                (FULL, (RAW10, 4056, 3040), (RAW10, 4056, 3040), FULL),
                (FULL, (RAW10, 2028, 1520), (RAW10, 2028, 1520), FULL),
                (UHD, (RAW12, 1920, 1080), (RAW12, 1920, 1080), UHD),
                (UHD, (RAW10, 1280, 720), (RAW10, 1280, 720), UHD),
                // All but less than a step of it.
                (
                    rect(100, 100, 1350, 1012),
                    (RAW10, 1350, 1012),
                    (RAW10, 1348, 1012),
                    rect(100, 100, 1350, 1012),
                ),
                // The crop cannot: a preset, or the nearest that can.
                (FULL, (RAW10, 1920, 1080), (RAW10, 1920, 1080), UHD),
                (FULL, (RAW10, 640, 480), (RAW10, 640, 480), FOUR_THIRDS),
                (UHD, (RAW10, 2028, 1520), (RAW10, 2028, 1520), FULL),
                (
                    rect(108, 116, 1300, 1000),
                    (RAW10, 800, 480),
                    (RAW10, 800, 480),
                    rect(108, 226, 1300, 780),
                ),
                // Cut to what there is.
                (UHD, (RAW10, u32::MAX, u32::MAX), (RAW10, 4056, 3040), FULL),
                (UHD, (RAW10, 1923, 1081), (RAW10, 1920, 1080), UHD),
                // Codes that there are not.
                (FULL, (0, 4056, 3040), (RAW10, 4056, 3040), FULL),
                (
                    FULL,
                    (MEDIA_BUS_FMT_SBGGR8_1X8, 4056, 3040),
                    (RAW10, 4056, 3040),
                    FULL,
                ),
                (FULL, (RAW8, 4056, 3040), (RAW10, 4056, 3040), FULL),
            ] {
                ensure_eq!(subdev.user_set_crop(crop, 0)?, crop);
                ensure_eq!(subdev.user_set_format(asked)?, format);
                ensure_eq!(subdev.user_crop()?, becomes);
            }
            Ok(())
        })
    }

    #[test]
    fn crops_become_what_the_array_can_do() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let keep = V4L2_SEL_FLAG_KEEP_CONFIG;

        fixture.with_subdev(|subdev| {
            for (asked, flags, becomes, (width, height)) in [
                (UHD, 0, UHD, (3840, 2160)),
                (
                    rect(100, 100, 1001, 701),
                    V4L2_SEL_FLAG_GE,
                    rect(100, 100, 1002, 702),
                    (1000, 702),
                ),
                (
                    rect(100, 100, 1003, 701),
                    V4L2_SEL_FLAG_LE,
                    rect(100, 100, 1002, 700),
                    (1000, 700),
                ),
                (
                    rect(101, 103, 1000, 700),
                    0,
                    rect(100, 102, 1000, 700),
                    (1000, 700),
                ),
                (rect(0, 0, 4072, 3176), 0, FULL, (4056, 3040)),
                (
                    rect(4000, 3000, 640, 480),
                    0,
                    rect(3424, 2576, 640, 480),
                    (640, 480),
                ),
                (rect(8, 16, 0, 0), 0, rect(8, 16, 64, 64), (64, 64)),
                // The image is kept: only what can make it.
                (rect(8, 16, 128, 128), keep, rect(8, 16, 128, 128), (64, 64)),
            ] {
                ensure_eq!(subdev.user_set_crop(asked, flags)?, becomes);
                ensure_eq!(subdev.user_crop()?, becomes);
                // What is there is what is asked for again.
                let format = (RAW10, width, height);
                ensure_eq!(subdev.user_set_format(format)?, format);
                ensure_eq!(subdev.user_crop()?, becomes);
            }
            Ok(())
        })
    }

    #[test]
    fn a_crop_and_a_format_give_the_same_from_every_state() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for (crop, asked, format, becomes) in [
                // What twelve bits can and ten cannot.
                (
                    rect(100, 100, 2030, 2030),
                    (RAW12, 2030, 2030),
                    (RAW12, 2030, 2030),
                    rect(100, 100, 2030, 2030),
                ),
                (
                    rect(100, 100, 2030, 2030),
                    (RAW10, 2030, 2030),
                    (RAW10, 2028, 2030),
                    rect(100, 100, 2030, 2030),
                ),
                // A crop two columns wider than the frame.
                (
                    rect(100, 100, 1350, 1012),
                    (RAW10, 1348, 1012),
                    (RAW10, 1348, 1012),
                    rect(100, 100, 1350, 1012),
                ),
                // A crop that cannot give the frame.
                (
                    rect(108, 116, 1300, 1000),
                    (RAW10, 800, 480),
                    (RAW10, 800, 480),
                    rect(108, 226, 1300, 780),
                ),
            ] {
                for before in [RAW10, RAW12] {
                    for size in [(4056, 3040), (1920, 1080), (640, 480)] {
                        subdev.user_set_crop(FULL, 0)?;
                        subdev.user_set_format((before, size.0, size.1))?;
                        // Twice, as a second run of the same script does.
                        for _ in 0..2 {
                            ensure_eq!(subdev.user_set_crop(crop, 0)?, crop);
                            ensure_eq!(subdev.user_set_format(asked)?, format);
                            ensure_eq!(subdev.user_crop()?, becomes);
                        }
                        ensure_eq!(subdev.user_format()?, format);
                    }
                }
            }
            Ok(())
        })
    }

    #[test]
    fn a_change_of_depth_leaves_the_crop_alone() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let crop = rect(100, 100, 2030, 2030);

        fixture.with_subdev(|subdev| {
            subdev.user_set_format((RAW12, 4056, 3040))?;
            ensure_eq!(subdev.user_set_crop(crop, 0)?, crop);
            for (asked, found) in [
                ((RAW10, 2030, 2030), (RAW10, 2028, 2030)),
                ((RAW12, 2030, 2030), (RAW12, 2030, 2030)),
            ] {
                ensure_eq!(subdev.user_set_format(asked)?, found);
                ensure_eq!(subdev.user_crop()?, crop);
            }
            Ok(())
        })
    }

    #[test]
    fn a_format_comes_back_to_the_crop_that_was_requested() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for (asked, (width, height)) in [
                (FULL, (4056, 3040)),
                (UHD, (3840, 2160)),
                (rect(100, 100, 1350, 1012), (1348, 1012)),
            ] {
                subdev.user_set_crop(asked, 0)?;
                subdev.user_set_format((RAW10, 640, 480))?;
                ensure!(subdev.user_crop()? != asked);
                subdev.user_set_format((RAW10, width, height))?;
                ensure_eq!(subdev.user_crop()?, asked);
            }
            Ok(())
        })
    }

    #[test]
    fn a_state_keeps_to_the_colours_that_it_told() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let state = subdev.user_try()?;
            let format = (RAW10, 1920, 1080);

            ensure_eq!(state.set_format(format)?, format);
            // Another handle flips.
            subdev.user_set_controls(&[(Id(V4L2_CID_HFLIP), 1), (Id(V4L2_CID_VFLIP), 1)])?;
            // What was told stays true...
            ensure_eq!(state.set_format(format)?, format);
            ensure!(state.offered_interval(format, 0).is_ok());
            // ... the active state follows ...
            let flipped = (MEDIA_BUS_FMT_SBGGR10_1X10, 1920, 1080);
            ensure_eq!(subdev.user_set_format(format)?, flipped);
            ensure_eq!(subdev.user_codes()?.first(), Some(&flipped.0));
            // ... and who asks for its colours to try gets them, and keeps them.
            ensure_eq!(state.offered_interval(flipped, 0), Err(EINVAL));
            ensure_eq!(state.set_format(flipped)?, flipped);
            ensure!(state.offered_interval(flipped, 0).is_ok());
            ensure_eq!(state.offered_interval(format, 0), Err(EINVAL));
            Ok(())
        })
    }

    #[test]
    fn every_preset_streams_as_announced() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        for preset in &PRESETS {
            for (code, bits) in [(RAW10, 10), (RAW12, 12)] {
                let output = preset.output();
                let format = (code, u32::from(output.width), u32::from(output.height));

                fixture.with_subdev(|subdev| {
                    ensure_eq!(subdev.user_set_crop(FULL, 0)?, FULL);
                    ensure_eq!(subdev.user_set_format(format)?, format);
                    Ok(())
                })?;
                let stream = fixture.stream()?;

                ensure_eq!((stream.width, stream.height), (format.1, format.2));
                ensure_eq!(stream.bits, bits);
                ensure_eq!(fixture.board.violations(), 0);
            }
        }
        Ok(())
    }

    #[test]
    fn nothing_of_it_changes_while_streaming() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            ensure_eq!(subdev.user_set_crop(UHD, 0), Err(EBUSY));
            ensure_eq!(subdev.user_set_format((RAW10, 1920, 1080)), Err(EBUSY));
            ensure_eq!(subdev.user_crop()?, FULL);
            // But what is there already, and the frame rate, may be asked for.
            ensure_eq!(subdev.user_set_crop(FULL, 0)?, FULL);
            subdev.user_active().set_interval(Fraction {
                numerator: 1,
                denominator: 10,
            })?;
            // It takes effect with the next frame.
            fsleep(Delta::from_millis(50));
            let StreamState::Streaming(stream) = fixture.board.stream() else {
                return Err(EIO);
            };
            subdev.user_disable()?;

            ensure!(stream.frame_period_ns.abs_diff(100_000_000) < 10_000);
            Ok(())
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn an_imx577_has_8_bits() -> Result {
        let fixture = Fixture::new(overlay!("imx577"))?;
        let format = (RAW8, 1920, 1080);

        fixture.with_subdev(|subdev| {
            ensure_eq!(subdev.user_set_format(format)?, format);
            Ok(())
        })?;
        ensure_eq!(fixture.stream()?.bits, 8);
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    /// Every depth at every kind of size; what one readout leaves behind does not reach the next.
    fn expect_the_family(overlay: &[u8]) -> Result {
        let fixture = Fixture::new(overlay)?;

        for (width, height) in [(4056, 3040), (1332, 990), (2028, 1520), (1280, 720)] {
            for (code, bits) in [(RAW10, 10), (RAW12, 12), (RAW8, 8)] {
                let format = (code, width, height);

                fixture.with_subdev(|subdev| {
                    ensure_eq!(subdev.user_set_format(format)?, format);
                    Ok(())
                })?;
                ensure_eq!(fixture.stream()?.bits, bits);
            }
        }
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn an_imx477_sends_every_depth_at_every_size() -> Result {
        expect_the_family(overlay!("imx477"))
    }

    #[test]
    fn an_imx378_sends_every_depth_at_every_size() -> Result {
        expect_the_family(overlay!("imx378"))
    }

    #[test]
    fn four_lanes_at_every_input_clock() -> Result {
        expect_rates(overlay!("inck-6-four-lanes"), 4, 60_210, 43_650)?;
        expect_rates(overlay!("inck-12-four-lanes"), 4, 60_210, 43_650)?;
        expect_rates(overlay!("inck-18-four-lanes"), 4, 60_210, 43_650)?;
        expect_rates(overlay!("four-lanes"), 4, 60_210, 43_650)?;
        expect_rates(overlay!("inck-27-four-lanes"), 4, 60_189, 43_633)
    }

    #[test]
    fn two_lanes_at_every_input_clock() -> Result {
        expect_rates(overlay!("inck-6-two-lanes"), 2, 30_105, 21_824)?;
        expect_rates(overlay!("inck-12-two-lanes"), 2, 30_105, 21_824)?;
        expect_rates(overlay!("inck-18-two-lanes"), 2, 30_105, 21_824)?;
        expect_rates(overlay!("two-lanes"), 2, 30_105, 21_824)?;
        expect_rates(overlay!("inck-27-two-lanes"), 2, 30_094, 21_816)
    }
}
