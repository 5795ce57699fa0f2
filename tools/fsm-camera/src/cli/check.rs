// SPDX-License-Identifier: GPL-2.0-only

//! `fsm-camera check`.

use super::screen::{Screen, Tone};
use super::Global;
use anyhow::{Context, Result};
use clap::Args;
use fsm_camera::check::{run as run_check, Options as What, Outcome, StepDone, Stopped};
use fsm_camera::save::check_folder;
use fsm_camera::units::Size;
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag, low_level,
};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;

#[derive(Args)]
#[command(after_help = "Examples:
  fsm-camera check
  fsm-camera check --report /tmp/camera        writes /tmp/camera.json and /tmp/camera.txt

Ends with status 0 if nothing was found, with 1 if something was. Ctrl-C ends it early; exposure
and frame rate are then at their defaults, too.")]
pub struct Options {
    /// The frames' size
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "1920x1080")]
    size: Size,
    /// Bits per pixel
    #[arg(long, default_value_t = 10)]
    depth: u32,
    /// How often to stop and start
    #[arg(long, default_value_t = 20)]
    restarts: u64,
    /// The video node, if the receiver has several
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// Where the report goes, without .json and .txt. There is no serial number, host name or image in
    /// it: attach it to an issue
    #[arg(long, value_name = "FILE", default_value = "fsm-camera-report")]
    report: PathBuf,
}

pub fn run(screen: &Screen, global: &Global, options: &Options) -> Result<ExitCode> {
    // Not after minutes.
    check_folder(&options.report, "--report")?;
    let stop = Stop::by_signal()?;
    let what = What {
        camera: global.camera.clone(),
        size: options.size,
        depth: options.depth,
        node: options.node.clone(),
        restarts: options.restarts,
        stop: stop.is_wanted.clone(),
    };
    let report = match run_check(&what, &mut |step| {
        if !screen.json {
            // The report has all of it, even if the terminal is gone.
            let _ = show(screen, step);
        }
    }) {
        Err(error) if error.is::<Stopped>() => {
            eprintln!("{error}");
            return stop.end();
        }
        done => done?,
    };
    if screen.json {
        screen.json(&report)?;
    } else {
        screen.line("")?;
        screen.line(report.text().trim_end())?;
    }
    for (extension, text) in [
        ("json", serde_json::to_string_pretty(&report)? + "\n"),
        ("txt", report.long_text()),
    ] {
        let mut name = options.report.clone().into_os_string();
        name.push(format!(".{extension}"));
        let path = PathBuf::from(name);
        fs::write(&path, text).with_context(|| {
            format!(
                "cannot write {}; --report FILE names another place",
                path.display()
            )
        })?;
        if !screen.json {
            screen.line(&format!("written: {}", path.display()))?;
        }
    }
    Ok(if report.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Becomes true at Ctrl-C or SIGTERM, the second of which ends the program at once.
struct Stop {
    is_wanted: Arc<AtomicBool>,
    /// The signal's number.
    signal: Arc<AtomicUsize>,
}

impl Stop {
    fn by_signal() -> Result<Self> {
        let stop = Self {
            is_wanted: Arc::default(),
            signal: Arc::default(),
        };
        for signal in [SIGINT, SIGTERM] {
            // In this order: the last of them sets what makes a second signal end the program.
            flag::register_conditional_default(signal, stop.is_wanted.clone())?;
            flag::register_usize(signal, stop.signal.clone(), signal.try_into()?)?;
            flag::register(signal, stop.is_wanted.clone())?;
        }
        Ok(stop)
    }

    /// Ends the program by the signal: a shell's loop ends as well.
    fn end(&self) -> Result<ExitCode> {
        let signal = self.signal.load(Ordering::Relaxed).try_into()?;
        low_level::emulate_default_handler(signal)?;
        Ok(ExitCode::FAILURE)
    }
}

fn show(screen: &Screen, step: &StepDone) -> Result<()> {
    let (tone, word) = match step.outcome {
        Outcome::Good => (Tone::Good, "ok"),
        Outcome::Bad => (Tone::Bad, "BAD"),
        Outcome::Open => (Tone::Doubtful, "-"),
    };
    if screen.plain {
        let word = match step.outcome {
            Outcome::Open => "not told",
            _ => word,
        };
        return screen.line(&format!("{}: {word}: {}", step.name, step.detail));
    }
    let padding = " ".repeat(4 - word.len());
    screen.line(&format!(
        "{}{padding} {:<18} {}",
        screen.toned(tone, word),
        step.name,
        step.detail
    ))
}
