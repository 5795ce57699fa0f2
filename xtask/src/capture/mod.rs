// SPDX-License-Identifier: GPL-2.0-only

//! The results of the guest's `capture` (tests/guest/camera.sh): a frame, and the log
//! of the frames before it.

pub mod rate;

use anyhow::{ensure, Context, Result};
use picture::bayer::Raw;
use rate::Timing;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Changes of the board's counters during a capture.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Messages on the I2C bus.
    pub messages: u64,
    /// Bytes in them, without the device's address.
    pub bytes: u64,
    /// Transfers that the messages came in.
    pub transfers: u64,
    /// Frames that the sensor started.
    pub started: u64,
    /// Frames that arrived in a buffer.
    pub delivered: u64,
    /// Frames for which there was no buffer or no time.
    pub dropped: u64,
}

/// A rectangle of the native array, as selections are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Crop {
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// One capture, as the guest reports it.
#[derive(Debug, Clone, Serialize)]
pub struct Capture {
    /// Pixel format, a V4L2 four-character code.
    pub pixel_format: String,
    /// Pixels per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The part of the array that the image shows.
    pub crop: Crop,
    /// Values of the sensor's controls.
    pub controls: BTreeMap<String, i64>,
    /// Frames per second that the controls promise: PIXEL_RATE over line and frame length.
    pub fps_expected: f64,
    /// Frames per second by the frames' own numbers and time stamps.
    pub fps_measured: f64,
    /// The board's counters.
    pub counters: Counters,
    /// Objections of the emulated sensor and of the receiver so far, by name.
    pub violations: BTreeMap<String, u64>,
    #[serde(skip)]
    bytes_per_line: usize,
}

impl Capture {
    /// Reads a capture's folder, except for the frame.
    ///
    /// # Errors
    ///
    /// A file is missing or does not say what it should.
    pub fn read(folder: &Path) -> Result<Self> {
        let text = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path)
                .with_context(|| format!("the guest left no {}", path.display()))
        };
        let (stream, sensor) = (text("stream")?, text("sensor")?);
        let (width, height) = field(&stream, "Width/Height")?
            .split_once('/')
            .context("no size")?;
        let unsettled = match fs::read_to_string(folder.join("settled")) {
            Ok(count) => count.trim().parse()?,
            Err(_) => 0,
        };
        let timing = Timing::parse(&stream, unsettled)?;
        let controls = controls(&sensor);
        let (width, height) = (width.parse()?, height.parse()?);
        Ok(Self {
            pixel_format: field(&stream, "Pixel Format")?
                .chars()
                .skip(1)
                .take(4)
                .collect(),
            bytes_per_line: field(&stream, "Bytes per Line")?.parse()?,
            width,
            height,
            crop: crop(&sensor)?,
            fps_expected: promised_rate(&controls, width, height)?,
            fps_measured: if unsettled > 0 {
                timing.median_rate()
            } else {
                timing.rate()
            },
            counters: difference(&numbers(&text("before")?), &numbers(&text("after")?)),
            violations: numbers(&text("violations")?)
                .into_iter()
                .filter(|(name, count)| name != "total" && *count > 0)
                .collect(),
            controls,
        })
    }

    /// Reads the frame that goes with it.
    ///
    /// # Errors
    ///
    /// It is missing or has the wrong size.
    pub fn frame(&self, folder: &Path) -> Result<Raw> {
        let path = folder.join("frame.raw");
        let bytes =
            fs::read(&path).with_context(|| format!("the guest left no {}", path.display()))?;
        let size = (self.width, self.height);
        Raw::unpack(&bytes, &self.pixel_format, size, self.bytes_per_line)
            .with_context(|| path.display().to_string())
    }
}

fn field<'a>(text: &'a str, name: &str) -> Result<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
        .with_context(|| format!("v4l2-ctl told no {name}"))
}

/// Parses the output of `v4l2-ctl --get-subdev-selection`: "Selection: crop, Left 8, Top 16, Width
/// 4056, Height 3040, Flags: ".
fn crop(text: &str) -> Result<Crop> {
    let text = text
        .lines()
        .find(|line| line.starts_with("Selection: crop"))
        .context("v4l2-ctl told no crop")?;
    let value = |name: &str| {
        let value = text
            .split(", ")
            .find_map(|part| part.strip_prefix(name))
            .with_context(|| format!("the crop has no {name}"))?;
        Ok::<usize, anyhow::Error>(value.trim().parse()?)
    };
    Ok(Crop {
        left: value("Left ")?,
        top: value("Top ")?,
        width: value("Width ")?,
        height: value("Height ")?,
    })
}

/// Lines "name number".
fn numbers(text: &str) -> BTreeMap<String, u64> {
    text.lines()
        .filter_map(|line| line.rsplit_once(' '))
        .filter_map(|(name, number)| Some((name.to_owned(), number.parse().ok()?)))
        .collect()
}

/// Lines of `v4l2-ctl -l`: "name 0x00980911 (int) : min=8 ... value=1608 flags=...".
fn controls(text: &str) -> BTreeMap<String, i64> {
    text.lines()
        .filter_map(|line| {
            let name = line.split_whitespace().next()?;
            let (_, value) = line.split_once(" value=")?;
            let value = value.split_whitespace().next()?;
            Some((name.to_owned(), value.parse().ok()?))
        })
        .collect()
}

fn promised_rate(controls: &BTreeMap<String, i64>, width: usize, height: usize) -> Result<f64> {
    let value = |name: &str| {
        let value = *controls
            .get(name)
            .with_context(|| format!("the sensor has no {name}"))?;
        Ok::<f64, anyhow::Error>(value as f64)
    };
    let line = width as f64 + value("horizontal_blanking")?;
    let frame = height as f64 + value("vertical_blanking")?;
    ensure!(line > 0.0 && frame > 0.0, "a frame without extent");
    Ok(value("pixel_rate")? / (line * frame))
}

fn difference(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> Counters {
    let count = |name: &str| {
        let value = |of: &BTreeMap<String, u64>| of.get(name).copied().unwrap_or_default();
        value(after).saturating_sub(value(before))
    };
    Counters {
        messages: count("messages"),
        bytes: count("bytes"),
        transfers: count("transfers"),
        started: count("started"),
        delivered: count("delivered"),
        dropped: count("dropped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROLS: &str = "
User Controls

                       exposure 0x00980911 (int)    : min=8 max=3081 step=1 default=1608 value=1862 flags=has-min-max
              vertical_blanking 0x009e0901 (int)    : min=52 max=62460 step=1 default=63 value=62 flags=has-min-max
            horizontal_blanking 0x009e0902 (int)    : min=456 max=61464 step=4 default=456 value=456 flags=has-min-max
                 link_frequency 0x009f0901 (intmenu): min=0 max=3 default=0 value=0 (1050000000 0x3e95ba80) flags=has-min-max
                     pixel_rate 0x009f0902 (int64)  : min=840000000 max=840000000 step=1 default=840000000 value=840000000 flags=read-only
";

    #[test]
    fn controls_promise_the_rate_that_public_tables_give() {
        let controls = controls(CONTROLS);
        assert_eq!(
            (controls["exposure"], controls["link_frequency"]),
            (1862, 0)
        );
        // 840 MHz, 4512 x 3102: 60.016 frames per second, as in Rockchip's imx577 tables.
        let rate = promised_rate(&controls, 4056, 3040).unwrap();
        assert!((rate - 60.016).abs() < 0.001, "{rate}");
    }

    #[test]
    fn crops_are_read_as_they_are_told() {
        let text = "ioctl: VIDIOC_SUBDEV_G_SELECTION (pad=0)
Selection: crop, Left 116, Top 456, Width 3840, Height 2160, Flags: \n";
        let read = crop(text).unwrap();
        assert_eq!((read.left, read.top), (116, 456));
        assert_eq!((read.width, read.height), (3840, 2160));
        crop("Selection: crop, Left 116").unwrap_err();
    }

    #[test]
    fn counters_are_differences() {
        let before = numbers("messages 2\nbytes 4\ntransfers 1\nstarted 0\n");
        let after = numbers(
            "messages 118\nbytes 555\ntransfers 117\nstarted 24\ndelivered 8\ndropped 16\n",
        );
        let counters = difference(&before, &after);
        assert_eq!(
            (counters.messages, counters.bytes, counters.dropped),
            (116, 551, 16)
        );
    }
}
