// SPDX-License-Identifier: GPL-2.0-only

//! docs/modes.md and docs/controls.md say what the code does.

use imx412_program::{modes, settings};

#[test]
fn the_tables_in_docs_are_up_to_date() {
    let document = include_str!("../../../docs/modes.md");
    let expected = modes::regenerate(document).expect("the marks");
    assert!(
        document == expected,
        "docs/modes.md is out of date, run: cargo run --bin imx412-program -- modes"
    );
}

#[test]
fn the_table_of_settings_in_docs_is_up_to_date() {
    let document = include_str!("../../../docs/controls.md");
    let expected = settings::regenerate(document).expect("the marks");
    assert!(
        document == expected,
        "docs/controls.md is out of date, run: cargo run --bin imx412-program -- settings"
    );
}

#[test]
fn a_document_without_marks_is_refused() {
    assert!(modes::regenerate("# Modes\n").is_err());
}
