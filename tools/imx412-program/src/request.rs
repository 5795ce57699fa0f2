// SPDX-License-Identifier: GPL-2.0-only

//! The request on the command line, and the configuration that meets it exactly.

use anyhow::{anyhow, bail, ensure, Context, Result};
use clap::{Args, ValueEnum};
use imx412_host::sensor::readout::negotiate::{
    for_crop, for_format, shown_crop, CropFlags, Wanted,
};
use imx412_host::sensor::readout::{Binning, Rect, Size, ACTIVE};
use imx412_host::sensor::{
    timing::long, Activity, Board, Change, Config, Depth, Interval, Part, Readout, Scaling,
    Setting, Synchronisation,
};

/// Pixels, as in 3840x2160.
#[derive(Clone, Copy, Debug)]
pub struct Pixels {
    width: u32,
    height: u32,
}

/// A rectangle, as in 116,456/3840x2160.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    left: i32,
    top: i32,
    size: Pixels,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Bin {
    None,
    #[value(name = "2x2")]
    TwoByTwo,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Sync {
    Standalone,
    Source,
    Sink,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Switch {
    Off,
    On,
}

/// A configuration of the sensor.
#[derive(Args, Clone, Debug)]
pub struct Request {
    /// Input clock in Hz
    #[arg(long, value_name = "HZ", default_value_t = 24_000_000)]
    inck: u32,
    /// CSI-2 data lanes
    #[arg(long, default_value_t = 4)]
    lanes: u32,
    /// Link frequency in Hz, half the bit rate of a lane [default: the highest that INCK makes]
    #[arg(long, value_name = "HZ")]
    link_freq: Option<u64>,
    /// The sensor
    #[arg(long, value_name = "NAME", value_parser = part, default_value = "imx412")]
    part: &'static Part,
    /// Bits per pixel: 8 (not on the IMX412), 10 or 12
    #[arg(long, default_value_t = 10)]
    depth: u32,
    /// Size of the image, negotiated like V4L2's set_fmt
    #[arg(long, value_name = "WxH", value_parser = pixels)]
    size: Option<Pixels>,
    /// What the image shows, in coordinates of the native array (whose active part begins at 8,16)
    #[arg(long, value_name = "X,Y/WxH", value_parser = area)]
    crop: Option<Area>,
    /// Binning; with it, --scale or --digital-crop nothing is negotiated: --crop is the analogue crop
    #[arg(long, value_enum, conflicts_with = "size")]
    binning: Option<Bin>,
    /// Scale by 16/M
    #[arg(long, value_name = "M", conflicts_with = "size")]
    scale: Option<u16>,
    /// Cut from the binned image
    #[arg(long, value_name = "X,Y/WxH", value_parser = area, conflicts_with = "size")]
    digital_crop: Option<Area>,
    /// Frames per second, as 30 or 30000/1001 [default: 60, 30 or 15]
    #[arg(long, value_parser = rate)]
    fps: Option<Interval>,
    /// Blank lines; long frames become what the part can count
    #[arg(long, value_name = "LINES", conflicts_with = "fps")]
    vblank: Option<u32>,
    /// Blank pixel clocks
    #[arg(long, value_name = "PCK")]
    hblank: Option<u32>,
    /// Coarse integration time in lines; long ones become what the part can count
    #[arg(long, value_name = "LINES")]
    exposure: Option<u32>,
    /// Analogue gain code, 1024/(1024 - code)
    #[arg(long, value_name = "CODE")]
    gain: Option<u32>,
    /// Mirror the image
    #[arg(long)]
    hflip: bool,
    /// Turn the image upside down
    #[arg(long)]
    vflip: bool,
    /// Value for black at this depth [default: 16, 64 or 256 at 8, 10 or 12 bits]
    #[arg(long, value_name = "LEVEL")]
    black_level: Option<u32>,
    /// The sensor's own correction of defective pixels
    #[arg(long, value_enum, default_value_t = Switch::On)]
    defect_correction: Switch,
    /// What the XVS pin does
    #[arg(long, value_enum, default_value_t = Sync::Standalone)]
    sync: Sync,
    /// Listen to the second bus address, 0x36, as well
    #[arg(long)]
    broadcast: bool,
    /// Any other setting, as digital-gain=512
    #[arg(long, value_name = "NAME=VALUE", value_parser = change)]
    set: Vec<Change>,
    /// Print the program that ends in standby
    #[arg(long)]
    standby: bool,
}

impl Request {
    /// Returns the configuration that does exactly what is asked for.
    ///
    /// # Errors
    ///
    /// Returns the part of the request that cannot be met and why, with the nearest possible.
    pub fn config(&self) -> Result<Config> {
        let board = self.board()?;
        let config = Config::default_for(&board).with_readout(self.readout(&board)?);
        self.set(config)
    }

    /// Returns the activity at the end of the program.
    pub fn activity(&self) -> Activity {
        if self.standby {
            Activity::Standby
        } else {
            Activity::Streaming
        }
    }

    fn board(&self) -> Result<Board> {
        let board = |link_freq| {
            let mut board = Board::new(self.inck, self.lanes, &[link_freq], self.part)
                .map_err(|error| anyhow!("{error}"))?;
            board.set_synchronisation(self.synchronisation());
            Ok(board)
        };
        match self.link_freq {
            Some(link_freq) => board(link_freq),
            None => board(fastest_link(self.part, self.inck)),
        }
    }

    fn synchronisation(&self) -> Synchronisation {
        match self.sync {
            Sync::Standalone => Synchronisation::Standalone,
            Sync::Source => Synchronisation::Source,
            Sync::Sink => Synchronisation::Sink,
        }
    }

    fn depth(&self, board: &Board) -> Result<Depth> {
        let depths = board.part().depths;
        let depth = depths
            .iter()
            .find(|depth| u32::from(depth.bits()) == self.depth);
        depth.copied().with_context(|| {
            let bits: Vec<_> = depths
                .iter()
                .map(|depth| depth.bits().to_string())
                .collect();
            format!(
                "{} bits per pixel: this part sends {}",
                self.depth,
                bits.join(", ")
            )
        })
    }

    fn readout(&self, board: &Board) -> Result<Readout> {
        let depth = self.depth(board)?;
        if self.binning.is_some() || self.scale.is_some() || self.digital_crop.is_some() {
            return self.staged(depth);
        }
        let full = Readout::full_frame(depth);
        let (crop, cropped) = match self.crop {
            None => (ACTIVE, full),
            Some(area) => {
                let wanted = Wanted {
                    left: area.left,
                    top: area.top,
                    width: area.size.width,
                    height: area.size.height,
                };
                let (found, readout) = for_crop(wanted, CropFlags::default(), &full);
                ensure!(
                    same(found, area),
                    "crop {},{}/{}x{} cannot be read: position and size are even and within {ACTIVE}; \
                     nearest: {}",
                    area.left,
                    area.top,
                    area.size.width,
                    area.size.height,
                    written(found),
                );
                (found, readout)
            }
        };
        let Some(Pixels { width, height }) = self.size else {
            return Ok(cropped);
        };
        let readout = for_format(crop, width, height, depth);
        let output = readout.output();
        ensure!(
            (u32::from(output.width), u32::from(output.height)) == (width, height),
            "size {width}x{height} cannot be made at {} bits: widths are multiples of {} from 64 to 4056, \
             heights even from 64 to 3040; nearest: {output}",
            depth.bits(),
            depth.width_step(),
        );
        if self.crop.is_some() && shown_crop(crop, &readout) != crop {
            let wanted = Wanted {
                left: crop.left.into(),
                top: crop.top.into(),
                width: crop.size.width.into(),
                height: crop.size.height.into(),
            };
            let keep = CropFlags {
                keep_config: true,
                ..CropFlags::default()
            };
            let (nearest, _) = for_crop(wanted, keep, &readout);
            bail!(
                "crop {} cannot be made {output}: both sides must shrink by the same 16/N with a whole N; \
                 nearest crop for this size: {}",
                written(crop),
                written(nearest),
            );
        }
        Ok(readout)
    }

    /// Returns the readout whose stages are given one by one.
    fn staged(&self, depth: Depth) -> Result<Readout> {
        let analogue = match self.crop {
            None => Rect {
                left: 0,
                top: 0,
                size: ACTIVE.size,
            },
            Some(area) => rect(area, (ACTIVE.left, ACTIVE.top)).with_context(|| {
                format!(
                    "the crop is not within the active array, {}",
                    written(ACTIVE)
                )
            })?,
        };
        let digital = self
            .digital_crop
            .map(|area| rect(area, (0, 0)).context("the digital crop has no possible place"))
            .transpose()?;
        let binning = match self.binning {
            Some(Bin::TwoByTwo) => Binning::TwoByTwo,
            Some(Bin::None) | None => Binning::None,
        };
        let m = self.scale.unwrap_or(Scaling::NONE.m());
        let scaling = Scaling::new(m).with_context(|| {
            let nearest = m.clamp(Scaling::NONE.m(), Scaling::M_MAX);
            format!(
                "the scaler divides by 16 to {} sixteenths, not by {m}; nearest: {nearest}",
                Scaling::M_MAX
            )
        })?;
        Readout::new(analogue, binning, digital, scaling, depth).map_err(|error| anyhow!("{error}"))
    }

    /// `config` with all settings that are asked for, those that limit others first.
    fn set(&self, config: Config) -> Result<Config> {
        let corrected = self.defect_correction == Switch::On;
        let mut wanted = vec![
            (Setting::HorizontalBlanking, self.hblank),
            (Setting::VerticalBlanking, self.vblank),
            (Setting::Exposure, self.exposure),
            (Setting::AnalogueGain, self.gain),
            (Setting::BlackLevel, self.black_level),
            (Setting::HorizontalFlip, Some(self.hflip.into())),
            (Setting::VerticalFlip, Some(self.vflip.into())),
            (Setting::DefectCorrection, Some(corrected.into())),
            (Setting::Broadcast, Some(self.broadcast.into())),
        ];
        wanted.extend(self.set.iter().map(|set| (set.setting, Some(set.value))));

        let mut config = config;
        for &setting in Setting::ALL {
            // The frame interval sets both blankings, the vertical one last.
            if setting == Setting::Exposure {
                if let Some(interval) = self.fps {
                    config = at_rate(config, interval)?;
                }
            }
            for (_, value) in wanted.iter().filter(|(found, _)| *found == setting) {
                let Some(value) = *value else { continue };
                let nearest = config.limits(setting).nearest(value);
                config = config
                    .with(setting.to(value))
                    .map_err(|error| anyhow!("{error}; nearest: {nearest}"))?;
            }
        }
        Ok(config)
    }
}

/// Returns a setting by its name.
fn change(text: &str) -> Result<Change> {
    let (name, value) = text
        .split_once('=')
        .context("a setting looks like digital-gain=512")?;
    let option = |setting: Setting| setting.name().replace(' ', "-").replace(['(', ')'], "");
    let setting = Setting::ALL
        .iter()
        .copied()
        .find(|&setting| option(setting) == name)
        .with_context(|| {
            let names: Vec<_> = Setting::ALL.iter().copied().map(option).collect();
            format!("{name} is none of {}", names.join(", "))
        })?;
    Ok(setting.to(value.parse()?))
}

/// Returns the interval nearest to what is asked for, if that is within a line of it, or what lines
/// come in.
fn at_rate(config: Config, wanted: Interval) -> Result<Config> {
    let next = config.with_frame_interval(wanted);
    let found = seconds(next.frame_interval());
    let timing = next.timing();
    let lines = 1 << long::Lines::of(timing.frame_length).shift;
    let step = f64::from(timing.line_length) * f64::from(lines) / next.pixel_rate() as f64;
    let fastest = config.with_frame_interval(Interval {
        numerator: 1,
        denominator: u32::MAX,
    });
    let slowest = config.with_frame_interval(Interval {
        numerator: u32::MAX,
        denominator: 1,
    });
    ensure!(
        (found - seconds(wanted)).abs() <= step,
        "{:.3} fps cannot be reached: this readout makes {:.3} to {:.3}; nearest: {:.3}",
        1.0 / seconds(wanted),
        1.0 / seconds(slowest.frame_interval()),
        1.0 / seconds(fastest.frame_interval()),
        1.0 / found,
    );
    Ok(next)
}

fn seconds(interval: Interval) -> f64 {
    f64::from(interval.numerator) / f64::from(interval.denominator)
}

/// Returns the highest link frequency that an INCK makes: the solver names it for one that is out
/// of reach.
fn fastest_link(part: &'static Part, inck_hz: u32) -> u64 {
    use imx412_host::sensor::{ClockTree, Inck};

    Inck::new(inck_hz)
        .and_then(|inck| ClockTree::solve(part, inck, u64::MAX).err())
        .and_then(|unreachable| unreachable.below)
        .unwrap_or_default()
}

/// `area` as the sensor counts it, from `origin` on.
fn rect(area: Area, origin: (u16, u16)) -> Option<Rect> {
    let from = |position: i32, origin: u16| u16::try_from(position - i32::from(origin)).ok();
    Some(Rect {
        left: from(area.left, origin.0)?,
        top: from(area.top, origin.1)?,
        size: Size {
            width: u16::try_from(area.size.width).ok()?,
            height: u16::try_from(area.size.height).ok()?,
        },
    })
}

fn same(rect: Rect, area: Area) -> bool {
    i32::from(rect.left) == area.left
        && i32::from(rect.top) == area.top
        && u32::from(rect.size.width) == area.size.width
        && u32::from(rect.size.height) == area.size.height
}

/// Returns a rectangle as the command line takes it.
fn written(rect: Rect) -> String {
    format!("{},{}/{}", rect.left, rect.top, rect.size)
}

/// Returns the sensor of a name.
fn part(text: &str) -> Result<&'static Part> {
    let named = |part: &&Part| part.name.to_str() == Ok(text);
    Part::ALL.into_iter().find(named).with_context(|| {
        let names = Part::ALL.map(|part| part.name.to_string_lossy());
        format!("{text} is none of {}", names.join(", "))
    })
}

fn pixels(text: &str) -> Result<Pixels> {
    let (width, height) = text
        .split_once('x')
        .context("a size looks like 3840x2160")?;
    Ok(Pixels {
        width: width.parse()?,
        height: height.parse()?,
    })
}

fn area(text: &str) -> Result<Area> {
    let form = "a rectangle looks like 116,456/3840x2160";
    let (place, size) = text.split_once('/').context(form)?;
    let (left, top) = place.split_once(',').context(form)?;
    Ok(Area {
        left: left.parse()?,
        top: top.parse()?,
        size: pixels(size)?,
    })
}

/// Returns the interval of a rate.
fn rate(text: &str) -> Result<Interval> {
    let (frames, seconds) = text.split_once('/').unwrap_or((text, "1"));
    let (frames, thousandths) = frames.split_once('.').unwrap_or((frames, ""));
    ensure!(thousandths.len() <= 3, "a rate has up to three decimals");
    let digits = u32::try_from(thousandths.len())?;
    let scale = 10u32.pow(digits);
    let denominator: u32 = format!("{frames}{thousandths}").parse()?;
    let seconds: u32 = seconds.parse()?;
    let numerator = seconds.checked_mul(scale).context("too long an interval")?;
    ensure!(numerator > 0 && denominator > 0, "a rate is above 0");
    Ok(Interval {
        numerator,
        denominator,
    })
}
