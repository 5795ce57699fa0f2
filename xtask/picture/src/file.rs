// SPDX-License-Identifier: GPL-2.0-only

//! Picture files.

use super::Picture;
use anyhow::{bail, Context, Result};
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Cursor};
use std::path::Path;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

/// Reads a PNG, JPEG or binary PPM file, whichever its content is.
///
/// # Errors
///
/// The file cannot be read, or is none of them.
pub fn load(path: &Path) -> Result<Picture> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let picture = if bytes.starts_with(b"\x89PNG") {
        decode_png(&bytes)
    } else if bytes.starts_with(b"\xff\xd8") {
        decode_jpeg(&bytes)
    } else if bytes.starts_with(b"P6") {
        decode_ppm(&bytes)
    } else {
        bail!("{} is neither a PNG nor a JPEG file", path.display());
    };
    picture.with_context(|| format!("cannot read the picture {}", path.display()))
}

fn decode_png(bytes: &[u8]) -> Result<Picture> {
    let mut decoder = png::Decoder::new(BufReader::new(Cursor::new(bytes)));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut samples = vec![0; reader.output_buffer_size().context("too large")?];
    let info = reader.next_frame(&mut samples)?;
    samples.truncate(info.buffer_size());
    let pixels = samples
        .chunks_exact(info.color_type.samples())
        .map(|sample| match sample {
            [red, green, blue, ..] => [*red, *green, *blue],
            [grey, ..] => [*grey; 3],
            [] => [0; 3],
        })
        .collect();
    Picture::from_pixels(info.width as usize, info.height as usize, pixels)
        .context("rows are missing")
}

fn decode_jpeg(bytes: &[u8]) -> Result<Picture> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(Cursor::new(bytes), options);
    let samples = decoder.decode()?;
    let info = decoder.info().context("no size")?;
    let pixels = samples
        .chunks_exact(3)
        .map(|sample| [sample[0], sample[1], sample[2]])
        .collect();
    Picture::from_pixels(info.width.into(), info.height.into(), pixels).context("rows are missing")
}

/// Returns a PPM as libcamera's `cam` writes it: without comments, 8 bits.
fn decode_ppm(bytes: &[u8]) -> Result<Picture> {
    let mut words = bytes.splitn(5, u8::is_ascii_whitespace).skip(1);
    let mut number = || -> Result<usize> {
        let word = words.next().context("the head ends early")?;
        Ok(std::str::from_utf8(word)?.parse()?)
    };
    let (width, height, most) = (number()?, number()?, number()?);
    if most != 255 {
        bail!("the largest value is {most}");
    }
    let samples = words.next().context("there are no pixels")?;
    let pixels = samples
        .chunks_exact(3)
        .map(|sample| [sample[0], sample[1], sample[2]])
        .collect();
    Picture::from_pixels(width, height, pixels).context("rows are missing")
}

/// Writes a PNG file, compressed for speed: a full frame takes a fraction of a second.
///
/// # Errors
///
/// The file cannot be written.
pub fn save(picture: &Picture, path: &Path) -> Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let size = |value: usize| u32::try_from(value).context("the picture is too large for PNG");
    let mut encoder = png::Encoder::new(
        BufWriter::new(file),
        size(picture.width())?,
        size(picture.height())?,
    );
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_source_srgb(png::SrgbRenderingIntent::RelativeColorimetric);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(picture.pixels().as_flattened())?;
    writer.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_loads_as_it_was() {
        let path = std::env::temp_dir().join(format!("xtask-{}-picture.png", std::process::id()));
        let mut picture = Picture::new(5, 3, [10, 20, 30]);
        picture.fill((1, 1, 2, 1), [255, 0, 7]);
        save(&picture, &path).unwrap();
        assert_eq!(load(&path).unwrap(), picture);
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_ppm_is_read() {
        let picture = decode_ppm(b"P6\n2 1\n255\n\n\x00 ABC").unwrap();
        assert_eq!(picture.pixels(), [[b'\n', 0, b' '], *b"ABC"]);
        decode_ppm(b"P6\n2 1\n255\nABC").unwrap_err();
    }

    #[test]
    fn other_files_are_refused_by_name() {
        let error = load(Path::new(file!()).file_name().unwrap().as_ref());
        assert!(error.is_err());
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert!(load(manifest.as_ref())
            .unwrap_err()
            .to_string()
            .contains("neither a PNG nor a JPEG"));
    }
}
