// SPDX-License-Identifier: GPL-2.0-only

//! The system calls that std lacks, and all `unsafe` of this program.

use crate::gate;
use std::ffi::{c_int, c_ulong};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// `O_NONBLOCK` of Linux, on arm64 and on amd64.
const NONBLOCK: i32 = 0o4000;

extern "C" {
    fn ioctl(fd: c_int, request: c_ulong, ...) -> c_int;
    fn clock_gettime(clock: c_int, time: *mut Time) -> c_int;
}

/// `struct timespec` of machines with 64 bits.
#[repr(C)]
#[derive(Debug, Default)]
struct Time {
    seconds: i64,
    nanoseconds: i64,
}

/// A clock of clock_gettime(2).
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// Goes on while the machine sleeps.
    Monotonic = 1,
    /// Counts what this thread takes of a processor, in the kernel, too.
    Thread = 3,
}

impl Clock {
    /// Returns the time in ns.
    pub fn now(self) -> u64 {
        let mut time = Time::default();
        // SAFETY: the kernel writes a `struct timespec`, which `Time` is.
        let result = unsafe { clock_gettime(self as c_int, &mut time) };
        // It knows these clocks.
        assert_eq!(result, 0);
        time.seconds as u64 * 1_000_000_000 + time.nanoseconds as u64
    }
}

/// An ioctl's number, with the size of its argument in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request(u32);

impl Request {
    const SIZE_SHIFT: u32 = 16;
    const SIZE_MASK: u32 = (1 << 14) - 1;

    const fn new(direction: u32, kind: u8, number: u8, size: usize) -> Self {
        Self(
            direction << 30
                | (size as u32) << Self::SIZE_SHIFT
                | (kind as u32) << 8
                | number as u32,
        )
    }

    /// `_IO`: there is no argument.
    pub const fn none(kind: u8, number: u8) -> Self {
        Self::new(0, kind, number, 0)
    }

    /// `_IOW`: the kernel reads the argument.
    pub const fn w(kind: u8, number: u8, size: usize) -> Self {
        Self::new(1, kind, number, size)
    }

    /// `_IOR`: the kernel writes the argument.
    pub const fn r(kind: u8, number: u8, size: usize) -> Self {
        Self::new(2, kind, number, size)
    }

    /// `_IOWR`: it does both.
    pub const fn wr(kind: u8, number: u8, size: usize) -> Self {
        Self::new(3, kind, number, size)
    }

    /// Bytes of the argument.
    pub const fn size(self) -> usize {
        (self.0 >> Self::SIZE_SHIFT & Self::SIZE_MASK) as usize
    }
}

/// An ioctl's argument: bytes with fields at the offsets of the kernel's structure, in the machine's
/// order.
#[derive(Debug, Clone)]
pub struct Argument {
    bytes: Vec<u8>,
    /// Target of a pointer field.
    pointee: Option<Vec<u8>>,
}

impl Argument {
    /// Returns an argument of zeros.
    pub fn new(size: usize) -> Self {
        Self {
            bytes: vec![0; size],
            pointee: None,
        }
    }

    pub fn bytes(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    pub fn u32(&self, at: usize) -> u32 {
        self.bytes
            .get(at..at + 4)
            .and_then(|field| field.try_into().ok())
            .map_or(0, u32::from_ne_bytes)
    }

    pub fn i64(&self, at: usize) -> i64 {
        self.bytes
            .get(at..at + 8)
            .and_then(|field| field.try_into().ok())
            .map_or(0, i64::from_ne_bytes)
    }

    /// Returns the text of a field of `length` bytes, up to its first zero.
    pub fn text(&self, at: usize, length: usize) -> String {
        let field = self.bytes.get(at..at + length).unwrap_or_default();
        let end = field.iter().position(|byte| *byte == 0).unwrap_or(length);
        String::from_utf8_lossy(&field[..end]).into_owned()
    }

    #[must_use]
    pub fn with(mut self, at: usize, value: u32) -> Self {
        self.set(at, value);
        self
    }

    pub fn set(&mut self, at: usize, value: u32) {
        if let Some(field) = self.bytes.get_mut(at..at + 4) {
            field.copy_from_slice(&value.to_ne_bytes());
        }
    }

    /// Makes the pointer field at `at` point to these bytes.
    #[must_use]
    pub fn pointing(mut self, at: usize, pointee: Vec<u8>) -> Self {
        let pointee = self.pointee.insert(pointee);
        let address = (pointee.as_mut_ptr() as usize as u64).to_ne_bytes();
        if let Some(field) = self.bytes.get_mut(at..at + 8) {
            field.copy_from_slice(&address);
        }
        self
    }

    /// Returns the target of the pointer field.
    pub fn pointee(&self) -> &[u8] {
        self.pointee.as_deref().unwrap_or_default()
    }
}

/// Opens a device node; calls on it do not wait.
pub fn open(path: &Path) -> io::Result<File> {
    let _stay = gate::stay();
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(NONBLOCK)
        .open(path)
}

/// Calls ioctl(2).
pub fn control(file: &File, request: Request, argument: &mut Argument) -> io::Result<()> {
    if argument.bytes.len() < request.size() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let _stay = gate::follows(request).then(gate::stay);
    // SAFETY: the kernel reads and writes no more than the request's size, which the argument has,
    // and what pointers in it lead to: memory that it owns, or none that is mapped.
    let result = unsafe {
        ioctl(
            file.as_raw_fd(),
            request.0 as c_ulong,
            argument.bytes.as_mut_ptr(),
        )
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
