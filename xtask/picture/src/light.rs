// SPDX-License-Identifier: GPL-2.0-only

//! The chart in other light than the one it is drawn in.

use super::bayer::{HEIGHT, WIDTH};
use super::{chart, scene, Picture};

/// The parts of red, green and blue light that are left, 1 for all of it.
pub type Light = [f32; 3];

/// As the chart is drawn.
pub const FULL: Light = [1.0; 3];
/// A third of it.
pub const DIM: Light = [0.33; 3];
/// Of an incandescent lamp.
pub const WARM: Light = [1.0, 0.62, 0.33];
/// A fortieth of it, which only gain makes visible.
pub const NIGHT: Light = [0.025; 3];

/// Returns the scene that the chart is in this light.
pub fn on_the_chart(light: &Light) -> Vec<u8> {
    let chart = chart::draw(WIDTH, HEIGHT);
    let tables =
        light.map(|left| -> Vec<u8> { (0..=255).map(|code| dimmed(code, left)).collect() });
    let pixels = chart
        .pixels()
        .iter()
        .map(|[red, green, blue]| {
            [
                tables[0][usize::from(*red)],
                tables[1][usize::from(*green)],
                tables[2][usize::from(*blue)],
            ]
        })
        .collect();
    let lit = Picture::from_pixels(chart.width(), chart.height(), pixels).unwrap_or(chart);
    scene::mosaic(&lit)
}

/// Returns an sRGB code with only a part of its light left.
fn dimmed(code: u8, left: f32) -> u8 {
    let encoded = f32::from(code) / 255.0;
    let linear = if encoded <= 0.04045 {
        encoded / 12.92
    } else {
        ((encoded + 0.055) / 1.055).powf(2.4)
    };
    super::develop::encode(linear * left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_light_changes_nothing() {
        assert_eq!(on_the_chart(&FULL), scene::scene(None).unwrap());
    }

    #[test]
    fn a_quarter_of_the_light_is_half_of_the_code_or_so() {
        // Linear 1.0 * 0.25 is sRGB 137.
        assert_eq!(dimmed(255, 0.25), 137);
        assert_eq!(dimmed(0, 0.25), 0);
    }
}
