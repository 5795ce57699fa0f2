// SPDX-License-Identifier: GPL-2.0-only

//! The command line: one subcommand per target of the Makefile.

use crate::bench;
use crate::demo;
use crate::env::paths::{self, Paths};
use crate::env::progress::print;
use crate::env::tree;
use crate::guest::camera;
use crate::guest::qemu::Pace;
use crate::kernel::release::Series;
use crate::kernel::stress::KERNEL as SANITIZERS;
use crate::kernel::{board_modules, deb};
use crate::overlays::merged::{self, Request};
use crate::overlays::{build, docs, list};
use crate::run::machine::{Job, Machine, System, OVERLAY, WITH_APPLICATIONS};
use crate::run::setup;
use crate::run::times;
use crate::suite::{self, pictures, stress, Suite};
use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use picture::scene;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// The series of kernels, for example 7.2; the newest one that the modules are tested on if it
    /// is not given
    #[arg(long)]
    series: Option<Series>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prepare the environment and do nothing else
    Setup,
    /// Boot the virtual board and take pictures into build/demo
    Demo(Scene),
    /// Run tests, all kinds if none is named, and count them
    Test {
        suites: Vec<Suite>,
        /// Of the guests of `e2e` or `pictures`, only this one
        #[arg(long)]
        guest: Option<String>,
    },
    /// Try to break the modules, on a kernel with sanitizers
    Stress {
        /// Number of random ioctls
        #[arg(long, default_value_t = 100_000)]
        calls: u64,
        /// Guests, all if none is named
        guests: Vec<String>,
    },
    /// Measure the driver beside mainline's, on the same virtual board
    Bench {
        /// Take the figures over into docs/performance.md
        #[arg(long)]
        docs: bool,
    },
    /// Build libcamera with the patches of integration/libcamera, and show what they change
    TestLibcamera,
    /// Build the modules for the virtual board's kernel
    Modules,
    /// Build the modules that a board needs and Debian's kernel lacks
    BoardModules { board: String },
    /// Build the Debian packages for boards into build/deb
    Deb,
    /// Compile the overlays for boards into build/dtbs
    Dtbs,
    /// List the overlays for boards
    Overlays {
        /// Write the table in docs/boards.md instead
        #[arg(long)]
        docs: bool,
    },
    /// Merge overlays into a board's device tree
    MergedDtb(Request),
    /// Open a shell in the virtual board's guest
    Shell {
        #[command(flatten)]
        scene: Scene,
        /// Have libcamera, GStreamer, OpenCV and Python in it
        #[arg(long)]
        applications: bool,
    },
    /// Run a script in the virtual board's guest and end with its exit status
    Guest(Script),
    /// Write the times of the last demo and tests into docs/development.md
    Times,
    /// Remove the environment from the cache
    Distclean,
}

#[derive(Args)]
struct Scene {
    /// A PNG or JPEG picture for the sensor to look at, instead of the chart
    #[arg(long = "scene", value_name = "PICTURE")]
    picture: Option<PathBuf>,
}

#[derive(Args)]
struct Script {
    #[command(flatten)]
    scene: Scene,
    /// The script, for the guest's /bin/sh
    script: PathBuf,
    /// Seconds after which the guest counts as hanging
    #[arg(long, default_value_t = 600)]
    limit: u64,
    /// An overlay of the guest's device tree instead of the demo's; may be given several times
    #[arg(long, value_name = "DTSO")]
    overlay: Vec<PathBuf>,
    /// Run it on the kernel of `make stress`, which has sanitizers
    #[arg(long, conflicts_with = "applications")]
    sanitizers: bool,
    /// Give the guest fsm-camera
    #[arg(long)]
    camera: bool,
    /// Run it among libcamera, GStreamer, OpenCV and Python
    #[arg(long)]
    applications: bool,
}

/// Runs what the command line asks for; the result is the exit status.
pub fn run() -> Result<u8> {
    let arguments = Arguments::parse();
    let paths = Paths::find()?;
    let series = arguments.series;
    match arguments.command {
        Command::Setup => setup::environment(&paths, series).map(|_| 0),
        Command::Demo(scene) => demo::run(&paths, series, scene.picture.as_deref()),
        Command::Test { suites, guest } => suite::run(&paths, series, &suites, guest.as_deref()),
        Command::Stress { calls, guests } => stress::run(&paths, series, calls, &guests),
        Command::Bench { docs: false } => bench::run(&paths, series),
        Command::Bench { docs: true } => bench::docs::take_over(&paths).map(|()| 0),
        Command::TestLibcamera => pictures::patched(&paths, series),
        Command::Modules => modules(&paths, series),
        Command::BoardModules { board } => board_modules(&paths, series, &board),
        Command::Deb => deb(&paths, series),
        Command::Dtbs => dtbs(&paths, series),
        Command::Overlays { docs: true } => docs::update(&paths).map(|()| 0),
        Command::Overlays { docs: false } => {
            print(&list::table()?);
            Ok(0)
        }
        Command::MergedDtb(request) => merged_dtb(&paths, series, &request),
        Command::Shell {
            scene,
            applications,
        } => shell(&paths, series, &scene, applications),
        Command::Guest(script) => guest(&paths, series, &script),
        Command::Times => times::take_over(&paths).map(|()| 0),
        Command::Distclean => distclean(&paths),
    }
}

fn modules(paths: &Paths, series: Option<Series>) -> Result<u8> {
    let environment = setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    for module in Machine::prepare(&environment)?.modules() {
        print(&module.display().to_string());
    }
    Ok(0)
}

fn board_modules(paths: &Paths, series: Option<Series>, board: &str) -> Result<u8> {
    let environment = setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    let folder = board_modules::build(&environment, board)?;
    if folder.exists() {
        print(&fs::read_to_string(folder.join("README"))?);
        print(&format!("They are in {}", folder.display()));
    } else {
        print(&format!("Debian's kernel has all that {board} needs"));
    }
    Ok(0)
}

fn deb(paths: &Paths, series: Option<Series>) -> Result<u8> {
    let environment = setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    for package in deb::build(&environment, "deb", None)?.all() {
        print(&package.display().to_string());
    }
    Ok(0)
}

fn dtbs(paths: &Paths, series: Option<Series>) -> Result<u8> {
    let environment = setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    for compiled in build::compile(&environment)? {
        compiled.quiet().context(compiled.name.clone())?;
        if let Some(result) = compiled.result {
            print(&result.display().to_string());
        }
    }
    Ok(0)
}

fn merged_dtb(paths: &Paths, series: Option<Series>, request: &Request) -> Result<u8> {
    let environment = setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    let tree = merged::make(&environment, request)?;
    print(&tree.display().to_string());
    Ok(0)
}

fn shell(paths: &Paths, series: Option<Series>, scene: &Scene, applications: bool) -> Result<u8> {
    let scene = scene::scene(scene.picture.as_deref())?;
    let environment = setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    let mut system = if applications {
        System::with_applications(&environment)?
    } else {
        System::debian(&environment)?
    };
    system.pace = Pace::Host;
    let program = camera::build(&environment.paths, &environment.tree)?;
    system.programs.push(program);
    let overlay = if applications {
        WITH_APPLICATIONS
    } else {
        OVERLAY
    };
    let machine = Machine::running(system, &environment, &[overlay])?;
    let job = Job {
        name: "shell".into(),
        script: None,
        scene: Some(scene),
        share: paths.empty_build_dir("guest")?,
        limit: Duration::MAX,
    };
    machine.interact(&job)
}

fn guest(paths: &Paths, series: Option<Series>, wanted: &Script) -> Result<u8> {
    let script = &wanted.script;
    let text = fs::read(script).with_context(|| format!("cannot read {}", script.display()))?;
    let scene = scene::scene(wanted.scene.picture.as_deref())?;
    let environment = setup::environment(paths, series)?;
    let _lock = paths.lock_build()?;
    let mut system = if wanted.sanitizers {
        stress::system(&environment, &SANITIZERS)?
    } else if wanted.applications {
        System::with_applications(&environment)?
    } else {
        System::debian(&environment)?
    };
    if wanted.camera {
        let program = camera::build(&environment.paths, &environment.tree)?;
        system.programs.push(program);
    }
    let machine = if wanted.overlay.is_empty() {
        let overlay = if wanted.applications {
            WITH_APPLICATIONS
        } else {
            OVERLAY
        };
        Machine::running(system, &environment, &[overlay])?
    } else {
        Machine::running(system, &environment, &wanted.overlay)?
    };
    let job = Job {
        name: "guest".into(),
        script: Some(text),
        scene: Some(scene),
        share: paths.empty_build_dir("guest")?,
        limit: Duration::from_secs(wanted.limit),
    };
    machine.run(&job, print)
}

fn distclean(paths: &Paths) -> Result<u8> {
    tree::remove_tree(paths)?;
    paths::remove(&paths.cache)?;
    Ok(0)
}
