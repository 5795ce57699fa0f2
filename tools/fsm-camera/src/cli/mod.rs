// SPDX-License-Identifier: GPL-2.0-only

//! The command line.

mod capture;
mod check;
mod info;
mod list;
mod live;
mod screen;

use anyhow::Result;
use clap::{Args, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};
use fsm_camera::camera::Camera;
use screen::Screen;
use std::ffi::OsString;
use std::process::ExitCode;

/// Captures from, shows and checks a camera with an IMX412, IMX577, IMX477 or IMX378.
#[derive(Parser)]
#[command(name = "fsm-camera", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of all commands.
#[derive(Args, Clone)]
pub struct Global {
    /// The camera: its number or name in `fsm-camera list`; needed if there are several
    #[arg(long, global = true, value_name = "CAMERA")]
    camera: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// Plain lines, for screen readers and logs: no colours, no bars, no columns. NO_COLOR in the
    /// environment takes the colours alone
    #[arg(long, global = true)]
    plain: bool,
}

const EXAMPLES: &str = "Examples:
  fsm-camera list
  fsm-camera capture --size 1920x1080 --exposure 10ms --gain 6dB --fps 30 -o shot.png
  fsm-camera capture --auto -o shot.dng
  fsm-camera live
  fsm-camera check

Ends with status 0 if all is done, with 1 if something failed or was found, with 2 if the command line
is wrong.";

#[derive(Subcommand)]
enum Command {
    /// List the cameras: sensor, place in the device tree, lanes, receiver, video node
    List(list::Options),
    /// Show modes with their fastest rates, and controls in units
    Info,
    /// Set the whole pipeline up and save frames
    Capture(capture::Options),
    /// Show a web page with the picture, a histogram and a slider for each setting
    Live(live::Options),
    /// Check everything from the device tree to the pixels, and say what is likely wrong
    Check(check::Options),
}

/// A mistake in the command line that the parser cannot see.
#[derive(Debug)]
pub struct Usage(pub String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

impl Global {
    /// Returns the camera that was chosen.
    fn find(&self) -> Result<Camera> {
        Camera::find(self.camera.as_deref())
    }
}

/// Returns the parser, whose own messages are as plain as the others.
fn parser(line: &[OsString]) -> clap::Command {
    let parser = Arguments::command();
    if line.iter().any(|word| word == "--plain") {
        parser.color(ColorChoice::Never)
    } else {
        parser
    }
}

/// A gain may begin as options do, and no option begins as numbers do: `--gain -6dB` becomes
/// `--gain=-6dB`.
fn with_signs(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut line: Vec<OsString> = Vec::new();
    for word in words {
        let text = word.to_str().and_then(|text| text.strip_prefix('-'));
        let is_number =
            text.is_some_and(|text| text.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
        match line.last_mut() {
            Some(last) if is_number && last == "--gain" => {
                last.push("=");
                last.push(word);
            }
            _ => line.push(word),
        }
    }
    line
}

/// Does what the command line asks for.
///
/// # Errors
///
/// Whatever it is that fails says what to do.
pub fn run() -> Result<ExitCode> {
    let line = with_signs(std::env::args_os());
    let matches = parser(&line).get_matches_from(line);
    let arguments = Arguments::from_arg_matches(&matches);
    let Arguments { global, command } = arguments.unwrap_or_else(|error| error.exit());
    let screen = Screen::new(&global);
    match command {
        Command::List(options) => list::run(&screen, &options),
        Command::Info => info::run(&screen, &global),
        Command::Live(options) => live::run(&screen, &global, &options),
        Command::Check(options) => check::run(&screen, &global, &options),
        Command::Capture(options) => capture::run(&screen, &global, &options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses a command line; an error is clap's message.
    fn parse(words: &str) -> Result<Arguments, String> {
        let line = with_signs(words.split(' ').map(OsString::from));
        let matches = parser(&line).try_get_matches_from(line);
        matches
            .and_then(|matches| Arguments::from_arg_matches(&matches))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_gain_may_begin_as_options_do_and_options_are_no_gains() {
        for good in ["--gain -6dB", "--gain -.5dB", "--gain=-6dB", "--gain 2x"] {
            assert!(
                parse(&format!("fsm-camera capture {good} -o x.png")).is_ok(),
                "{good}"
            );
        }
        for bad in ["--gain -o x.png", "--gain --fps 30 -o x.png"] {
            let error = parse(&format!("fsm-camera capture {bad}")).err().unwrap();
            assert!(error.contains("value is required for '--gain"), "{error}");
        }
    }

    #[test]
    fn plain_messages_have_no_colours() {
        let line = ["fsm-camera", "list", "--plain"].map(OsString::from);
        assert_eq!(parser(&line).get_color(), ColorChoice::Never);
        assert_eq!(parser(&line[..2]).get_color(), ColorChoice::Auto);
    }
}
