// SPDX-License-Identifier: GPL-2.0-only

//! Programs that open, use and close nodes while what is behind them goes: the sensor unbound, the
//! board unbound, the modules unloaded.

use crate::camera::{self, Camera};
use crate::control;
use crate::files;
use crate::gate;
use crate::report;
use crate::rng::Rng;
use crate::stream::{self, Open};
use crate::sys;
use crate::v4l2;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// Threads that open nodes.
const PROGRAMS: u64 = 3;
const DRIVER: &str = "fsm_imx412";
const BOARD: &str = "fsm_imx412_vboard";
/// Time limit for a module to be released by closed nodes: CONFIG_DEBUG_KOBJECT_RELEASE keeps them
/// for seconds.
const PATIENCE: Duration = Duration::from_secs(60);

struct Shared {
    over: AtomicBool,
    opened: AtomicU64,
    /// The camera, while it is there.
    camera: Mutex<Option<Camera>>,
}

/// Takes the camera away that many times.
pub fn run(slot: &str, rounds: u32, seed: u64) -> Result<(), String> {
    println!("seed {seed}");
    let shared = Shared {
        over: AtomicBool::new(false),
        opened: AtomicU64::new(0),
        camera: Mutex::new(Some(Camera::wait(slot)?)),
    };
    let raced = thread::scope(|scope| {
        for number in 0..PROGRAMS {
            let shared = &shared;
            scope.spawn(move || shared.program(Rng::new(seed ^ (number + 1) << 32)));
        }
        let raced = shared.race(slot, rounds, Rng::new(seed));
        shared.over.store(true, Ordering::Relaxed);
        raced
    });
    report::count("opens that raced", shared.opened.load(Ordering::Relaxed));
    match &raced {
        Ok(unloads) => {
            report::count("unbinds with open nodes", rounds.into());
            report::count("unloads with open nodes", *unloads);
        }
        Err(_) => report::count("unbinds with open nodes", 0),
    }
    report::check("races: what was taken away comes back", raced.map(|_| ()));
    report::check(
        "races: a plain stream afterwards",
        Camera::wait(slot).and_then(|camera| stream::plain(&camera)),
    );
    Ok(())
}

impl Shared {
    /// Opens nodes, does something with them, keeps them a little, closes them.
    fn program(&self, mut rng: Rng) {
        while !self.over.load(Ordering::Relaxed) {
            let camera = self.camera.lock().ok().and_then(|camera| camera.clone());
            let opened = camera.and_then(|camera| {
                let media = sys::open(&camera.media).ok()?;
                Some((Open::of(&camera).ok()?, media))
            });
            let Some((open, media)) = opened else {
                thread::sleep(Duration::from_millis(1));
                continue;
            };
            self.opened.fetch_add(1, Ordering::Relaxed);
            let pause = Duration::from_micros(rng.below(20_000));
            match rng.below(8) {
                0 => {
                    let _ = open.frames(1);
                }
                1 => {
                    let _ = control::set(&open.sensor, &[(v4l2::control::EXPOSURE, 100)]);
                }
                2 => {
                    let _ = open.set_up();
                }
                _ => {}
            }
            if rng.one_in(2) {
                drop(media);
                thread::sleep(pause);
                drop(open);
            } else {
                drop(open);
                thread::sleep(pause);
                drop(media);
            }
        }
    }

    /// Takes the camera away and brings it back; returns how often a module was unloaded.
    fn race(&self, slot: &str, rounds: u32, mut rng: Rng) -> Result<u64, String> {
        let mut unloads = 0;
        for round in 0..rounds {
            thread::sleep(Duration::from_micros(rng.below(60_000)));
            let camera = Camera::wait(slot)?;
            *self.camera.lock().map_err(|e| e.to_string())? = None;
            let took = take(&camera, round).map_err(|e| format!("round {round}: {e}"))?;
            unloads += u64::from(took.unloaded);
            thread::sleep(Duration::from_micros(rng.below(20_000)));
            took.back(&camera)
                .map_err(|e| format!("round {round}: {e}"))?;
            let back = Camera::wait(slot).map_err(|e| format!("round {round}: {e}"))?;
            *self.camera.lock().map_err(|e| e.to_string())? = Some(back);
        }
        Ok(unloads)
    }
}

/// The removed device or module.
struct Took {
    board: bool,
    driver: bool,
    unloaded: bool,
}

fn take(camera: &Camera, round: u32) -> Result<Took, String> {
    let (board, driver, unload) = [
        (false, true, false),
        (true, false, false),
        (false, true, true),
        (true, true, true),
    ][round as usize % 4];
    let go = gate::go();
    if board {
        files::write(format!("{}/unbind", camera::BOARD_DRIVER), &camera.board)
    } else {
        camera.unbind()
    }
    .map_err(|e| e.to_string())?;
    // Threads that wait with an open node must go on, or the module is not released.
    drop(go);
    if unload {
        unload_module(DRIVER)?;
        if board {
            unload_module(BOARD)?;
        }
    }
    Ok(Took {
        board,
        driver,
        unloaded: unload,
    })
}

/// Unloads a module. Open nodes hold it: unloading is then refused, and nothing else happens.
fn unload_module(name: &str) -> Result<(), String> {
    let end = Instant::now() + PATIENCE;
    while !module("rmmod", name) {
        if Instant::now() > end {
            return Err(format!("{name} cannot be unloaded"));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

impl Took {
    fn back(&self, camera: &Camera) -> Result<(), String> {
        if self.unloaded {
            module("modprobe", BOARD);
            module("modprobe", DRIVER);
        }
        if self.board && !camera.board_is_bound() {
            let bind = format!("{}/bind", camera::BOARD_DRIVER);
            files::write(bind, &camera.board).map_err(|e| e.to_string())?;
        }
        if self.driver && !self.board && !camera.is_bound() {
            camera.bind().map_err(|e| e.to_string())?;
        }
        Ok(())
    }
}

/// Loads or unloads a module; whether it did.
fn module(program: &str, name: &str) -> bool {
    Command::new(program)
        .arg(name)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
