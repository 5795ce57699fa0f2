// SPDX-License-Identifier: GPL-2.0-only

//! The content of a frame.

use super::{
    level::{
        from_12_bit,
        PEDESTAL_12_BIT, //
    },
    patterns::Pattern, //
};
use crate::virtual_board::model::{
    program::{
        bayer::{
            BayerOrder,
            Colour, //
        },
        clock_tree::Clocks,
        readout::Readout,
        rules::Program,
        stream::StreamDescription, //
    },
    registers::{
        map::*,
        view::Registers, //
    }, //
};

/// The digital gains, 8.8 fixed point: 0x0100 is 1x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitalGains {
    /// Green in a row with red; with DPGA_USE_GLOBAL_GAIN that of all colours.
    pub gr: u16,
    /// Red.
    pub r: u16,
    /// Blue.
    pub b: u16,
    /// Green in a row with blue.
    pub gb: u16,
}

impl DigitalGains {
    fn new(registers: &Registers<'_>) -> Self {
        let gr = registers.u16(DIG_GAIN_GR);
        let global = registers.u8(DPGA_USE_GLOBAL_GAIN) == 1;
        let own = |address| {
            if global {
                gr
            } else {
                registers.u16(address)
            }
        };
        Self {
            gr,
            r: own(DIG_GAIN_R),
            b: own(DIG_GAIN_B),
            gb: own(DIG_GAIN_GB),
        }
    }

    /// Returns the gain of one colour.
    pub const fn of(&self, colour: Colour) -> u16 {
        match colour {
            Colour::R => self.r,
            Colour::Gr => self.gr,
            Colour::Gb => self.gb,
            Colour::B => self.b,
        }
    }
}

/// Everything that decides how a frame looks, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameSettings {
    /// Geometry and flips.
    pub readout: Readout,
    /// Bits per pixel: 8, 10 or 12.
    pub bits: u32,
    /// Integration time, ns.
    pub exposure_ns: u64,
    /// ANA_GAIN_GLOBAL: gain = 1024 / (1024 - code), 0 to 978.
    pub analogue_gain: u16,
    /// Digital gains.
    pub digital_gains: DigitalGains,
    /// Black level in the depth of the frame.
    pub pedestal: u16,
    /// Test pattern in place of the scene.
    pub pattern: Pattern,
    /// The defects of the array are made good.
    pub defects_corrected: bool,
}

impl FrameSettings {
    pub(crate) fn new(registers: &Registers<'_>, program: &Program, clocks: &Clocks) -> Self {
        let bits = program.link.bits();
        let pedestal = if registers.u8(MANUAL_DATA_PEDESTAL_EN) == 1 {
            registers.u16(MANUAL_DATA_PEDESTAL_VALUE)
        } else {
            PEDESTAL_12_BIT
        };
        Self {
            readout: program.readout,
            bits,
            exposure_ns: program.timing.exposure_ns(clocks),
            analogue_gain: registers.u16(ANA_GAIN_GLOBAL),
            digital_gains: DigitalGains::new(registers),
            pedestal: from_12_bit(pedestal, bits),
            pattern: Pattern::new(registers, bits),
            defects_corrected: registers.u8(SING_DEF_CORR_EN) == 1,
        }
    }
}

/// One frame as it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Settings of the image.
    pub settings: FrameSettings,
    /// Changes when, and only when, `settings` differ from those of the frame before: a receiver
    /// re-renders only then.
    pub generation: u32,
    /// Format and period of the stream.
    pub stream: StreamDescription,
    /// Values were latched that a later frame shows.
    pub pending: bool,
}

impl StreamDescription {
    pub(crate) fn new(
        registers: &Registers<'_>,
        program: &Program,
        clocks: &Clocks,
        started_ns: u64,
        epoch: u32,
    ) -> Self {
        let readout = &program.readout;
        let order: BayerOrder = readout.bayer_order();
        Self {
            width: readout.width(),
            height: readout.height(),
            bits: program.link.bits(),
            bayer_order: order,
            lanes: program.link.lanes(),
            lane_rate_bps: clocks.lane_rate.round(),
            link_freq_hz: clocks.lane_rate.half(),
            pixel_rate_hz: clocks.pixel_rate.round(),
            line_length: program.timing.line_length,
            frame_length: program.timing.frame_length,
            exposure_lines: program.timing.coarse,
            frame_period_ns: program.timing.frame_period_ns(clocks),
            readout_ns: program.timing.readout_ns(readout, clocks),
            analogue_crop: readout.analogue_crop(),
            embedded_lines: registers.u8(EBD_SIZE_V).into(),
            clock_stops_in_blanking: registers.u8(FRAME_BLANKSTOP_CL) == 1,
            sync: program.sync,
            strobe: program.strobe,
            started_ns,
            epoch,
        }
    }
}
