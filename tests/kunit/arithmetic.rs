// SPDX-License-Identifier: GPL-2.0-only

//! The sensor's arithmetic on the machine that it runs on.

use crate::sensor::{
    part::IMX412,
    Board,
    BoardError,
    Config,
    Depth,
    Readout,
    Setting, //
};
use kernel::prelude::*;

/// Frame rate in mHz at the shortest frame.
fn fastest(inck: u32, lanes: u32, link_freq: u64, depth: Depth) -> Result<u64> {
    let board = Board::new(inck, lanes, &[link_freq], &IMX412).map_err(|_| EINVAL)?;
    let config = Config::default_for(&board).with_readout(Readout::full_frame(depth));
    let shortest = config.limits(Setting::VerticalBlanking).min;
    let config = config
        .with(Setting::VerticalBlanking.to(shortest))
        .map_err(|_| EINVAL)?;

    Ok(config.timing().frame_rate_millihertz())
}

#[kunit_tests(imx412_arithmetic)]
mod tests {
    use super::*;

    #[test]
    fn every_input_clock_reaches_the_fastest_link() -> Result {
        for (inck, link_freq) in [
            (6_000_000, 1_050_000_000),
            (12_000_000, 1_050_000_000),
            (18_000_000, 1_050_000_000),
            (24_000_000, 1_050_000_000),
            (27_000_000, 1_049_625_000),
        ] {
            let board = Board::new(inck, 4, &[link_freq], &IMX412).map_err(|_| EINVAL)?;

            assert_eq!(Config::default_for(&board).link_freq(), link_freq);
        }
        Ok(())
    }

    #[test]
    fn frame_rates_are_those_of_the_part() -> Result {
        // FRAMOS' modes: 60.19, 43.63 and 30.09 frames per second at 27 MHz.
        let link = 1_049_625_000;

        assert_eq!(fastest(27_000_000, 4, link, Depth::Ten)? / 10, 6018);
        assert_eq!(fastest(27_000_000, 4, link, Depth::Twelve)? / 10, 4363);
        assert_eq!(fastest(27_000_000, 2, link, Depth::Ten)? / 10, 3009);
        Ok(())
    }

    #[test]
    fn mainline_imx412_is_matched() -> Result {
        let board = Board::new(24_000_000, 4, &[600_000_000], &IMX412).map_err(|_| EINVAL)?;
        let config = Config::default_for(&board);

        assert_eq!(config.pixel_rate(), 480_000_000);
        assert_eq!(config.horizontal_blanking(), 456);
        Ok(())
    }

    #[test]
    fn what_cannot_be_reached_is_refused_with_what_can() -> Result {
        let error = Board::new(24_000_000, 4, &[601_000_000], &IMX412);

        let Err(BoardError::LinkFrequency(error)) = error else {
            return Err(EINVAL);
        };
        assert_eq!(error.below, Some(600_000_000));
        assert!(error.above.is_some_and(|above| above > 601_000_000));
        Ok(())
    }
}
