// SPDX-License-Identifier: GPL-2.0-only

//! Clock trees other than those of whole programs.

use imx412_host::virtual_board::model::part::IMX412;
use imx412_host::virtual_board::model::{Surroundings, Violation};

use crate::rig::Rig;
use crate::vectors;

fn full_frame(inck_hz: u32) -> Rig {
    let mut rig = Rig::on(Surroundings::new(&IMX412, inck_hz));
    rig.load(&vectors::find("mainline", "mode_4056x3040").program());
    rig
}

#[test]
fn one_pll_takes_every_inck_to_the_840_mhz_class() {
    // INCK, EXCK_FREQ, pre-divider, multiplier, VT PLL.
    let trees = [
        (6_000_000, 0x0600, 1, 350, 2_100_000_000u64),
        (12_000_000, 0x0c00, 2, 350, 2_100_000_000),
        (18_000_000, 0x1200, 3, 350, 2_100_000_000),
        (19_200_000, 0x1333, 3, 328, 2_099_200_000),
        (24_000_000, 0x1800, 4, 350, 2_100_000_000),
        (27_000_000, 0x1b00, 4, 311, 2_099_250_000),
    ];
    for (inck, exck, divider, multiplier, pll) in trees {
        let mut rig = full_frame(inck);
        rig.set16(0x0136, exck);
        rig.set8(0x0305, divider);
        rig.set16(0x0306, multiplier);
        let mbps = u128::from(pll) * 4 * 65_536 / 1_000_000;
        rig.set32(0x0820, u32::try_from(mbps).unwrap());
        rig.start();
        assert_eq!(rig.broken(), [], "{inck}");
        let stream = rig.description();
        assert_eq!(stream.link_freq_hz, pll / 2);
        assert_eq!(stream.lane_rate_bps, pll);
        assert_eq!(stream.pixel_rate_hz, pll * 2 / 5);
    }
}

#[test]
fn exck_freq_is_inck_in_8_8_fixed_point() {
    // 19.2 MHz is 4915.2 / 256: both neighbours will do. 24 MHz is exact.
    for (inck, exck, right) in [
        (19_200_000, 0x1332, false),
        (19_200_000, 0x1333, true),
        (19_200_000, 0x1334, true),
        (19_200_000, 0x1335, false),
        (24_000_000, 0x17ff, false),
        (24_000_000, 0x1800, true),
        (24_000_000, 0x1801, false),
    ] {
        let mut rig = full_frame(inck);
        rig.set16(0x0136, exck);
        rig.start();
        let wrong = rig.sensor.violations().count(Violation::ExckFreqWrong);
        assert_eq!(wrong == 0, right, "{exck:#06x} at {inck} Hz");
    }
}

#[test]
fn the_second_pll_sets_the_link_alone() {
    // Raspberry Pi's imx477 full frame: 840 MHz pixel rate, 2 lanes at 900 Mbps, 12 bit, 10 fps.
    let mut rig = full_frame(24_000_000);
    rig.set8(0x0114, 1);
    rig.set16(0x0112, 0x0c0c);
    rig.set8(0x3f0d, 1);
    rig.set8(0x3f4b, 0x85);
    rig.set16(0x0306, 350);
    rig.set8(0x0309, 12);
    rig.set8(0x030b, 2);
    rig.set8(0x030d, 2);
    rig.set16(0x030e, 150);
    rig.set8(0x0310, 1);
    rig.set32(0x0820, 0x0708_0000);
    rig.set16(0x0340, 3500);
    rig.set16(0x0342, 24000);
    rig.set16(0x0202, 3000);
    rig.start();
    assert_eq!(rig.broken(), []);
    let stream = rig.description();
    assert_eq!(stream.pixel_rate_hz, 840_000_000);
    assert_eq!(stream.lane_rate_bps, 900_000_000);
    assert_eq!(stream.link_freq_hz, 450_000_000);
    assert_eq!(stream.frame_period_ns, 100_000_000);
}

#[test]
fn rates_that_are_not_whole_are_rounded_to_the_nearest() {
    let mut rig = full_frame(6_400_001);
    rig.set16(0x0136, 0x0666);
    rig.set8(0x0305, 3);
    rig.set16(0x0306, 601);
    // 6400001 * 601 / 3 = 1282133533.67 Hz
    rig.set32(
        0x0820,
        u32::try_from(1_282_133_534u64 * 4 * 65_536 / 1_000_000).unwrap(),
    );
    rig.start();
    assert_eq!(rig.broken(), []);
    let stream = rig.description();
    assert_eq!(stream.lane_rate_bps, 1_282_133_534);
    assert_eq!(stream.link_freq_hz, 641_066_767);
    assert_eq!(stream.pixel_rate_hz, 512_853_413);
    // 4512 * 3546 * 3 * 10 / (6400001 * 601 * 4) s
    assert_eq!(stream.frame_period_ns, 31_197_124);
}

#[test]
fn an_inck_within_one_per_cent_is_judged_as_the_one_that_it_is_meant_to_be() {
    // 24 MHz as msm8916 makes it, one hertz short, and at the edges.
    for (inck, right) in [
        (23_880_000, true),
        (23_999_999, true),
        (23_760_000, true),
        (24_240_000, true),
        (23_700_000, false),
        (24_300_000, false),
    ] {
        let mut rig = full_frame(inck);
        rig.start();
        let wrong = rig.sensor.violations().count(Violation::ExckFreqWrong);
        assert_eq!(wrong == 0, right, "{inck} Hz");
        if right {
            assert_eq!(rig.broken(), [], "{inck} Hz");
            // But its rates are the true ones.
            let pll = u64::from(inck) * 200 / 4;
            assert_eq!(rig.description().lane_rate_bps, pll);
            assert_eq!(rig.description().pixel_rate_hz, (pll * 2 + 2) / 5);
        }
    }
}
