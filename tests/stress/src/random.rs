// SPDX-License-Identifier: GPL-2.0-only

//! Random ioctls on all nodes of a camera from several threads, while its bus fails and while sensor
//! and board come and go. Whatever that does, a plain stream works afterwards.

use crate::camera::{self, Camera};
use crate::faults;
use crate::files;
use crate::gate;
use crate::report;
use crate::rng::Rng;
use crate::stream;
use crate::sys::{self, Argument};
use crate::v4l2;
use calls::{Call, MEDIA, SENSOR, VIDEO};
use std::fs::File;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

mod calls;

/// Threads that call.
const CALLERS: u64 = 4;
/// Calls for each disturbance.
const CALLS_PER_DISTURBANCE: u64 = 100;

/// State shared by the threads.
struct Shared {
    slot: String,
    limit: u64,
    calls: AtomicU64,
    succeeded: AtomicU64,
    over: AtomicBool,
    /// The camera, while it is there.
    camera: Mutex<Option<Camera>>,
}

/// Makes that many calls.
pub fn run(slot: &str, limit: u64, seed: u64) -> Result<(), String> {
    println!("seed {seed}");
    let shared = Shared {
        slot: slot.to_owned(),
        limit,
        calls: AtomicU64::new(0),
        succeeded: AtomicU64::new(0),
        over: AtomicBool::new(false),
        camera: Mutex::new(Some(Camera::wait(slot)?)),
    };
    let done = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|number| {
                scope.spawn({
                    let shared = &shared;
                    move || shared.caller(Rng::new(seed ^ (number + 1) << 32))
                })
            })
            .collect();
        let disturber = scope.spawn(|| shared.disturb(Rng::new(seed)));
        for caller in callers {
            let _ = caller.join();
        }
        shared.over.store(true, Ordering::Relaxed);
        disturber.join()
    });
    let disturbances = done.map_err(|_| "the thread that disturbs panicked")??;
    let camera = Camera::wait(slot)?;
    report::count("random ioctls", shared.calls.load(Ordering::Relaxed));
    report::count(
        "of which succeeded",
        shared.succeeded.load(Ordering::Relaxed),
    );
    report::count("bus faults", disturbances.faults);
    report::count("unbinds under random ioctls", disturbances.unbinds);
    report::check(
        "random ioctls: a plain stream afterwards",
        stream::plain(&camera),
    );
    Ok(())
}

/// Number of disturbances of the camera.
#[derive(Default)]
struct Disturbances {
    faults: u64,
    unbinds: u64,
}

impl Shared {
    /// Calls until there were enough calls.
    fn caller(&self, mut rng: Rng) {
        let mut handles: [Option<File>; 3] = [None, None, None];
        while self.calls.load(Ordering::Relaxed) < self.limit {
            let node = rng.below(3) as usize;
            if rng.one_in(150) {
                handles[node] = None;
            }
            if handles[node].is_none() {
                handles[node] = self.open(node);
            }
            match &handles[node] {
                None => thread::sleep(Duration::from_millis(1)),
                Some(_) if rng.one_in(40) => self.stream(&handles, &mut rng),
                Some(file) => {
                    let table: &[Call] = [SENSOR, VIDEO, MEDIA][node];
                    let call = rng.pick(table);
                    let mut argument = call.argument(&mut rng);
                    self.call(file, call.request, &mut argument);
                }
            }
        }
    }

    fn open(&self, node: usize) -> Option<File> {
        let camera = self.known()?;
        sys::open([&camera.sensor, &camera.video, &camera.media][node]).ok()
    }

    fn call(&self, file: &File, request: sys::Request, argument: &mut Argument) -> bool {
        let done = sys::control(file, request, argument).is_ok();
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.succeeded.fetch_add(done.into(), Ordering::Relaxed);
        done
    }

    /// Starts a stream with the same format on both nodes, which random calls hardly ever achieve.
    fn stream(&self, handles: &[Option<File>; 3], rng: &mut Rng) {
        let [Some(sensor), Some(video), _] = handles else {
            return;
        };
        let size = rng.pick(&[(320, 240), (640, 480), (1332, 990)]);
        let mut format = Argument::new(88)
            .with(0, v4l2::ACTIVE)
            .with(8, size.0)
            .with(12, size.1)
            .with(16, v4l2::CODE);
        let mut pixels = Argument::new(208)
            .with(0, v4l2::CAPTURE)
            .with(16, v4l2::PIXELS);
        let set = self.call(sensor, v4l2::SUBDEV_S_FMT, &mut format);
        pixels.set(8, format.u32(8));
        pixels.set(12, format.u32(12));
        let mut buffers = Argument::new(20)
            .with(0, 3)
            .with(4, v4l2::CAPTURE)
            .with(8, v4l2::MMAP);
        if !set
            || !self.call(video, v4l2::S_FMT, &mut pixels)
            || !self.call(video, v4l2::REQBUFS, &mut buffers)
        {
            return;
        }
        for index in 0..buffers.u32(0) {
            let mut buffer = Argument::new(88)
                .with(0, index)
                .with(4, v4l2::CAPTURE)
                .with(60, v4l2::MMAP);
            self.call(video, v4l2::QBUF, &mut buffer);
        }
        let mut kind = Argument::new(4).with(0, v4l2::CAPTURE);
        self.call(video, v4l2::STREAMON, &mut kind);
    }

    /// Disturbs the camera until the callers have ended, and leaves it bound and whole.
    fn disturb(&self, mut rng: Rng) -> Result<Disturbances, String> {
        let mut done = Disturbances::default();
        let mut next = CALLS_PER_DISTURBANCE;
        while !self.over.load(Ordering::Relaxed) {
            if self.calls.load(Ordering::Relaxed) < next {
                thread::sleep(Duration::from_millis(1));
                continue;
            }
            next += CALLS_PER_DISTURBANCE;
            if rng.one_in(10) {
                self.unbind(&mut rng).map_err(|e| e.to_string())?;
                done.unbinds += 1;
            } else if let Some(camera) = self.known() {
                let fault = faults::random(&mut rng);
                files::write(camera.debugfs("fail"), &fault).map_err(|e| e.to_string())?;
                done.faults += 1;
            }
        }
        if let Some(camera) = self.known() {
            files::write(camera.debugfs("fail"), "off").map_err(|e| e.to_string())?;
        }
        Ok(done)
    }

    fn known(&self) -> Option<Camera> {
        self.camera.lock().ok()?.clone()
    }

    /// Unbinds sensor or board, waits a little, and has the camera back.
    fn unbind(&self, rng: &mut Rng) -> Result<(), String> {
        let camera = self.known().ok_or("there is no camera to unbind")?;
        let pause = Duration::from_millis(rng.below(30));
        let text = |error: files::Error| error.to_string();
        files::write(camera.debugfs("fail"), "off").map_err(text)?;
        *self.camera.lock().map_err(|e| e.to_string())? = None;
        let go = gate::go();
        if rng.one_in(4) {
            files::write(format!("{}/unbind", camera::BOARD_DRIVER), &camera.board)
        } else {
            camera.unbind()
        }
        .map_err(text)?;
        drop(go);
        thread::sleep(pause);
        if !camera.board_is_bound() {
            files::write(format!("{}/bind", camera::BOARD_DRIVER), &camera.board).map_err(text)?;
        } else if !camera.is_bound() {
            camera.bind().map_err(text)?;
        }
        let back = Camera::wait(&self.slot)?;
        *self.camera.lock().map_err(|e| e.to_string())? = Some(back);
        Ok(())
    }
}
