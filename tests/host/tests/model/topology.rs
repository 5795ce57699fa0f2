// SPDX-License-Identifier: GPL-2.0-only

//! The I2C switch, the GPIO expander and the EEPROM beside the sensor, by their data sheets.

use imx412_host::virtual_board::model::{Eeprom, Target, Tca6408, Tca9548, CHANNELS};

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

const EEPROM: u8 = 0x54;
const MS: u64 = 1_000_000;

/// Reads from an address inside of the EEPROM.
fn read_eeprom(eeprom: &mut Eeprom, from: u8, length: usize, now_ns: u64) -> Vec<u8> {
    let mut data = vec![0xff; length];
    assert!(eeprom.write(EEPROM, &[from], now_ns));
    assert!(eeprom.read(EEPROM, &mut data, now_ns));
    data
}

#[test]
fn an_eeprom_is_erased_and_wraps_around() {
    let mut eeprom = Eeprom::new(EEPROM);
    assert_eq!(read_eeprom(&mut eeprom, 0, 256, 0), [0xff; 256]);
    assert!(eeprom.write(EEPROM, &[0x00, 1], 0));
    assert_eq!(
        read_eeprom(&mut eeprom, 0xfe, 4, 5 * MS),
        [0xff, 0xff, 1, 0xff]
    );
}

#[test]
fn an_eeprom_writes_inside_of_a_page() {
    let mut eeprom = Eeprom::new(EEPROM);
    assert!(eeprom.write(EEPROM, &[0x16, 1, 2, 3, 4], 0));
    assert_eq!(
        read_eeprom(&mut eeprom, 0x10, 9, 5 * MS),
        [3, 4, 0xff, 0xff, 0xff, 0xff, 1, 2, 0xff]
    );
}

#[test]
fn an_eeprom_does_not_answer_while_it_writes() {
    let mut eeprom = Eeprom::new(EEPROM);
    assert!(eeprom.write(EEPROM, &[0x00, 1], 0));
    assert!(!eeprom.write(EEPROM, &[0x00], 5 * MS - 1));
    assert!(!eeprom.read(EEPROM, &mut [0xff], 5 * MS - 1));
    assert_eq!(read_eeprom(&mut eeprom, 0, 1, 5 * MS), [1]);
    // A message without data sets the address only.
    assert!(eeprom.write(EEPROM, &[0x00], 6 * MS));
    assert!(eeprom.write(EEPROM, &[], 6 * MS));
    assert!(eeprom.read(EEPROM, &mut [0xff], 6 * MS));
}

#[test]
fn an_eeprom_is_deaf_at_other_addresses() {
    let mut eeprom = Eeprom::new(EEPROM);
    assert!(!eeprom.write(EEPROM + 1, &[0x00, 1], 0));
    let mut data = [0x5a];
    assert!(!eeprom.read(EEPROM + 1, &mut data, 0));
    assert_eq!(data, [0x5a]);
    // Data of several devices at the same time is ANDed.
    assert!(eeprom.read(EEPROM, &mut data, 0));
    assert_eq!(data, [0x5a]);
}
