// SPDX-License-Identifier: GPL-2.0-only

//! Files: PNG of a developed frame, and PNG, TIFF and DNG of what the sensor sent.

mod dng;

pub use dng::dng;

use crate::camera::Raw;
use crate::develop::Picture;
use anyhow::{bail, Context, Result};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use tiff::encoder::{colortype, TiffEncoder};

/// File format of a saved frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Developed, 8 bits per colour.
    Png,
    /// Pixels as they came, in 16 bits.
    PngRaw,
    /// The same.
    Tiff,
    /// The same with what it takes to develop it.
    Dng,
    /// The bytes of the buffer.
    Raw,
}

impl FileFormat {
    /// Returns the format that a file's name stands for.
    ///
    /// # Errors
    ///
    /// It stands for none.
    pub fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        Ok(match extension.to_ascii_lowercase().as_str() {
            "png" => Self::Png,
            "tif" | "tiff" => Self::Tiff,
            "dng" => Self::Dng,
            "raw" => Self::Raw,
            _ => bail!(
                "{}: its name says no format: end it in .png, .tiff, .dng or .raw, or name one by --format",
                path.display()
            ),
        })
    }
}

fn create(path: &Path) -> Result<BufWriter<File>> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(BufWriter::new(file))
}

/// Writes bytes as they are.
///
/// # Errors
///
/// The file cannot be written.
pub fn raw(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = create(path)?;
    file.write_all(bytes)
        .and_then(|()| file.flush())
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a developed frame as PNG.
///
/// # Errors
///
/// The file cannot be written.
pub fn png(path: &Path, picture: &Picture) -> Result<()> {
    let size = (picture.width, picture.height);
    write_png(
        path,
        size,
        (png::ColorType::Rgb, png::BitDepth::Eight),
        &picture.rgb,
    )
}

/// Writes pixels as a PNG of 16 bits, not scaled: its text `bits` says how many count.
///
/// # Errors
///
/// The file cannot be written.
pub fn png_raw(path: &Path, raw: &Raw) -> Result<()> {
    let bytes: Vec<u8> = raw.values.iter().flat_map(|v| v.to_be_bytes()).collect();
    let size = (raw.width, raw.height);
    write_png(
        path,
        size,
        (png::ColorType::Grayscale, png::BitDepth::Sixteen),
        &bytes,
    )
}

fn write_png(
    path: &Path,
    (width, height): (usize, usize),
    (colour, depth): (png::ColorType, png::BitDepth),
    bytes: &[u8],
) -> Result<()> {
    let mut file = create(path)?;
    let mut encoder = png::Encoder::new(&mut file, u32::try_from(width)?, u32::try_from(height)?);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::Fast);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(bytes)?;
        writer.finish()
    });
    written.with_context(|| format!("cannot write {}", path.display()))?;
    file.flush()
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Writes pixels as a TIFF of 16 bits, not scaled.
///
/// # Errors
///
/// The file cannot be written.
pub fn tiff(path: &Path, raw: &Raw) -> Result<()> {
    let mut file = create(path)?;
    let (width, height) = (u32::try_from(raw.width)?, u32::try_from(raw.height)?);
    TiffEncoder::new(&mut file)
        .and_then(|mut encoder| {
            encoder.write_image::<colortype::Gray16>(width, height, &raw.values)
        })
        .with_context(|| format!("cannot write {}", path.display()))?;
    file.flush()
        .with_context(|| format!("cannot write {}", path.display()))
}
