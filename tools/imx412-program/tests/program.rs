// SPDX-License-Identifier: GPL-2.0-only

//! The program as a user runs it.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn run(arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_imx412-program"))
        .args(arguments.split_whitespace())
        .output()
        .expect("the program")
}

fn text(arguments: &str) -> String {
    let output = run(arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(arguments: &str) -> Value {
    serde_json::from_str(&text(&format!("{arguments} --json"))).expect("JSON")
}

/// Returns the error of a request that cannot be met.
fn refusal(arguments: &str) -> String {
    let output = run(arguments);
    assert!(!output.status.success(), "{arguments}");
    assert!(output.stdout.is_empty(), "{arguments}");
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    error.trim_start_matches("error: ").trim().to_string()
}

#[test]
fn uhd_of_framos_is_shown() {
    let text = text(
        "--inck 27000000 --lanes 4 --link-freq 1049625000 --size 3840x2160 --depth 12 --fps 60.9",
    );
    for line in [
        "crop            116,456/3840x2160 of the native array",
        "video PLL       27000000 Hz / 4 x 311 = 2099250000 Hz",
        "pixel rate      839700000 pixels/s",
        "structure  0344 = 006C     X_ADD_STA",
        "structure  0820 = 20CD0000 REQ_LINK_BIT_RATE_MBPS",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn json_says_what_the_registers_hold() {
    let report = json("--lanes 2 --size 1280x720");
    assert_eq!(report["scale_m"], 48);
    assert_eq!(report["line_length_pck"], 9024);
    assert_eq!(report["vblank"]["min"], 3092 - 720);
    assert!(report["link_pll"].is_null());
    let register = |address: u16| {
        let registers = report["registers"].as_array().expect("registers");
        let found = registers
            .iter()
            .find(|register| register["address"] == address);
        found.expect("the register")["value"]
            .as_u64()
            .expect("a value")
    };
    assert_eq!(register(0x0342), 9024);
    assert_eq!(register(0x034C), 1280);
    assert_eq!(register(0x0404), 48);
    assert_eq!(
        Some(register(0x0340)),
        report["frame_length_lines"].as_u64()
    );
}

#[test]
fn reasons_are_given_on_request() {
    assert!(!text("--size 640x480").contains("why"));
    let explained = text("--lanes 2 --link-freq 450000000 --size 640x480 --explain");
    for reason in [
        "two PLLs, because one would make the pixel rate follow the link; a public driver runs exactly this tree",
        "binned to 2000x1500 first, which is faster and has less noise, then 640x480 by 16/50",
        "the converters need 2976 pck at 10 bits binned, the link 3435 (448 for packets included)",
        "1520 lines are read (scaled: those of the whole array) and at least 52 are blank",
        "Pixels that become one, horizontally in the high four bits and vertically in the low.",
    ] {
        assert!(explained.contains(reason), "{reason}\n{explained}");
    }
    let reasons = json("--explain")["reasons"].as_array().map(Vec::len);
    assert_eq!(reasons, Some(7));
}

#[test]
fn the_impossible_is_refused_with_why_and_the_nearest() {
    for (arguments, expected) in [
        (
            "--inck 27000000 --link-freq 1050000000",
            "link frequency 1050000000 Hz cannot be made exactly from an INCK of 27000000 Hz; nearest: \
             1049625000 Hz",
        ),
        ("--inck 25000000", "INCK is 25000000 Hz, supported are 6, 12, 18, 24 and 27 MHz within 1 %"),
        ("--lanes 3", "3 data lanes, supported are 2 and 4"),
        ("--depth 8", "8 bits per pixel: this part sends 10, 12"),
        (
            "--size 1003x700",
            "size 1003x700 cannot be made at 10 bits: widths are multiples of 4 from 64 to 4056, heights \
             even from 64 to 3040; nearest: 1000x700",
        ),
        (
            "--crop 100,100/1001x701",
            "crop 100,100/1001x701 cannot be read: position and size are even and within \
             (8, 16)/4056x3040; nearest: 100,100/1000x700",
        ),
        (
            "--crop 8,16/4056x3040 --size 1920x1080",
            "crop 8,16/4056x3040 cannot be made 1920x1080: both sides must shrink by the same 16/N with a \
             whole N; nearest crop for this size: 8,16/3840x2160",
        ),
        (
            "--crop 8,16/640x480 --scale 17",
            "640x480 scaled by 16/17 is not a whole number of pixels",
        ),
        (
            "--scale 200",
            "the scaler divides by 16 to 128 sixteenths, not by 200; nearest: 128",
        ),
        (
            "--fps 100",
            "100.000 fps cannot be reached: this readout makes 0.002 to 60.210; nearest: 60.210",
        ),
        (
            "--vblank 20",
            "vertical blanking of 20 is not in 52 to 8380960 in steps of 1; nearest: 52",
        ),
        (
            "--hblank 459",
            "horizontal blanking of 459 is not in 456 to 61464 in steps of 4; nearest: 460",
        ),
        (
            "--exposure 9999",
            "exposure of 9999 is not in 8 to 3081 in steps of 1; nearest: 3081",
        ),
        (
            "--depth 12 --black-level 1024",
            "black level of 1024 is not in 0 to 1023 in steps of 1; nearest: 1023",
        ),
    ] {
        assert_eq!(refusal(arguments), expected, "{arguments}");
    }
}

#[test]
fn stages_can_be_given_one_by_one() {
    let report = json("--crop 108,216/2000x1600 --binning 2x2 --digital-crop 10,20/640x480 --part imx577 --depth 8");
    assert_eq!(report["width"], 640);
    assert_eq!(report["crop"]["left"], 108 + 20);
    assert_eq!(report["crop"]["width"], 1280);
    assert_eq!(report["bits_per_pixel"], 8);
}

#[test]
fn every_setting_has_an_option() {
    let plain = json("");
    assert_eq!(plain["bayer_order"], "RGGB");
    assert_eq!(plain["black_level"]["value"], 64);
    assert_eq!(plain["defect_correction"], true);
    assert_eq!(plain["synchronisation"], "standalone");
    assert_eq!(plain["broadcast"], false);

    let other = "--hflip --vflip --black-level 100 --defect-correction off --broadcast";
    let report = json(other);
    assert_eq!(report["bayer_order"], "BGGR");
    let shown = text(&format!("{other} --sync source"));
    for line in [
        "image           4056x3040 BGGR at 10 bits, mirrored, upside down",
        "black level     100 (0 to 255)",
        "defects         correction off",
        "synchronisation source, drives XVS while streaming",
        "broadcast       on",
        "any time   3010 = 01       SLAVE_ADD_EN_2ND",
        "structure  0101 = 03       IMG_ORIENTATION",
        "structure  0B05 = 00       MAP_COUP_CORR_EN",
        "structure  4B81 = 01       EXTOUT_EN",
        "live       3032 = 0190     MANUAL_DATA_PEDESTAL_VALUE",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line}\n{shown}");
    }
    // Nothing is driven in standby.
    let parked = text("--sync source --standby");
    assert!(parked.contains("stop       0100 = 00       MODE_SEL"));
    assert!(parked.contains("4B81 = 00       EXTOUT_EN"), "{parked}");
}

#[test]
fn long_frames_say_in_what_steps_they_come() {
    let arguments = "--fps 0.5 --exposure 100001 --explain";
    let report = json(arguments);
    assert_eq!(report["exposure"]["value"], 100_002);
    let shown = text(arguments);
    for text in [
        "the registers count 46543 steps of 8 lines",
        "the registers count 50001 steps of 2 lines",
        "3210 = 03       FLL_LSHIFT",
        "3100 = 01       CIT_LSHIFT",
    ] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
}

/// One shift is for both lengths on the IMX477: the exposure comes in the steps of its frame.
#[test]
fn an_imx477_shifts_frame_and_exposure_alike() {
    let arguments = "--part imx477 --vblank 200000 --exposure 1001";
    let report = json(arguments);
    assert_eq!(report["exposure"]["value"], 1000);
    assert_eq!(report["exposure"]["min"], 4);
    let shown = text(arguments);
    for text in [
        "3100 = 02       CIT_LSHIFT",
        "0202 = 00FA     COARSE_INTEG_TIME",
    ] {
        assert!(shown.contains(text), "{text}\n{shown}");
    }
    assert!(!shown.contains("FLL_LSHIFT"), "{shown}");
}

#[test]
fn the_streams_on_the_link_are_listed() {
    let streams = &json("--part imx477 --depth 8 --size 1332x990")["streams"];
    assert_eq!(streams.as_array().map(Vec::len), Some(1));
    assert_eq!(streams[0]["kind"], "image");
    assert_eq!(
        (
            streams[0]["virtual_channel"].as_u64(),
            streams[0]["data_type"].as_u64()
        ),
        (Some(0), Some(0x2a))
    );
    assert_eq!(streams[0]["frame_bytes"], 1332 * 990);
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    for arguments in [&["--explain"][..], &["--json"], &["--explain", "--json"]] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_imx412-program"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        drop(program.stdout.take());
        let output = program.wait_with_output().expect("its end");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}");
    }
}
