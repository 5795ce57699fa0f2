// SPDX-License-Identifier: GPL-2.0-only

//! Measures a sensor driver on the virtual board: what each operation takes of the processor, of time and
//! of the bus.
//!
//! The guest is to count instructions (QEMU's `-icount shift=0`): then a nanosecond of its clocks is an
//! instruction. What the board's adapter takes to emulate the sensor is taken out of all figures.
//!
//! A line of its output is `bench OPERATION: NAME=NUMBER NAME=NUMBER...`.

pub mod frames;
pub mod group;
mod memory;
mod trace;

use crate::camera::Camera;
use crate::control;
use crate::files;
use crate::stream::Open;
use crate::sys::{self, Argument, Clock};
use crate::v4l2;
use crate::v4l2::control::{ANALOGUE_GAIN, EXPOSURE, VBLANK};
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;
use trace::Trace;

/// The format that mainline's driver has.
const SIZE: (u32, u32) = (4056, 3040);
/// Violations of the power sequence by mainline's driver, which no figure depends on.
const POWER_ORDER: [&str; 2] = ["xclr-before-inck", "inck-off-while-xclr-high"];
/// Number of changes of a control; the median of all figures counts.
const CHANGES: usize = 21;
/// Number of starts of a stream, or of binds of a driver.
const STARTS: usize = 5;

/// Cost of one operation.
#[derive(Debug, Default, Clone, Copy)]
pub struct Cost {
    /// Instructions of the thread, without those of the board's adapter.
    cpu: u64,
    /// Time from start to end, in ns, without that of the board's adapter.
    elapsed: u64,
    messages: u64,
    /// Bytes of the messages, register addresses included.
    bytes: u64,
    transfers: u64,
}

/// The counters of a bus.
struct Bus {
    file: PathBuf,
    /// Cost of reading the clocks: instructions, and ns.
    clocks: (u64, u64),
}

impl Bus {
    fn of(camera: &Camera) -> Result<Self, String> {
        let mut bus = Self {
            file: camera.debugfs("bus"),
            clocks: (0, 0),
        };
        let mut costs = Vec::new();
        for _ in 0..CHANGES {
            costs.push(bus.cost(|| ())?.1);
        }
        bus.clocks = (
            median(&costs, |cost| cost.cpu),
            median(&costs, |cost| cost.elapsed),
        );
        Ok(bus)
    }

    /// Messages, bytes, transfers, and ns that they took.
    fn counts(&self) -> Result<[u64; 4], String> {
        let text = files::read(&self.file).map_err(|e| e.to_string())?;
        let count = |name: &str| {
            let mut lines = text.lines();
            let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            line.and_then(|number| number.parse().ok())
                .ok_or_else(|| format!("{} has no {name}", self.file.display()))
        };
        Ok([
            count("messages")?,
            count("bytes")?,
            count("transfers")?,
            count("busy")?,
        ])
    }

    /// Does something and tells what it took.
    fn cost<T>(&self, act: impl FnOnce() -> T) -> Result<(T, Cost), String> {
        let before = self.counts()?;
        let (cpu, elapsed) = (Clock::Thread.now(), Clock::Monotonic.now());
        let done = act();
        let elapsed = Clock::Monotonic.now() - elapsed;
        let cpu = Clock::Thread.now() - cpu;
        let after = self.counts()?;
        let [messages, bytes, transfers, busy] = [0, 1, 2, 3].map(|at| after[at] - before[at]);
        let cost = Cost {
            cpu: cpu.saturating_sub(busy + self.clocks.0),
            elapsed: elapsed.saturating_sub(busy + self.clocks.1),
            messages,
            bytes,
            transfers,
        };
        Ok((done, cost))
    }
}

fn median(costs: &[Cost], field: fn(&Cost) -> u64) -> u64 {
    let mut values: Vec<u64> = costs.iter().map(field).collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// Prints the medians of what was measured under a name.
fn report(name: &str, costs: &[Cost]) {
    let median = |field| median(costs, field);
    println!(
        "bench {name}: cpu={} elapsed={} messages={} bytes={} transfers={}",
        median(|cost| cost.cpu),
        median(|cost| cost.elapsed),
        median(|cost| cost.messages),
        median(|cost| cost.bytes),
        median(|cost| cost.transfers)
    );
}

/// Sets controls again and again, to one list of values and another.
fn changes(bus: &Bus, open: &Open, name: &str, values: [&[(u32, i64)]; 2]) -> Result<(), String> {
    let mut costs = Vec::new();
    for at in 0..CHANGES {
        let mut controls = control::list(values[at % 2]);
        let (result, cost) =
            bus.cost(|| sys::control(&open.sensor, v4l2::S_EXT_CTRLS, &mut controls))?;
        result.map_err(|e| format!("{name}: {e}"))?;
        // The first two bring what is the same in both lists.
        if at >= 2 {
            costs.push(cost);
        }
    }
    report(name, &costs);
    Ok(())
}

fn all_changes(bus: &Bus, open: &Open) -> Result<(), String> {
    let change = |name: &str, values| changes(bus, open, name, values);
    change("exposure", [&[(EXPOSURE, 1000)], &[(EXPOSURE, 1300)]])?;
    change(
        "exposure, one byte",
        [&[(EXPOSURE, 1000)], &[(EXPOSURE, 1001)]],
    )?;
    change("gain", [&[(ANALOGUE_GAIN, 100)], &[(ANALOGUE_GAIN, 600)]])?;
    change(
        "exposure and gain",
        [
            &[(EXPOSURE, 1000), (ANALOGUE_GAIN, 100)],
            &[(EXPOSURE, 1300), (ANALOGUE_GAIN, 600)],
        ],
    )?;
    change(
        "exposure, gain and vertical blanking",
        [
            &[(EXPOSURE, 1000), (ANALOGUE_GAIN, 100), (VBLANK, 600)],
            &[(EXPOSURE, 1300), (ANALOGUE_GAIN, 600), (VBLANK, 900)],
        ],
    )?;
    change("the same again", [&[(EXPOSURE, 1300)], &[(EXPOSURE, 1300)]])
}

/// The format of both nodes, and a buffer that is never queued: a stream starts without, and no frame is
/// drawn.
fn prepare(open: &Open) -> io::Result<()> {
    prepare_size(open, SIZE, v4l2::PIXELS)
}

/// The same with frames of another size and pixel format.
fn prepare_size(open: &Open, size: (u32, u32), pixel_format: u32) -> io::Result<()> {
    set_format(open, &mut sensor_format(size))?;
    let mut pixels = Argument::new(208)
        .with(0, v4l2::CAPTURE)
        .with(8, size.0)
        .with(12, size.1)
        .with(16, pixel_format);
    sys::control(&open.video, v4l2::S_FMT, &mut pixels)?;
    open.buffers(2)
}

/// Says what an error is about.
fn text(what: &'static str) -> impl Fn(io::Error) -> String {
    move |error| format!("{what}: {error}")
}

fn sensor_format((width, height): (u32, u32)) -> Argument {
    Argument::new(88)
        .with(0, v4l2::ACTIVE)
        .with(8, width)
        .with(12, height)
        .with(16, v4l2::CODE)
}

fn set_format(open: &Open, format: &mut Argument) -> io::Result<()> {
    sys::control(&open.sensor, v4l2::SUBDEV_S_FMT, format)
}

/// Waits until the sensor was powered down.
fn sleep_deep(camera: &Camera) -> Result<(), String> {
    let status = camera.attribute("power/runtime_status");
    for _ in 0..100 {
        if files::read(&status).map_err(|e| e.to_string())? == "suspended" {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(100));
    }
    Err("the sensor stays powered".into())
}

/// Cold starts, warm starts and stops, as the receiver asks the driver for them: the time that it waits
/// without the processor counts once, and once not.
fn starts(bus: &Bus, camera: &Camera, open: &Open) -> Result<(), String> {
    const START: &str = "v4l2_subdev_enable_streams";
    const STOP: &str = "v4l2_subdev_disable_streams";
    let mut costs: [[Vec<Cost>; 2]; 3] = Default::default();

    for (with_sleep, fields) in [false, true].into_iter().zip(0..) {
        let trace = Trace::of_functions(&[START, STOP], with_sleep)?;
        for _ in 0..STARTS {
            sleep_deep(camera)?;
            for (kind, name, act) in [
                (0, START, Open::start as fn(&Open) -> io::Result<()>),
                (2, STOP, Open::stop),
                (1, START, Open::start),
            ] {
                trace.clear()?;
                let before = bus.counts()?;
                act(open).map_err(text(name))?;
                let after = bus.counts()?;
                let took = trace.duration(name)?;
                let [messages, bytes, transfers, busy] =
                    [0, 1, 2, 3].map(|at| after[at] - before[at]);
                let took = took.saturating_sub(busy);
                costs[kind][fields].push(Cost {
                    cpu: took,
                    elapsed: took,
                    messages,
                    bytes,
                    transfers,
                });
            }
            open.stop().map_err(text("stopping"))?;
        }
    }
    for (name, [without, with]) in ["cold start", "warm start", "stop"].iter().zip(costs) {
        let costs: Vec<_> = without
            .iter()
            .zip(&with)
            .map(|(without, with)| Cost {
                cpu: without.cpu,
                ..*with
            })
            .collect();
        report(name, &costs);
    }
    Ok(())
}

/// Binds and unbinds the driver.
fn binds(bus: &Bus, camera: &Camera, driver: &str) -> Result<(), String> {
    let file = |name: &str| format!("/sys/bus/i2c/drivers/{driver}/{name}");
    let (mut bound, mut unbound) = (Vec::new(), Vec::new());
    let write = |name: &str| files::write(file(name), &camera.client);

    for _ in 0..STARTS {
        sleep_deep(camera)?;
        let (result, cost) = bus.cost(|| write("unbind"))?;
        result.map_err(|e| e.to_string())?;
        unbound.push(cost);

        let (result, cost) = bus.cost(|| write("bind"))?;
        result.map_err(|e| e.to_string())?;
        bound.push(cost);
        Camera::wait(camera.slot())?;
    }
    let open = Open::of(camera).map_err(text("opening the nodes"))?;
    prepare(&open).map_err(text("setting up"))?;
    memory::of_stream(camera, &open)?;
    open.buffers(0).map_err(text("giving buffers back"))?;
    drop(open);
    report("bind", &bound);
    report("unbind", &unbound);
    memory::of_bind(camera, &file("bind"), &file("unbind"))
}

/// Measures all that `driver` does for the camera in `slot`.
pub fn run(slot: &str, driver: &str) -> Result<(), String> {
    let camera = Camera::wait(slot)?;
    let bus = Bus::of(&camera)?;
    let open = Open::of(&camera).map_err(text("opening the nodes"))?;

    prepare(&open).map_err(text("setting up"))?;
    open.start().map_err(text("starting"))?;
    all_changes(&bus, &open)?;
    open.stop().map_err(text("stopping"))?;
    sleep_deep(&camera)?;
    changes(
        &bus,
        &open,
        "exposure, in standby",
        [&[(EXPOSURE, 1000)], &[(EXPOSURE, 1300)]],
    )?;

    let mut costs = Vec::new();
    for _ in 0..CHANGES {
        let mut format = sensor_format(SIZE);
        let (result, cost) = bus.cost(|| set_format(&open, &mut format))?;
        result.map_err(text("setting the format"))?;
        costs.push(cost);
    }
    report("set format", &costs);

    starts(&bus, &camera, &open)?;
    open.buffers(0).map_err(text("giving buffers back"))?;
    drop(open);

    let violations = files::read(camera.debugfs("violations")).map_err(|e| e.to_string())?;
    let mut wrong = violations.lines().skip(1);
    if let Some(wrong) = wrong.find(|line| !POWER_ORDER.iter().any(|name| line.starts_with(name))) {
        return Err(format!("the sensor objects: {wrong}"));
    }
    binds(&bus, &camera, driver)
}
