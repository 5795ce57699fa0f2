// SPDX-License-Identifier: GPL-2.0-only

//! The ioctls of video nodes, sub-device nodes and media devices: numbers of linux/videodev2.h,
//! linux/v4l2-subdev.h and linux/media.h, for machines of 64 bits.

use crate::sys::Request;

const V: u8 = b'V';
const MEDIA: u8 = b'|';

pub const QUERYCAP: Request = Request::r(V, 0, 104);
pub const ENUM_FMT: Request = Request::wr(V, 2, 64);
pub const G_FMT: Request = Request::wr(V, 4, 208);
pub const S_FMT: Request = Request::wr(V, 5, 208);
pub const TRY_FMT: Request = Request::wr(V, 64, 208);
pub const REQBUFS: Request = Request::wr(V, 8, 20);
pub const QUERYBUF: Request = Request::wr(V, 9, 88);
pub const QBUF: Request = Request::wr(V, 15, 88);
pub const DQBUF: Request = Request::wr(V, 17, 88);
pub const STREAMON: Request = Request::w(V, 18, 4);
pub const STREAMOFF: Request = Request::w(V, 19, 4);
pub const G_PARM: Request = Request::wr(V, 21, 204);
pub const S_PARM: Request = Request::wr(V, 22, 204);
pub const G_CTRL: Request = Request::wr(V, 27, 8);
pub const S_CTRL: Request = Request::wr(V, 28, 8);
pub const QUERYCTRL: Request = Request::wr(V, 36, 68);
pub const QUERYMENU: Request = Request::wr(V, 37, 44);
pub const G_INPUT: Request = Request::r(V, 38, 4);
pub const S_INPUT: Request = Request::wr(V, 39, 4);
pub const LOG_STATUS: Request = Request::none(V, 70);
pub const G_EXT_CTRLS: Request = Request::wr(V, 71, 32);
pub const S_EXT_CTRLS: Request = Request::wr(V, 72, 32);
pub const TRY_EXT_CTRLS: Request = Request::wr(V, 73, 32);
pub const ENUM_FRAMESIZES: Request = Request::wr(V, 74, 44);
pub const ENUM_FRAMEINTERVALS: Request = Request::wr(V, 75, 52);
pub const DQEVENT: Request = Request::r(V, 89, 136);
pub const SUBSCRIBE_EVENT: Request = Request::w(V, 90, 32);
pub const UNSUBSCRIBE_EVENT: Request = Request::w(V, 91, 32);
pub const CREATE_BUFS: Request = Request::wr(V, 92, 256);
pub const PREPARE_BUF: Request = Request::wr(V, 93, 88);
pub const QUERY_EXT_CTRL: Request = Request::wr(V, 103, 232);
pub const REMOVE_BUFS: Request = Request::wr(V, 104, 64);

pub const SUBDEV_QUERYCAP: Request = Request::r(V, 0, 64);
pub const SUBDEV_ENUM_MBUS_CODE: Request = Request::wr(V, 2, 48);
pub const SUBDEV_G_FMT: Request = Request::wr(V, 4, 88);
pub const SUBDEV_S_FMT: Request = Request::wr(V, 5, 88);
pub const SUBDEV_G_FRAME_INTERVAL: Request = Request::wr(V, 21, 48);
pub const SUBDEV_S_FRAME_INTERVAL: Request = Request::wr(V, 22, 48);
pub const SUBDEV_G_ROUTING: Request = Request::wr(V, 38, 64);
pub const SUBDEV_S_ROUTING: Request = Request::wr(V, 39, 64);
pub const SUBDEV_G_CROP: Request = Request::wr(V, 59, 56);
pub const SUBDEV_S_CROP: Request = Request::wr(V, 60, 56);
pub const SUBDEV_G_SELECTION: Request = Request::wr(V, 61, 64);
pub const SUBDEV_S_SELECTION: Request = Request::wr(V, 62, 64);
pub const SUBDEV_ENUM_FRAME_SIZE: Request = Request::wr(V, 74, 64);
pub const SUBDEV_ENUM_FRAME_INTERVAL: Request = Request::wr(V, 75, 64);
pub const SUBDEV_G_CLIENT_CAP: Request = Request::r(V, 101, 8);
pub const SUBDEV_S_CLIENT_CAP: Request = Request::wr(V, 102, 8);

pub const MEDIA_DEVICE_INFO: Request = Request::wr(MEDIA, 0, 256);
pub const MEDIA_ENUM_ENTITIES: Request = Request::wr(MEDIA, 1, 256);
pub const MEDIA_ENUM_LINKS: Request = Request::wr(MEDIA, 2, 40);
pub const MEDIA_SETUP_LINK: Request = Request::wr(MEDIA, 3, 52);
pub const MEDIA_G_TOPOLOGY: Request = Request::wr(MEDIA, 4, 72);
pub const MEDIA_REQUEST_ALLOC: Request = Request::r(MEDIA, 5, 4);

/// `V4L2_BUF_TYPE_VIDEO_CAPTURE`.
pub const CAPTURE: u32 = 1;
/// `V4L2_MEMORY_MMAP`.
pub const MMAP: u32 = 1;
/// `V4L2_SUBDEV_FORMAT_ACTIVE`.
pub const ACTIVE: u32 = 1;
/// `V4L2_SEL_TGT_CROP`.
pub const CROP: u32 = 0;
/// `V4L2_CTRL_FLAG_NEXT_CTRL`.
pub const NEXT_CONTROL: u32 = 0x8000_0000;

/// `MEDIA_BUS_FMT_SRGGB10_1X10` and the pixel format that goes with it, `RG10`.
pub const CODE: u32 = 0x300f;
pub const PIXELS: u32 = u32::from_le_bytes(*b"RG10");

/// Controls that the programs here set.
pub mod control {
    pub const BRIGHTNESS: u32 = 0x0098_0900;
    pub const EXPOSURE: u32 = 0x0098_0911;
    pub const VBLANK: u32 = 0x009e_0901;
    pub const HBLANK: u32 = 0x009e_0902;
    pub const ANALOGUE_GAIN: u32 = 0x009e_0903;
    pub const LINK_FREQ: u32 = 0x009f_0901;
    pub const PIXEL_RATE: u32 = 0x009f_0902;
    pub const TEST_PATTERN: u32 = 0x009f_0903;
    /// The first of the driver's own, see include/uapi/linux/fsm-imx412.h.
    pub const OWN: u32 = 0x0098_0900 + 0x1f00;
    pub const TEMPERATURE: u32 = OWN + 2;
    pub const BROADCAST: u32 = OWN + 5;
}
