// SPDX-License-Identifier: GPL-2.0-only

//! Controls of a sub-device.

use crate::sys::abi::{text, ExtControl, QueryControl, QueryMenu};
use crate::sys::Device;
use anyhow::{Context, Result};
use serde::Serialize;
use std::io;

/// Numbers of linux/v4l2-controls.h and include/uapi/linux/fsm-imx412.h.
pub mod id {
    /// Lines.
    pub const EXPOSURE: u32 = 0x0098_0911;
    /// On or off, not while streaming.
    pub const HFLIP: u32 = 0x0098_0914;
    /// On or off, not while streaming.
    pub const VFLIP: u32 = 0x0098_0915;
    /// Lines of a frame beyond its height.
    pub const VBLANK: u32 = 0x009e_0901;
    /// Pixel clocks of a line beyond its width.
    pub const HBLANK: u32 = 0x009e_0902;
    /// A code, see [`analogue`](crate::sensor::analogue).
    pub const ANALOGUE_GAIN: u32 = 0x009e_0903;
    /// A menu of Hz, not while streaming.
    pub const LINK_FREQ: u32 = 0x009f_0901;
    /// Pixel clocks per second, read-only.
    pub const PIXEL_RATE: u32 = 0x009f_0902;
    /// A menu.
    pub const TEST_PATTERN: u32 = 0x009f_0903;
    /// Of the solid colour, 12 bits.
    pub const PATTERN_RED: u32 = 0x009e_0904;
    /// Of the solid colour in lines of red, 12 bits.
    pub const PATTERN_GREEN_RED: u32 = 0x009e_0905;
    /// Of the solid colour, 12 bits.
    pub const PATTERN_BLUE: u32 = 0x009e_0906;
    /// Of the solid colour in lines of blue, 12 bits.
    pub const PATTERN_GREEN_BLUE: u32 = 0x009e_0907;
    /// In 1/256.
    pub const DIGITAL_GAIN: u32 = 0x009f_0905;
    /// Pixel values at the depth of the format.
    pub const BLACK_LEVEL: u32 = 0x0098_2800;
    /// On or off, not while streaming.
    pub const DEFECT_CORRECTION: u32 = 0x0098_2801;
    /// Degrees Celsius, measured when it is read.
    pub const TEMPERATURE: u32 = 0x0098_2802;
    /// A menu: what the sensor does with XVS.
    pub const SYNCHRONISATION: u32 = 0x0098_2804;
}

/// `V4L2_CTRL_FLAG_*`.
const DISABLED: u32 = 1;
const GRABBED: u32 = 2;
const READ_ONLY: u32 = 4;
const VOLATILE: u32 = 0x80;
const NEXT: u32 = 0x8000_0000;
/// `V4L2_CTRL_TYPE_*`.
const INTEGER: u32 = 1;
const BOOLEAN: u32 = 2;
const MENU: u32 = 3;
const INTEGER64: u32 = 5;
const INTEGER_MENU: u32 = 9;

/// A control with its limits.
#[derive(Debug, Clone, Serialize)]
pub struct Control {
    /// Its number, see [`id`].
    pub id: u32,
    /// As v4l2-ctl writes it.
    pub name: String,
    /// The least that it takes.
    pub minimum: i64,
    /// The most that it takes.
    pub maximum: i64,
    /// Between two values that it takes.
    pub step: u64,
    /// Its value after probe.
    pub default: i64,
    /// `None` if it cannot be read now; volatile ones are measured when they are asked for.
    pub value: Option<i64>,
    /// True if it can only be read.
    pub read_only: bool,
    /// Not to be set at present, mostly because a stream runs.
    pub grabbed: bool,
    /// The items of a menu, by number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<(i64, String)>,
    #[serde(skip)]
    kind: u32,
}

/// Lists all controls that hold one number.
pub fn list(device: &Device) -> Vec<Control> {
    let mut found = Vec::new();
    let mut query = QueryControl {
        id: NEXT,
        ..QueryControl::default()
    };
    while device.query_control(&mut query).is_ok() {
        let known = [INTEGER, BOOLEAN, MENU, INTEGER64, INTEGER_MENU].contains(&query.kind);
        if known && query.elements <= 1 && query.flags & DISABLED == 0 {
            found.push(control(device, &query));
        }
        query.id |= NEXT;
    }
    found
}

/// Asks for one control.
///
/// # Errors
///
/// The sub-device has none of this number.
pub fn query(device: &Device, id: u32) -> io::Result<Control> {
    let mut query = QueryControl {
        id,
        ..QueryControl::default()
    };
    device.query_control(&mut query)?;
    Ok(control(device, &query))
}

fn control(device: &Device, query: &QueryControl) -> Control {
    let value = if query.flags & VOLATILE == 0 {
        get(device, query.id).ok()
    } else {
        None
    };
    Control {
        id: query.id,
        name: name(&query.name),
        minimum: query.minimum,
        maximum: query.maximum,
        step: query.step,
        default: query.default,
        value,
        read_only: query.flags & READ_ONLY != 0,
        grabbed: query.flags & GRABBED != 0,
        items: items(device, query),
        kind: query.kind,
    }
}

/// `Analogue Gain` as `analogue_gain`.
fn name(field: &[u8]) -> String {
    let mut name = String::new();
    for c in text(field).chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
    }
    name.trim_end_matches('_').to_owned()
}

fn items(device: &Device, query: &QueryControl) -> Vec<(i64, String)> {
    if query.kind != MENU && query.kind != INTEGER_MENU {
        return Vec::new();
    }
    (query.minimum..=query.maximum)
        .filter_map(|index| {
            let mut item = QueryMenu {
                id: query.id,
                index: index.try_into().ok()?,
                ..QueryMenu::default()
            };
            device.query_menu(&mut item).ok()?;
            let label = if query.kind == MENU {
                text(&item.name)
            } else {
                let (value, _) = item.name.split_first_chunk::<8>()?;
                i64::from_ne_bytes(*value).to_string()
            };
            Some((index, label))
        })
        .collect()
}

impl Control {
    /// Returns whether it is on or off.
    pub fn is_switch(&self) -> bool {
        self.kind == BOOLEAN
    }

    /// Returns whether it is a menu whose items are numbers.
    pub fn is_menu(&self) -> bool {
        !self.items.is_empty()
    }
}

/// Returns a control's value as a pair of halves. Those that can be set have 32 bits: a number that needs
/// more becomes the nearest that they hold, and the kernel cuts it to the control's range. Kernels for
/// these machines are little-endian.
fn halves(value: i64) -> (u32, u32) {
    let bits = value.clamp(i32::MIN.into(), i32::MAX.into()) as u64;
    (bits as u32, (bits >> 32) as u32)
}

/// Reads a control.
///
/// # Errors
///
/// The kernel's: those of the bus for what is measured.
pub fn get(device: &Device, id: u32) -> io::Result<i64> {
    let mut query = QueryControl {
        id,
        ..QueryControl::default()
    };
    device.query_control(&mut query)?;
    let mut one = [ExtControl {
        id,
        ..ExtControl::default()
    }];
    device.get_controls(&mut one)?;
    let [ExtControl { low, high, .. }] = one;
    Ok(if query.kind == INTEGER64 {
        (u64::from(high) << 32 | u64::from(low)) as i64
    } else {
        i64::from(low as i32)
    })
}

/// Sets several controls in one change, and returns the kernel's error as it is.
///
/// # Errors
///
/// EBUSY: not while streaming. ERANGE: no such item. Others are of the bus.
pub fn try_set(device: &Device, values: &[(u32, i64)]) -> io::Result<()> {
    let mut controls: Vec<ExtControl> = values
        .iter()
        .map(|(id, value)| {
            let (low, high) = halves(*value);
            ExtControl {
                id: *id,
                low,
                high,
                ..ExtControl::default()
            }
        })
        .collect();
    if controls.is_empty() {
        return Ok(());
    }
    device.set_controls(&mut controls)
}

/// The same, with an error that names the controls.
///
/// # Errors
///
/// See [`try_set`].
pub fn set(device: &Device, values: &[(u32, i64)]) -> Result<()> {
    try_set(device, values).with_context(|| {
        let names: Vec<_> = values
            .iter()
            .map(|(id, value)| match query(device, *id) {
                Ok(control) => format!("{}={value}", control.name),
                Err(_) => format!("{id:#010x}={value}, which the sensor does not have"),
            })
            .collect();
        format!("cannot set {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_far_out_of_range_stays_at_that_end() {
        assert_eq!(halves(-1), (u32::MAX, u32::MAX));
        assert_eq!(halves(978), (978, 0));
        // Low halves of these would be 0 and -1.
        assert_eq!(halves(1 << 40), (i32::MAX as u32, 0));
        assert_eq!(halves(i64::MAX), (i32::MAX as u32, 0));
        assert_eq!(halves(-1 << 40), (i32::MIN as u32, u32::MAX));
    }
}
