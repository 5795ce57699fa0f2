// SPDX-License-Identifier: GPL-2.0-only

//! DNG 1.4: a TIFF with what it takes to develop it, as darktable, RawTherapee and others read it.
//!
//! There is no measured colour matrix of the sensor in public; the file has that of sRGB's primaries,
//! and the white balance of a gray world.

use super::{cause, whole};
use crate::camera::Raw;
use crate::develop::gray_world;
use crate::formats::Colour;
use crate::sensor::State;
use anyhow::Result;
use std::io::Write;
use std::path::Path;
use tiff::encoder::{colortype, Rational, SRational, TiffEncoder};
use tiff::tags::Tag;
use tiff::TiffResult;

/// Numbers of the DNG specification, and of TIFF/EP for the first three.
const CFA_REPEAT: u16 = 33421;
const CFA_PATTERN: u16 = 33422;
const EXPOSURE_TIME: u16 = 33434;
const VERSION: u16 = 50706;
const BACKWARD_VERSION: u16 = 50707;
const UNIQUE_MODEL: u16 = 50708;
const CFA_PLANES: u16 = 50710;
const CFA_LAYOUT: u16 = 50711;
const BLACK_LEVEL: u16 = 50714;
const WHITE_LEVEL: u16 = 50717;
const COLOUR_MATRIX: u16 = 50721;
const NEUTRAL: u16 = 50728;
const ILLUMINANT: u16 = 50778;
/// A colour filter array.
const PHOTOMETRIC_CFA: u16 = 32803;
/// D65.
const DAYLIGHT: u16 = 21;
/// From XYZ to linear sRGB (IEC 61966-2-1), in 1/10000.
const XYZ_TO_SRGB: [i32; 9] = [32405, -15371, -4985, -9693, 18760, 416, 556, -2040, 10572];

/// Writes pixels as a DNG; `part` is the sensor's name.
///
/// # Errors
///
/// The file cannot be written.
pub fn dng(path: &Path, raw: &Raw, state: &State, part: &str) -> Result<()> {
    let (width, height) = (u32::try_from(raw.width)?, u32::try_from(raw.height)?);
    whole(path, |file| {
        TiffEncoder::new(file)
            .and_then(|mut encoder| {
                let mut image = encoder.new_image::<colortype::Gray16>(width, height)?;
                tags(image.encoder(), raw, state, part)?;
                image.write_data(&raw.values)
            })
            .map_err(cause)
    })
}

fn tags<W: Write + std::io::Seek, K: tiff::encoder::TiffKind>(
    directory: &mut tiff::encoder::DirectoryEncoder<'_, W, K>,
    raw: &Raw,
    state: &State,
    part: &str,
) -> TiffResult<()> {
    let model = part.to_ascii_uppercase();
    let pattern = raw.order.cell().map(|colour| match colour {
        Colour::Red => 0u8,
        Colour::GreenRed | Colour::GreenBlue => 1,
        Colour::Blue => 2,
    });
    let white = (1u32 << raw.bits) - 1;
    // 1/10000 of a second is coarser than the shortest exposures.
    let exposure = Rational {
        n: (state.exposure.0 * 1e6).round().clamp(1.0, 4e9) as u32,
        d: 1_000_000,
    };
    let neutral = gray_world(raw).map(|gain| Rational {
        n: (1e6 / f64::from(gain)).round().clamp(1.0, 4e9) as u32,
        d: 1_000_000,
    });
    let matrix = XYZ_TO_SRGB.map(|n| SRational { n, d: 10_000 });

    directory.write_tag(Tag::NewSubfileType, 0u32)?;
    directory.write_tag(Tag::PhotometricInterpretation, PHOTOMETRIC_CFA)?;
    directory.write_tag(Tag::Make, "Sony")?;
    directory.write_tag(Tag::Model, model.as_str())?;
    directory.write_tag(Tag::Orientation, 1u16)?;
    directory.write_tag(Tag::Software, "fsm-camera")?;
    directory.write_tag(Tag::Unknown(CFA_REPEAT), &[2u16, 2][..])?;
    directory.write_tag(Tag::Unknown(CFA_PATTERN), &pattern[..])?;
    directory.write_tag(Tag::Unknown(EXPOSURE_TIME), exposure)?;
    directory.write_tag(Tag::Unknown(VERSION), &[1u8, 4, 0, 0][..])?;
    directory.write_tag(Tag::Unknown(BACKWARD_VERSION), &[1u8, 1, 0, 0][..])?;
    directory.write_tag(Tag::Unknown(UNIQUE_MODEL), format!("Sony {model}").as_str())?;
    directory.write_tag(Tag::Unknown(CFA_PLANES), &[0u8, 1, 2][..])?;
    directory.write_tag(Tag::Unknown(CFA_LAYOUT), 1u16)?;
    directory.write_tag(Tag::Unknown(BLACK_LEVEL), raw.black)?;
    directory.write_tag(Tag::Unknown(WHITE_LEVEL), white)?;
    directory.write_tag(Tag::Unknown(COLOUR_MATRIX), &matrix[..])?;
    directory.write_tag(Tag::Unknown(NEUTRAL), &neutral[..])?;
    directory.write_tag(Tag::Unknown(ILLUMINANT), DAYLIGHT)
}
