// SPDX-License-Identifier: GPL-2.0-only

//! Operations of a sub-device, which its driver implements.
//!
//! C header: [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

use super::state::{
    Format,
    Fraction,
    Rect,
    State,
    StreamId, //
};
use crate::kernel_ext::{
    bindings,
    media::v4l2::ctrls::{
        Controls,
        Held,
        Locked, //
    }, //
};
use kernel::{
    build_error,
    error::VTABLE_DEFAULT_ERROR,
    prelude::*, //
};

/// The operations of a sub-device. Only those that a driver implements are passed to V4L2.
///
/// Unless stated otherwise, functions are called with the lock of the given state held, which for
/// the active state is the lock of the controls. V4L2 has checked that pad and stream exist.
#[vtable]
pub trait Operations: Controls + Send + Sync + Sized + 'static {
    /// Initialises a new state with the default formats, crops and frame intervals.
    fn init_state(&self, state: &mut State) -> Result;

    /// Returns the `index`th media bus code; `EINVAL` past the last one.
    fn media_bus_code(&self, _state: &mut State, _at: StreamId, _index: u32) -> Result<u32> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Returns the `index`th frame size of `code`; `EINVAL` past the last one and for an unknown
    /// code.
    fn frame_size(
        &self,
        _state: &mut State,
        _at: StreamId,
        _code: u32,
        _index: u32,
    ) -> Result<FrameSizes> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Adjusts `format` to a supported one, and stores it in `state`.
    ///
    /// For the active state, `which` has the controls, which may have to follow. Without this
    /// operation the format is fixed.
    fn set_format(
        &self,
        _state: &mut State,
        _which: Which<'_>,
        _at: StreamId,
        _format: &mut Format,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Returns the rectangle of a selection target (`V4L2_SEL_TGT_*`); `EINVAL` for unsupported
    /// targets.
    fn selection(&self, _state: &mut State, _at: StreamId, _target: u32) -> Result<Rect> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Adjusts `rect` to a supported rectangle of a selection target, and stores it in `state` with
    /// the format that follows from it; `EINVAL` for targets that cannot be set.
    fn set_selection(
        &self,
        _state: &mut State,
        _which: Which<'_>,
        _at: StreamId,
        _target: u32,
        _flags: SelectionFlags,
        _rect: &mut Rect,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Returns the `index`th frame interval for frames of a code and size, in seconds; `EINVAL`
    /// past the last one, and for unsupported codes and sizes.
    fn offered_frame_interval(
        &self,
        _state: &mut State,
        _at: StreamId,
        _code: u32,
        _size: (u32, u32),
        _index: u32,
    ) -> Result<Fraction> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Returns the frame interval, in seconds.
    fn frame_interval(
        &self,
        _state: &mut State,
        _which: Which<'_>,
        _at: StreamId,
    ) -> Result<Fraction> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Adjusts `interval` to a supported one, in seconds, and stores it in `state`.
    fn set_frame_interval(
        &self,
        _state: &mut State,
        _which: Which<'_>,
        _at: StreamId,
        _interval: &mut Fraction,
    ) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Starts the streams of `pad` whose bits are set in `streams`.
    ///
    /// May be called again while it has released the lock.
    fn enable_streams(&self, _controls: &mut Held<'_>, _pad: u32, _streams: u64) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Stops the streams of `pad` whose bits are set in `streams`.
    fn disable_streams(&self, _controls: &mut Held<'_>, _pad: u32, _streams: u64) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Returns the current configuration of the bus of `pad`. Called with no lock held.
    fn bus_config(&self, _pad: u32) -> Result<BusConfig> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Adds the current streams on the bus of `pad` to `descriptor`. Called with no lock held.
    fn frame_descriptor(&self, _pad: u32, _descriptor: &mut FrameDescriptor) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Prints the status for bug reports (`VIDIOC_LOG_STATUS`), before the controls. Called with no
    /// lock held.
    fn log_status(&self) {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Releases the device, which is being unbound and must not be used afterwards. Called with no
    /// lock held; other functions may still be running.
    fn unbind(&self);
}

/// The configuration that a call concerns.
pub enum Which<'a> {
    /// A try state, independent of the device.
    Try,
    /// The active state. Its lock is that of the controls.
    Active(Locked<'a>),
}

/// Range of supported frame sizes.
pub struct FrameSizes {
    /// Smallest and largest width, in pixels.
    pub width: (u32, u32),
    /// Smallest and largest height, in lines.
    pub height: (u32, u32),
}

/// Constraints on the adjustment of a rectangle (`V4L2_SEL_FLAG_*`).
#[derive(Clone, Copy, Debug)]
pub struct SelectionFlags {
    /// The result must not be smaller than requested.
    pub greater_or_equal: bool,
    /// The result must not be larger than requested.
    pub less_or_equal: bool,
    /// Later processing steps must keep their configuration.
    pub keep_config: bool,
}

impl SelectionFlags {
    pub(super) fn new(flags: u32) -> Self {
        Self {
            greater_or_equal: flags & bindings::V4L2_SEL_FLAG_GE != 0,
            less_or_equal: flags & bindings::V4L2_SEL_FLAG_LE != 0,
            keep_config: flags & bindings::V4L2_SEL_FLAG_KEEP_CONFIG != 0,
        }
    }
}

/// A CSI-2 D-PHY bus with a continuous clock.
pub struct BusConfig {
    /// Number of data lanes, in the order 1, 2, ...
    pub lanes: u8,
    /// Link frequency in Hz.
    pub link_freq: u64,
}

/// A stream on a CSI-2 bus.
pub struct FrameEntry {
    /// Number of the stream within its pad.
    pub stream: u32,
    /// Media bus code.
    pub code: u32,
    /// CSI-2 virtual channel.
    pub virtual_channel: u8,
    /// CSI-2 data type (`MIPI_CSI2_DT_*`).
    pub data_type: u8,
    /// Maximum number of bytes of a frame on the bus.
    pub max_bytes: u32,
}

/// The streams on the CSI-2 bus of a pad.
#[repr(transparent)]
pub struct FrameDescriptor(bindings::v4l2_mbus_frame_desc);

impl FrameDescriptor {
    /// Returns the descriptor at `raw`, initialised without streams.
    pub(super) fn from_raw(raw: &mut bindings::v4l2_mbus_frame_desc) -> &mut Self {
        *raw = Default::default();
        raw.type_ = bindings::v4l2_mbus_frame_desc_type_V4L2_MBUS_FRAME_DESC_TYPE_CSI2;
        // SAFETY: `FrameDescriptor` is `#[repr(transparent)]`.
        unsafe { &mut *core::ptr::from_mut(raw).cast() }
    }

    /// Adds a stream; `ENOSPC` beyond V4L2's limit of eight.
    pub fn push(&mut self, entry: &FrameEntry) -> Result {
        let count = self.0.num_entries;
        let slot = self.0.entry.get_mut(usize::from(count)).ok_or(ENOSPC)?;

        *slot = Default::default();
        slot.stream = entry.stream;
        slot.flags = bindings::v4l2_mbus_frame_desc_flags_V4L2_MBUS_FRAME_DESC_FL_LEN_MAX;
        slot.pixelcode = entry.code;
        slot.length = entry.max_bytes;
        // SAFETY: By the type of the descriptor, this member of the union is in use; zeros
        // are valid for it.
        let csi2 = unsafe { slot.bus.csi2.as_mut() };

        csi2.vc = entry.virtual_channel;
        csi2.dt = entry.data_type;
        self.0.num_entries = count.saturating_add(1);
        Ok(())
    }
}
