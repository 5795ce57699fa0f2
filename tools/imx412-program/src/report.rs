// SPDX-License-Identifier: GPL-2.0-only

//! Report of a configuration.

use std::fmt;

use imx412_host::sensor::part::Pll;
use imx412_host::sensor::readout::Rect;
use imx412_host::sensor::stream::{streams, Kind, Stream};
use imx412_host::sensor::{Activity, BayerOrder, Config, Inck, Limits, Setting, Synchronisation};
use serde::Serialize;

use crate::explain::Reason;
use crate::program::{writes, Write};

/// A rectangle.
#[derive(Debug, Serialize)]
pub struct Area {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
}

/// A PLL.
#[derive(Debug, Serialize)]
pub struct PllUse {
    pre_divider: u8,
    multiplier: u16,
    comparison_hz: f64,
    output_hz: u64,
}

/// Range of valid values.
#[derive(Debug, Serialize)]
pub struct Range {
    value: u32,
    min: u32,
    max: u32,
}

/// A stream on the link.
#[derive(Debug, Serialize)]
pub struct StreamUse {
    kind: &'static str,
    virtual_channel: u8,
    data_type: u8,
    width: u16,
    height: u16,
    bits_per_pixel: u8,
    frame_bytes: u32,
}

/// Everything that follows from a configuration.
#[derive(Debug, Serialize)]
pub struct Report {
    inck_hz: u32,
    lanes: u8,
    link_freq_hz: u64,
    lane_rate_bps: u64,
    /// Share of the line time that the link is busy with pixels.
    link_use: f64,
    video_pll: PllUse,
    link_pll: Option<PllUse>,
    link_divider: u8,
    known_good_clocks: bool,
    pixel_rate: u64,
    bits_per_pixel: u8,
    streams: Vec<StreamUse>,
    /// In coordinates of the native array.
    crop: Area,
    /// In coordinates of the active array.
    analogue_crop: Area,
    binning: u16,
    /// In coordinates of the binned image.
    digital_crop: Area,
    /// Scaled by 16 over this.
    scale_m: u16,
    width: u16,
    height: u16,
    line_length_pck: u32,
    frame_length_lines: u32,
    hblank: Range,
    vblank: Range,
    line_time_ns: u64,
    frame_interval: (u32, u32),
    fps: f64,
    exposure: Range,
    exposure_ns: Range64,
    hflip: bool,
    vflip: bool,
    /// Of the image, from its top left corner on.
    bayer_order: &'static str,
    black_level: Range,
    defect_correction: bool,
    synchronisation: &'static str,
    broadcast: bool,
    /// The reasons, if requested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    registers: Vec<Write>,
}

/// Range of valid values.
#[derive(Debug, Serialize)]
pub struct Range64 {
    value: u64,
    min: u64,
    max: u64,
}

fn area(rect: Rect) -> Area {
    Area {
        left: rect.left,
        top: rect.top,
        width: rect.size.width,
        height: rect.size.height,
    }
}

fn range(value: u32, limits: Limits) -> Range {
    Range {
        value,
        min: limits.min,
        max: limits.max,
    }
}

fn pll_use(inck: Inck, pll: Pll, output_hz: u64) -> PllUse {
    PllUse {
        pre_divider: pll.pre_divider,
        multiplier: pll.multiplier,
        comparison_hz: f64::from(inck.hz()) / f64::from(pll.pre_divider),
        output_hz,
    }
}

fn stream_use(stream: &Stream) -> StreamUse {
    StreamUse {
        kind: match stream.kind {
            Kind::Image => "image",
        },
        virtual_channel: stream.virtual_channel,
        data_type: stream.data_type,
        width: stream.size.width,
        height: stream.size.height,
        bits_per_pixel: stream.depth.bits(),
        frame_bytes: stream.frame_bytes(),
    }
}

impl Report {
    /// Returns the report of `config`, without reasons.
    pub fn of(config: &Config, activity: Activity) -> Self {
        let link = config.link();
        let tree = link.tree();
        let readout = config.readout();
        let timing = config.timing();
        let interval = timing.frame_interval();
        let exposure = range(config.exposure(), config.limits(Setting::Exposure));
        let line_bits = f64::from(readout.output().width) * f64::from(readout.depth().bits())
            / link.total_rate() as f64;
        let line_time = f64::from(timing.line_length) / timing.pixel_rate as f64;
        Self {
            inck_hz: tree.inck().hz(),
            lanes: link.lanes().count(),
            link_freq_hz: tree.link_freq(),
            lane_rate_bps: tree.lane_rate(),
            link_use: line_bits / line_time,
            video_pll: pll_use(tree.inck(), tree.pll(), tree.pll_hz()),
            link_pll: tree
                .link_pll()
                .map(|pll| pll_use(tree.inck(), pll, tree.link_pll_hz())),
            link_divider: tree.link_divider(),
            known_good_clocks: tree.is_known_good(),
            pixel_rate: timing.pixel_rate,
            bits_per_pixel: readout.depth().bits(),
            streams: streams(config).iter().map(stream_use).collect(),
            crop: area(readout.field_of_view()),
            analogue_crop: area(readout.analogue_crop()),
            binning: readout.binning().factor(),
            digital_crop: area(readout.digital_crop()),
            scale_m: readout.scaling().m(),
            width: readout.output().width,
            height: readout.output().height,
            line_length_pck: timing.line_length,
            frame_length_lines: timing.frame_length,
            hblank: range(
                config.horizontal_blanking(),
                config.limits(Setting::HorizontalBlanking),
            ),
            vblank: range(
                config.vertical_blanking(),
                config.limits(Setting::VerticalBlanking),
            ),
            line_time_ns: timing.line_time_ns(),
            frame_interval: (interval.numerator, interval.denominator),
            fps: f64::from(interval.denominator) / f64::from(interval.numerator),
            exposure_ns: Range64 {
                value: timing.integration_ns(exposure.value),
                min: timing.integration_ns(exposure.min),
                max: timing.integration_ns(exposure.max),
            },
            exposure,
            hflip: config.horizontal_flip(),
            vflip: config.vertical_flip(),
            bayer_order: match config.bayer_order() {
                BayerOrder::Rggb => "RGGB",
                BayerOrder::Grbg => "GRBG",
                BayerOrder::Gbrg => "GBRG",
                BayerOrder::Bggr => "BGGR",
            },
            black_level: range(config.black_level(), config.limits(Setting::BlackLevel)),
            defect_correction: config.defect_correction(),
            synchronisation: match config.synchronisation() {
                Synchronisation::Standalone => "standalone",
                Synchronisation::Source => "source, drives XVS while streaming",
                Synchronisation::Sink => "sink, follows XVS",
            },
            broadcast: config.broadcast(),
            reasons: Vec::new(),
            registers: writes(config, activity),
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            left,
            top,
            width,
            height,
        } = self;
        write!(f, "{left},{top}/{width}x{height}")
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} to {})", self.value, self.min, self.max)
    }
}

impl PllUse {
    fn text(&self, inck_hz: u32) -> String {
        format!(
            "{inck_hz} Hz / {} x {} = {} Hz",
            self.pre_divider, self.multiplier, self.output_hz
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: String| writeln!(f, "{name:<15} {value}");
        row(
            "image",
            format!(
                "{}x{} {} at {} bits{}{}",
                self.width,
                self.height,
                self.bayer_order,
                self.bits_per_pixel,
                if self.hflip { ", mirrored" } else { "" },
                if self.vflip { ", upside down" } else { "" },
            ),
        )?;
        row("crop", format!("{} of the native array", self.crop))?;
        row(
            "readout",
            format!(
                "analogue crop {}, binned by {}, digital crop {}, scaled by 16/{}",
                self.analogue_crop, self.binning, self.digital_crop, self.scale_m
            ),
        )?;
        row("video PLL", self.video_pll.text(self.inck_hz))?;
        match &self.link_pll {
            Some(pll) => row("link PLL", pll.text(self.inck_hz))?,
            None => row("link PLL", "the video PLL's output".to_string())?,
        }
        row("pixel rate", format!("{} pixels/s", self.pixel_rate))?;
        row(
            "link",
            format!(
                "{} lanes of {} bit/s, link frequency {} Hz, {:.1} % in use",
                self.lanes,
                self.lane_rate_bps,
                self.link_freq_hz,
                self.link_use * 100.0
            ),
        )?;
        row(
            "line",
            format!(
                "{} pck, {:.3} us; hblank {}",
                self.line_length_pck,
                self.line_time_ns as f64 / 1e3,
                self.hblank
            ),
        )?;
        row(
            "frame",
            format!("{} lines; vblank {}", self.frame_length_lines, self.vblank),
        )?;
        row(
            "rate",
            format!(
                "{:.3} fps, every {}/{} s",
                self.fps, self.frame_interval.0, self.frame_interval.1
            ),
        )?;
        let us = |ns: u64| ns as f64 / 1e3;
        row(
            "exposure",
            format!(
                "{} lines; {:.1} us ({:.1} to {:.1})",
                self.exposure,
                us(self.exposure_ns.value),
                us(self.exposure_ns.min),
                us(self.exposure_ns.max)
            ),
        )?;
        row("black level", self.black_level.to_string())?;
        let switch = |on| if on { "on" } else { "off" };
        row(
            "defects",
            format!("correction {}", switch(self.defect_correction)),
        )?;
        row("synchronisation", self.synchronisation.to_string())?;
        row("broadcast", switch(self.broadcast).to_string())?;
        let explained = !self.reasons.is_empty();
        if explained {
            writeln!(f, "\nwhy")?;
            for Reason { what, why } in &self.reasons {
                writeln!(f, "{what:<15} {why}")?;
            }
        }
        writeln!(f, "\nregister program")?;
        for write in &self.registers {
            let digits = usize::from(write.bytes) * 2;
            let name = write.name.unwrap_or_default();
            let line = format!(
                "{:<10} {:04X} = {:0digits$X} {:>pad$}{name}",
                write.phase,
                write.address,
                write.value,
                "",
                pad = 8 - digits,
            );
            if explained {
                writeln!(f, "{line:<56} {}", write.meaning)?;
            } else {
                writeln!(f, "{}", line.trim_end())?;
            }
        }
        Ok(())
    }
}
