// SPDX-License-Identifier: GPL-2.0-only

//! Frames from a video node.

use crate::formats::{fourcc_text, Memory};
use crate::graph::discover::{CAPTURE_PLANAR, TYPE_CAPTURE, TYPE_CAPTURE_PLANAR};
use crate::sys::abi::{Buffer, Format, PlanarFormat, RequestBuffers};
use crate::sys::{Device, Mapping};
use anyhow::{bail, Context, Result};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `V4L2_MEMORY_MMAP`, `V4L2_FIELD_NONE`, `V4L2_BUF_FLAG_ERROR`.
const MMAP: u32 = 1;
const FIELD_NONE: u32 = 1;
const ERROR: u32 = 0x40;

/// Layout of frames in the node's buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeLayout {
    /// Pixels of a line.
    pub width: u32,
    /// Lines.
    pub height: u32,
    /// The pixel format.
    pub memory: Memory,
    /// Bytes from one line to the next.
    pub stride: u32,
    /// Bytes of a buffer.
    pub size: u32,
}

/// A video node.
#[derive(Debug)]
pub struct Node {
    device: Device,
    path: PathBuf,
    planar: bool,
}

/// A frame as it came.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The used part of the buffer.
    pub bytes: Vec<u8>,
    /// Number of the frame in its stream; numbers that are missing were dropped.
    pub sequence: u32,
    /// When it began or ended, by the driver's choice, in seconds of the monotonic clock.
    pub time: f64,
    /// The driver says that it is damaged (`V4L2_BUF_FLAG_ERROR`).
    pub damaged: bool,
}

impl Frame {
    /// Returns true if it has all its lines, and the driver has not marked it.
    pub fn is_whole(&self, layout: NodeLayout) -> bool {
        !self.damaged && self.bytes.len() as u64 >= layout.bytes()
    }
}

impl NodeLayout {
    /// Returns the bytes of all lines. Buffers may be longer.
    pub fn bytes(self) -> u64 {
        u64::from(self.stride) * u64::from(self.height)
    }
}

impl Node {
    /// Opens a video node.
    ///
    /// # Errors
    ///
    /// No right, or it is gone.
    pub fn open(path: &Path) -> Result<Self> {
        let device =
            Device::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let capability = device
            .capability()
            .with_context(|| format!("{} is no video node", path.display()))?;
        Ok(Self {
            device,
            path: path.to_owned(),
            planar: capability.device_caps & CAPTURE_PLANAR != 0,
        })
    }

    fn kind(&self) -> u32 {
        if self.planar {
            TYPE_CAPTURE_PLANAR
        } else {
            TYPE_CAPTURE
        }
    }

    /// Sets the format.
    ///
    /// # Errors
    ///
    /// The node is in use, or does not take this format: what it would take is in the message.
    pub fn set_format(&self, memory: Memory, width: u32, height: u32) -> Result<NodeLayout> {
        let kind = self.kind();
        let busy = || {
            format!(
                "cannot set {width}x{height} {} on {}: does another program stream?",
                memory.name(),
                self.path.display()
            )
        };
        let (fourcc, taken_width, taken_height, stride, size) = if self.planar {
            let mut format = PlanarFormat {
                kind,
                width,
                height,
                fourcc: memory.number(),
                field: FIELD_NONE,
                planes: 1,
                ..PlanarFormat::default()
            };
            self.device
                .set_planar_format(&mut format)
                .with_context(busy)?;
            let stride = format.bytes_per_line;
            (
                format.fourcc,
                format.width,
                format.height,
                stride,
                format.size,
            )
        } else {
            let mut format = Format {
                kind,
                width,
                height,
                fourcc: memory.number(),
                field: FIELD_NONE,
                ..Format::default()
            };
            self.device.set_format(&mut format).with_context(busy)?;
            let stride = format.bytes_per_line;
            (
                format.fourcc,
                format.width,
                format.height,
                stride,
                format.size,
            )
        };
        if (fourcc, taken_width, taken_height) != (memory.number(), width, height) {
            bail!(
                "{} takes {taken_width}x{taken_height} {} in place of {width}x{height} {}: choose a size that it takes, or another node by --node",
                self.path.display(),
                fourcc_text(fourcc),
                memory.name()
            );
        }
        Ok(NodeLayout {
            width,
            height,
            memory,
            stride,
            size,
        })
    }

    /// Begins to stream into `count` buffers, more or fewer if the driver wants it so.
    ///
    /// # Errors
    ///
    /// See [`StartError`].
    pub fn start(self, layout: NodeLayout, count: u32) -> Result<Stream, StartError> {
        let mut request = RequestBuffers {
            count,
            kind: self.kind(),
            memory: MMAP,
            ..RequestBuffers::default()
        };
        self.device
            .request_buffers(&mut request)
            .map_err(StartError::Buffers)?;
        let mut stream = Stream {
            node: self,
            layout,
            buffers: Vec::new(),
        };
        for index in 0..request.count {
            let mut buffer = stream.buffer(index);
            let planar = stream.node.planar;
            let plane = stream
                .node
                .device
                .query_buffer(&mut buffer, planar)
                .map_err(StartError::Buffers)?;
            let offset = if planar {
                // The kernel puts an offset of 32 bits into the union.
                plane.place & 0xffff_ffff
            } else {
                buffer.place & 0xffff_ffff
            };
            let mapping = stream
                .node
                .device
                .map(plane.length, offset)
                .map_err(StartError::Buffers)?;
            stream.buffers.push(mapping);
            stream.queue(index).map_err(StartError::Buffers)?;
        }
        let kind = stream.node.kind();
        stream
            .node
            .device
            .stream(kind, true)
            .map_err(StartError::Stream)?;
        Ok(stream)
    }
}

/// The reason why a stream did not start.
#[derive(Debug)]
pub enum StartError {
    /// There is no memory for the buffers, or they are in use.
    Buffers(io::Error),
    /// STREAMON failed: the pipeline or the sensor.
    Stream(io::Error),
}

impl StartError {
    /// Returns the kernel's error.
    pub fn error(&self) -> &io::Error {
        match self {
            Self::Buffers(error) | Self::Stream(error) => error,
        }
    }
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Buffers(error) if error.raw_os_error() == Some(12) => write!(
                f,
                "no memory for the buffers: take a smaller size, or give the kernel more of it by \
                 cma=256M on its command line"
            ),
            Self::Buffers(error) if error.raw_os_error() == Some(16) => {
                write!(f, "the video node is in use by another program")
            }
            Self::Buffers(error) => write!(f, "the video node gives no buffers: {error}"),
            Self::Stream(error) => write!(
                f,
                "the stream does not start: {error}{}",
                match error.raw_os_error() {
                    Some(32) => ", which means that formats along the pipeline differ",
                    Some(67) => ", which means that a link of the pipeline is off",
                    Some(16) => ", which means that another program streams",
                    _ => "; the kernel's log may say more (dmesg)",
                }
            ),
        }
    }
}

impl std::error::Error for StartError {}

/// A video node that streams. It stops when it is dropped.
#[derive(Debug)]
pub struct Stream {
    node: Node,
    layout: NodeLayout,
    buffers: Vec<Mapping>,
}

impl Stream {
    /// Returns the layout of frames in memory.
    pub fn layout(&self) -> NodeLayout {
        self.layout
    }

    fn buffer(&self, index: u32) -> Buffer {
        Buffer {
            index,
            kind: self.node.kind(),
            memory: MMAP,
            ..Buffer::default()
        }
    }

    fn queue(&self, index: u32) -> io::Result<()> {
        let mut buffer = self.buffer(index);
        self.node
            .device
            .queue(&mut buffer, self.node.planar)
            .map(|_| ())
    }

    /// Waits for the next frame and copies it into `frame`. Returns whether it came in time.
    ///
    /// # Errors
    ///
    /// The driver ended the stream (EIO), or the device is gone.
    pub fn next(&self, limit: Duration, frame: &mut Frame) -> io::Result<bool> {
        self.take(limit, frame, true)
    }

    /// Waits for a frame without its pixels: `frame` gets only the number and the time.
    ///
    /// # Errors
    ///
    /// As [`Self::next`].
    pub fn skip(&self, limit: Duration, frame: &mut Frame) -> io::Result<bool> {
        self.take(limit, frame, false)
    }

    fn take(&self, limit: Duration, frame: &mut Frame, pixels: bool) -> io::Result<bool> {
        if !self.node.device.wait(limit)? {
            return Ok(false);
        }
        let mut buffer = self.buffer(0);
        let plane = self.node.device.dequeue(&mut buffer, self.node.planar)?;
        let used = usize::try_from(plane.bytes_used).unwrap_or(0);
        if let Some(mapping) = usize::try_from(buffer.index)
            .ok()
            .and_then(|index| self.buffers.get(index))
        {
            if pixels {
                mapping.copy_to(used, &mut frame.bytes);
            }
        }
        frame.sequence = buffer.sequence;
        frame.time = buffer.seconds as f64 + buffer.microseconds as f64 * 1e-6;
        frame.damaged = buffer.flags & ERROR != 0;
        self.queue(buffer.index)?;
        Ok(true)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // A device that is gone streams no more.
        let _ = self.node.device.stream(self.node.kind(), false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_is_short_or_marked_is_not_whole() {
        let layout = NodeLayout {
            width: 4,
            height: 2,
            memory: Memory::of_fourcc("RG10").unwrap(),
            stride: 8,
            size: 4096,
        };
        let frame = |bytes, damaged| Frame {
            bytes: vec![0; bytes],
            damaged,
            ..Frame::default()
        };
        assert!(frame(16, false).is_whole(layout));
        assert!(!frame(15, false).is_whole(layout));
        assert!(!frame(16, true).is_whole(layout));
    }
}
