// SPDX-License-Identifier: GPL-2.0-only

//! From light to pixel values: exposure, gains, black level, depth.
//!
//! A photosite under light L (0 to 65535, sRGB white being 65535) gives
//!
//! ```text
//! signal = L / 65535 * S * exposure / 10 ms * 1024 / (1024 - analogue code) * digital gain / 256
//! pixel  = min(round(signal) + pedestal, 2^bits - 1)
//! ```
//!
//! where S is the range above the default black level: 2^bits - 1 - (256 >> (12 - bits)), that is
//! 959 at 10 bits and 3839 at 12. So scene white just saturates at [`REFERENCE_EXPOSURE_NS`] and
//! unity gains; this is the model's own choice, the sensor's sensitivity is not public.

use super::{
    frame::FrameSettings,
    level::{
        from_12_bit,
        full_scale,
        PEDESTAL_12_BIT, //
    },
    srgb::LINEAR, //
};
use crate::virtual_board::model::program::ratio::mul_div;

/// The exposure, in ns, that takes the scene's white to full scale at unity gains.
pub const REFERENCE_EXPOSURE_NS: u64 = 10_000_000;

/// Fraction bits of the total gain.
const FRACTION: u32 = 20;
/// 65536x: brings the darkest light above zero to full scale, and leaves room for the products.
const GAIN_MAX: u64 = 1 << (FRACTION + 16);

/// Exposure and gains in one factor, 1 << FRACTION being 1.
fn total_gain(settings: &FrameSettings, digital: u16) -> u64 {
    let exposure =
        mul_div(settings.exposure_ns, 1 << FRACTION, REFERENCE_EXPOSURE_NS).min(GAIN_MAX);
    let analogue = exposure
        .saturating_mul(1024)
        .checked_div(1024u64.saturating_sub(settings.analogue_gain.into()))
        .unwrap_or(GAIN_MAX)
        .min(GAIN_MAX);
    (analogue.saturating_mul(digital.into()) / 256).min(GAIN_MAX)
}

/// Fills `table` with the pixel value for each code of the scene, for a colour that has the
/// digital gain `digital`.
pub(super) fn fill_table(settings: &FrameSettings, digital: u16, table: &mut [u16]) {
    let bits = settings.bits;
    let max = full_scale(bits);
    let range = u64::from(max.saturating_sub(from_12_bit(PEDESTAL_12_BIT, bits)));
    let gain = total_gain(settings, digital);
    let unit = 65535u64 << FRACTION;

    for (pixel, light) in table.iter_mut().zip(LINEAR) {
        let signal = u64::from(light)
            .saturating_mul(range)
            .saturating_mul(gain)
            .saturating_add(unit / 2)
            / unit;
        let value = signal.saturating_add(settings.pedestal.into());
        *pixel = u16::try_from(value).unwrap_or(max).min(max);
    }
}
