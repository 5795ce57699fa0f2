// SPDX-License-Identifier: GPL-2.0-only

//! Firmware descriptions of boards, and the errors for unsupported ones.

use imx412_host::sensor::link::Lanes;
use imx412_host::sensor::part::{WrongChip, IMX412, IMX477, IMX577};
use imx412_host::sensor::{Board, BoardError};

fn refusal(inck_hz: u32, lanes: u32, link_freqs: &[u64]) -> (BoardError, String) {
    let error = Board::new(inck_hz, lanes, link_freqs, &IMX412).expect_err("a refusal");
    (error, error.to_string())
}

#[test]
fn links_keep_the_order_of_the_list() {
    let list = [600_000_000, 1_050_000_000, 726_000_000];
    let board = Board::new(24_000_000, 2, &list, &IMX577).expect("a board");
    let links: Vec<_> = board.trees().map(|tree| tree.link_freq()).collect();
    assert_eq!(links, list);
    for (index, tree) in board.trees().enumerate() {
        let link = board.link(index).expect("a link");
        assert_eq!((link.index(), link.tree()), (index, tree));
    }
    assert_eq!(board.link(list.len()), None);
    assert_eq!(Some(board.default_link()), board.link(0));
    assert_eq!(board.part(), &IMX577);
    assert_eq!(board.inck().hz(), 24_000_000);
    assert_eq!(board.lanes().count(), 2);
}

#[test]
fn an_unsupported_inck_is_named_with_the_supported_ones() {
    let (error, text) = refusal(25_000_000, 4, &[600_000_000]);
    assert_eq!(error, BoardError::Inck { found: 25_000_000 });
    assert_eq!(
        text,
        "INCK is 25000000 Hz, supported are 6, 12, 18, 24 and 27 MHz within 1 %"
    );
}

#[test]
fn a_wrong_lane_count_is_named_with_the_right_ones() {
    for lanes in [0, 1, 3, 5, 8] {
        let (error, text) = refusal(24_000_000, lanes, &[600_000_000]);
        assert_eq!(error, BoardError::Lanes { found: lanes });
        assert_eq!(text, format!("{lanes} data lanes, supported are 2 and 4"));
    }
}

#[test]
fn an_unreachable_link_frequency_comes_with_its_neighbours() {
    let (error, text) = refusal(27_000_000, 4, &[1_050_000_000, 550_000_000]);
    assert!(matches!(error, BoardError::LinkFrequency(_)));
    assert_eq!(
        text,
        "link frequency 1050000000 Hz cannot be made exactly from an INCK of 27000000 Hz; \
         nearest: 1049625000 Hz"
    );
    let (_, text) = refusal(24_000_000, 4, &[550_000_000]);
    assert!(
        text.ends_with("nearest: 525000000 Hz and 600000000 Hz"),
        "{text}"
    );
    let (_, text) = refusal(24_000_000, 4, &[0]);
    assert!(text.ends_with("nearest: 150000000 Hz"), "{text}");
    let (_, text) = refusal(24_000_000, 4, &[u64::MAX]);
    assert!(text.ends_with("nearest: 1050000000 Hz"), "{text}");
}

/// Mainline's imx412.c is content with one that it knows, too.
#[test]
fn link_frequencies_that_cannot_be_made_are_left_out() {
    let links = |list: &[u64]| -> Vec<_> {
        let board = Board::new(24_000_000, 4, list, &IMX412).expect("a board");
        board.trees().map(|tree| tree.link_freq()).collect()
    };
    assert_eq!(
        links(&[550_000_000, 600_000_000, 1, 726_000_000]),
        [600_000_000, 726_000_000]
    );
    let mut many = vec![550_000_000; 8];
    many.extend((0..9).map(|step| 600_000_000 + step * 3_000_000));
    assert_eq!(links(&many), &many[8..16]);
    assert_eq!(refusal(24_000_000, 4, &[]).0, BoardError::NoLinkFrequency);
}

#[test]
fn lanes_are_in_the_order_of_the_sensor() {
    for list in [
        &[1, 2][..],
        &[1, 2, 3, 4],
        &[0, 1],
        &[0, 1, 2, 3],
        &[],
        &[1, 2, 3],
    ] {
        assert!(Lanes::are_in_order(list), "{list:?}");
    }
    for list in [
        &[1, 1, 2, 2][..],
        &[4, 3, 2, 1],
        &[2, 1],
        &[1, 3],
        &[2, 3],
        &[257, 258],
        &[0, 2],
        &[0, 1, 0, 2],
        &[u32::MAX, 0],
    ] {
        assert!(!Lanes::are_in_order(list), "{list:?}");
    }
}

/// A wrong sensor is named, and the `compatible` that it wants.
#[test]
fn a_wrong_sensor_is_named_with_its_compatible() {
    let wrong = |found, expected| WrongChip { found, expected }.to_string();
    assert_eq!(
        wrong(0x1234, &IMX412),
        "chip ID is 0x1234, expected 0x0577 (IMX412): check compatible, it is of an unknown sensor"
    );
    assert_eq!(
        wrong(0x0577, &IMX477),
        "chip ID is 0x0577, expected 0x0477 (IMX477): check compatible, which is to be \
         \"sony,imx412\" or \"sony,imx577\""
    );
    assert_eq!(
        wrong(0x0378, &IMX412),
        "chip ID is 0x0378, expected 0x0577 (IMX412): check compatible, which is to be \
         \"sony,imx378\""
    );
}
