// SPDX-License-Identifier: GPL-2.0-only

//! The register map itself.

use imx412_host::sensor::regs::{self, Latch};

#[test]
fn registers_do_not_overlap() {
    let mut spans: Vec<_> = regs::ALL
        .iter()
        .map(|register| (register.address, u16::from(register.bytes), register.name))
        .collect();
    spans.sort_unstable();
    for pair in spans.windows(2) {
        let [(address, bytes, name), (next, _, other)] = pair else {
            unreachable!("windows of two");
        };
        assert!(address + bytes <= *next, "{name} and {other} overlap");
    }
}

#[test]
fn every_register_is_named_explained_and_at_most_four_bytes() {
    for register in regs::ALL {
        assert!((1..=4).contains(&register.bytes), "{}", register.name);
        assert!(
            register.doc.trim().ends_with('.'),
            "{}: {}",
            register.name,
            register.doc
        );
        let named = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        assert!(register.name.chars().all(named), "{}", register.name);
    }
}

#[test]
fn every_byte_of_a_register_leads_to_it() {
    for register in regs::ALL {
        for offset in 0..u16::from(register.bytes) {
            assert_eq!(regs::find(register.address + offset), Some(register));
        }
    }
    assert_eq!(regs::find(0x0000), None);
    assert_eq!(regs::find(0xFFFF), None);
}

#[test]
fn read_only_registers_have_no_place_in_a_program() {
    for register in regs::ALL {
        assert_eq!(
            register.phase().is_none(),
            register.latch == Latch::ReadOnly
        );
    }
    assert_eq!(regs::CHIP_ID.phase(), None);
}
