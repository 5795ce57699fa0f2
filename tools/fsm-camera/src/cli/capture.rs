// SPDX-License-Identifier: GPL-2.0-only

//! `fsm-camera capture`.

use super::screen::{Progress, Screen};
use super::{Global, Usage};
use anyhow::{ensure, Context, Result};
use clap::{Args, ValueEnum};
use fsm_camera::auto;
use fsm_camera::camera::Settings;
use fsm_camera::develop::develop;
use fsm_camera::save::{self, FileFormat};
use fsm_camera::sensor::State;
use fsm_camera::stream::{Frame, Stream};
use fsm_camera::units::{Fps, Gain, Seconds, Size};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Buffers of a stream.
const BUFFERS: u32 = 4;
/// A frame that is later than its period and this is not coming.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two looks at the bar.
const GLANCE: Duration = Duration::from_millis(200);

#[derive(Args)]
#[command(after_help = "Examples:
  fsm-camera capture --size 1920x1080 --depth 12 --exposure 10ms --gain 6dB --fps 30 --count 5 -o shot.png
  fsm-camera capture --auto -o shot.dng
  fsm-camera capture --exposure 1/50 --format png-raw -o dark.png")]
pub struct Options {
    /// The frame's size; the whole array if it is not given
    #[arg(long, value_name = "WIDTHxHEIGHT")]
    size: Option<Size>,
    /// Bits per pixel: 10 if it is not given
    #[arg(long)]
    depth: Option<u32>,
    /// Exposure time with its unit: 10ms, 250us, 1.5s, 1/50
    #[arg(long, value_name = "TIME")]
    exposure: Option<Seconds>,
    /// Gain in times or decibels: 2x, 6dB. As much of it as there is is analogue
    #[arg(long)]
    gain: Option<Gain>,
    /// Frames per second
    #[arg(long)]
    fps: Option<Fps>,
    /// Find exposure and gain for the scene
    #[arg(long, conflicts_with_all = ["exposure", "gain"])]
    auto: bool,
    /// Mirror the image
    #[arg(long, value_name = "ON")]
    hflip: Option<bool>,
    /// Turn the image upside down
    #[arg(long, value_name = "ON")]
    vflip: Option<bool>,
    /// Number of frames to save; their names get numbers if there are several
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
    /// Frames to let go by before the first one that is saved
    #[arg(long, default_value_t = 0)]
    skip: u32,
    /// The file. Its name says the format: .png (developed), .tiff (raw, 16 bits), .dng, .raw. A file
    /// of this name is replaced
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The format, whatever the name says
    #[arg(long)]
    format: Option<Format>,
    /// The video node, if the receiver has several: its path, or the name of its entity
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Developed: demosaiced, gray-world balanced, 8 bits
    Png,
    /// As it came, in 16 bits
    PngRaw,
    /// As it came, in 16 bits
    Tiff,
    /// As it came, with what it takes to develop it
    Dng,
    /// The bytes of the buffer
    Raw,
}

/// A saved frame.
#[derive(Serialize)]
struct Saved {
    file: PathBuf,
    sequence: u32,
    time: f64,
    /// The receiver says so, or it is shorter than a frame.
    damaged: bool,
}

/// Report of a capture.
#[derive(Serialize)]
struct Report {
    state: State,
    rounded: Vec<String>,
    pixel_format: String,
    bytes_per_line: u32,
    frames: Vec<Saved>,
    dropped: u32,
}

pub fn run(screen: &Screen, global: &Global, options: &Options) -> Result<ExitCode> {
    let format = match options.format {
        None => FileFormat::of(&options.output).map_err(|error| Usage(error.to_string()))?,
        Some(Format::Png) => FileFormat::Png,
        Some(Format::PngRaw) => FileFormat::PngRaw,
        Some(Format::Tiff) => FileFormat::Tiff,
        Some(Format::Dng) => FileFormat::Dng,
        Some(Format::Raw) => FileFormat::Raw,
    };
    save::check_folder(&options.output, "-o")?;
    let camera = global.find()?;
    let part = camera.entity()?.part().unwrap_or("sensor");
    let configured = camera.configure(&Settings {
        size: options.size,
        depth: options.depth,
        exposure: options.exposure,
        gain: options.gain,
        fps: options.fps,
        hflip: options.hflip,
        vflip: options.vflip,
        pattern: 0,
        node: options.node.clone(),
    })?;
    let rounded = configured.rounded.clone();
    for note in &rounded {
        eprintln!("note: {note}");
    }
    let limit = PATIENCE + Duration::from_secs_f64(2.0 / configured.state.fps.0);
    let (stream, mut state) = configured.start(BUFFERS)?;
    let mut progress = Progress::new(*screen);
    if options.auto {
        let tell = &mut |done, all| progress.at("rounds for the exposure", done, all);
        auto::run(camera.sensor(), &stream, limit, tell)?;
        state = camera.sensor().state()?;
    }
    let layout = stream.layout();
    let mut frames = Vec::new();
    let mut frame = Frame::default();
    let mut dropped = 0;
    let mut last = None;
    let all = options.skip.saturating_add(options.count);
    for at in 0..all {
        let mut tell = || progress.at("frames", at as usize, all as usize);
        wait(&stream, limit, &mut frame, &mut tell)?;
        if let Some(last) = last {
            dropped += frame.sequence.wrapping_sub(last).saturating_sub(1);
        }
        last = Some(frame.sequence);
        if at < options.skip {
            continue;
        }
        let damaged = !frame.is_whole(layout);
        let file = name(&options.output, options.count, at - options.skip);
        if damaged {
            eprintln!(
                "warning: frame {} is damaged ({} of {} bytes): fsm-camera check looks for the reason",
                frame.sequence,
                frame.bytes.len(),
                layout.bytes()
            );
        }
        save_frame(&file, format, &frame, &state, layout, part)?;
        frames.push(Saved {
            file,
            sequence: frame.sequence,
            time: frame.time,
            damaged,
        });
    }
    drop(progress);
    let report = Report {
        state,
        rounded,
        pixel_format: layout.memory.name(),
        bytes_per_line: layout.stride,
        frames,
        dropped,
    };
    show(screen, &report)?;
    Ok(ExitCode::SUCCESS)
}

/// Waits for the next frame, and tells so meanwhile.
fn wait(stream: &Stream, limit: Duration, frame: &mut Frame, tell: &mut dyn FnMut()) -> Result<()> {
    let begun = Instant::now();
    loop {
        tell();
        let left = limit.saturating_sub(begun.elapsed());
        let came = stream.next(left.min(GLANCE), frame).context(
            "the stream has ended: the camera was unplugged, its driver unbound, or its receiver failed; \
             fsm-camera check looks for the reason",
        )?;
        if came {
            return Ok(());
        }
        ensure!(
            !left.is_zero(),
            "no frame came within {:.1} s: fsm-camera check looks for the reason",
            limit.as_secs_f64()
        );
    }
}

fn save_frame(
    file: &Path,
    format: FileFormat,
    frame: &Frame,
    state: &State,
    layout: fsm_camera::stream::NodeLayout,
    part: &str,
) -> Result<()> {
    if format == FileFormat::Raw {
        return save::raw(file, &frame.bytes);
    }
    let raw = state.raw(frame, layout)?;
    match format {
        FileFormat::Png => save::png(file, &develop(&raw)?),
        FileFormat::PngRaw => save::png_raw(file, &raw),
        FileFormat::Tiff => save::tiff(file, &raw),
        FileFormat::Dng => save::dng(file, &raw, state, part),
        FileFormat::Raw => Ok(()),
    }
}

/// `shot.png` as `shot-3.png` if there are several, and they are files.
fn name(output: &Path, count: u32, index: u32) -> PathBuf {
    if count == 1 || save::is_pipe(output) {
        return output.to_owned();
    }
    let digits = count.to_string().len();
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    let mut name = format!("{stem}-{:0digits$}", index + 1);
    if let Some(extension) = output.extension() {
        name.push('.');
        name.push_str(&extension.to_string_lossy());
    }
    output.with_file_name(name)
}

fn show(screen: &Screen, report: &Report) -> Result<()> {
    if screen.json {
        return screen.json(report);
    }
    let state = &report.state;
    for saved in &report.frames {
        screen.line(&saved.file.display().to_string())?;
    }
    screen.pair(
        "format",
        &format!(
            "{}, {} bits, {}, in memory {} with {} bytes a line",
            state.size,
            state.bits,
            state.order.name(),
            report.pixel_format,
            report.bytes_per_line
        ),
    )?;
    screen.pair("exposure", &state.exposure.to_string())?;
    let gain = Gain(state.analogue_gain.0 * state.digital_gain.0);
    screen.pair("gain", &gain.to_string())?;
    screen.pair("frame rate", &state.fps.to_string())?;
    if report.dropped > 0 {
        screen.pair("dropped", &format!("{} frames", report.dropped))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_files_are_numbered() {
        let path = Path::new("/tmp/a.b/shot.png");
        assert_eq!(name(path, 1, 0), path);
        assert_eq!(name(path, 5, 2), Path::new("/tmp/a.b/shot-3.png"));
        assert_eq!(name(path, 12, 2), Path::new("/tmp/a.b/shot-03.png"));
        assert_eq!(name(Path::new("/dev/null"), 12, 2), Path::new("/dev/null"));
    }
}
