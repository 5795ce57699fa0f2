// SPDX-License-Identifier: GPL-2.0-only

//! Files that fsm-camera wrote in a guest, all of the same frame, opened with programs that others
//! wrote: LibRaw and Pillow, in the Debian tree.

use super::tally::Tally;
use crate::env::{command, tools};
use crate::run::setup::Environment;
use anyhow::{ensure, Context, Result};
use std::fs;
use std::path::Path;

/// The frames' size.
const SIZE: (usize, usize) = (640, 480);
/// Prints an image's size, and its pixels as numbers of 32 bits.
const PIXELS: &str = "import sys; from PIL import Image; i = Image.open(sys.argv[1]); \
    print(*i.size, i.mode); sys.stdout.flush(); sys.stdout.buffer.write(i.convert('I').tobytes())";
/// Prints an image's size, mode, and the means of its colours.
const MEANS: &str = "import sys; from PIL import Image, ImageStat; i = Image.open(sys.argv[1]); \
    print(*i.size, i.mode, *ImageStat.Stat(i).mean)";
/// Tolerated distance of the mean colours of a gray world.
const GRAY: f64 = 6.0;

/// Opens the files in `folder`, if a guest has left some.
pub fn judge(environment: &Environment, folder: &Path, guest: &str, tally: &mut Tally) {
    if !folder.exists() {
        return;
    }
    let name = |what: &str| format!("{guest}: {what}");
    tally.judge(
        &name("TIFF has the frame's pixels"),
        pixels(environment, folder, "frame.tiff"),
    );
    tally.judge(
        &name("raw PNG has the frame's pixels"),
        pixels(environment, folder, "raw.png"),
    );
    tally.judge(
        &name("DNG has the frame's pixels, for LibRaw"),
        dng(environment, folder),
    );
    tally.judge(
        &name("LibRaw knows the DNG's camera and pattern"),
        identified(environment, folder),
    );
    tally.judge(
        &name("developed PNG is of a gray world"),
        developed(environment, folder),
    );
}

fn frame(folder: &Path) -> Result<Vec<u16>> {
    let bytes = fs::read(folder.join("frame.raw")).context("the guest left no frame.raw")?;
    let words = bytes.chunks_exact(2);
    Ok(words
        .map(|word| u16::from_le_bytes([word[0], word[1]]))
        .collect())
}

fn same(found: &[u16], folder: &Path) -> Result<()> {
    let frame = frame(folder)?;
    ensure!(
        frame.len() == SIZE.0 * SIZE.1,
        "the frame has {} pixels",
        frame.len()
    );
    ensure!(
        found.len() == frame.len(),
        "{} pixels instead of {}",
        found.len(),
        frame.len()
    );
    match frame.iter().zip(found).position(|(a, b)| a != b) {
        None => Ok(()),
        Some(at) => anyhow::bail!("pixel {at} is {} instead of {}", found[at], frame[at]),
    }
}

fn pillow(environment: &Environment, script: &str, file: &Path) -> Result<Vec<u8>> {
    let Environment { paths, tree, .. } = environment;
    tools::install(paths, "python3-pil")?;
    let mut python = tree.command(&paths.repo, "python3")?;
    python.args(["-c", script]).arg(file);
    command::bytes(&mut python)
}

fn pixels(environment: &Environment, folder: &Path, name: &str) -> Result<()> {
    let output = pillow(environment, PIXELS, &folder.join(name))?;
    let line = output
        .iter()
        .position(|byte| *byte == b'\n')
        .context("no line of a size")?;
    let (head, bytes) = (&output[..line], &output[line + 1..]);
    let head = String::from_utf8_lossy(head);
    ensure!(head == "640 480 I;16", "Pillow says it is {head}");
    let values: Vec<u16> = bytes
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]) as u16)
        .collect();
    same(&values, folder)
}

fn libraw(
    environment: &Environment,
    program: &str,
    arguments: &[&str],
    file: &Path,
) -> Result<String> {
    let Environment { paths, tree, .. } = environment;
    tools::install(paths, "libraw-bin")?;
    let mut command = tree.command(&paths.repo, program)?;
    command.args(arguments).arg(file);
    command::output(&mut command)
}

fn dng(environment: &Environment, folder: &Path) -> Result<()> {
    libraw(
        environment,
        "unprocessed_raw",
        &["-q"],
        &folder.join("frame.dng"),
    )?;
    let file = fs::read(folder.join("frame.dng.pgm")).context("LibRaw wrote no frame.dng.pgm")?;
    let size = format!("{} {}", SIZE.0, SIZE.1);
    let head = format!("P5\n{size}\n65535\n");
    let bytes = file
        .strip_prefix(head.as_bytes())
        .with_context(|| format!("LibRaw's PGM begins with {:?}", &file[..file.len().min(24)]))?;
    let words = bytes.chunks_exact(2);
    let values: Vec<u16> = words
        .map(|word| u16::from_be_bytes([word[0], word[1]]))
        .collect();
    same(&values, folder)
}

fn identified(environment: &Environment, folder: &Path) -> Result<()> {
    let text = libraw(
        environment,
        "raw-identify",
        &["-v"],
        &folder.join("frame.dng"),
    )?;
    for word in ["Sony", "IMX412", "Filter pattern: RGGB", "640 x 480"] {
        ensure!(
            text.contains(word),
            "raw-identify does not say {word}:\n{text}"
        );
    }
    Ok(())
}

fn developed(environment: &Environment, folder: &Path) -> Result<()> {
    let output = pillow(environment, MEANS, &folder.join("frame.png"))?;
    let text = String::from_utf8_lossy(&output);
    let words: Vec<&str> = text.split_whitespace().collect();
    let [width, height, mode, means @ ..] = &words[..] else {
        anyhow::bail!("Pillow says {text}");
    };
    ensure!(
        (*width, *height, *mode) == ("640", "480", "RGB"),
        "Pillow says {text}"
    );
    let means: Vec<f64> = means.iter().filter_map(|mean| mean.parse().ok()).collect();
    ensure!(
        means.len() == 3 && means[1] > 20.0,
        "the means are {means:?}"
    );
    let far = means.iter().any(|mean| (mean - means[1]).abs() > GRAY);
    ensure!(!far, "the means are {means:?}");
    Ok(())
}
