// SPDX-License-Identifier: GPL-2.0-only

//! Supplies, clock and reset.

use imx412_host::virtual_board::model::part::IMX412;
use imx412_host::virtual_board::model::{
    Ack, Line, PowerEvent, StreamState, Surroundings, Violation,
};

use crate::rig::{Rig, LINES, MS};

fn off() -> Rig {
    Rig::off(Surroundings::new(&IMX412, 24_000_000))
}

#[test]
fn nothing_answers_before_everything_is_on() {
    for missing in LINES {
        let mut rig = off();
        for line in LINES.into_iter().filter(|line| *line != missing) {
            rig.line(line, true);
        }
        rig.now += 100 * MS;
        assert_eq!(rig.write(&[0x00, 0x16]), Ack::Nack, "without {missing:?}");
        let mut data = [0xee];
        assert_eq!(
            rig.sensor.read(crate::rig::ADDRESS, &mut data, rig.now),
            Ack::Nack
        );
        assert_eq!(data, [0xee]);
    }
}

#[test]
fn the_first_access_may_come_600_us_after_xclr() {
    let mut rig = off();
    rig.power_on();
    rig.now += 599_999;
    assert_eq!(rig.write(&[0x00, 0x16]), Ack::Nack);
    rig.now += 1;
    assert_eq!(rig.write(&[0x00, 0x16]), Ack::Ack);
}

#[test]
fn up_and_down_in_order_breaks_no_rule_and_is_recorded() {
    let mut rig = off();
    let mut expected = Vec::new();
    let down = LINES.iter().rev().map(|line| (*line, false));
    for (line, on) in LINES.iter().map(|line| (*line, true)).chain(down) {
        rig.now += MS;
        rig.line(line, on);
        // A line that keeps its level is no event.
        rig.line(line, on);
        expected.push(PowerEvent {
            line,
            on,
            at_ns: rig.now,
        });
    }
    assert_eq!(rig.broken(), []);
    assert_eq!(rig.sensor.power_events().collect::<Vec<_>>(), expected);
}

#[test]
fn the_record_keeps_the_newest_events_in_order() {
    let mut rig = off();
    for _ in 0..50 {
        rig.now += MS;
        rig.line(Line::Avdd, true);
        rig.now += MS;
        rig.line(Line::Avdd, false);
    }
    let events: Vec<_> = rig.sensor.power_events().collect();
    assert_eq!(events.len(), 32);
    assert!(events.is_sorted_by_key(|event| event.at_ns));
    assert_eq!(events.last().unwrap().at_ns, rig.now);
}

#[test]
fn registers_are_lost_with_a_supply_and_with_xclr() {
    for line in [Line::Avdd, Line::Dvdd, Line::Dovdd, Line::Xclr] {
        let mut rig = Rig::on(Surroundings::new(&IMX412, 24_000_000));
        rig.set8(0x0203, 0x42);
        rig.line(line, false);
        rig.line(line, true);
        rig.now += 8 * MS;
        // XCLR has to rise again for the settling time to run.
        assert_eq!(rig.get8(0x0203), 0, "{line:?}");
    }
}

#[test]
fn registers_outlive_a_pause_of_inck() {
    let mut rig = Rig::on(Surroundings::new(&IMX412, 24_000_000));
    rig.set8(0x0203, 0x42);
    rig.line(Line::Inck, false);
    assert_eq!(rig.write(&[0x02, 0x03]), Ack::Nack);
    rig.line(Line::Inck, true);
    assert_eq!(rig.get8(0x0203), 0x42);
}

#[test]
fn losing_power_ends_the_stream() {
    let mut rig = Rig::streaming();
    rig.line(Line::Xclr, false);
    assert_eq!(rig.sensor.stream(), StreamState::Standby);
    assert_eq!(rig.sensor.frame_start(), None);
    assert_eq!(rig.broken(), [(Violation::PowerOffWhileStreaming, 1)]);
}

#[test]
fn streaming_before_8_ms_is_refused() {
    let mut rig = Rig::mainline();
    let program = crate::vectors::find("mainline", "mode_4056x3040").program();
    rig.line(Line::Xclr, false);
    rig.line(Line::Xclr, true);
    rig.now += 8 * MS - 1;
    rig.load(&program);
    rig.start();
    assert_eq!(rig.fault().violation, Violation::StreamBeforeSettled);
    rig.stop();
    rig.now += 1;
    rig.start();
    rig.description();
}
