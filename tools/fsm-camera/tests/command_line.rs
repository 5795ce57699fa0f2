// SPDX-License-Identifier: GPL-2.0-only

//! Command lines that are refused before a camera is looked for: the status, and the words that say what
//! was found and what to change.

use std::process::Command;

/// Runs the program; returns its status, and all that it printed.
fn run(words: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_fsm-camera"))
        .args(words.split(' '))
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&printed).into_owned(),
    )
}

#[test]
fn a_wrong_command_line_ends_with_2_and_says_what_is_right() {
    for (line, words) in [
        ("capture", "--output <FILE>"),
        ("capture --gain -o x.png", "a value is required for '--gain"),
        ("capture --gain --fps 30 -o x.png", "a value is required"),
        ("capture --gain 6dBm -o x.png", "write 2x or 6dB"),
        ("capture --exposure 10 -o x.png", "as in 10ms"),
        ("capture --size 1920 -o x.png", "as 1920x1080"),
        ("capture --count 0 -o x.png", "0 is not in 1.."),
        ("capture --auto --gain 2x -o x.png", "cannot be used with"),
        ("capture -o x", "or name one by --format"),
        ("live --address here", "invalid IP address"),
        ("show", "unrecognized subcommand"),
    ] {
        let (status, printed) = run(line);
        assert_eq!(status, Some(2), "{line}: {printed}");
        assert!(printed.contains(words), "{line}: {printed}");
    }
}

#[test]
fn a_folder_that_is_missing_is_told_before_a_camera_is_looked_for() {
    for (line, option) in [
        ("capture -o /no/such/folder/x.png", "-o"),
        ("check --report /no/such/folder/x", "--report"),
    ] {
        let (status, printed) = run(line);
        assert_eq!(status, Some(1), "{line}: {printed}");
        let words = format!(
            "there is no folder /no/such/folder: make it (mkdir -p), or choose another by {option}"
        );
        assert!(printed.contains(&words), "{line}: {printed}");
    }
}

#[test]
fn every_command_has_help() {
    for (line, words) in [
        ("--help", "Ends with status 0"),
        ("capture --help", "Examples:"),
        ("live --help", "Examples:"),
        ("check --help", "Examples:"),
        ("list --help", "--graph"),
        ("info --help", "--camera"),
    ] {
        let (status, printed) = run(line);
        assert_eq!(status, Some(0), "{line}: {printed}");
        assert!(printed.contains(words), "{line}: {printed}");
    }
}
