// SPDX-License-Identifier: GPL-2.0-only

//! The register map: every register with a known meaning that the driver uses.
//!
//! Addresses have 16 bits, values 8; wider registers are big-endian. Each register is marked with
//! when a write takes effect ([`Latch`]), from which follow its place in a program and whether it
//! can change while streaming. Sources: mainline imx412.c, Intel kmb-imx412.c, FRAMOS fr_imx412.c,
//! raspberrypi imx477.c.
//!
//! Each byte of the map has a place, by address: register images and known contents are tables of
//! [`BYTES`]. The manufacturer's registers have none, see [`wire::settings`](super::wire::settings).

use core::ops::Deref;

/// Stages of a program, in the order in which they are written.
///
/// The order within a phase is not significant: public drivers write the same registers in
/// different orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Registers that take effect at once and do not affect the image: second address, temperature.
    /// It is first, so that all following phases can be written to the second address.
    AnyTime,
    /// Stop: before all registers that need standby.
    Stop,
    /// Release of a group hold that an interrupted change may have left.
    Release,
    /// Input clock and version of the settings.
    Clock,
    /// Manufacturer settings that hold for every readout.
    Global,
    /// Manufacturer settings for image quality.
    Quality,
    /// Manufacturer settings that depend on the readout.
    Readout,
    /// D-PHY timing for one link frequency.
    Link,
    /// Clock tree, geometry, depth, lanes; in standby frame and line length, which are next to it.
    Structure,
    /// Registers that can be written while streaming: exposure, gain, black level, test pattern, and
    /// then frame and line length.
    Live,
    /// Start: after all registers that must be set before it.
    Start,
    /// Registers that must be written after the start.
    Started,
}

impl Phase {
    /// All phases, in their order.
    pub const ALL: [Self; 12] = [
        Self::AnyTime,
        Self::Stop,
        Self::Release,
        Self::Clock,
        Self::Global,
        Self::Quality,
        Self::Readout,
        Self::Link,
        Self::Structure,
        Self::Live,
        Self::Start,
        Self::Started,
    ];

    /// Returns whether registers of this phase must not be written while streaming.
    pub const fn needs_standby(self) -> bool {
        match self {
            Self::Clock
            | Self::Global
            | Self::Quality
            | Self::Readout
            | Self::Link
            | Self::Structure => true,
            Self::AnyTime
            | Self::Stop
            | Self::Release
            | Self::Live
            | Self::Start
            | Self::Started => false,
        }
    }
}

/// When a write takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latch {
    /// Never: the register is read-only.
    ReadOnly,
    /// At once, written in this phase.
    Immediate(Phase),
    /// At the next start; it must be written in standby, in this phase.
    Standby(Phase),
    /// At the frame boundary, all writes under one group hold together.
    Frame,
}

/// A register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// Address of its first byte.
    pub address: u16,
    /// Number of bytes, 1 to 4.
    pub bytes: u8,
    /// When a write takes effect.
    pub latch: Latch,
    /// Place of its first byte among all bytes of the map, by address.
    pub(super) place: u8,
}

impl Register {
    /// Returns the phase that the register is written in; `None` for read-only registers.
    pub const fn phase(&self) -> Option<Phase> {
        match self.latch {
            Latch::ReadOnly => None,
            Latch::Immediate(phase) | Latch::Standby(phase) => Some(phase),
            Latch::Frame => Some(Phase::Live),
        }
    }
}

/// A register with its documentation, which is separate as the driver does not use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Described {
    /// The register.
    pub register: Register,
    /// Name as in the sources.
    pub name: &'static str,
    /// Meaning.
    pub doc: &'static str,
}

impl Deref for Described {
    type Target = Register;

    fn deref(&self) -> &Register {
        &self.register
    }
}

/// Returns the register of the map that includes `address`, if there is one.
pub fn find(address: u16) -> Option<&'static Described> {
    ALL.iter().find(|register| {
        address
            .checked_sub(register.address)
            .is_some_and(|offset| offset < u16::from(register.bytes))
    })
}

/// Number of bytes of the map.
pub const BYTES: usize = compiled::place(u16::MAX) as usize;

/// The address of each byte of the map, by its place.
static ADDRESSES: [u16; BYTES] = compiled::addresses();

/// Returns the address of the byte at `place`.
pub(super) fn address_of(place: u8) -> u16 {
    ADDRESSES.get(usize::from(place)).copied().unwrap_or(0)
}

/// Evaluated at compile time only: what could panic does not compile.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
mod compiled {
    use super::{
        BYTES,
        MAP, //
    };

    /// Returns the number of bytes of the map below `address`.
    pub(super) const fn place(address: u16) -> u8 {
        let (mut place, mut rest) = (0, MAP);
        while let [(first, bytes), behind @ ..] = rest {
            if *first < address {
                place += *bytes;
            }
            rest = behind;
        }
        place
    }

    /// Returns the address of each byte of the map.
    pub(super) const fn addresses() -> [u16; BYTES] {
        let (mut addresses, mut rest) = ([0; BYTES], MAP);
        while let [(first, bytes), behind @ ..] = rest {
            let mut byte = 0;
            while byte < *bytes {
                addresses[(place(*first) + byte) as usize] = *first + byte as u16;
                byte += 1;
            }
            rest = behind;
        }
        addresses
    }
}

macro_rules! registers {
    ($( $(#[doc = $doc:literal])+ $name:ident = $address:literal, $bytes:literal, $latch:expr; )+) => {
        $(
            $(#[doc = $doc])+
            pub const $name: Register = Register {
                address: $address,
                bytes: $bytes,
                latch: $latch,
                place: compiled::place($address),
            };
        )+

        /// The address and the number of bytes of each register.
        const MAP: &[(u16, u8)] = &[$(($address, $bytes)),+];

        /// The whole map.
        pub static ALL: &[Described] = &[
            $(Described {
                register: $name,
                name: stringify!($name),
                doc: concat!($($doc),+),
            }),+
        ];
    };
}

/// The second I2C address, 7 bits; no other one is in public drivers (FRAMOS fr_imx412.c, Intel
/// kmb-imx412.c).
pub const SECOND_ADDRESS: u16 = 0x36;

const ANY_TIME: Latch = Latch::Immediate(Phase::AnyTime);
const CLOCK: Latch = Latch::Standby(Phase::Clock);
const STRUCTURE: Latch = Latch::Standby(Phase::Structure);

registers! {
    // Identification and general.

    /// Identification, see [`Part::chip_id`](super::part::Part::chip_id).
    CHIP_ID = 0x0016, 2, Latch::ReadOnly;
    /// 0 standby, 1 streaming. A program that stops has it in [`Phase::Stop`].
    MODE_SEL = 0x0100, 1, Latch::Immediate(Phase::Start);
    /// Bit 0 mirrors horizontally, bit 1 flips vertically; both change the Bayer order.
    IMG_ORIENTATION = 0x0101, 1, STRUCTURE;
    /// 1 resets the sensor, which then is as after power-on (FRAMOS fr_imx412.c).
    SW_RESET = 0x0103, 1, Latch::Immediate(Phase::Stop);
    /// 1 holds back writes to registers that latch at the frame boundary, 0 lets them through.
    GRP_PARAM_HOLD = 0x0104, 1, Latch::Immediate(Phase::Release);
    /// Bits per pixel before compression (unused), then on the link.
    CSI_DT_FMT = 0x0112, 2, STRUCTURE;
    /// Number of lanes less one.
    CSI_LANE_MODE = 0x0114, 1, STRUCTURE;
    /// INCK in MHz, 8.8 fixed point.
    EXCK_FREQ = 0x0136, 2, CLOCK;
    /// Version tag of the settings, without a known effect: public drivers disagree on it.
    SETTINGS_VERSION = 0x3C7E, 2, CLOCK;
    /// 1 measures the temperature. Programs of a source of XVS have it in [`Phase::Stop`] and
    /// [`Phase::Started`].
    TEMP_SEN_CTL = 0x0138, 1, ANY_TIME;
    /// Temperature in degrees Celsius, signed (libcamera's helper for the IMX477).
    TEMP_SEN_OUT = 0x013A, 1, Latch::ReadOnly;
    /// D-PHY timing: 0 computed by the sensor from the link bit rate, 2 as its registers say.
    DPHY_CTRL = 0x0808, 1, STRUCTURE;
    /// Sum of the lanes' bit rates in Mbit/s, 16.16 fixed point.
    REQ_LINK_BIT_RATE_MBPS = 0x0820, 4, STRUCTURE;
    /// 1 corrects pairs of defective pixels.
    MAP_COUP_CORR_EN = 0x0B05, 1, STRUCTURE;
    /// 1 corrects single defective pixels.
    SING_DEF_CORR_EN = 0x0B06, 1, STRUCTURE;
    /// 1 listens to the second address, 0x36.
    SLAVE_ADD_EN_2ND = 0x3010, 1, ANY_TIME;
    /// 1 acknowledges at the second address.
    SLAVE_ADD_ACKEN_2ND = 0x3011, 1, ANY_TIME;
    /// 1: MANUAL_DATA_PEDESTAL_VALUE sets the black level.
    MANUAL_DATA_PEDESTAL_EN = 0x3030, 1, STRUCTURE;
    /// Black level on the scale of 12 bits.
    MANUAL_DATA_PEDESTAL_VALUE = 0x3032, 2, Latch::Frame;
    /// 1: DIG_GAIN_GR is the digital gain of all colours.
    DPGA_USE_GLOBAL_GAIN = 0x3FF9, 1, STRUCTURE;
    /// Lines of embedded data ahead of the image.
    EBD_SIZE_V = 0xBCF1, 1, STRUCTURE;
    /// Clock lane between frames: 0 keeps it at high speed, 1 stops it.
    FRAME_BLANKSTOP_CL = 0xE000, 1, STRUCTURE;

    // Exposure, gain, frame timing.

    /// Coarse integration time in lines.
    COARSE_INTEG_TIME = 0x0202, 2, Latch::Frame;
    /// Analogue gain code: the gain is 1024 / (1024 - code).
    ANA_GAIN_GLOBAL = 0x0204, 2, Latch::Frame;
    /// Digital gain of green in the lines of red, in 1/256.
    DIG_GAIN_GR = 0x020E, 2, Latch::Frame;
    /// Digital gain of red.
    DIG_GAIN_R = 0x0210, 2, Latch::Frame;
    /// Digital gain of blue.
    DIG_GAIN_B = 0x0212, 2, Latch::Frame;
    /// Digital gain of green in the lines of blue.
    DIG_GAIN_GB = 0x0214, 2, Latch::Frame;
    /// Lines per frame, blanking included.
    FRM_LENGTH_LINES = 0x0340, 2, Latch::Frame;
    /// Pixel clocks per line, blanking included.
    LINE_LENGTH_PCK = 0x0342, 2, Latch::Frame;
    /// 1: the frame length grows with the exposure; 0: it stays.
    FRM_LENGTH_CTL = 0x0350, 1, STRUCTURE;
    /// Left shift of the coarse integration time.
    CIT_LSHIFT = 0x3100, 1, Latch::Frame;
    /// Left shift of the frame length.
    FLL_LSHIFT = 0x3210, 1, Latch::Frame;
    /// 1 saves power between lines.
    POWER_SAVE_ENABLE = 0x3F50, 1, STRUCTURE;
    /// Duration of a line in periods of INCK, rounded up.
    LINE_LENGTH_INCK = 0x3F56, 2, Latch::Frame;

    // Geometry.

    /// First column that is read.
    X_ADD_STA = 0x0344, 2, STRUCTURE;
    /// First line that is read.
    Y_ADD_STA = 0x0346, 2, STRUCTURE;
    /// Last column that is read.
    X_ADD_END = 0x0348, 2, STRUCTURE;
    /// Last line that is read.
    Y_ADD_END = 0x034A, 2, STRUCTURE;
    /// Width of the output.
    X_OUT_SIZE = 0x034C, 2, STRUCTURE;
    /// Height of the output.
    Y_OUT_SIZE = 0x034E, 2, STRUCTURE;
    /// Step after even columns.
    X_EVN_INC = 0x0381, 1, STRUCTURE;
    /// Step after odd columns.
    X_ODD_INC = 0x0383, 1, STRUCTURE;
    /// Step after even lines.
    Y_EVN_INC = 0x0385, 1, STRUCTURE;
    /// Step after odd lines.
    Y_ODD_INC = 0x0387, 1, STRUCTURE;
    /// 0 none, 2 scaling in both directions.
    SCALE_MODE = 0x0401, 1, STRUCTURE;
    /// Scaling by 16/M.
    SCALE_M = 0x0404, 2, STRUCTURE;
    /// First column of the digital crop.
    DIG_CROP_X_OFFSET = 0x0408, 2, STRUCTURE;
    /// First line of the digital crop.
    DIG_CROP_Y_OFFSET = 0x040A, 2, STRUCTURE;
    /// Width of the digital crop.
    DIG_CROP_IMAGE_WIDTH = 0x040C, 2, STRUCTURE;
    /// Height of the digital crop.
    DIG_CROP_IMAGE_HEIGHT = 0x040E, 2, STRUCTURE;
    /// 1 bins.
    BINNING_MODE = 0x0900, 1, STRUCTURE;
    /// Pixels that become one, horizontally in the high four bits and vertically in the low.
    BINNING_TYPE = 0x0901, 1, STRUCTURE;
    /// Weights of the pixels that become one, see
    /// [`Part::binning_weighting`](super::part::Part::binning_weighting).
    BINNING_WEIGHTING = 0x0902, 1, STRUCTURE;
    /// Resolution of the converters: 0 is 10 bits, 1 is 12 bits.
    ADBIT_MODE = 0x3F0D, 1, STRUCTURE;

    // Clock tree.

    /// Divider of the pixel clock.
    IVT_PXCK_DIV = 0x0301, 1, STRUCTURE;
    /// Divider of the system clock.
    IVT_SYCK_DIV = 0x0303, 1, STRUCTURE;
    /// Divider ahead of the PLL.
    IVT_PREPLLCK_DIV = 0x0305, 1, STRUCTURE;
    /// Multiplier of the PLL.
    IVT_PLL_MPY = 0x0306, 2, STRUCTURE;
    /// Bits per pixel on the link.
    IOP_PXCK_DIV = 0x0309, 1, STRUCTURE;
    /// Divider from the link's PLL to the bit rate of a lane.
    IOP_SYCK_DIV = 0x030B, 1, STRUCTURE;
    /// Divider ahead of the second PLL; without effect while there is one.
    IOP_PREPLLCK_DIV = 0x030D, 1, STRUCTURE;
    /// Multiplier of the second PLL; without effect while there is one.
    IOP_PLL_MPY = 0x030E, 2, STRUCTURE;
    /// 0: one PLL makes both clocks; 1: the link has its own.
    PLL_MULT_DRIV = 0x0310, 1, STRUCTURE;

    // Test pattern.

    /// 0 off, 1 solid colour, 2 colour bars, 3 bars fading to grey, 4 PN9.
    TP_MODE = 0x0600, 2, Latch::Frame;
    /// Red of the solid colour.
    TD_R = 0x0602, 2, Latch::Frame;
    /// Green of the solid colour in the lines of red.
    TD_GR = 0x0604, 2, Latch::Frame;
    /// Blue of the solid colour.
    TD_B = 0x0606, 2, Latch::Frame;
    /// Green of the solid colour in the lines of blue.
    TD_GB = 0x0608, 2, Latch::Frame;

    // Synchronisation.

    /// 1 is one of several sensors in step.
    MC_MODE = 0x3F0B, 1, STRUCTURE;
    /// 1 makes its own frame timing, 0 follows XVS.
    MASTER_SLAVE_SEL = 0x3041, 1, STRUCTURE;
    /// Direction of the XVS pin: 1 output, 0 input.
    XVS_IO_CTRL = 0x3040, 1, STRUCTURE;
    /// 1 drives XVS out.
    EXTOUT_EN = 0x4B81, 1, STRUCTURE;

    // Flash strobe: written ahead of each start by raspberrypi imx477.c, the one public driver that
    // uses it.

    /// The width of the pulse counts this many times, 1 to 255.
    FLASH_STRB_ADJ = 0x0C12, 1, STRUCTURE;
    /// Lines from the point of reference to the pulse.
    FLASH_STRB_START_POINT = 0x0C14, 2, STRUCTURE;
    /// Further delay in periods of INCK.
    FLASH_STRB_DLY_RS = 0x0C16, 2, STRUCTURE;
    /// Width of the pulse in periods of INCK, 1 to 65535.
    FLASH_STRB_WIDTH_H_RS = 0x0C18, 2, STRUCTURE;
    /// Bit 0: a pulse in each frame, not in one only. Bit 1: truncated.
    FLASH_MD_RS = 0x0C1A, 1, STRUCTURE;
    /// 1 gives pulses.
    FLASH_TRIG_RS = 0x0C1B, 1, STRUCTURE;

    // Several exposures in a frame (DOL-HDR), unused.

    /// 1 takes several exposures.
    DOL_EN = 0x00E3, 1, STRUCTURE;
    /// Number of exposures beyond the first.
    DOL_NUM = 0x00E4, 1, STRUCTURE;
    /// 1: all lines in one frame; 0: one virtual channel per exposure.
    DOL_SEPARATION = 0x00E5, 1, STRUCTURE;
    /// Bits per pixel of the second exposure.
    DOL_DT_FMT_2ND = 0x00FC, 2, STRUCTURE;
    /// Bits per pixel of the third exposure.
    DOL_DT_FMT_3RD = 0x00FE, 2, STRUCTURE;
    /// Virtual channel of the second exposure.
    DOL_VC_2ND = 0x3E10, 1, STRUCTURE;
    /// Virtual channel of the third exposure.
    DOL_VC_3RD = 0x3E11, 1, STRUCTURE;
    /// Companion of DOL_SEPARATION with the opposite sense.
    DOL_SEPARATION_VC = 0xE013, 1, STRUCTURE;
}

/// [`MODE_SEL`]: no frames.
pub const STANDBY: u8 = 0;
/// [`MODE_SEL`]: frames.
pub const STREAMING: u8 = 1;

/// [`DPHY_CTRL`]: computed by the sensor from [`REQ_LINK_BIT_RATE_MBPS`].
pub const DPHY_BY_RATE: u32 = 0;
/// [`DPHY_CTRL`]: as the registers of the D-PHY say.
pub const DPHY_BY_REGISTERS: u32 = 2;

/// [`SCALE_MODE`]: off.
pub const SCALE_NONE: u32 = 0;
/// [`SCALE_MODE`]: in both directions.
pub const SCALE_BOTH: u32 = 2;

/// [`FLASH_MD_RS`]: a pulse in each frame, not in one only.
pub const FLASH_EACH_FRAME: u32 = 1 << 0;
/// [`FLASH_MD_RS`]: truncated, as raspberrypi imx477.c sets it. When such a pulse ends is undocumented.
pub const FLASH_TRUNCATED: u32 = 1 << 1;
