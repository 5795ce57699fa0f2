// SPDX-License-Identifier: GPL-2.0-only

//! Hardware that is broken: a clock of another rate, a supply that drops.

use imx412_host::virtual_board::model::{Ack, FrameClock, Line, StreamState, XvsWire};

use crate::rig::{Rig, ADDRESS, LINES, MS};

#[test]
fn another_inck_changes_the_pace_and_nothing_else() {
    let mut rig = Rig::mainline();
    rig.sensor.set_real_inck(Some(27_000_000));
    rig.start();
    let fast = rig.description();
    let rig = Rig::streaming();
    let right = rig.description();
    assert_eq!(fast.frame_period_ns, right.frame_period_ns * 24 / 27);
    assert_eq!(fast.readout_ns, right.readout_ns * 24 / 27);
    assert_eq!(fast.pixel_rate_hz, right.pixel_rate_hz);
    assert_eq!(rig.sensor.violations().iter().count(), 0);
}

#[test]
fn a_supply_drops_in_a_frame_and_comes_back_when_it_was_switched() {
    let mut rig = Rig::streaming();
    let mut wire = XvsWire::default();
    let mut clock = FrameClock::new(wire.tap());
    let mut frames = 0;
    clock.advance(&mut rig.sensor, &mut wire, rig.now + 1_000 * MS, |frame| {
        frames += 1;
        (frame.sequence >= 5).then_some(Line::Avdd)
    });
    assert_eq!(frames, 6);
    assert_eq!(rig.sensor.stream(), StreamState::Standby);
    assert!(clock.latest().is_none());
    let now = rig.now + 1_000 * MS;
    assert_eq!(rig.sensor.write(ADDRESS, &[1, 0, 0], now), Ack::Nack);

    // The driver takes the power and gives it back.
    for on in [false, true] {
        let mut lines = LINES;
        if !on {
            lines.reverse();
        }
        for line in lines {
            rig.sensor.set_line(line, on, now);
        }
    }
    let later = now + 10 * MS;
    assert_eq!(rig.sensor.write(ADDRESS, &[1, 0, 0], later), Ack::Ack);
    assert_eq!(rig.sensor.violations().iter().count(), 0);
}
