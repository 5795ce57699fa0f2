// SPDX-License-Identifier: GPL-2.0-only

//! Streams as a receiver sees them.

use imx412_host::virtual_board::model::part::{IMX412, IMX577};
use imx412_host::virtual_board::model::{
    BayerOrder, Content, Packets, StreamDescription, StreamState, Strobe, Surroundings, SyncRole,
};

use crate::rig::Rig;
use crate::vectors;

#[test]
fn mainlines_full_frame_is_described_in_full() {
    let rig = Rig::streaming();
    assert_eq!(
        rig.description(),
        StreamDescription {
            width: 4056,
            height: 3040,
            bits: 10,
            bayer_order: BayerOrder::Rggb,
            lanes: 4,
            lane_rate_bps: 1_200_000_000,
            link_freq_hz: 600_000_000,
            pixel_rate_hz: 480_000_000,
            line_length: 4512,
            frame_length: 3546,
            exposure_lines: 3524,
            // 4512 * 3546 / 480 MHz
            frame_period_ns: 33_332_400,
            // 4512 * 3092 / 480 MHz
            readout_ns: 29_064_800,
            analogue_crop: (0, 0, 4056, 3040),
            embedded_lines: 0,
            clock_stops_in_blanking: false,
            sync: SyncRole::Alone,
            strobe: None,
            started_ns: rig.now,
            epoch: 1,
        }
    );
}

/// The formula of mainline's ccs-core.c: width / INCK * adjustment.
#[test]
fn a_triggered_strobe_gives_pulses_that_end_with_their_frame() {
    let pulses = |mode: u8, line: u16, width: u16, adjustment: u8| {
        let mut rig = Rig::mainline();
        rig.set8(0x0c12, adjustment);
        rig.set16(0x0c14, line);
        rig.set16(0x0c18, width);
        rig.set8(0x0c1a, mode);
        rig.set8(0x0c1b, 1);
        rig.start();
        rig.description().strobe
    };
    let strobe = |line, width_ns, continuous| {
        Some(Strobe {
            line,
            width_ns,
            continuous,
        })
    };
    assert_eq!(pulses(3, 0, 24_000, 1), strobe(0, 1_000_000, true));
    assert_eq!(pulses(2, 0, 24_000, 1), strobe(0, 1_000_000, false));
    // The values of NXP's vvcam for the IMX577.
    assert_eq!(pulses(3, 5, 0xc350, 8), strobe(5, 16_666_666, true));
    // 46 lines of 9.4 us are left.
    assert_eq!(pulses(3, 3500, 0xc350, 8), strobe(3500, 432_400, true));
    assert_eq!(pulses(1, 3500, 0xc350, 8), strobe(3500, 16_666_666, true));
    assert_eq!(pulses(3, 3546, 24_000, 1), None);
}

/// Embedded lines come first, so that the first packets of a frame need not be the image.
#[test]
fn packets_are_told_apart_by_virtual_channel_and_data_type() {
    let packets = |lines: u8, bits: u8| {
        let mut rig = Rig::mainline();
        rig.set8(0xbcf1, lines);
        if bits == 12 {
            for (address, value) in [(0x0112, 12), (0x0113, 12), (0x0309, 12), (0x3f0d, 1)] {
                rig.set8(address, value);
            }
            rig.set8(0x3f4b, 0x85);
            rig.set16(0x0342, 6224);
        }
        rig.start();
        rig.description()
    };
    let on_the_first = |data_type, content| Packets {
        virtual_channel: 0,
        data_type,
        content,
    };
    let plain = packets(0, 10);
    assert_eq!(
        plain.packets().collect::<Vec<_>>(),
        [on_the_first(0x2b, Content::Image)]
    );
    let embedded = packets(2, 12);
    assert_eq!(
        embedded.packets().collect::<Vec<_>>(),
        [
            on_the_first(0x12, Content::EmbeddedData),
            on_the_first(0x2c, Content::Image)
        ]
    );
    assert!(embedded.carries_image(0, 0x2c) && plain.carries_image(0, 0x2b));
    for (channel, data_type) in [(0, 0x12), (0, 0x2b), (1, 0x2c)] {
        assert!(!embedded.carries_image(channel, data_type));
    }
}

#[test]
fn no_frames_come_in_standby() {
    let mut rig = Rig::mainline();
    assert_eq!(rig.sensor.stream(), StreamState::Standby);
    assert_eq!(rig.sensor.frame_start(), None);
    rig.start();
    assert!(rig.sensor.frame_start().is_some());
    rig.stop();
    assert_eq!(rig.sensor.stream(), StreamState::Standby);
    assert_eq!(rig.sensor.frame_start(), None);
}

#[test]
fn each_start_has_its_epoch() {
    let mut rig = Rig::streaming();
    let first = rig.description().epoch;
    rig.start();
    assert_eq!(rig.description().epoch, first);
    rig.stop();
    rig.start();
    assert_eq!(rig.description().epoch, first + 1);
}

#[test]
fn flips_change_the_order_of_colours() {
    let orders = [
        BayerOrder::Rggb,
        BayerOrder::Grbg,
        BayerOrder::Gbrg,
        BayerOrder::Bggr,
    ];
    for (orientation, order) in (0u8..).zip(orders) {
        let mut rig = Rig::mainline();
        rig.set8(0x0101, orientation);
        rig.start();
        assert_eq!(rig.description().bayer_order, order);
    }
}

#[test]
fn lengths_follow_their_shifts() {
    let mut rig = Rig::mainline();
    rig.set8(0x3210, 3);
    rig.set8(0x3100, 2);
    rig.set16(0x0202, 4000);
    rig.start();
    let frame = rig.sensor.frame_start().unwrap();
    assert_eq!(frame.stream.frame_length, 3546 * 8);
    assert_eq!(frame.stream.exposure_lines, 16_000);
    // (16000 * 4512 + 1936) / 480 MHz
    assert_eq!(frame.settings.exposure_ns, 150_404_033);
}

#[test]
fn the_frame_grows_with_the_exposure_when_told_so() {
    let mut rig = Rig::mainline();
    rig.set8(0x0350, 1);
    rig.set16(0x0202, 5000);
    rig.start();
    assert_eq!(rig.description().frame_length, 5022);
}

#[test]
fn sync_role_embedded_lines_and_clock_are_announced() {
    let mut rig = Rig::mainline();
    rig.set8(0x3041, 0);
    rig.set8(0xbcf1, 2);
    rig.set8(0xe000, 1);
    rig.start();
    let stream = rig.description();
    assert_eq!(stream.sync, SyncRole::Sink);
    assert_eq!(stream.embedded_lines, 2);
    assert!(stream.clock_stops_in_blanking);
}

#[test]
fn eight_bits_are_for_the_imx577() {
    for (config, streams) in [
        (Surroundings::new(&IMX412, 24_000_000), false),
        (Surroundings::new(&IMX577, 24_000_000), true),
    ] {
        let mut rig = Rig::on(config);
        rig.load(&vectors::find("mainline", "mode_4056x3040").program());
        rig.set16(0x0112, 0x0808);
        rig.set8(0x0309, 8);
        rig.start();
        let state = rig.sensor.stream();
        assert_eq!(matches!(state, StreamState::Streaming(_)), streams);
    }
}
