// SPDX-License-Identifier: GPL-2.0-only

//! Creation of the controls of a [`Handler`](super::Handler).
//!
//! C header: [`include/media/v4l2-ctrls.h`](srctree/include/media/v4l2-ctrls.h)

use super::{
    Id,
    Range, //
};
use crate::kernel_ext::{
    bindings,
    media::v4l2::fwnode::Mounting, //
};
use core::ptr::NonNull;
use kernel::{
    error::to_result,
    ffi::{
        c_char,
        c_ulong, //
    },
    prelude::*, //
};

type Entries = KVec<(Id, NonNull<bindings::v4l2_ctrl>)>;

/// An array that a control points to, held without being read.
pub(crate) enum Part {
    Values(#[allow(dead_code)] KVec<i64>),
    Names(#[allow(dead_code)] KVec<*const c_char>),
    Cluster(#[allow(dead_code)] KVec<*mut bindings::v4l2_ctrl>),
}

/// Memory that the controls of a handler point to, and that must live as long as it does.
pub(crate) type Parts = KVec<Part>;

/// Identity of a control: its number, and the name of a private one.
#[derive(Clone, Copy)]
pub struct Name {
    id: Id,
    // `None` for standard controls, which have V4L2's name.
    name: Option<&'static CStr>,
}

impl Name {
    /// Returns the identity of a standard control (`V4L2_CID_*` of `linux/v4l2-controls.h`).
    pub const fn standard(id: u32) -> Self {
        Self {
            id: Id(id),
            name: None,
        }
    }

    /// Returns the identity of a private control of the driver.
    pub const fn private(id: u32, name: &'static CStr) -> Self {
        Self {
            id: Id(id),
            name: Some(name),
        }
    }

    /// Returns the number of the control.
    pub const fn id(&self) -> Id {
        self.id
    }
}

/// Adds the controls of a [`Handler`](super::Handler).
///
/// # Invariants
///
/// `raw` is an initialised handler with no other reference to it; it, `entries` and `parts` go
/// together.
pub struct Builder<'a> {
    raw: *mut bindings::v4l2_ctrl_handler,
    ops: &'static bindings::v4l2_ctrl_ops,
    entries: &'a mut Entries,
    parts: &'a mut Parts,
}

impl<'a> Builder<'a> {
    pub(crate) const COUNT_HINT: u32 = 32;

    /// # Safety
    ///
    /// `raw` must be an initialised handler with no other reference to it and no controls.
    /// `entries` and `parts` must live as long as it does.
    pub(crate) unsafe fn new(
        raw: *mut bindings::v4l2_ctrl_handler,
        ops: &'static bindings::v4l2_ctrl_ops,
        entries: &'a mut Entries,
        parts: &'a mut Parts,
    ) -> Self {
        // INVARIANT: By the requirement above.
        Self {
            raw,
            ops,
            entries,
            parts,
        }
    }

    fn add(&mut self, id: Id, ctrl: *mut bindings::v4l2_ctrl) -> Result {
        let Some(ctrl) = NonNull::new(ctrl) else {
            // SAFETY: `raw` is an initialised handler. A control that could not be made leaves the
            // reason in it.
            to_result(unsafe { (*self.raw).error })?;
            return Err(EINVAL);
        };

        self.entries.push((id, ctrl), GFP_KERNEL)?;
        Ok(())
    }

    /// Adds the control that `config` describes.
    fn custom(&mut self, name: Name, config: bindings::v4l2_ctrl_config) -> Result {
        let config = bindings::v4l2_ctrl_config {
            ops: self.ops,
            id: name.id.0,
            // The core fills in name, type and flags of standard controls.
            name: name
                .name
                .map_or(core::ptr::null(), |name| name.as_char_ptr()),
            ..config
        };

        // SAFETY: `raw` is an initialised handler by the type invariant. `config` is valid; what it
        // points to is static or among `parts`.
        let ctrl =
            unsafe { bindings::v4l2_ctrl_new_custom(self.raw, &config, core::ptr::null_mut()) };

        self.add(name.id, ctrl)
    }

    /// Returns the control that was added last, which must be `id`.
    fn last(&self, id: Id) -> Result<NonNull<bindings::v4l2_ctrl>> {
        match self.entries.last() {
            Some((last, ctrl)) if *last == id => Ok(*ctrl),
            _ => Err(EINVAL),
        }
    }

    /// Adds a writable integer.
    pub fn integer(&mut self, name: Name, range: Range) -> Result {
        self.custom(
            name,
            bindings::v4l2_ctrl_config {
                type_: bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER,
                ..config(range)
            },
        )
    }

    /// Adds an integer with its own type operations, which must be for controls of 32 bits.
    pub(super) fn integer_of(
        &mut self,
        name: Name,
        range: Range,
        type_ops: &'static bindings::v4l2_ctrl_type_ops,
    ) -> Result {
        self.custom(
            name,
            bindings::v4l2_ctrl_config {
                type_ops,
                type_: bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER,
                ..config(range)
            },
        )
    }

    /// Adds a writable switch.
    pub fn boolean(&mut self, name: Name, default: bool) -> Result {
        let range = Range {
            min: 0,
            max: 1,
            step: 1,
            default: default.into(),
        };

        self.custom(
            name,
            bindings::v4l2_ctrl_config {
                type_: bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_BOOLEAN,
                ..config(range)
            },
        )
    }

    /// Adds a writable menu of names. Items with an empty name are skipped.
    pub fn menu(
        &mut self,
        name: Name,
        items: impl Iterator<Item = &'static CStr>,
        default: u32,
    ) -> Result {
        let mut names = KVec::new();
        let mut first_item = None;

        for item in items {
            if first_item.is_none() && !item.is_empty() {
                first_item = Some(names.len());
            }
            names.push(item.as_char_ptr(), GFP_KERNEL)?;
        }
        let first_item = first_item.ok_or(EINVAL)?;
        let last = names.len().checked_sub(1).ok_or(EINVAL)?;

        names.push(core::ptr::null(), GFP_KERNEL)?;
        let first = names.as_ptr();

        // The names are static. Moving the vector leaves its elements where they are.
        self.parts.push(Part::Names(names), GFP_KERNEL)?;
        self.custom(
            name,
            bindings::v4l2_ctrl_config {
                type_: bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_MENU,
                qmenu: first,
                ..config(menu_range(first_item, last, default)?)
            },
        )
    }

    /// Adds a writable menu of integers.
    pub fn integer_menu(&mut self, name: Name, values: KVec<i64>, default: u32) -> Result {
        let last = values.len().checked_sub(1).ok_or(EINVAL)?;
        let first = values.as_ptr();

        // Moving the vector leaves its elements where they are.
        self.parts.push(Part::Values(values), GFP_KERNEL)?;
        self.custom(
            name,
            bindings::v4l2_ctrl_config {
                type_: bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER_MENU,
                qmenu_int: first,
                ..config(menu_range(0, last, default)?)
            },
        )
    }

    /// Adds a read-only integer whose value is read from the driver each time.
    pub fn volatile(&mut self, name: Name, range: Range) -> Result {
        self.custom(
            name,
            bindings::v4l2_ctrl_config {
                type_: bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER,
                flags: bindings::V4L2_CTRL_FLAG_VOLATILE | bindings::V4L2_CTRL_FLAG_READ_ONLY,
                ..config(range)
            },
        )
    }

    /// Adds a read-only standard integer, which the driver changes by
    /// [`Locked::set_value`](super::Locked::set_value).
    pub fn read_only(&mut self, id: Id, range: Range) -> Result {
        // SAFETY: `raw` is an initialised handler. Without operations nothing is called back.
        let ctrl = unsafe {
            bindings::v4l2_ctrl_new_std(
                self.raw,
                core::ptr::null(),
                id.0,
                range.min,
                range.max,
                range.step,
                range.default,
            )
        };
        self.add(id, ctrl)?;
        self.flag_last(id, bindings::V4L2_CTRL_FLAG_READ_ONLY)
    }

    /// Marks the control added last, which must be `id`, as one that changes the layout of frames
    /// (`V4L2_CTRL_FLAG_MODIFY_LAYOUT`).
    pub fn modifies_layout(&mut self, id: Id) -> Result {
        self.flag_last(id, bindings::V4L2_CTRL_FLAG_MODIFY_LAYOUT)
    }

    fn flag_last(&mut self, id: Id, flag: u32) -> Result {
        let ctrl = self.last(id)?.as_ptr();

        // SAFETY: A valid control of the handler, to which there is no other reference yet.
        unsafe { (*ctrl).flags |= flag as c_ulong };
        Ok(())
    }

    /// Adds `V4L2_CID_UNIT_CELL_SIZE`: the size of a photosite in nanometres.
    pub fn unit_cell_size(&mut self, width: u32, height: u32) -> Result {
        let area = bindings::v4l2_area { width, height };
        let ptr = || bindings::v4l2_ctrl_ptr {
            p_const: (&raw const area).cast(),
        };

        // SAFETY: `raw` is an initialised handler, which copies the area.
        let ctrl = unsafe {
            bindings::v4l2_ctrl_new_std_compound(
                self.raw,
                core::ptr::null(),
                bindings::V4L2_CID_UNIT_CELL_SIZE,
                ptr(),
                ptr(),
                ptr(),
            )
        };
        self.add(Id(bindings::V4L2_CID_UNIT_CELL_SIZE), ctrl)
    }

    /// Adds `V4L2_CID_CAMERA_ORIENTATION` and `V4L2_CID_CAMERA_SENSOR_ROTATION`, as far as firmware
    /// has them.
    pub fn mounting(&mut self, mounting: &Mounting) -> Result {
        // SAFETY: `raw` is an initialised handler.
        to_result(unsafe {
            bindings::v4l2_ctrl_new_fwnode_properties(
                self.raw,
                core::ptr::null(),
                &raw const mounting.raw,
            )
        })
    }

    /// Makes a cluster of controls: V4L2 calls the operations of the first one for all of them. Has
    /// no effect on a single control.
    ///
    /// Returns `EINVAL` for a control that was not added.
    pub fn cluster(&mut self, ids: KVec<Id>) -> Result {
        if ids.len() < 2 {
            return Ok(());
        }
        let mut cluster = KVec::with_capacity(ids.len(), GFP_KERNEL)?;

        for id in &ids {
            let entry = self.entries.iter().find(|entry| entry.0 == *id);

            cluster.push(entry.ok_or(EINVAL)?.1.as_ptr(), GFP_KERNEL)?;
        }
        let (count, first) = (u32::try_from(cluster.len())?, cluster.as_mut_ptr());

        // Moving the vector leaves its elements where they are.
        self.parts.push(Part::Cluster(cluster), GFP_KERNEL)?;
        // SAFETY: The controls are valid and of this handler, whose parts include the array that
        // they point to from here on.
        unsafe { bindings::v4l2_ctrl_cluster(count, first) };
        Ok(())
    }

    /// Returns the error of the controls that could not be added, if any.
    pub(crate) fn finish(self) -> Result {
        // SAFETY: `raw` is an initialised handler.
        to_result(unsafe { (*self.raw).error })
    }
}

/// Returns the description of an unnamed control with `range`.
fn config(range: Range) -> bindings::v4l2_ctrl_config {
    bindings::v4l2_ctrl_config {
        min: range.min,
        max: range.max,
        step: range.step,
        def: range.default,
        ..Default::default()
    }
}

/// Returns the range of a menu, which has no step.
fn menu_range(first: usize, last: usize, default: u32) -> Result<Range> {
    Ok(Range {
        min: i64::try_from(first)?,
        max: i64::try_from(last)?,
        step: 0,
        default: default.into(),
    })
}
