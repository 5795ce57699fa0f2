// SPDX-License-Identifier: GPL-2.0-only

//! The kernel's fault injection (Documentation/fault-injection): the Nth failure in this thread, of
//! calls that come from one place.

use crate::camera::Camera;
use crate::files;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// The variable with what the kernel says of each failure: nothing, or with 2 its trace.
const VERBOSITY: &str = "STRESS_VERBOSE";
const DEBUGFS: &str = "/sys/kernel/debug";
/// Calls on the stack that are looked at, as many as the kernel takes.
const DEPTH: u32 = 32;
/// The kernel's function whose allocations never fail: it registers a node without an interface when there
/// is no memory for one, and both `v4l2_device_register_subdev_nodes()` and the node's release follow
/// the interface then, an oops whatever the drivers do.
const SPARED: &str = "__video_register_device";
/// The one that calls it for sub-devices. If there is no memory for a link to the interface, it gives the
/// reference to the sub-device's module back, and unregistering the sub-device does so again: V4L2 takes
/// no sub-device of that module any more, whatever the driver does.
const SPARED_OF_SUBDEVS: &str = "__v4l2_device_register_subdev_nodes";
/// The module that is a sub-device's, and registers no other nodes.
const DRIVER: &str = "fsm_imx412";
const EIO: i32 = 5;
const ENXIO: i32 = 6;
const EAGAIN: i32 = 11;
const ENOMEM: i32 = 12;
const EINVAL: i32 = 22;
const ETIMEDOUT: i32 = 110;

/// Kind of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// `kmalloc()` and its relatives.
    Allocation,
    /// A function that tests/stress/injectable makes known, with `EIO`.
    Call(String),
    /// A message on the bus, in one of the virtual board's ways.
    Message(String),
}

impl Failure {
    /// Returns whether an operation may return this error for it, one that makes device nodes if
    /// `makes_nodes`.
    pub fn explains(&self, error: &io::Error, makes_nodes: bool) -> bool {
        let expected: &[i32] = match self {
            // Where the kernel registers media and video devices it goes on without the name that it got
            // no memory for, and then objects to a device without a name.
            Self::Allocation if makes_nodes => &[ENOMEM, EINVAL],
            Self::Allocation => &[ENOMEM],
            // The regulator core drops errors of the lines that switch its supplies. All that is left to
            // say is then that the sensor does not answer.
            Self::Call(name) if name == "gpiod_set_value_cansleep" => &[EIO, ENXIO],
            Self::Call(_) => &[EIO],
            Self::Message(_) => &[ENXIO, EAGAIN, EIO, ETIMEDOUT],
        };
        error
            .raw_os_error()
            .is_some_and(|found| expected.contains(&found))
    }

    /// Returns the name of their number.
    pub fn plural(&self) -> &'static str {
        match self {
            Self::Allocation => "failed allocations",
            Self::Call(_) => "failed calls of the kernel",
            Self::Message(_) => "failed messages",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allocation => f.write_str("allocations failing"),
            Self::Call(name) => write!(f, "{name}() failing"),
            Self::Message(kind) => write!(f, "messages failing by {kind}"),
        }
    }
}

/// Whose calls fail, however far down.
#[derive(Debug, Clone, Copy)]
pub enum Callers<'a> {
    All,
    Module(&'a str),
    /// Of the kernel.
    Function(&'a str),
}

impl Callers<'_> {
    /// Returns the start and end of their code.
    fn code(&self) -> Result<(u64, u64), String> {
        match self {
            Self::All => Ok((0, u64::MAX)),
            Self::Module(name) => module(name),
            Self::Function(name) => function(name),
        }
    }
}

/// Failures of one kind are possible while this is there.
#[derive(Debug)]
pub struct Injection {
    failure: Failure,
    next: Next,
}

/// File with the number of the next failure.
#[derive(Debug)]
enum Next {
    /// This thread's `fail-nth`, open: to open it would allocate.
    OfThread(File),
    /// The board's file `fail`.
    OfBoard(PathBuf),
}

impl Injection {
    /// Lets what `callers` call fail, or messages on the bus of the camera's board.
    pub fn start(failure: &Failure, callers: Callers<'_>, camera: &Camera) -> Result<Self, String> {
        let next = match failure {
            Failure::Message(_) => Next::OfBoard(camera.debugfs("fail")),
            _ => OpenOptions::new()
                .read(true)
                .write(true)
                .open("/proc/thread-self/fail-nth")
                .map(Next::OfThread)
                .map_err(|e| format!("fail-nth: {e}: does this kernel make calls fail?"))?,
        };
        let injection = Self {
            failure: failure.clone(),
            next,
        };
        if let Failure::Message(_) = failure {
            return Ok(injection);
        }
        let verbosity = std::env::var(VERBOSITY).unwrap_or("0".into());
        // Other calls must not be counted either: nothing is in an empty range.
        for folder in ["failslab", "fail_page_alloc", "fail_function"] {
            set(folder, "require-start", "0")?;
            set(folder, "require-end", "0")?;
            set(folder, "stacktrace-depth", &DEPTH.to_string())?;
            set(folder, "verbose", &verbosity)?;
        }
        let folder = if let Failure::Call(name) = failure {
            files::write(format!("{DEBUGFS}/fail_function/inject"), name)
                .map_err(|e| e.to_string())?;
            let error = i64::from(-EIO) as u64;
            let value = format!("{name}/retval");
            set("fail_function", &value, &format!("{error:#x}"))?;
            "fail_function"
        } else {
            set("failslab", "ignore-gfp-wait", "N")?;
            // There is one range to spare.
            let (start, end) = function(match callers {
                Callers::Module(DRIVER) => SPARED_OF_SUBDEVS,
                _ => SPARED,
            })?;
            set("failslab", "reject-start", &format!("{start:#x}"))?;
            set("failslab", "reject-end", &format!("{end:#x}"))?;
            "failslab"
        };
        let (start, end) = callers.code()?;
        set(folder, "require-start", &format!("{start:#x}"))?;
        set(folder, "require-end", &format!("{end:#x}"))?;
        Ok(injection)
    }

    /// Has the failure of that number come, the next being 1.
    pub fn arm(&self, number: u32) -> io::Result<()> {
        let number = number.to_string();
        match (&self.next, &self.failure) {
            (Next::OfThread(file), _) => file.write_all_at(number.as_bytes(), 0),
            (Next::OfBoard(path), Failure::Message(kind)) => {
                files::write(path, &format!("{number} {kind}")).map_err(|e| e.error)
            }
            (Next::OfBoard(_), _) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    /// Returns whether it has come; none comes any more.
    pub fn disarm(&self) -> io::Result<bool> {
        match &self.next {
            Next::OfThread(file) => {
                let mut text = [0; 16];
                let length = file.read_at(&mut text, 0)?;
                file.write_all_at(b"0", 0)?;
                Ok(text[..length].trim_ascii() == b"0")
            }
            Next::OfBoard(path) => {
                let left = files::read(path).map_err(|e| e.error)?;
                files::write(path, "off").map_err(|e| e.error)?;
                Ok(left == "off")
            }
        }
    }
}

impl Drop for Injection {
    fn drop(&mut self) {
        if let Failure::Call(name) = &self.failure {
            let inject = format!("{DEBUGFS}/fail_function/inject");
            let _ = files::write(inject, &format!("!{name}"));
        }
    }
}

fn set(folder: &str, file: &str, value: &str) -> Result<(), String> {
    files::write(format!("{DEBUGFS}/{folder}/{file}"), value).map_err(|e| e.to_string())
}

/// Returns the address range of a loaded module.
fn module(module: &str) -> Result<(u64, u64), String> {
    let modules = files::read("/proc/modules").map_err(|e| e.to_string())?;
    modules
        .lines()
        .find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [name, size, .., address] = words[..] else {
                return None;
            };
            // A tainted module has a word about it at the end.
            let address = [address, words.iter().rev().nth(1)?]
                .into_iter()
                .find_map(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok())?;
            (name == module).then_some((address, address + size.parse::<u64>().ok()?))
        })
        .ok_or(format!("{module} is not loaded, or its address is hidden"))
}

/// Returns the address range of a function of the kernel, up to the next symbol.
fn function(name: &str) -> Result<(u64, u64), String> {
    let symbols = files::read("/proc/kallsyms").map_err(|e| e.to_string())?;
    let symbols: Vec<(u64, &str)> = symbols
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let address = u64::from_str_radix(words.next()?, 16).ok()?;
            Some((address, words.nth(1)?))
        })
        .collect();
    let start = symbols.iter().find(|(_, found)| *found == name);
    start
        .filter(|(address, _)| *address != 0)
        .and_then(|&(start, _)| {
            let behind = symbols.iter().map(|(address, _)| *address);
            Some((start, behind.filter(|address| *address > start).min()?))
        })
        .ok_or(format!(
            "{name} is no function of this kernel, or its address is hidden"
        ))
}
