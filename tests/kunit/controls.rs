// SPDX-License-Identifier: GPL-2.0-only

//! Controls: what they may be, how they limit each other, what reaches the sensor and when.

mod every;
mod layout;
mod long;
mod mode;
mod sync;
mod temperature;
mod together;

use super::{
    fixture::{
        ensure_eq,
        overlay,
        Fixture, //
    },
    stream::four_lanes, //
};
use crate::{
    kernel_ext::{
        bindings,
        media::v4l2::ctrls::Id, //
    },
    sensor::{
        regs,
        Setting, //
    },
    virtual_board::model::StreamState, //
};
use kernel::prelude::*;

const EXPOSURE: Id = Id(bindings::V4L2_CID_EXPOSURE);
const VBLANK: Id = Id(bindings::V4L2_CID_VBLANK);
const HBLANK: Id = Id(bindings::V4L2_CID_HBLANK);
const ANALOGUE_GAIN: Id = Id(bindings::V4L2_CID_ANALOGUE_GAIN);
const DIGITAL_GAIN: Id = Id(bindings::V4L2_CID_DIGITAL_GAIN);
const LINK_FREQ: Id = Id(bindings::V4L2_CID_LINK_FREQ);
const PIXEL_RATE: Id = Id(bindings::V4L2_CID_PIXEL_RATE);
const TEST_PATTERN: Id = Id(bindings::V4L2_CID_TEST_PATTERN);
const BLACK_LEVEL: Id = Id(bindings::V4L2_CID_FSM_IMX412_BLACK_LEVEL);
const STROBE_OE: Id = Id(bindings::V4L2_CID_FLASH_STROBE_OE);
const STROBE_DURATION: Id = Id(bindings::V4L2_CID_FLASH_DURATION);
const STROBE_DELAY: Id = Id(bindings::V4L2_CID_FSM_IMX412_STROBE_DELAY);
const DEFECT_CORRECTION: Id = Id(bindings::V4L2_CID_FSM_IMX412_DEFECT_CORRECTION);

impl Fixture {
    /// Returns a 16-bit register of the emulated sensor.
    fn word(&self, address: u16) -> u16 {
        u16::from_be_bytes([
            self.board.register(address),
            self.board.register(address.wrapping_add(1)),
        ])
    }
}

#[kunit_tests(imx412_controls)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_configuration() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let config = four_lanes()?;

        fixture.with_subdev(|subdev| {
            let exposure = subdev.user_range(EXPOSURE)?;
            ensure_eq!(
                exposure.max,
                i64::from(config.limits(Setting::Exposure).max)
            );
            ensure_eq!(
                exposure.min,
                i64::from(config.limits(Setting::Exposure).min)
            );
            let vblank = subdev.user_range(VBLANK)?;
            ensure_eq!(vblank.min, 52);
            let gain = subdev.user_range(ANALOGUE_GAIN)?;
            ensure_eq!((gain.min, gain.max), (0, 978));
            let gain = subdev.user_range(DIGITAL_GAIN)?;
            ensure_eq!((gain.min, gain.max), (0x0100, 0x0fff));
            let rate = subdev.user_range(PIXEL_RATE)?;
            ensure_eq!((rate.min, rate.max), (480_000_000, 840_000_000));
            ensure_eq!(subdev.user_wide_control(PIXEL_RATE)?, 840_000_000);
            Ok(())
        })
    }

    #[test]
    fn a_shorter_frame_shortens_the_exposure() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_set_controls(&[(VBLANK, 2000)])?;
            let longest = subdev.user_range(EXPOSURE)?.max;
            ensure_eq!(longest, 3040 + 2000 - 22);
            subdev.user_set_controls(&[(EXPOSURE, i32::try_from(longest)?)])?;
            subdev.user_set_controls(&[(VBLANK, 52)])?;
            ensure_eq!(subdev.user_control(EXPOSURE)?, 3040 + 52 - 22);
            ensure_eq!(subdev.user_range(EXPOSURE)?.max, 3040 + 52 - 22);
            Ok(())
        })
    }

    #[test]
    fn depth_and_link_change_what_depends_on_them() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            ensure_eq!(subdev.user_range(HBLANK)?.min, 4512 - 4056);
            subdev.user_set_format((bindings::MEDIA_BUS_FMT_SRGGB12_1X12, 4056, 3040))?;
            ensure_eq!(subdev.user_range(HBLANK)?.min, 6224 - 4056);
            subdev.user_set_format((bindings::MEDIA_BUS_FMT_SRGGB10_1X10, 4056, 3040))?;
            subdev.user_set_controls(&[(LINK_FREQ, 1)])?;
            ensure_eq!(subdev.user_wide_control(PIXEL_RATE)?, 480_000_000);
            ensure_eq!(subdev.user_control(HBLANK)?, 456);
            Ok(())
        })
    }

    #[test]
    fn the_link_is_fixed_while_streaming() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            ensure_eq!(subdev.user_set_controls(&[(LINK_FREQ, 1)]), Err(EBUSY));
            subdev.user_disable()?;
            subdev.user_set_controls(&[(LINK_FREQ, 1)])
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn the_black_level_is_in_units_of_the_depth() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let range = subdev.user_range(BLACK_LEVEL)?;
            ensure_eq!((range.min, range.max, range.default), (0, 1023, 64));
            subdev.user_set_controls(&[(BLACK_LEVEL, 300)])?;
            ensure_eq!(subdev.user_control(BLACK_LEVEL)?, 255);
            subdev.user_set_controls(&[(BLACK_LEVEL, 64)])?;
            ensure_eq!(subdev.user_control(BLACK_LEVEL)?, 64);

            subdev.user_set_format((bindings::MEDIA_BUS_FMT_SRGGB12_1X12, 4056, 3040))?;
            let range = subdev.user_range(BLACK_LEVEL)?;
            ensure_eq!((range.min, range.max, range.default), (0, 1023, 256));
            ensure_eq!(subdev.user_control(BLACK_LEVEL)?, 256);

            subdev.user_set_format((bindings::MEDIA_BUS_FMT_SRGGB10_1X10, 4056, 3040))?;
            subdev.user_enable()?;
            ensure_eq!(fixture.word(regs::MANUAL_DATA_PEDESTAL_VALUE.address), 256);
            let before = fixture.board.bus();
            subdev.user_set_controls(&[(BLACK_LEVEL, 20)])?;
            let after = fixture.board.bus();
            ensure_eq!(after.transfers - before.transfers, 1);
            ensure_eq!(fixture.word(regs::MANUAL_DATA_PEDESTAL_VALUE.address), 80);
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn an_imx577_has_a_black_level_of_8_bits() -> Result {
        let fixture = Fixture::new(overlay!("imx577"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_set_format((bindings::MEDIA_BUS_FMT_SRGGB8_1X8, 4056, 3040))?;
            let range = subdev.user_range(BLACK_LEVEL)?;
            ensure_eq!((range.min, range.max, range.default), (0, 1023, 16));
            ensure_eq!(subdev.user_control(BLACK_LEVEL)?, 16);
            Ok(())
        })
    }

    #[test]
    fn defects_are_corrected_unless_that_is_turned_off() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;
        let corrections = || {
            (
                fixture.board.register(regs::MAP_COUP_CORR_EN.address),
                fixture.board.register(regs::SING_DEF_CORR_EN.address),
            )
        };

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            ensure_eq!(corrections(), (1, 1));
            let refused = subdev.user_set_controls(&[(DEFECT_CORRECTION, 0)]);
            ensure_eq!(refused, Err(EBUSY));
            subdev.user_disable()?;
            subdev.user_set_controls(&[(DEFECT_CORRECTION, 0)])?;
            subdev.user_enable()?;
            ensure_eq!(corrections(), (0, 0));
            subdev.user_disable()
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_strobe_is_triggered_by_each_start_and_fixed_while_streaming() -> Result {
        for board in [&overlay!("four-lanes")[..], overlay!("imx477")] {
            let fixture = Fixture::new(board)?;
            let pulse = || match fixture.board.stream() {
                StreamState::Streaming(stream) => stream.strobe,
                StreamState::Standby | StreamState::Faulted(_) => None,
            };

            fixture.with_subdev(|subdev| {
                let range = subdev.user_range(STROBE_DURATION)?;
                ensure_eq!((range.min, range.max, range.default), (1, 696_309, 1000));
                subdev.user_enable()?;
                ensure_eq!(pulse(), None);
                subdev.user_disable()?;

                subdev.user_set_controls(&[
                    (STROBE_OE, 1),
                    (STROBE_DURATION, 500),
                    (STROBE_DELAY, 100),
                ])?;
                for _ in 0..2 {
                    subdev.user_enable()?;
                    let strobe = pulse().ok_or(ENODATA)?;
                    ensure_eq!(strobe.line, 100);
                    ensure_eq!(strobe.width_ns, 500_000);
                    ensure_eq!(strobe.continuous, true);
                    for control in [(STROBE_OE, 0), (STROBE_DURATION, 1), (STROBE_DELAY, 1)] {
                        ensure_eq!(subdev.user_set_controls(&[control]), Err(EBUSY));
                    }
                    subdev.user_disable()?;
                    ensure_eq!(fixture.board.register(regs::FLASH_TRIG_RS.address), 0);
                }
                Ok(())
            })?;
            ensure_eq!(fixture.board.violations(), 0);
        }
        Ok(())
    }

    #[test]
    fn controls_set_together_are_one_held_transfer() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_enable()?;
            let before = fixture.board.bus();
            subdev.user_set_controls(&[
                (EXPOSURE, 100),
                (ANALOGUE_GAIN, 512),
                (DIGITAL_GAIN, 0x0200),
                (VBLANK, 1000),
            ])?;
            let after = fixture.board.bus();
            subdev.user_disable()?;

            ensure_eq!(after.transfers - before.transfers, 1);
            ensure_eq!(fixture.word(regs::COARSE_INTEG_TIME.address), 100);
            ensure_eq!(fixture.word(regs::ANA_GAIN_GLOBAL.address), 512);
            ensure_eq!(fixture.word(regs::DIG_GAIN_GR.address), 0x0200);
            ensure_eq!(fixture.word(regs::FRM_LENGTH_LINES.address), 4040);
            ensure_eq!(fixture.board.register(regs::GRP_PARAM_HOLD.address), 0);
            Ok(())
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn nothing_is_sent_while_idle() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            let before = fixture.board.bus().messages;
            subdev.user_set_controls(&[(EXPOSURE, 100), (TEST_PATTERN, 2)])?;
            ensure_eq!(fixture.board.bus().messages, before);
            subdev.user_enable()?;
            ensure_eq!(fixture.word(regs::TP_MODE.address), 2);
            subdev.user_disable()
        })
    }

    #[test]
    fn a_change_to_the_same_is_no_change() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            subdev.user_set_controls(&[(EXPOSURE, 500)])?;
            subdev.user_enable()?;
            let before = fixture.board.bus().messages;
            subdev.user_set_controls(&[(EXPOSURE, 500)])?;
            let after = fixture.board.bus().messages;
            subdev.user_disable()?;
            ensure_eq!(after, before);
            Ok(())
        })
    }
}
