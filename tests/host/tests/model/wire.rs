// SPDX-License-Identifier: GPL-2.0-only

//! Lines after a damaged link.

use imx412_host::virtual_board::model::{Damage, LaneFault, MemoryFormat, WIRE_LINE_BYTES};

/// Returns a line of words, damaged; both as values.
fn words(fault: LaneFault, lanes: u32, bits: u32, values: &[u16]) -> Vec<u16> {
    let mut row: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let mut wire = vec![0; WIRE_LINE_BYTES];
    Damage::new(fault, lanes, bits, MemoryFormat::Words, &mut wire)
        .unwrap()
        .line(&mut row);
    row.chunks_exact(2)
        .map(|word| u16::from_le_bytes([word[0], word[1]]))
        .collect()
}

fn packed(fault: LaneFault, lanes: u32, bits: u32, row: &[u8]) -> Vec<u8> {
    let mut row = row.to_vec();
    let mut wire = vec![0; WIRE_LINE_BYTES];
    Damage::new(fault, lanes, bits, MemoryFormat::Packed, &mut wire)
        .unwrap()
        .line(&mut row);
    row
}

#[test]
fn bytes_of_a_stuck_lane_come_in_turn() {
    let fault = LaneFault::Stuck {
        lane: 1,
        high: true,
    };
    assert_eq!(
        packed(fault, 4, 10, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        [0, 0xff, 2, 3, 4, 0xff, 6, 7, 8, 0xff]
    );
    assert_eq!(packed(fault, 2, 12, &[0, 1, 2]), [0, 0xff, 2]);
}

#[test]
fn swapped_lanes_exchange_bytes_of_each_turn() {
    let fault = LaneFault::Swapped {
        first: 0,
        second: 3,
    };
    assert_eq!(
        packed(fault, 4, 10, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        // The last turn has no fourth byte.
        [3, 1, 2, 0, 7, 5, 6, 4, 8, 9]
    );
}

#[test]
fn words_are_damaged_as_they_would_be_on_the_link() {
    // Five bytes for four pixels, the last with the lower bits of all: bytes 1, 5 and 9 are the upper
    // parts of pixels 1 and 4, and the lower bits of the second group.
    let fault = LaneFault::Stuck {
        lane: 1,
        high: false,
    };
    assert_eq!(
        words(fault, 4, 10, &[0x3ff; 8]),
        [0x3ff, 0x003, 0x3ff, 0x3ff, 0x000, 0x3fc, 0x3fc, 0x3fc]
    );
    // Three bytes for two pixels: the lower nibbles of both are one byte.
    let fault = LaneFault::Stuck {
        lane: 0,
        high: false,
    };
    assert_eq!(words(fault, 2, 12, &[0xabc, 0xdef]), [0x000, 0xde0]);
}

#[test]
fn undamaged_lanes_leave_words_as_they_are() {
    let values: Vec<u16> = (0..64).map(|at| (at * 61) & 0x3ff).collect();
    let fault = LaneFault::Errors {
        lane: 0,
        one_in: u32::MAX,
    };
    assert_eq!(words(fault, 4, 10, &values), values);
    let values: Vec<u16> = (0..64).map(|at| (at * 251) & 0xfff).collect();
    assert_eq!(words(fault, 2, 12, &values), values);
}

#[test]
fn errors_are_on_their_lane_and_about_as_many_as_asked_for() {
    let fault = LaneFault::Errors {
        lane: 2,
        one_in: 64,
    };
    let row = vec![0u8; 4000];
    let damaged = packed(fault, 4, 10, &row);
    let mut errors = 0;
    for (at, byte) in damaged.iter().enumerate() {
        assert!(at % 4 == 2 || *byte == 0, "byte {at}");
        errors += byte.count_ones();
    }
    // 8000 bits of the lane.
    assert!((60..250).contains(&errors), "{errors}");
    assert_eq!(packed(fault, 4, 10, &row), damaged);
}

#[test]
fn a_fault_of_a_lane_that_there_is_not_is_none() {
    for fault in [
        LaneFault::Stuck {
            lane: 2,
            high: true,
        },
        LaneFault::Swapped {
            first: 1,
            second: 1,
        },
        LaneFault::Errors { lane: 0, one_in: 7 },
    ] {
        assert!(Damage::new(fault, 2, 10, MemoryFormat::Packed, &mut []).is_none());
    }
}
