// SPDX-License-Identifier: GPL-2.0-only

//! Applications on top of the raw sensor, as Debian ships them: libcamera, GStreamer, OpenCV, Python. The
//! scripts are in tests/guest/pictures.

use super::e2e;
use super::queue::Queue;
use super::tally::Tally;
use crate::env::paths::Paths;
use crate::env::progress::print;
use crate::guest::libcamera;
use crate::kernel::release::Series;
use crate::run::machine::{Machine, System, WITH_APPLICATIONS};
use crate::run::setup::{self, Environment};
use anyhow::Result;
use picture::light::{self, Light};

/// One guest: a board, the light on the chart, and scripts.
#[derive(Debug)]
pub struct Guest {
    name: &'static str,
    overlay: &'static str,
    light: Light,
    scripts: &'static str,
}

/// The guest with our own build of libcamera beside Debian's.
static PATCHED: Guest = Guest {
    name: "libcamera",
    overlay: IMX8MM,
    light: light::NIGHT,
    scripts: "patched",
};

/// A board with a receiver whose driver comes with the kernel.
const IMX8MM: &str = "tests/guest/boards/imx8mm.dtso";

/// The guests, those that take longest first.
static GUESTS: [Guest; 6] = [
    Guest {
        name: "pictures-compliance",
        overlay: IMX8MM,
        light: light::FULL,
        scripts: "lc-compliance",
    },
    Guest {
        name: "pictures-page",
        overlay: WITH_APPLICATIONS,
        light: light::FULL,
        scripts: "page",
    },
    Guest {
        name: "pictures",
        overlay: IMX8MM,
        light: light::FULL,
        scripts: "processed",
    },
    Guest {
        name: "pictures-dim",
        overlay: IMX8MM,
        light: light::DIM,
        scripts: "dim",
    },
    Guest {
        name: "pictures-warm",
        overlay: IMX8MM,
        light: light::WARM,
        scripts: "warm",
    },
    Guest {
        name: "pictures-imx477",
        overlay: "tests/guest/boards/imx477-imx8mm.dtso",
        light: light::NIGHT,
        scripts: "gain",
    },
];

/// Returns the queue of all guests, or of the one of this name.
pub fn queue(name: Option<&str>) -> Queue<Guest> {
    match name.and_then(position) {
        Some(at) => Queue::new(&GUESTS[at..=at]),
        None => Queue::new(&GUESTS),
    }
}

/// Returns whether one of the guests has this name.
pub fn is_guest(name: &str) -> bool {
    position(name).is_some()
}

fn position(name: &str) -> Option<usize> {
    GUESTS.iter().position(|guest| guest.name == name)
}

/// Runs the scripts of all guests that were not taken yet, and counts their tests.
///
/// # Errors
///
/// The packages cannot be had.
pub fn run(environment: &Environment, guests: &Queue<Guest>, tally: &mut Tally) -> Result<()> {
    let system = System::with_applications(environment)?;
    while let Some(guest) = guests.take() {
        if let Err(error) = boot(environment, system.clone(), guest, tally) {
            let name = format!("{}: the guest ran its scripts", guest.name);
            tally.fail(&name, &format!("{error:#}"));
        }
    }
    Ok(())
}

/// Builds libcamera with the patches of integration/libcamera and shows what they change.
///
/// # Errors
///
/// The environment or libcamera cannot be built.
pub fn patched(paths: &Paths, series: Option<Series>) -> Result<u8> {
    let environment = setup::environment(paths, series)?;
    let built = libcamera::prepare(paths, &environment.tree)?;
    let _lock = paths.lock_build()?;
    let mut system = System::with_applications(&environment)?;
    system.archives.push(built);
    let mut tally = Tally::default();
    boot(&environment, system, &PATCHED, &mut tally)?;
    tally.report();
    print(&tally.to_string());
    Ok(u8::from(!tally.is_good()))
}

/// Boots one guest and counts what its scripts report.
fn boot(environment: &Environment, system: System, guest: &Guest, tally: &mut Tally) -> Result<()> {
    let machine = Machine::running(system, environment, &[guest.overlay])?;
    let scene = light::on_the_chart(&guest.light);
    let limits = (guest.name, e2e::LIMIT);
    e2e::guest(environment, &machine, limits, guest.scripts, &scene, tally)
}
