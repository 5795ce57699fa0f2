// SPDX-License-Identifier: GPL-2.0-only

//! The I2C switch and the GPIO expander in front of the sensor, as their data sheets have them.

use imx412_host::virtual_board::model::{Tca6408, Tca9548, CHANNELS};

const SWITCH: u8 = 0x70;
const EXPANDER: u8 = 0x20;

fn connected(switch: &Tca9548) -> Vec<u8> {
    (0..=CHANNELS).filter(|n| switch.connects(*n)).collect()
}

#[test]
fn a_switch_connects_nothing_until_it_is_told() {
    let switch = Tca9548::new(SWITCH);
    assert_eq!(connected(&switch), [0u8; 0]);
    assert_eq!(switch.read(SWITCH), Some(0));
}

#[test]
fn a_switch_connects_every_channel_of_its_control_byte() {
    let mut switch = Tca9548::new(SWITCH);
    assert!(switch.write(SWITCH, &[0x95]));
    assert_eq!(connected(&switch), [0, 2, 4, 7]);
    assert_eq!(switch.read(SWITCH), Some(0x95));

    // The last byte of a message counts; one without bytes changes nothing.
    assert!(switch.write(SWITCH, &[0x01, 0x02]));
    assert!(switch.write(SWITCH, &[]));
    assert_eq!(connected(&switch), [1]);
}

#[test]
fn a_switch_is_deaf_at_other_addresses() {
    let mut switch = Tca9548::new(SWITCH);
    assert!(!switch.write(0x71, &[0xff]));
    assert_eq!(switch.read(0x71), None);
    assert_eq!(connected(&switch), [0u8; 0]);
}

#[test]
fn pins_of_an_expander_are_inputs_until_they_are_configured() {
    let mut expander = Tca6408::new(EXPANDER);
    // The output register is all ones after power on, and drives nothing yet.
    assert_eq!(expander.pins(), 0);
    assert!(expander.write(EXPANDER, &[3, 0xfa]));
    assert_eq!(expander.pins(), 0x05);
    assert!(expander.write(EXPANDER, &[1, 0x04]));
    assert_eq!(expander.pins(), 0x04);
}

#[test]
fn registers_of_an_expander_read_back() {
    let mut expander = Tca6408::new(EXPANDER);
    for (register, value) in [(1, 0x34), (2, 0x0f), (3, 0xc3)] {
        assert!(expander.write(EXPANDER, &[register, 0xee, value]));
        assert_eq!(expander.read(EXPANDER), Some(value));
    }
    // Input: outputs 0x34 & !0xc3, inverted where the polarity register says so.
    assert!(expander.write(EXPANDER, &[0, 0xff]));
    assert_eq!(expander.read(EXPANDER), Some(0x34 ^ 0x0f));
}

#[test]
fn an_expander_takes_its_own_address_and_registers_alone() {
    let mut expander = Tca6408::new(EXPANDER);
    let before = expander;
    assert!(!expander.write(0x21, &[3, 0]));
    assert!(!expander.write(EXPANDER, &[4, 0]));
    assert_eq!(expander.read(0x21), None);
    assert_eq!(expander, before);
}
