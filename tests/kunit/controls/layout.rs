// SPDX-License-Identifier: GPL-2.0-only

//! Flips, and the format codes that follow them.

use crate::{
    kernel_ext::{
        bindings::{
            MEDIA_BUS_FMT_SBGGR10_1X10,
            MEDIA_BUS_FMT_SBGGR12_1X12,
            MEDIA_BUS_FMT_SGBRG10_1X10,
            MEDIA_BUS_FMT_SGBRG12_1X12,
            MEDIA_BUS_FMT_SGRBG10_1X10,
            MEDIA_BUS_FMT_SGRBG12_1X12,
            MEDIA_BUS_FMT_SRGGB10_1X10,
            MEDIA_BUS_FMT_SRGGB12_1X12,
            V4L2_CID_HFLIP,
            V4L2_CID_VFLIP,
            V4L2_CTRL_FLAG_GRABBED,
            V4L2_CTRL_FLAG_MODIFY_LAYOUT, //
        },
        media::v4l2::ctrls::Id, //
    },
    sensor::regs,
    tests::fixture::{
        ensure,
        ensure_eq,
        overlay,
        Fixture, //
    },
    virtual_board::model::{
        BayerOrder,
        StreamState, //
    }, //
};
use kernel::prelude::*;

const HFLIP: Id = Id(V4L2_CID_HFLIP);
const VFLIP: Id = Id(V4L2_CID_VFLIP);

/// Horizontal and vertical flip, the codes of 10 and 12 bits, and what the emulated sensor sends.
const FLIPS: [(i32, i32, u32, u32, BayerOrder); 4] = [
    (
        0,
        0,
        MEDIA_BUS_FMT_SRGGB10_1X10,
        MEDIA_BUS_FMT_SRGGB12_1X12,
        BayerOrder::Rggb,
    ),
    (
        1,
        0,
        MEDIA_BUS_FMT_SGRBG10_1X10,
        MEDIA_BUS_FMT_SGRBG12_1X12,
        BayerOrder::Grbg,
    ),
    (
        0,
        1,
        MEDIA_BUS_FMT_SGBRG10_1X10,
        MEDIA_BUS_FMT_SGBRG12_1X12,
        BayerOrder::Gbrg,
    ),
    (
        1,
        1,
        MEDIA_BUS_FMT_SBGGR10_1X10,
        MEDIA_BUS_FMT_SBGGR12_1X12,
        BayerOrder::Bggr,
    ),
];

#[kunit_tests(imx412_controls_layout)]
mod tests {
    use super::*;

    #[test]
    fn the_code_follows_the_flips_at_once() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for (hflip, vflip, ten, twelve, order) in FLIPS {
                subdev.user_set_controls(&[(VFLIP, vflip), (HFLIP, hflip)])?;
                ensure_eq!(subdev.user_format()?, (ten, 4056, 3040));
                ensure_eq!(subdev.user_codes()?.as_slice(), [ten, twelve].as_slice());
                ensure_eq!(subdev.user_sent_code()?, ten);

                subdev.user_enable()?;
                let state = fixture.board.stream();
                let orientation = fixture.board.register(regs::IMG_ORIENTATION.address);
                subdev.user_disable()?;
                let StreamState::Streaming(stream) = state else {
                    return Err(EIO);
                };
                ensure_eq!(stream.bayer_order, order);
                ensure_eq!(i32::from(orientation), hflip | vflip << 1);
            }
            Ok(())
        })?;
        ensure_eq!(fixture.board.violations(), 0);
        Ok(())
    }

    #[test]
    fn a_code_of_another_order_becomes_the_present_one() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for (hflip, vflip, ten, twelve, _) in FLIPS {
                subdev.user_set_controls(&[(HFLIP, hflip), (VFLIP, vflip)])?;
                for (_, _, other_ten, other_twelve, _) in FLIPS {
                    for (asked, becomes) in [(other_twelve, twelve), (other_ten, ten)] {
                        let format = subdev.user_set_format((asked, 1920, 1080))?;

                        ensure_eq!(format, (becomes, 1920, 1080));
                        ensure_eq!(subdev.user_format()?, format);
                        let tried = subdev.user_try_format((asked, 1920, 1080))?;
                        ensure_eq!(tried, format);
                    }
                }
            }
            Ok(())
        })
    }

    #[test]
    fn flips_are_announced_and_fixed_while_streaming() -> Result {
        let fixture = Fixture::new(overlay!("four-lanes"))?;

        fixture.with_subdev(|subdev| {
            for id in [HFLIP, VFLIP] {
                ensure!(subdev.user_flags(id)? & V4L2_CTRL_FLAG_MODIFY_LAYOUT != 0);
                ensure!(subdev.user_flags(id)? & V4L2_CTRL_FLAG_GRABBED == 0);
            }
            subdev.user_enable()?;
            for id in [HFLIP, VFLIP] {
                ensure!(subdev.user_flags(id)? & V4L2_CTRL_FLAG_GRABBED != 0);
                ensure_eq!(subdev.user_set_controls(&[(id, 1)]), Err(EBUSY));
            }
            subdev.user_disable()?;
            subdev.user_set_controls(&[(HFLIP, 1), (VFLIP, 1)])
        })
    }
}
