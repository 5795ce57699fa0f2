// SPDX-License-Identifier: GPL-2.0-only

//! Sub-devices of other drivers, as a receiver sees them.
//!
//! C header: [`include/media/v4l2-subdev.h`](srctree/include/media/v4l2-subdev.h)

use crate::kernel_ext::{
    bindings,
    compat, //
};
use core::ptr::NonNull;
use kernel::{
    error::to_result,
    ffi::c_ulong,
    prelude::*,
    sync::{
        new_mutex,
        Mutex, //
    },
    types::Opaque, //
};

/// The frame format on a pad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PadFormat {
    /// `MEDIA_BUS_FMT_*`.
    pub code: u32,
    /// Pixels per line.
    pub width: u32,
    /// Lines.
    pub height: u32,
}

/// The packets of a stream on a CSI-2 link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Csi2Stream {
    /// Virtual channel.
    pub virtual_channel: u8,
    /// Data type (`MIPI_CSI2_DT_*`).
    pub data_type: u8,
}

/// A sub-device of another driver.
///
/// # Examples
///
/// `src/virtual_board/receiver/referee.rs` reads all that a sub-device advertises.
///
/// # Invariants
///
/// While a reference exists, the sub-device is registered with a V4L2 device of this module.
#[repr(transparent)]
pub struct RemoteSubdev(Opaque<bindings::v4l2_subdev>);

/// The type of pad flags is wider than that of the constant.
const PAD_SOURCE: c_ulong = bindings::MEDIA_PAD_FL_SOURCE as c_ulong;

/// Stream 0, the only one of a pad without multiplexed streams.
const STREAM_0: u64 = 1;

impl RemoteSubdev {
    /// # Safety
    ///
    /// `raw` must be registered with a V4L2 device of the caller's, throughout `'a`.
    pub(crate) unsafe fn from_raw<'a>(raw: *mut bindings::v4l2_subdev) -> &'a Self {
        // SAFETY: `raw` is valid for `'a` by the requirement above; the type is transparent.
        unsafe { &*raw.cast() }
    }

    pub(crate) fn as_raw(&self) -> *mut bindings::v4l2_subdev {
        self.0.get()
    }

    /// Returns the name of the entity.
    pub fn name(&self) -> &CStr {
        // SAFETY: A registered sub-device has a NUL-terminated name in its 52 bytes, which does not
        // change.
        unsafe { CStr::from_char_ptr((*self.as_raw()).name.as_ptr()) }
    }

    /// Returns the pads of the entity, whose number is constant once a sub-device is registered.
    /// These are pointers, as the media core may change the pads meanwhile.
    fn pads(&self) -> impl Iterator<Item = *mut bindings::media_pad> + '_ {
        // SAFETY: The sub-device is registered by the type invariant, so that its entity is
        // initialised.
        let (pads, count) = unsafe {
            let entity = &raw const (*self.as_raw()).entity;
            ((*entity).pads, (*entity).num_pads)
        };

        // An entity without pads may have a null pointer, which nothing is added to.
        (0..usize::from(count)).map(move |index| pads.wrapping_add(index))
    }

    /// Returns the pad `index`, if there is one.
    fn pad(&self, index: u32) -> Option<*mut bindings::media_pad> {
        self.pads().nth(usize::try_from(index).ok()?)
    }

    /// Returns whether `pad`, one of [`Self::pads`], is a source.
    fn is_source_pad(pad: *mut bindings::media_pad) -> bool {
        // SAFETY: Pads of a registered sub-device are valid, and keep their flags.
        unsafe { (*pad).flags & PAD_SOURCE != 0 }
    }

    /// Returns whether the pad `index` exists and is a source.
    pub(crate) fn is_source(&self, index: u16) -> bool {
        self.pad(index.into()).is_some_and(Self::is_source_pad)
    }

    /// Returns the index of the first source pad; `ENXIO` when there is none.
    pub fn source_pad(&self) -> Result<u32> {
        let position = self.pads().position(Self::is_source_pad).ok_or(ENXIO)?;

        Ok(u32::try_from(position)?)
    }

    /// Returns the pad operations, and the wrappers for calls of them, which check arguments and
    /// lock the active state.
    fn pad_ops(
        &self,
    ) -> Option<(
        &bindings::v4l2_subdev_pad_ops,
        &'static bindings::v4l2_subdev_pad_ops,
    )> {
        // SAFETY: Operation tables are valid while the sub-device is registered; the wrappers are
        // static.
        unsafe {
            let ops = (*self.as_raw()).ops.as_ref()?.pad.as_ref()?;
            let wrappers = bindings::v4l2_subdev_call_wrappers.pad.as_ref()?;
            Some((ops, wrappers))
        }
    }

    /// Returns the active format of `pad`. Takes the lock of the sub-device's state.
    pub fn active_format(&self, pad: u32) -> Result<PadFormat> {
        let (ops, wrappers) = self.pad_ops().ok_or(ENOTTY)?;
        ops.get_fmt.ok_or(ENOTTY)?;
        let get_fmt = wrappers.get_fmt.ok_or(ENOTTY)?;

        let mut format = bindings::v4l2_subdev_format {
            which: bindings::v4l2_subdev_format_whence_V4L2_SUBDEV_FORMAT_ACTIVE,
            pad,
            ..Default::default()
        };
        // SAFETY: The sub-device implements the operation; without a state the wrapper locks and
        // passes the active one.
        to_result(unsafe { get_fmt(self.as_raw(), core::ptr::null_mut(), &mut format) })?;
        Ok(PadFormat {
            code: format.format.code,
            width: format.format.width,
            height: format.format.height,
        })
    }

    /// Returns the CSI-2 data lanes that `pad` uses currently; `None` if the sub-device has no
    /// `get_mbus_config`.
    pub fn csi2_lanes(&self, pad: u32) -> Option<u32> {
        let (ops, wrappers) = self.pad_ops()?;
        ops.get_mbus_config?;
        let get_mbus_config = wrappers.get_mbus_config?;

        let mut config = bindings::v4l2_mbus_config::default();
        // SAFETY: The sub-device implements the operation; `config` is valid for writing.
        let ret = unsafe { get_mbus_config(self.as_raw(), pad, &mut config) };
        if ret != 0 || config.type_ != bindings::v4l2_mbus_type_V4L2_MBUS_CSI2_DPHY {
            return None;
        }
        // SAFETY: The bus is CSI-2 D-PHY, for which this member of the union is set.
        let csi2 = unsafe { config.bus.mipi_csi2.as_ref() };
        Some(csi2.num_data_lanes.into())
    }

    /// Returns the packets of stream 0 of `pad`, from its frame descriptor; `None` if the
    /// sub-device has no `get_frame_desc`.
    ///
    /// Returns `EINVAL` if the descriptor is not for CSI-2, and `ENODATA` if it lacks the stream.
    pub fn csi2_stream(&self, pad: u32) -> Result<Option<Csi2Stream>> {
        let Some((ops, wrappers)) = self.pad_ops() else {
            return Ok(None);
        };
        let (Some(_), Some(get_frame_desc)) = (ops.get_frame_desc, wrappers.get_frame_desc) else {
            return Ok(None);
        };

        let mut desc = bindings::v4l2_mbus_frame_desc::default();
        // SAFETY: The sub-device implements the operation; `desc` is valid for writing.
        to_result(unsafe { get_frame_desc(self.as_raw(), pad, &mut desc) })?;
        if desc.type_ != bindings::v4l2_mbus_frame_desc_type_V4L2_MBUS_FRAME_DESC_TYPE_CSI2 {
            return Err(EINVAL);
        }

        let mut entries = desc.entry.iter().take(desc.num_entries.into());
        let entry = entries
            .find(|entry| entry.stream == 0)
            .ok_or(compat::enodata())?;
        // SAFETY: The descriptor is one of CSI-2, for which this member of the union is set.
        let csi2 = unsafe { entry.bus.csi2.as_ref() };

        Ok(Some(Csi2Stream {
            virtual_channel: csi2.vc,
            data_type: csi2.dt,
        }))
    }

    /// Returns the link frequency of `pad` in Hz. For a sub-device with only a pixel rate, it is
    /// computed with `bits_per_pixel` and `lanes`.
    pub fn link_frequency(&self, pad: u32, bits_per_pixel: u32, lanes: u32) -> Result<u64> {
        let pad = self.pad(pad).ok_or(EINVAL)?;

        // SAFETY: `pad` belongs to a registered sub-device.
        let frequency =
            unsafe { bindings::v4l2_get_link_freq(pad, bits_per_pixel, lanes.saturating_mul(2)) };
        u64::try_from(frequency).map_err(|_| {
            kernel::error::Error::from_errno(i32::try_from(frequency).unwrap_or(EINVAL.to_errno()))
        })
    }

    /// Returns the value of a control (`V4L2_CID_*`) of an integer type; `None` when there is no
    /// such control. Takes the lock of the control handler.
    pub fn control(&self, id: u32) -> Option<i64> {
        // SAFETY: The handler is null, which `v4l2_ctrl_find()` takes, or lives as long as the
        // registration.
        let control = unsafe { bindings::v4l2_ctrl_find((*self.as_raw()).ctrl_handler, id) };
        let control = NonNull::new(control)?;

        // SAFETY: Controls live as long as their handler, and their type does not change.
        unsafe {
            match (*control.as_ptr()).type_ {
                bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER64 => {
                    Some(bindings::v4l2_ctrl_g_ctrl_int64(control.as_ptr()))
                }
                bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER
                | bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_MENU
                | bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER_MENU
                | bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_BOOLEAN => {
                    Some(bindings::v4l2_ctrl_g_ctrl(control.as_ptr()).into())
                }
                _ => None,
            }
        }
    }

    /// Starts the stream of `pad`.
    pub fn enable_stream(&self, pad: u32) -> Result {
        // SAFETY: The sub-device is registered; the function checks the pad.
        to_result(unsafe { bindings::v4l2_subdev_enable_streams(self.as_raw(), pad, STREAM_0) })
    }

    /// Stops the stream of `pad`.
    pub fn disable_stream(&self, pad: u32) -> Result {
        // SAFETY: The sub-device is registered; the function checks the pad.
        to_result(unsafe { bindings::v4l2_subdev_disable_streams(self.as_raw(), pad, STREAM_0) })
    }
}

/// The pointer in a [`SourceSlot`].
struct Occupant(NonNull<bindings::v4l2_subdev>);

// SAFETY: Sub-devices may be called from any thread.
unsafe impl Send for Occupant {}

/// A slot for the sub-device that feeds a receiver, filled by a
/// [`Notifier`](super::notifier::Notifier) while the sub-device is bound.
///
/// A lock keeps the sub-device from being unbound during calls, so that no call reaches a driver
/// that is gone.
#[pin_data]
pub struct SourceSlot {
    #[pin]
    occupant: Mutex<Option<Occupant>>,
}

impl SourceSlot {
    /// Creates an empty slot.
    pub fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            occupant <- new_mutex!(None, "SourceSlot::occupant"),
        })
    }

    /// Calls `f` with the sub-device, which remains bound until `f` returns; `None` if there is
    /// none.
    ///
    /// `f` may sleep, and must not use the slot.
    pub fn with<R>(&self, f: impl FnOnce(&RemoteSubdev) -> R) -> Option<R> {
        let occupant = self.occupant.lock();

        occupant.as_ref().map(|subdev| {
            // SAFETY: By the requirement of `fill` the sub-device stays registered until `clear`
            // has taken the lock that is held here.
            f(unsafe { RemoteSubdev::from_raw(subdev.0.as_ptr()) })
        })
    }

    /// Puts a sub-device in; `EBUSY` if there is one already.
    ///
    /// # Safety
    ///
    /// If this succeeds, `subdev` must be registered with the receiver's V4L2 device until
    /// [`SourceSlot::clear`] has returned.
    pub(crate) unsafe fn fill(&self, subdev: NonNull<bindings::v4l2_subdev>) -> Result {
        let mut occupant = self.occupant.lock();

        if occupant.is_some() {
            return Err(EBUSY);
        }
        *occupant = Some(Occupant(subdev));
        Ok(())
    }

    /// Empties the slot, after waiting for callers of the sub-device.
    pub(crate) fn clear(&self) {
        *self.occupant.lock() = None;
    }
}

/// Returns the active format of `pad`, if it is the pad of a sub-device; `EINVAL` otherwise.
///
/// # Safety
///
/// `pad` must be the pad of a registered entity, whose sub-device stays registered during the call.
pub(crate) unsafe fn source_format(pad: *const bindings::media_pad) -> Result<PadFormat> {
    // SAFETY: `pad` and its entity are valid by the requirement above. An entity of this type is
    // part of a `v4l2_subdev`.
    let (subdev, index) = unsafe {
        let entity = (*pad).entity;
        if (*entity).obj_type != bindings::media_entity_type_MEDIA_ENTITY_TYPE_V4L2_SUBDEV {
            return Err(EINVAL);
        }
        let subdev = kernel::container_of!(entity, bindings::v4l2_subdev, entity);
        (RemoteSubdev::from_raw(subdev), u32::from((*pad).index))
    };
    subdev.active_format(index)
}
