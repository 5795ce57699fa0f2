// SPDX-License-Identifier: GPL-2.0-only

//! The calls to the kernel, and all `unsafe` of this crate.
//!
//! There are crates for V4L2; those that are kept (`v4l`, `v4l2r`) generate their bindings with
//! libclang and know no sub-devices and no media devices. Three small files do here: numbers and
//! structures in [`abi`], calls in this one, through rustix.

#![allow(unsafe_code)]

// Its fields are documented where the kernel has them.
#[allow(missing_docs)]
pub mod abi;

use abi::*;
use rustix::fs::{Mode, OFlags};
use rustix::ioctl::{ioctl, opcode, NoArg, Opcode, Setter, Updater};
use rustix::mm::{mmap, munmap, MapFlags, ProtFlags};
use std::ffi::c_void;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

const V: u8 = b'V';
const M: u8 = b'|';

/// An open device node.
#[derive(Debug)]
pub struct Device(OwnedFd);

/// An ioctl's argument is read and written by the kernel.
macro_rules! updating {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $group:expr, $number:expr;)*) => { $(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// The kernel's.
        pub fn $name(&self, value: &mut $kind) -> io::Result<()> {
            const CODE: Opcode = opcode::read_write::<$kind>($group, $number);
            // SAFETY: the structure is that of the ioctl, as its size in the number, which the
            // kernel compares, and linux/*.h say; it holds no pointer.
            Ok(unsafe { ioctl(&self.0, Updater::<CODE, $kind>::new(value)) }?)
        }
    )* };
}

/// The same for ioctls whose number says that the kernel only writes.
macro_rules! reading {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $group:expr, $number:expr;)*) => { $(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// The kernel's.
        pub fn $name(&self) -> io::Result<$kind> {
            const CODE: Opcode = opcode::read::<$kind>($group, $number);
            let mut value = <$kind>::default();
            // SAFETY: as above.
            unsafe { ioctl(&self.0, Updater::<CODE, $kind>::new(&mut value)) }?;
            Ok(value)
        }
    )* };
}

impl Device {
    /// Opens a node; taking a frame from it does not wait.
    ///
    /// # Errors
    ///
    /// There is no such node, or no right to use it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::open(path, flags, Mode::empty())?))
    }

    reading! {
        /// `VIDIOC_QUERYCAP`.
        capability: Capability = V, 0;
    }

    updating! {
        /// `MEDIA_IOC_DEVICE_INFO`.
        media_info: MediaDeviceInfo = M, 0;
        /// `MEDIA_IOC_SETUP_LINK`.
        setup_link: LinkDescription = M, 3;
        /// `VIDIOC_ENUM_FMT`.
        enumerate_format: FormatDescription = V, 2;
        /// `VIDIOC_G_FMT`.
        get_format: Format = V, 4;
        /// `VIDIOC_S_FMT`.
        set_format: Format = V, 5;
        /// `VIDIOC_G_FMT` of several planes.
        get_planar_format: PlanarFormat = V, 4;
        /// `VIDIOC_S_FMT` of several planes.
        set_planar_format: PlanarFormat = V, 5;
        /// `VIDIOC_REQBUFS`.
        request_buffers: RequestBuffers = V, 8;
        /// `VIDIOC_SUBDEV_ENUM_MBUS_CODE`.
        enumerate_code: BusCode = V, 2;
        /// `VIDIOC_SUBDEV_G_FMT`.
        get_pad_format: SubdevFormat = V, 4;
        /// `VIDIOC_SUBDEV_S_FMT`.
        set_pad_format: SubdevFormat = V, 5;
        /// `VIDIOC_SUBDEV_G_SELECTION`.
        get_selection: Selection = V, 61;
        /// `VIDIOC_SUBDEV_S_SELECTION`.
        set_selection: Selection = V, 62;
        /// `VIDIOC_SUBDEV_ENUM_FRAME_SIZE`.
        enumerate_size: FrameSize = V, 74;
        /// `VIDIOC_SUBDEV_ENUM_FRAME_INTERVAL`.
        enumerate_interval: FrameInterval = V, 75;
        /// `VIDIOC_QUERY_EXT_CTRL`.
        query_control: QueryControl = V, 103;
        /// `VIDIOC_QUERYMENU`.
        query_menu: QueryMenu = V, 37;
    }

    /// `VIDIOC_STREAMON` or `VIDIOC_STREAMOFF`.
    ///
    /// # Errors
    ///
    /// The kernel's: EPIPE and ENOLINK are of the pipeline, others of the sensor.
    pub fn stream(&self, kind: u32, on: bool) -> io::Result<()> {
        const ON: Opcode = opcode::write::<u32>(V, 18);
        const OFF: Opcode = opcode::write::<u32>(V, 19);
        // SAFETY: both take a pointer to a number.
        unsafe {
            if on {
                ioctl(&self.0, Setter::<ON, u32>::new(kind))?;
            } else {
                ioctl(&self.0, Setter::<OFF, u32>::new(kind))?;
            }
        }
        Ok(())
    }

    /// `VIDIOC_LOG_STATUS`: what the driver knows goes to the kernel's log.
    ///
    /// # Errors
    ///
    /// The driver has nothing to say.
    pub fn log_status(&self) -> io::Result<()> {
        const CODE: Opcode = opcode::none(V, 70);
        // SAFETY: it takes no argument.
        Ok(unsafe { ioctl(&self.0, NoArg::<CODE>::new()) }?)
    }

    /// `VIDIOC_G_EXT_CTRLS`.
    ///
    /// # Errors
    ///
    /// The kernel's; one control that cannot be read fails all.
    pub fn get_controls(&self, controls: &mut [ExtControl]) -> io::Result<()> {
        const CODE: Opcode = opcode::read_write::<ExtControls>(V, 71);
        // SAFETY: see `controls`.
        unsafe { self.controls::<CODE>(controls) }
    }

    /// `VIDIOC_S_EXT_CTRLS`: all of them in one change.
    ///
    /// # Errors
    ///
    /// The kernel's; nothing has changed then.
    pub fn set_controls(&self, controls: &mut [ExtControl]) -> io::Result<()> {
        const CODE: Opcode = opcode::read_write::<ExtControls>(V, 72);
        // SAFETY: see `controls`.
        unsafe { self.controls::<CODE>(controls) }
    }

    /// # Safety
    ///
    /// `CODE` takes `struct v4l2_ext_controls`.
    unsafe fn controls<const CODE: Opcode>(&self, controls: &mut [ExtControl]) -> io::Result<()> {
        let count = u32::try_from(controls.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        // No control here has a payload: the kernel takes `size` for the length of one.
        for control in &mut *controls {
            control.size = 0;
        }
        let mut request = ExtControls {
            count,
            controls: controls.as_mut_ptr() as u64,
            ..ExtControls::default()
        };
        // SAFETY: the caller's; the pointer leads to `count` controls, which outlive the call and
        // hold values and no pointers as their size is 0.
        Ok(unsafe { ioctl(&self.0, Updater::<CODE, ExtControls>::new(&mut request)) }?)
    }

    /// `VIDIOC_QUERYBUF`: length and place of a buffer, of its first plane if there are several.
    ///
    /// # Errors
    ///
    /// There is no such buffer.
    pub fn query_buffer(&self, buffer: &mut Buffer, planar: bool) -> io::Result<Plane> {
        const CODE: Opcode = opcode::read_write::<Buffer>(V, 9);
        // SAFETY: it takes `struct v4l2_buffer`.
        unsafe { self.buffer::<CODE>(buffer, planar) }
    }

    /// `VIDIOC_QBUF`.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn queue(&self, buffer: &mut Buffer, planar: bool) -> io::Result<Plane> {
        const CODE: Opcode = opcode::read_write::<Buffer>(V, 15);
        // SAFETY: it takes `struct v4l2_buffer`.
        unsafe { self.buffer::<CODE>(buffer, planar) }
    }

    /// `VIDIOC_DQBUF`.
    ///
    /// # Errors
    ///
    /// EAGAIN if no frame has come, EIO or EPIPE if none will come.
    pub fn dequeue(&self, buffer: &mut Buffer, planar: bool) -> io::Result<Plane> {
        const CODE: Opcode = opcode::read_write::<Buffer>(V, 17);
        // SAFETY: it takes `struct v4l2_buffer`.
        unsafe { self.buffer::<CODE>(buffer, planar) }
    }

    /// # Safety
    ///
    /// `CODE` takes `struct v4l2_buffer`.
    unsafe fn buffer<const CODE: Opcode>(
        &self,
        buffer: &mut Buffer,
        planar: bool,
    ) -> io::Result<Plane> {
        // VIDEO_MAX_PLANES.
        let mut planes = [Plane::default(); 8];
        if planar {
            buffer.place = planes.as_mut_ptr() as u64;
            buffer.length = planes.len() as u32;
        }
        // SAFETY: the caller's. Memory is the driver's own (V4L2_MEMORY_MMAP), so that the only
        // pointer is that to the planes, which outlive the call.
        unsafe { ioctl(&self.0, Updater::<CODE, Buffer>::new(buffer)) }?;
        let [first, ..] = planes;
        Ok(if planar {
            first
        } else {
            Plane {
                bytes_used: buffer.bytes_used,
                length: buffer.length,
                place: buffer.place,
                ..Plane::default()
            }
        })
    }

    /// Waits until a frame, or the end of all, can be taken. Returns whether that came in time.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn wait(&self, limit: std::time::Duration) -> io::Result<bool> {
        use rustix::event::{poll, PollFd, PollFlags, Timespec};
        let timeout = Timespec {
            tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: limit.subsec_nanos().into(),
        };
        let mut descriptors = [PollFd::new(&self.0, PollFlags::IN)];
        Ok(poll(&mut descriptors, Some(&timeout))? > 0)
    }

    /// Maps a buffer that [`Self::query_buffer`] has described.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn map(&self, length: u32, offset: u64) -> io::Result<Mapping> {
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::InvalidInput)?;
        // SAFETY: the kernel chooses the address.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                length,
                ProtFlags::READ,
                MapFlags::SHARED,
                &self.0,
                offset,
            )
        }?;
        Ok(Mapping { start, length })
    }
}

/// A buffer of a driver, to be read.
#[derive(Debug)]
pub struct Mapping {
    start: *mut c_void,
    length: usize,
}

// SAFETY: memory that is read only can be so from any thread.
unsafe impl Send for Mapping {}

impl Mapping {
    /// Copies the first `length` bytes, fewer if the buffer is shorter. The driver may write to
    /// it at the same time, which is why no reference to it is given out.
    pub fn copy_to(&self, length: usize, bytes: &mut Vec<u8>) {
        let length = length.min(self.length);
        bytes.clear();
        bytes.reserve(length);
        // SAFETY: the mapping has `length` bytes until it is dropped, the vector has room for
        // them, and the two do not overlap. Should hardware write meanwhile, bytes are old or new.
        unsafe {
            std::ptr::copy_nonoverlapping(self.start.cast::<u8>(), bytes.as_mut_ptr(), length);
            bytes.set_len(length);
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: it was mapped with this length, and nothing refers to it.
        let _ = unsafe { munmap(self.start, self.length) };
    }
}

/// Parts of a media device.
#[derive(Debug, Default)]
pub struct Parts {
    /// Sub-devices and nodes.
    pub entities: Vec<MediaEntity>,
    /// Device nodes.
    pub interfaces: Vec<MediaInterface>,
    /// Of all entities.
    pub pads: Vec<MediaPad>,
    /// Between pads, and between entities and interfaces.
    pub links: Vec<MediaLink>,
}

/// `MEDIA_IOC_G_TOPOLOGY`.
///
/// # Errors
///
/// The kernel's.
pub fn topology(device: &Device) -> io::Result<Parts> {
    const CODE: Opcode = opcode::read_write::<Topology>(M, 4);
    let mut counts = Topology::default();
    // SAFETY: null pointers ask for numbers.
    unsafe { ioctl(&device.0, Updater::<CODE, Topology>::new(&mut counts)) }?;
    loop {
        let zeros = |count: u32| usize::try_from(count).unwrap_or(0);
        let mut parts = Parts {
            entities: vec![MediaEntity::default(); zeros(counts.entities)],
            interfaces: vec![MediaInterface::default(); zeros(counts.interfaces)],
            pads: vec![MediaPad::default(); zeros(counts.pads)],
            links: vec![MediaLink::default(); zeros(counts.links)],
        };
        let mut filled = Topology {
            entities_at: parts.entities.as_mut_ptr() as u64,
            interfaces_at: parts.interfaces.as_mut_ptr() as u64,
            pads_at: parts.pads.as_mut_ptr() as u64,
            links_at: parts.links.as_mut_ptr() as u64,
            ..counts
        };
        // SAFETY: each pointer leads to as many elements as the number beside it says, and the
        // kernel fills no more; they outlive the call.
        match unsafe { ioctl(&device.0, Updater::<CODE, Topology>::new(&mut filled)) } {
            Ok(()) if filled.version == counts.version => return Ok(parts),
            // Something came or went in between.
            Ok(()) | Err(rustix::io::Errno::NOSPC) => {
                counts = Topology::default();
                // SAFETY: as the first.
                unsafe { ioctl(&device.0, Updater::<CODE, Topology>::new(&mut counts)) }?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
