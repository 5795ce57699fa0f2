// SPDX-License-Identifier: GPL-2.0-only

//! Files: PNG of a developed frame, and PNG, TIFF and DNG of what the sensor sent.

mod dng;

pub use dng::dng;

use crate::camera::Raw;
use crate::develop::Picture;
use anyhow::{bail, ensure, Context, Result};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tiff::encoder::{colortype, TiffEncoder};
use tiff::TiffError;

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

/// Returns true for a pipe or a device, as /dev/null. Frames go into it one after the
/// other.
pub fn is_pipe(path: &Path) -> bool {
    path.exists() && !path.is_file() && !path.is_dir()
}

/// Checks that files can be made in the folder of `path`, before a frame is waited for; `option` is the
/// one that names another.
///
/// # Errors
///
/// There is no such folder, or it takes no files of this user's.
pub fn check_folder(path: &Path, option: &str) -> Result<()> {
    use rustix::fs::{access, Access};
    if is_pipe(path) {
        return Ok(());
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let name = folder.display();
    ensure!(
        folder.is_dir(),
        "there is no folder {name}: make it (mkdir -p), or choose another by {option}"
    );
    access(folder, Access::WRITE_OK | Access::EXEC_OK)
        .with_context(|| format!("cannot write into the folder {name}: choose another by {option}"))
}

/// Has `write` write a file. It gets its name when it is whole: what a full disk or Ctrl-C leaves half
/// written looks like no frame.
fn whole<T>(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> Result<T>) -> Result<T> {
    let write_to = |path: &Path| -> Result<T> {
        let mut file = BufWriter::new(File::create(path)?);
        let done = write(&mut file)?;
        file.flush()?;
        Ok(done)
    };
    let written = if is_pipe(path) {
        write_to(path)
    } else {
        // A link stays one.
        let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut name = path.as_os_str().to_owned();
        name.push(".part");
        let part = PathBuf::from(name);
        let written = write_to(&part).and_then(|done| {
            fs::rename(&part, path)?;
            Ok(done)
        });
        if written.is_err() {
            // If there is one.
            let _ = fs::remove_file(&part);
        }
        written
    };
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Writes bytes as they are.
///
/// # Errors
///
/// The file cannot be written.
pub fn raw(path: &Path, bytes: &[u8]) -> Result<()> {
    whole(path, |file| Ok(file.write_all(bytes)?))
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
    let (width, height) = (u32::try_from(width)?, u32::try_from(height)?);
    whole(path, |file| {
        let mut encoder = png::Encoder::new(file, width, height);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(bytes)?;
        Ok(writer.finish()?)
    })
}

/// Writes pixels as a TIFF of 16 bits, not scaled.
///
/// # Errors
///
/// The file cannot be written.
pub fn tiff(path: &Path, raw: &Raw) -> Result<()> {
    let (width, height) = (u32::try_from(raw.width)?, u32::try_from(raw.height)?);
    whole(path, |file| {
        TiffEncoder::new(file)
            .and_then(|mut encoder| {
                encoder.write_image::<colortype::Gray16>(width, height, &raw.values)
            })
            .map_err(cause)
    })
}

/// Unwraps an error of the crate, which repeats the one below it.
fn cause(error: TiffError) -> anyhow::Error {
    match error {
        TiffError::IoError(error) => error.into(),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("fsm-camera-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn a_file_that_could_not_be_written_leaves_the_one_before() {
        let folder = folder("half");
        let path = folder.join("shot.raw");
        raw(&path, b"first").unwrap();
        let error = whole(&path, |file| -> Result<()> {
            file.write_all(b"sec")?;
            file.flush()?;
            bail!("no space left")
        });
        let error = format!("{:#}", error.unwrap_err());
        assert!(error.contains("shot.raw: no space"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(names(&folder), ["shot.raw"]);
        raw(&path, b"third").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"third");
        assert_eq!(names(&folder), ["shot.raw"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_no_file_is_written_in_place() {
        raw(Path::new("/dev/null"), b"frame").unwrap();
        assert!(!Path::new("/dev/null").is_file());
    }

    #[test]
    fn a_folder_that_is_missing_is_named_with_the_option() {
        let error = check_folder(Path::new("/no/such/shot.png"), "-o").unwrap_err();
        let error = format!("{error:#}");
        assert!(
            error.contains("/no/such") && error.contains("another by -o"),
            "{error}"
        );
        check_folder(Path::new("shot.png"), "-o").unwrap();
        check_folder(&std::env::temp_dir().join("shot.png"), "-o").unwrap();
    }
}
