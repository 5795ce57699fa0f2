// SPDX-License-Identifier: GPL-2.0-only

//! The structures of linux/media.h, linux/v4l2-subdev.h and linux/videodev2.h that this program
//! hands to the kernel, for machines of 64 bits.

#[cfg(not(target_pointer_width = "64"))]
compile_error!("structures of V4L2 are laid out here for machines of 64 bits");

/// A structure of plain numbers, of which zeros are a value.
///
/// Implemented for the structures of this file by [`plain`], which needs no more than `Default`.
macro_rules! plain {
    ($(#[$doc:meta])* $name:ident, $size:literal { $($field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name { $(pub $field: $kind),* }

        const _: () = assert!(size_of::<$name>() == $size);

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: Zero::ZERO),* }
            }
        }

        impl Zero for $name {
            const ZERO: Self = Self { $($field: Zero::ZERO),* };
        }
    };
}

/// Types with a value of zeros; std's `Default` lacks long arrays.
pub trait Zero: Copy {
    /// All zeros.
    const ZERO: Self;
}

macro_rules! zero {
    ($($kind:ty),*) => { $(impl Zero for $kind { const ZERO: Self = 0; })* };
}
zero!(u8, u16, u32, u64, i32, i64);

impl<T: Zero, const N: usize> Zero for [T; N] {
    const ZERO: Self = [T::ZERO; N];
}

plain! {
    /// `struct media_device_info`.
    MediaDeviceInfo, 256 {
        driver: [u8; 16], model: [u8; 32], serial: [u8; 40], bus_info: [u8; 32],
        media_version: u32, hw_revision: u32, driver_version: u32, reserved: [u32; 31],
    }
}
plain! {
    /// `struct media_v2_topology`. The pointers are filled in by [`super::topology`] only.
    Topology, 72 {
        version: u64,
        entities: u32, reserved1: u32, entities_at: u64,
        interfaces: u32, reserved2: u32, interfaces_at: u64,
        pads: u32, reserved3: u32, pads_at: u64,
        links: u32, reserved4: u32, links_at: u64,
    }
}
plain! {
    /// `struct media_v2_entity`.
    MediaEntity, 96 { id: u32, name: [u8; 64], function: u32, flags: u32, reserved: [u32; 5] }
}
plain! {
    /// `struct media_v2_interface`, with a device node.
    MediaInterface, 112 {
        id: u32, kind: u32, flags: u32, reserved: [u32; 9], major: u32, minor: u32, rest: [u32; 14],
    }
}
plain! {
    /// `struct media_v2_pad`.
    MediaPad, 32 { id: u32, entity: u32, flags: u32, index: u32, reserved: [u32; 4] }
}
plain! {
    /// `struct media_v2_link`.
    MediaLink, 40 { id: u32, source: u32, sink: u32, flags: u32, reserved: [u32; 6] }
}
plain! {
    /// `struct media_pad_desc`.
    PadDescription, 20 { entity: u32, index: u16, pad: u16, flags: u32, reserved: [u32; 2] }
}
plain! {
    /// `struct media_link_desc`.
    LinkDescription, 52 {
        source: PadDescription, sink: PadDescription, flags: u32, reserved: [u32; 2],
    }
}
plain! {
    /// `struct v4l2_mbus_framefmt`.
    BusFormat, 48 {
        width: u32, height: u32, code: u32, field: u32, colorspace: u32,
        encoding: u16, quantization: u16, transfer: u16, flags: u16, reserved: [u16; 10],
    }
}
plain! {
    /// `struct v4l2_subdev_format`.
    SubdevFormat, 88 { which: u32, pad: u32, format: BusFormat, stream: u32, reserved: [u32; 7] }
}
plain! {
    /// `struct v4l2_subdev_mbus_code_enum`.
    BusCode, 48 {
        pad: u32, index: u32, code: u32, which: u32, flags: u32, stream: u32, reserved: [u32; 6],
    }
}
plain! {
    /// `struct v4l2_subdev_frame_size_enum`.
    FrameSize, 64 {
        index: u32, pad: u32, code: u32,
        min_width: u32, max_width: u32, min_height: u32, max_height: u32,
        which: u32, stream: u32, reserved: [u32; 7],
    }
}
plain! {
    /// `struct v4l2_subdev_frame_interval_enum`.
    FrameInterval, 64 {
        index: u32, pad: u32, code: u32, width: u32, height: u32,
        numerator: u32, denominator: u32, which: u32, stream: u32, reserved: [u32; 7],
    }
}
plain! {
    /// `struct v4l2_subdev_selection`.
    Selection, 64 {
        which: u32, pad: u32, target: u32, flags: u32,
        left: i32, top: i32, width: u32, height: u32, stream: u32, reserved: [u32; 7],
    }
}
plain! {
    /// `struct v4l2_capability`.
    Capability, 104 {
        driver: [u8; 16], card: [u8; 32], bus_info: [u8; 32], version: u32,
        capabilities: u32, device_caps: u32, reserved: [u32; 3],
    }
}
plain! {
    /// `struct v4l2_fmtdesc`.
    FormatDescription, 64 {
        index: u32, kind: u32, flags: u32, description: [u8; 32], fourcc: u32, code: u32,
        reserved: [u32; 3],
    }
}
plain! {
    /// `struct v4l2_format` with `struct v4l2_pix_format`.
    Format, 208 {
        kind: u32, padding: u32,
        width: u32, height: u32, fourcc: u32, field: u32, bytes_per_line: u32, size: u32,
        colorspace: u32, private: u32, flags: u32, encoding: u32, quantization: u32, transfer: u32,
        rest: [u32; 38],
    }
}
plain! {
    /// `struct v4l2_format` with `struct v4l2_pix_format_mplane`, of which only the first plane
    /// matters for raw frames.
    PlanarFormat, 208 {
        kind: u32, padding: u32,
        width: u32, height: u32, fourcc: u32, field: u32, colorspace: u32,
        size: u32, bytes_per_line: u32, plane_reserved: [u32; 3],
        other_planes: [u32; 35], planes: u8, flags: u8, encoding: u8, quantization: u8,
        transfer: u8, reserved: [u8; 7], rest: [u32; 2],
    }
}
plain! {
    /// `struct v4l2_requestbuffers`.
    RequestBuffers, 20 { count: u32, kind: u32, memory: u32, capabilities: u32, flags: u32 }
}
plain! {
    /// `struct v4l2_buffer`. `place` is an offset, or a pointer to planes that [`super`] fills in.
    Buffer, 88 {
        index: u32, kind: u32, bytes_used: u32, flags: u32, field: u32, padding: u32,
        seconds: i64, microseconds: i64, timecode: [u32; 4],
        sequence: u32, memory: u32, place: u64, length: u32, reserved: u32, request: i32,
        end: u32,
    }
}
plain! {
    /// `struct v4l2_plane`.
    Plane, 64 { bytes_used: u32, length: u32, place: u64, data_offset: u32, reserved: [u32; 11] }
}
plain! {
    /// `struct v4l2_query_ext_ctrl`.
    QueryControl, 232 {
        id: u32, kind: u32, name: [u8; 32], minimum: i64, maximum: i64, step: u64, default: i64,
        flags: u32, element_size: u32, elements: u32, dimensions: u32, sizes: [u32; 4],
        reserved: [u32; 32],
    }
}
plain! {
    /// `struct v4l2_querymenu`: `name` holds the value of an integer menu.
    QueryMenu, 44 { id: u32, index: u32, name: [u8; 32], reserved: u32 }
}
plain! {
    /// `struct v4l2_ext_control`, whose value is split as it is not aligned.
    ExtControl, 20 { id: u32, size: u32, reserved: u32, low: u32, high: u32 }
}
plain! {
    /// `struct v4l2_ext_controls`. The pointer is filled in by [`super`] only.
    ExtControls, 32 {
        which: u32, count: u32, error_index: u32, request: i32, reserved: u32, padding: u32,
        controls: u64,
    }
}

/// Returns the text of a field, up to its first zero.
pub fn text(field: &[u8]) -> String {
    let end = field
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}
