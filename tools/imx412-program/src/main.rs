// SPDX-License-Identifier: GPL-2.0-only

//! Prints the timing and the register program of an IMX412 or IMX577, as the driver computes them.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use imx412_program::report::Report;
use imx412_program::request::Request;
use imx412_program::{explain, modes, settings};

/// Prints the timing and the register program of an IMX412 or IMX577, as the driver computes them.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    show: Show,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the generated tables into docs/modes.md
    Modes {
        /// The document
        #[arg(default_value = "docs/modes.md")]
        file: PathBuf,
    },
    /// Writes the generated table into docs/controls.md
    Settings {
        /// The document
        #[arg(default_value = "docs/controls.md")]
        file: PathBuf,
    },
}

#[derive(Args)]
struct Show {
    #[command(flatten)]
    request: Request,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Say why each value is what it is
    #[arg(long)]
    explain: bool,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Some(Command::Modes { file }) => rewrite(&file, modes::regenerate),
        Some(Command::Settings { file }) => rewrite(&file, settings::regenerate),
        None => show(&cli.show),
    }
}

fn rewrite(file: &Path, regenerate: fn(&str) -> Result<String>) -> Result<()> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = regenerate(&text)?;
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn show(show: &Show) -> Result<()> {
    let config = show.request.config()?;
    let mut report = Report::of(&config, show.request.activity());
    if show.explain {
        report.reasons = explain::reasons(&config);
    }
    let text = if show.json {
        serde_json::to_string_pretty(&report)? + "\n"
    } else {
        report.to_string()
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever reads has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write what there is to show"),
    }
}
