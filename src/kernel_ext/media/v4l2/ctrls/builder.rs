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
use core::ptr::{
    self,
    NonNull, //
};
use kernel::{
    error::to_result,
    ffi::{
        c_char,
        c_ulong, //
    },
    prelude::*, //
};

/// The largest number of controls of a handler, for which there is room from the beginning: C code
/// may have pointers to parts of the list, which does not move.
pub(super) const MAX_CONTROLS: usize = 32;

/// A static string, for tables that V4L2 reads.
///
/// # Invariants
///
/// Points to a static, NUL-terminated string.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Text(NonNull<c_char>);

// SAFETY: Nothing writes to the string.
unsafe impl Send for Text {}
// SAFETY: As above.
unsafe impl Sync for Text {}

impl Text {
    /// Returns `text` for a table.
    pub const fn new(text: &'static CStr) -> Self {
        // INVARIANT: It is static.
        //
        // SAFETY: A reference is not null.
        Self(unsafe { NonNull::new_unchecked(text.to_bytes_with_nul().as_ptr().cast_mut()) })
    }
}

/// Identity of a control: its number, and the name of a private one.
#[derive(Clone, Copy)]
pub struct Name {
    id: Id,
    text: Option<Text>,
}

impl Name {
    /// Returns the identity of a control with a name of its own, or without one for a standard
    /// control, which has V4L2's.
    pub const fn new(id: Id, text: Option<Text>) -> Self {
        Self { id, text }
    }

    /// Returns the identity of a standard control (`V4L2_CID_*` of `linux/v4l2-controls.h`).
    pub const fn standard(id: u32) -> Self {
        Self::new(Id(id), None)
    }

    /// Returns the identity of a private control of the driver.
    pub const fn private(id: u32, name: &'static CStr) -> Self {
        Self::new(Id(id), Some(Text::new(name)))
    }

    /// Returns the number of the control.
    pub const fn id(&self) -> Id {
        self.id
    }

    /// Returns its name; `None` for standard controls.
    pub const fn text(&self) -> Option<Text> {
        self.text
    }
}

/// What tells controls apart, but for their range.
enum Kind {
    Integer(Option<&'static bindings::v4l2_ctrl_type_ops>),
    Switch,
    Menu(&'static [Text]),
    IntegerMenu(*const i64),
    // Has no operations.
    ReadOnly,
    // Has its default for ever, and no operations.
    Area(bindings::v4l2_area),
}

/// Adds the controls of a [`Handler`](super::Handler).
///
/// # Invariants
///
/// `raw` is an initialised handler with no other reference to it; it, `entries` and `values` go
/// together. `entries` has room for [`MAX_CONTROLS`].
pub struct Builder<'a> {
    raw: *mut bindings::v4l2_ctrl_handler,
    ops: &'static bindings::v4l2_ctrl_ops,
    entries: &'a mut KVec<NonNull<bindings::v4l2_ctrl>>,
    // Those of the menu of integers.
    values: &'a mut KVec<i64>,
}

impl<'a> Builder<'a> {
    /// # Safety
    ///
    /// `raw` must be an initialised handler with no other reference to it and no controls.
    /// `entries`, with room for [`MAX_CONTROLS`], and `values`, both empty, must live as long as it
    /// does, and not be changed by others.
    pub(super) unsafe fn new(
        raw: *mut bindings::v4l2_ctrl_handler,
        ops: &'static bindings::v4l2_ctrl_ops,
        entries: &'a mut KVec<NonNull<bindings::v4l2_ctrl>>,
        values: &'a mut KVec<i64>,
    ) -> Self {
        // INVARIANT: By the requirement above.
        Self {
            raw,
            ops,
            entries,
            values,
        }
    }

    /// Adds a control.
    fn add(&mut self, name: Name, range: &Range, kind: Kind, flags: u32) -> Result {
        let mut config = bindings::v4l2_ctrl_config {
            ops: self.ops,
            id: name.id.0,
            // The core fills in name, type and flags of standard controls.
            name: name.text.map_or(ptr::null(), |text| text.0.as_ptr()),
            type_: bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER,
            min: range.min,
            max: range.max,
            step: range.step,
            def: range.default,
            ..Default::default()
        };

        match &kind {
            Kind::Integer(type_ops) => {
                config.type_ops = type_ops.map_or(ptr::null(), ptr::from_ref);
            }
            Kind::Switch => config.type_ = bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_BOOLEAN,
            Kind::Menu(items) => {
                config.type_ = bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_MENU;
                config.qmenu = items.as_ptr().cast();
            }
            Kind::IntegerMenu(values) => {
                config.type_ = bindings::v4l2_ctrl_type_V4L2_CTRL_TYPE_INTEGER_MENU;
                config.qmenu_int = *values;
            }
            Kind::ReadOnly => config.ops = ptr::null(),
            Kind::Area(area) => {
                let area = bindings::v4l2_ctrl_ptr {
                    p_const: ptr::from_ref(area).cast(),
                };

                config.ops = ptr::null();
                (config.p_def, config.p_min, config.p_max) = (area, area, area);
            }
        }
        // SAFETY: `raw` is an initialised handler by the type invariant. `config` is valid. What it
        // points to is static, or `values` of the handler, or an area, which is copied.
        let ctrl = unsafe { bindings::v4l2_ctrl_new_custom(self.raw, &config, ptr::null_mut()) };
        let Some(ctrl) = NonNull::new(ctrl) else {
            // SAFETY: `raw` is an initialised handler. A control that could not be made leaves the
            // reason in it.
            to_result(unsafe { (*self.raw).error })?;
            return Err(EINVAL);
        };

        // SAFETY: A valid control of the handler, to which there is no other reference yet.
        unsafe { (*ctrl.as_ptr()).flags |= flags as c_ulong };
        self.entries.push_within_capacity(ctrl)?;
        Ok(())
    }

    /// Adds a writable integer.
    pub fn integer(&mut self, name: Name, range: &Range) -> Result {
        self.add(name, range, Kind::Integer(None), 0)
    }

    /// Adds an integer with its own type operations, which must be for controls of 32 bits.
    pub(super) fn integer_of(
        &mut self,
        name: Name,
        range: &Range,
        type_ops: &'static bindings::v4l2_ctrl_type_ops,
    ) -> Result {
        self.add(name, range, Kind::Integer(Some(type_ops)), 0)
    }

    /// Adds a writable switch.
    pub fn boolean(&mut self, name: Name, default: bool) -> Result {
        let range = Range {
            min: 0,
            max: 1,
            step: 1,
            default: default.into(),
        };

        self.add(name, &range, Kind::Switch, 0)
    }

    /// Adds a writable menu of names, from item `first` on; `EINVAL` if there are no items.
    pub fn menu(&mut self, name: Name, items: &'static [Text], first: u32, default: u32) -> Result {
        self.add(
            name,
            &menu_range(first, items.len(), default)?,
            Kind::Menu(items),
            0,
        )
    }

    /// Adds a writable menu of integers, the only one of its handler.
    pub fn integer_menu(&mut self, name: Name, values: KVec<i64>, default: u32) -> Result {
        if !self.values.is_empty() {
            return Err(EEXIST);
        }
        *self.values = values;
        self.add(
            name,
            &menu_range(0, self.values.len(), default)?,
            Kind::IntegerMenu(self.values.as_ptr()),
            0,
        )
    }

    /// Adds a read-only integer whose value is read from the driver each time.
    pub fn volatile(&mut self, name: Name, range: &Range) -> Result {
        self.add(
            name,
            range,
            Kind::Integer(None),
            bindings::V4L2_CTRL_FLAG_VOLATILE | bindings::V4L2_CTRL_FLAG_READ_ONLY,
        )
    }

    /// Adds a read-only standard integer, which the driver changes by
    /// [`Locked::set_value`](super::Locked::set_value).
    pub fn read_only(&mut self, name: Name, range: &Range) -> Result {
        self.add(
            name,
            range,
            Kind::ReadOnly,
            bindings::V4L2_CTRL_FLAG_READ_ONLY,
        )
    }

    /// Adds `V4L2_CID_UNIT_CELL_SIZE`: the size of a photosite in nanometres.
    pub fn unit_cell_size(&mut self, width: u32, height: u32) -> Result {
        const NONE: Range = Range {
            min: 0,
            max: 0,
            step: 0,
            default: 0,
        };

        self.add(
            Name::standard(bindings::V4L2_CID_UNIT_CELL_SIZE),
            &NONE,
            Kind::Area(bindings::v4l2_area { width, height }),
            bindings::V4L2_CTRL_FLAG_READ_ONLY,
        )
    }

    /// Marks the control added last as one that changes the layout of frames
    /// (`V4L2_CTRL_FLAG_MODIFY_LAYOUT`); `EINVAL` if there is none.
    pub fn modifies_layout(&mut self) -> Result {
        let ctrl = self.entries.last().ok_or(EINVAL)?.as_ptr();

        // SAFETY: A valid control of the handler, to which there is no other reference yet.
        unsafe { (*ctrl).flags |= bindings::V4L2_CTRL_FLAG_MODIFY_LAYOUT as c_ulong };
        Ok(())
    }

    /// Adds `V4L2_CID_CAMERA_ORIENTATION` and `V4L2_CID_CAMERA_SENSOR_ROTATION`, as far as firmware
    /// has them.
    pub fn mounting(&mut self, mounting: &Mounting) -> Result {
        // SAFETY: `raw` is an initialised handler.
        to_result(unsafe {
            bindings::v4l2_ctrl_new_fwnode_properties(
                self.raw,
                ptr::null(),
                &raw const mounting.raw,
            )
        })
    }

    /// Makes one cluster of the controls that `add` adds, all of them writable: V4L2 calls the
    /// operations of the first one for all of them. Has no effect on a single control.
    pub fn cluster(&mut self, add: impl FnOnce(&mut Self) -> Result) -> Result {
        let first = self.entries.len();

        add(self)?;
        let members = self.entries.get_mut(first..).ok_or(EINVAL)?;

        if members.len() > 1 {
            // SAFETY: The controls are valid and of this handler. So is the list that they point to
            // from here on: it lives as long as the handler and does not move, as it has room for
            // all controls by the type invariant.
            unsafe {
                bindings::v4l2_ctrl_cluster(
                    u32::try_from(members.len())?,
                    members.as_mut_ptr().cast(),
                )
            };
        }
        Ok(())
    }

    /// Returns the error of the controls that could not be added, if any.
    pub(super) fn finish(self) -> Result {
        // SAFETY: `raw` is an initialised handler.
        to_result(unsafe { (*self.raw).error })
    }
}

/// Returns the range of a menu of `count` items, which has no step; `EINVAL` if there are none.
fn menu_range(first: u32, count: usize, default: u32) -> Result<Range> {
    Ok(Range {
        min: first.into(),
        max: i64::try_from(count.checked_sub(1).ok_or(EINVAL)?)?,
        step: 0,
        default: default.into(),
    })
}
