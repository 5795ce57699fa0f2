// SPDX-License-Identifier: GPL-2.0-only

//! Registers as the bus sees them.

use imx412_host::virtual_board::model::part::IMX412;
use imx412_host::virtual_board::model::{
    Ack, Sensor, StorageTooSmall, Surroundings, STORAGE_BYTES,
};

use crate::rig::{Rig, ADDRESS};

fn idle() -> Rig {
    Rig::on(Surroundings::new(&IMX412, 24_000_000))
}

#[test]
fn storage_below_the_size_of_the_register_file_is_refused() {
    let config = Surroundings::new(&IMX412, 24_000_000);
    let small = Sensor::new(vec![0; STORAGE_BYTES - 1], config);
    assert_eq!(small.map(|_| ()), Err(StorageTooSmall));
}

#[test]
fn chip_id_reads_as_configured() {
    let mut rig = idle();
    assert_eq!((rig.get8(0x0016), rig.get8(0x0017)), (0x05, 0x77));

    let mut rig = Rig::on(Surroundings {
        chip_id: 0x0477,
        ..Surroundings::new(&IMX412, 24_000_000)
    });
    assert_eq!((rig.get8(0x0016), rig.get8(0x0017)), (0x04, 0x77));
}

#[test]
fn writes_and_reads_increment_the_address() {
    let mut rig = idle();
    assert_eq!(rig.write(&[0x02, 0x02, 0x12, 0x34, 0x01, 0x56]), Ack::Ack);
    assert_eq!(rig.write(&[0x02, 0x02]), Ack::Ack);
    let mut data = [0; 2];
    assert_eq!(rig.sensor.read(ADDRESS, &mut data, rig.now), Ack::Ack);
    assert_eq!(data, [0x12, 0x34]);
    // The next read goes on where the last one ended.
    assert_eq!(rig.sensor.read(ADDRESS, &mut data, rig.now), Ack::Ack);
    assert_eq!(data, [0x01, 0x56]);
}

#[test]
fn the_address_wraps_at_the_end_of_the_file() {
    let mut rig = idle();
    assert_eq!(rig.write(&[0xff, 0xff, 0x5a]), Ack::Ack);
    let mut data = [0xee];
    assert_eq!(rig.sensor.read(ADDRESS, &mut data, rig.now), Ack::Ack);
    assert_eq!(data, [0]);
    assert_eq!(rig.get8(0xffff), 0x5a);
}

#[test]
fn half_an_address_changes_nothing() {
    let mut rig = idle();
    rig.set8(0x0202, 7);
    assert_eq!(rig.write(&[0x02, 0x02]), Ack::Ack);
    assert_eq!(rig.write(&[0x03]), Ack::Ack);
    assert_eq!(rig.write(&[]), Ack::Ack);
    let mut data = [0];
    assert_eq!(rig.sensor.read(ADDRESS, &mut data, rig.now), Ack::Ack);
    assert_eq!(data, [7]);
}

#[test]
fn read_only_registers_keep_their_value() {
    let mut rig = idle();
    rig.set16(0x0016, 0x1234);
    assert_eq!((rig.get8(0x0016), rig.get8(0x0017)), (0x05, 0x77));
    assert_eq!(rig.sensor.violations().total(), 2);
}

#[test]
fn the_thermometer_is_read_when_it_is_on() {
    let mut rig = idle();
    rig.sensor.set_temperature(-7);
    assert_eq!(rig.get8(0x013a), 0);
    rig.set8(0x0138, 1);
    assert_eq!(rig.get8(0x013a), 0xf9);
}

#[test]
fn a_soft_reset_brings_back_the_reset_values() {
    let mut rig = Rig::streaming();
    rig.set8(0x0103, 1);
    assert_eq!(
        rig.sensor.stream(),
        imx412_host::virtual_board::model::StreamState::Standby
    );
    assert_eq!(rig.get8(0x0307), 0);
    assert_eq!(rig.get8(0x0303), 2);
    assert_eq!(rig.get8(0x0103), 0);
}

#[test]
fn other_addresses_are_silent() {
    let mut rig = idle();
    assert_eq!(
        rig.sensor.write(0x10, &[0x01, 0x00, 0x00], rig.now),
        Ack::Nack
    );
    assert_eq!(
        rig.sensor.write(0x36, &[0x01, 0x00, 0x00], rig.now),
        Ack::Nack
    );

    let config = Surroundings {
        i2c_address: 0x10,
        ..Surroundings::new(&IMX412, 24_000_000)
    };
    let mut rig = Rig::on(config);
    assert_eq!(
        rig.sensor.write(0x10, &[0x01, 0x00, 0x00], rig.now),
        Ack::Ack
    );
    assert_eq!(
        rig.sensor.write(0x1a, &[0x01, 0x00, 0x00], rig.now),
        Ack::Nack
    );
}

#[test]
fn the_second_address_listens_when_enabled_and_acknowledges_when_told_so() {
    let mut rig = idle();
    rig.set8(0x3010, 1);
    assert_eq!(
        rig.sensor.write(0x36, &[0x02, 0x03, 0x42], rig.now),
        Ack::Nack
    );
    assert_eq!(rig.get8(0x0203), 0x42);

    rig.set8(0x3011, 1);
    assert_eq!(
        rig.sensor.write(0x36, &[0x02, 0x03, 0x43], rig.now),
        Ack::Ack
    );
    assert_eq!(rig.get8(0x0203), 0x43);

    rig.set8(0x3010, 0);
    assert_eq!(
        rig.sensor.write(0x36, &[0x02, 0x03, 0x44], rig.now),
        Ack::Nack
    );
    assert_eq!(rig.get8(0x0203), 0x43);
}

#[test]
fn the_listing_holds_what_reset_and_writes_have_set() {
    let mut rig = idle();
    let before: Vec<_> = rig.sensor.registers().collect();
    assert!(before.contains(&(0x0016, 0x05)));
    assert!(before.contains(&(0x0303, 0x02)));
    assert!(before.contains(&(0xbcf1, 0x02)));
    assert!(before.is_sorted());
    assert!(!before.iter().any(|(address, _)| *address == 0x9232));

    rig.set8(0x9232, 0);
    let after: Vec<_> = rig.sensor.registers().collect();
    assert_eq!(after.len(), before.len() + 1);
    assert!(after.contains(&(0x9232, 0)));
    assert_eq!(rig.sensor.register_bytes().len(), 65536);
    assert_eq!(rig.sensor.register_bytes()[0x0303], 2);
}
