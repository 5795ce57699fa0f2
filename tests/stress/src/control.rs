// SPDX-License-Identifier: GPL-2.0-only

//! Controls of an open node.

use crate::sys::{self, Argument};
use crate::v4l2;
use std::fs::File;
use std::io;

/// `V4L2_CTRL_WHICH_CUR_VAL`.
const CURRENT: u32 = 0;
/// Bytes of `struct v4l2_ext_control`, and where its value is.
const CONTROL: usize = 20;
const VALUE: usize = 12;

/// Range of a control.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub id: u32,
    pub kind: u32,
    pub default: i64,
    pub flags: u32,
}

impl Limits {
    /// Returns whether programs may set it.
    pub fn is_settable(&self) -> bool {
        const DISABLED: u32 = 0x1;
        const READ_ONLY: u32 = 0x4;
        const CLASS: u32 = 6;
        self.kind != CLASS && self.flags & (DISABLED | READ_ONLY) == 0
    }
}

pub fn limits(node: &File, id: u32) -> io::Result<Limits> {
    let mut query = Argument::new(232).with(0, id);
    sys::control(node, v4l2::QUERY_EXT_CTRL, &mut query)?;
    Ok(Limits {
        id: query.u32(0),
        kind: query.u32(4),
        default: query.i64(64),
        flags: query.u32(72),
    })
}

/// Returns all controls of a node.
pub fn all(node: &File) -> Vec<Limits> {
    let mut found: Vec<Limits> = Vec::new();
    let mut id = 0;
    while let Ok(limits) = limits(node, id | v4l2::NEXT_CONTROL) {
        id = limits.id;
        found.push(limits);
    }
    found
}

/// Returns the argument with which an ioctl sets or gets these.
pub fn list(values: &[(u32, i64)]) -> Argument {
    let mut controls = vec![0; CONTROL * values.len()];
    for (control, (id, value)) in controls.chunks_exact_mut(CONTROL).zip(values) {
        control[..4].copy_from_slice(&id.to_ne_bytes());
        control[VALUE..].copy_from_slice(&value.to_ne_bytes());
    }
    Argument::new(32)
        .with(0, CURRENT)
        .with(4, values.len() as u32)
        .pointing(24, controls)
}

/// Sets controls together.
pub fn set(node: &File, values: &[(u32, i64)]) -> io::Result<()> {
    sys::control(node, v4l2::S_EXT_CTRLS, &mut list(values))
}

/// Returns the value of a control of 64 bits or less.
pub fn get(node: &File, id: u32) -> io::Result<i64> {
    const INTEGER64: u32 = 5;
    let wide = limits(node, id)?.kind == INTEGER64;
    let mut argument = list(&[(id, 0)]);
    sys::control(node, v4l2::G_EXT_CTRLS, &mut argument)?;
    let bytes: [u8; 8] = argument
        .pointee()
        .get(VALUE..VALUE + 8)
        .and_then(|field| field.try_into().ok())
        .unwrap_or_default();
    let value = i64::from_ne_bytes(bytes);
    Ok(if wide { value } else { i64::from(value as i32) })
}
