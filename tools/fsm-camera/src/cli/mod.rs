// SPDX-License-Identifier: GPL-2.0-only

//! The command line.

mod capture;
mod check;
mod info;
mod list;
mod live;
mod screen;

use anyhow::{anyhow, Result};
use clap::{Args, Parser, Subcommand};
use fsm_camera::camera::Camera;
use screen::Screen;
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
  fsm-camera check";

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

impl Global {
    /// Returns the camera that was chosen.
    fn find(&self) -> Result<Camera> {
        Camera::find(self.camera.as_deref())
            .map_err(|error| anyhow!("{error:#}; fsm-camera check looks for the reason"))
    }
}

/// Does what the command line asks for.
///
/// # Errors
///
/// Whatever it is that fails says what to do.
pub fn run() -> Result<ExitCode> {
    let Arguments { global, command } = Arguments::parse();
    let screen = Screen::new(&global);
    match command {
        Command::List(options) => list::run(&screen, &options),
        Command::Info => info::run(&screen, &global),
        Command::Live(options) => live::run(&screen, &global, &options),
        Command::Check(options) => check::run(&screen, &global, &options),
        Command::Capture(options) => capture::run(&screen, &global, &options),
    }
}
