// SPDX-License-Identifier: GPL-2.0-only

//! The command line: one subcommand per target of the Makefile.

use crate::env::paths::{self, Paths};
use crate::env::progress::print;
use crate::env::tree;
use crate::run::board::{Board, Job};
use crate::run::setup;
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prepare the environment and do nothing else
    Setup,
    /// Open a shell in the demo guest
    Shell,
    /// Run a script in the demo guest and end with its exit status
    Guest {
        /// The script, for the guest's /bin/sh
        script: PathBuf,
        /// Seconds after which the guest counts as hanging
        #[arg(long, default_value_t = 600)]
        limit: u64,
    },
    /// Remove the environment from the cache
    Distclean,
}

/// Runs what the command line asks for; the result is the exit status.
pub fn run() -> Result<u8> {
    let arguments = Arguments::parse();
    let paths = Paths::find()?;
    match arguments.command {
        Command::Setup => setup::environment(&paths).map(|_| 0),
        Command::Shell => shell(&paths),
        Command::Guest { script, limit } => guest(&paths, &script, Duration::from_secs(limit)),
        Command::Distclean => distclean(&paths),
    }
}

fn shell(paths: &Paths) -> Result<u8> {
    let environment = setup::environment(paths)?;
    let board = Board::prepare(&environment)?;
    let job = Job {
        name: "shell".into(),
        script: None,
        scene: None,
        share: paths.empty_build_dir("guest")?,
        limit: Duration::MAX,
    };
    board.interact(&job, "")
}

fn guest(paths: &Paths, script: &PathBuf, limit: Duration) -> Result<u8> {
    let text = fs::read(script).with_context(|| format!("cannot read {}", script.display()))?;
    let environment = setup::environment(paths)?;
    let board = Board::prepare(&environment)?;
    let share = paths.empty_build_dir("guest")?;
    let job = Job {
        name: "guest".into(),
        script: Some(text),
        scene: None,
        share,
        limit,
    };
    board.run(&job, print)
}

fn distclean(paths: &Paths) -> Result<u8> {
    for name in ["trixie", "trixie.partial"] {
        tree::remove_as_root(&paths.cache.join(name))?;
    }
    paths::remove(&paths.cache)?;
    Ok(0)
}
