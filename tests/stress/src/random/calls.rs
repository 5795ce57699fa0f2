// SPDX-License-Identifier: GPL-2.0-only

//! Random arguments that get past the first checks often enough to reach the modules.

use crate::rng::Rng;
use crate::sys::{Argument, Request};
use crate::v4l2::{self, control};

/// Value for a field.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// A number below this.
    Below(u32),
    /// One of these, most of the time.
    OneOf(&'static [u32]),
    /// Sizes and positions: in the array, most of the time.
    Pixels,
    /// A control, with the flags that queries take.
    Control,
    /// Anything.
    Any,
}

use Value::{Any, Below, Control, OneOf, Pixels};

/// One kind of call.
#[derive(Debug)]
pub struct Call {
    pub request: Request,
    fields: &'static [(usize, Value)],
    /// Offset of its pointer to a list, and the size of an item.
    list: Option<(usize, usize)>,
}

const fn call(request: Request, fields: &'static [(usize, Value)]) -> Call {
    Call {
        request,
        fields,
        list: None,
    }
}

const fn listed(
    request: Request,
    fields: &'static [(usize, Value)],
    at: usize,
    length: usize,
) -> Call {
    Call {
        request,
        fields,
        list: Some((at, length)),
    }
}

/// Items of a list that the kernel may be told of.
const ITEMS: u32 = 8;

const CONTROLS: &[u32] = &[
    control::EXPOSURE,
    control::VBLANK,
    control::HBLANK,
    control::ANALOGUE_GAIN,
    control::LINK_FREQ,
    control::PIXEL_RATE,
    control::TEST_PATTERN,
    control::TEMPERATURE,
    0x0098_0914, // V4L2_CID_HFLIP
    0x0098_0915, // V4L2_CID_VFLIP
    0x009f_0905, // V4L2_CID_DIGITAL_GAIN
    0x009e_0904, // V4L2_CID_TEST_PATTERN_RED and the three others
    0x009e_0905,
    0x009e_0906,
    0x009e_0907,
    control::OWN, // the driver's own
    control::OWN + 1,
    control::OWN + 3,
    control::OWN + 4,
    control::OWN + 5,
    control::OWN + 6,
];
const CODES: &[u32] = &[0x300f, 0x3012, 0x300e, 0x3008, 0x3011, 0x3014, 0x3001];
const PIXEL_FORMATS: &[u32] = &[
    u32::from_le_bytes(*b"RG10"),
    u32::from_le_bytes(*b"RG12"),
    u32::from_le_bytes(*b"pRAA"),
    u32::from_le_bytes(*b"pRCC"),
    u32::from_le_bytes(*b"BA10"),
    u32::from_le_bytes(*b"RGGB"),
];
const WHICH: &[u32] = &[0, 1];
const TYPES: &[u32] = &[v4l2::CAPTURE];
const MEMORY: &[u32] = &[v4l2::MMAP];
const TARGETS: &[u32] = &[0, 1, 2, 3, 0x100, 0x101, 0x102];

const CONTROL_LIST: &[(usize, Value)] = &[
    (
        0,
        OneOf(&[0, 0x0098_0000, 0x009e_0000, 0x0f00_0000, 0x0f01_0000]),
    ),
    (4, Below(ITEMS)),
    (12, OneOf(&[0])),
];
const SUBSCRIPTION: &[(usize, Value)] = &[(0, OneOf(&[0, 3, 4, 5])), (4, Control), (8, Below(4))];

pub const SENSOR: &[Call] = &[
    call(v4l2::SUBDEV_QUERYCAP, &[]),
    call(
        v4l2::SUBDEV_ENUM_MBUS_CODE,
        &[(0, Below(2)), (4, Below(8)), (12, OneOf(WHICH))],
    ),
    call(
        v4l2::SUBDEV_ENUM_FRAME_SIZE,
        &[
            (0, Below(20)),
            (4, Below(2)),
            (8, OneOf(CODES)),
            (28, OneOf(WHICH)),
        ],
    ),
    call(
        v4l2::SUBDEV_ENUM_FRAME_INTERVAL,
        &[
            (0, Below(4)),
            (4, Below(2)),
            (8, OneOf(CODES)),
            (12, Pixels),
            (16, Pixels),
            (28, OneOf(WHICH)),
        ],
    ),
    call(v4l2::SUBDEV_G_FMT, &[(0, OneOf(WHICH)), (4, Below(2))]),
    call(
        v4l2::SUBDEV_S_FMT,
        &[
            (0, OneOf(WHICH)),
            (8, Pixels),
            (12, Pixels),
            (16, OneOf(CODES)),
            (20, Below(3)),
        ],
    ),
    call(
        v4l2::SUBDEV_G_FRAME_INTERVAL,
        &[(0, Below(2)), (16, OneOf(WHICH))],
    ),
    call(
        v4l2::SUBDEV_S_FRAME_INTERVAL,
        &[(4, Any), (8, Any), (16, OneOf(WHICH))],
    ),
    call(v4l2::SUBDEV_G_CROP, &[(0, OneOf(WHICH))]),
    call(
        v4l2::SUBDEV_S_CROP,
        &[
            (0, OneOf(WHICH)),
            (8, Pixels),
            (12, Pixels),
            (16, Pixels),
            (20, Pixels),
        ],
    ),
    call(
        v4l2::SUBDEV_G_SELECTION,
        &[(0, OneOf(WHICH)), (8, OneOf(TARGETS))],
    ),
    call(
        v4l2::SUBDEV_S_SELECTION,
        &[
            (0, OneOf(WHICH)),
            (8, OneOf(TARGETS)),
            (12, Below(8)),
            (16, Pixels),
            (20, Pixels),
            (24, Pixels),
            (28, Pixels),
        ],
    ),
    call(v4l2::SUBDEV_G_CLIENT_CAP, &[]),
    call(v4l2::SUBDEV_S_CLIENT_CAP, &[(0, Below(8))]),
    listed(
        v4l2::SUBDEV_G_ROUTING,
        &[(0, OneOf(WHICH)), (4, Below(2))],
        8,
        64,
    ),
    listed(
        v4l2::SUBDEV_S_ROUTING,
        &[(0, OneOf(WHICH)), (4, Below(2)), (16, Below(2))],
        8,
        64,
    ),
    call(v4l2::G_CTRL, &[(0, Control)]),
    call(v4l2::S_CTRL, &[(0, Control), (4, Any)]),
    call(v4l2::S_CTRL, &[(0, Control), (4, Below(8))]),
    call(v4l2::QUERYCTRL, &[(0, Control)]),
    call(v4l2::QUERY_EXT_CTRL, &[(0, Control)]),
    call(v4l2::QUERYMENU, &[(0, Control), (4, Below(20))]),
    listed(v4l2::G_EXT_CTRLS, CONTROL_LIST, 24, 20),
    listed(v4l2::S_EXT_CTRLS, CONTROL_LIST, 24, 20),
    listed(v4l2::TRY_EXT_CTRLS, CONTROL_LIST, 24, 20),
    call(v4l2::SUBSCRIBE_EVENT, SUBSCRIPTION),
    call(v4l2::UNSUBSCRIBE_EVENT, SUBSCRIPTION),
    call(v4l2::DQEVENT, &[]),
    call(v4l2::LOG_STATUS, &[]),
];

pub const VIDEO: &[Call] = &[
    call(v4l2::QUERYCAP, &[]),
    call(
        v4l2::ENUM_FMT,
        &[(0, Below(20)), (4, OneOf(TYPES)), (44, OneOf(CODES))],
    ),
    call(v4l2::G_FMT, &[(0, OneOf(TYPES))]),
    call(
        v4l2::S_FMT,
        &[
            (0, OneOf(TYPES)),
            (8, Pixels),
            (12, Pixels),
            (16, OneOf(PIXEL_FORMATS)),
            (20, Below(8)),
        ],
    ),
    call(
        v4l2::TRY_FMT,
        &[
            (0, OneOf(TYPES)),
            (8, Pixels),
            (12, Pixels),
            (16, OneOf(PIXEL_FORMATS)),
            (24, Any),
            (28, Any),
        ],
    ),
    call(
        v4l2::ENUM_FRAMESIZES,
        &[(0, Below(4)), (4, OneOf(PIXEL_FORMATS))],
    ),
    call(
        v4l2::ENUM_FRAMEINTERVALS,
        &[
            (0, Below(4)),
            (4, OneOf(PIXEL_FORMATS)),
            (8, Pixels),
            (12, Pixels),
        ],
    ),
    call(
        v4l2::REQBUFS,
        &[(0, Below(6)), (4, OneOf(TYPES)), (8, OneOf(MEMORY))],
    ),
    call(
        v4l2::CREATE_BUFS,
        &[
            (4, Below(3)),
            (8, OneOf(MEMORY)),
            (16, OneOf(TYPES)),
            (24, Pixels),
            (28, Pixels),
            (32, OneOf(PIXEL_FORMATS)),
        ],
    ),
    call(
        v4l2::REMOVE_BUFS,
        &[(0, Below(6)), (4, Below(4)), (8, OneOf(TYPES))],
    ),
    call(v4l2::QUERYBUF, &[(0, Below(6)), (4, OneOf(TYPES))]),
    call(
        v4l2::PREPARE_BUF,
        &[(0, Below(6)), (4, OneOf(TYPES)), (60, OneOf(MEMORY))],
    ),
    call(
        v4l2::QBUF,
        &[(0, Below(6)), (4, OneOf(TYPES)), (60, OneOf(MEMORY))],
    ),
    call(v4l2::DQBUF, &[(4, OneOf(TYPES)), (60, OneOf(MEMORY))]),
    call(v4l2::STREAMON, &[(0, OneOf(TYPES))]),
    call(v4l2::STREAMOFF, &[(0, OneOf(TYPES))]),
    call(v4l2::G_PARM, &[(0, OneOf(TYPES))]),
    call(v4l2::S_PARM, &[(0, OneOf(TYPES)), (12, Any), (16, Any)]),
    call(v4l2::G_INPUT, &[]),
    call(v4l2::S_INPUT, &[(0, Below(2))]),
    call(v4l2::G_CTRL, &[(0, Control)]),
    listed(v4l2::S_EXT_CTRLS, CONTROL_LIST, 24, 20),
    call(v4l2::SUBSCRIBE_EVENT, SUBSCRIPTION),
    call(v4l2::DQEVENT, &[]),
    call(v4l2::LOG_STATUS, &[]),
];

pub const MEDIA: &[Call] = &[
    call(v4l2::MEDIA_DEVICE_INFO, &[]),
    call(
        v4l2::MEDIA_ENUM_ENTITIES,
        &[(0, OneOf(&[0, 1, 2, 3, 1 << 31, 1 | 1 << 31]))],
    ),
    listed(v4l2::MEDIA_ENUM_LINKS, &[(0, Below(4))], 8, 256),
    call(
        v4l2::MEDIA_SETUP_LINK,
        &[
            (0, Below(4)),
            (4, Below(2)),
            (20, Below(4)),
            (24, Below(2)),
            (40, Below(8)),
        ],
    ),
    listed(v4l2::MEDIA_G_TOPOLOGY, &[(8, Below(ITEMS))], 16, 96),
    call(v4l2::MEDIA_REQUEST_ALLOC, &[]),
];

impl Call {
    /// Returns a random argument.
    pub fn argument(&self, rng: &mut Rng) -> Argument {
        let mut argument = Argument::new(self.request.size());
        for (at, value) in self.fields {
            argument.set(*at, value.random(rng));
        }
        if rng.one_in(20) {
            self.scribble(&mut argument, rng);
        }
        match self.list {
            Some((at, length)) => {
                let list = items(length, rng);
                argument.pointing(at, list)
            }
            None => argument,
        }
    }

    /// Breaks a byte, reserved ones too.
    fn scribble(&self, argument: &mut Argument, rng: &mut Rng) {
        let at = rng.below(self.request.size() as u64) as usize;
        let value = rng.next() as u8;
        // The memory type of a buffer and the number of items of a list must remain true.
        let kept = match self.list {
            Some(_) => argument.bytes().len(),
            None => 60,
        };
        if let Some(byte) = argument.bytes()[..kept.min(self.request.size())].get_mut(at) {
            if self.list.is_none() {
                *byte = value;
            }
        }
    }
}

/// Returns a list of random items: of controls, where an item is as long as a control's.
fn items(length: usize, rng: &mut Rng) -> Vec<u8> {
    let mut list = vec![0; length * ITEMS as usize];
    for item in list.chunks_exact_mut(length) {
        item[..4].copy_from_slice(&Control.random(rng).to_ne_bytes());
        if let Some(value) = item.get_mut(12..16) {
            let number = if rng.one_in(2) {
                rng.below(5000) as u32
            } else {
                rng.nasty()
            };
            value.copy_from_slice(&number.to_ne_bytes());
        }
    }
    list
}

impl Value {
    fn random(self, rng: &mut Rng) -> u32 {
        if rng.one_in(30) {
            return match self {
                // The number of items of a list must remain true.
                Below(limit) => rng.below(u64::from(limit) + 1) as u32,
                _ => rng.nasty(),
            };
        }
        match self {
            Below(limit) => rng.below(limit.into()) as u32,
            OneOf(values) => *rng.pick(values),
            Pixels if rng.one_in(10) => rng.nasty(),
            Pixels => rng.below(4100) as u32,
            Control => {
                let flags = [0, 0, 0, 1 << 31, 1 << 30, 3 << 30];
                *rng.pick(CONTROLS) | *rng.pick(&flags)
            }
            Any => rng.nasty(),
        }
    }
}
