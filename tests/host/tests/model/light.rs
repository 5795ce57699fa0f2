// SPDX-License-Identifier: GPL-2.0-only

//! Exposure, gains, black level and depth, against the formula in floating point.

use imx412_host::virtual_board::model::{FrameSettings, REFERENCE_EXPOSURE_NS};

use crate::picture::{tables, Camera};

/// Returns the light of an sRGB code, in steps of 1 / 65535.
fn linear(code: usize) -> f64 {
    let c = code as f64 / 255.0;
    let light = if c <= 0.04045 {
        c / 12.92
    } else {
        ((c + 0.055) / 1.055).powf(2.4)
    };
    (light * 65535.0).round() / 65535.0
}

/// Returns the result of the formula for one code.
fn expected(settings: &FrameSettings, code: usize, digital: u16) -> f64 {
    let max = f64::from((1u32 << settings.bits) - 1);
    let range = max - f64::from(256 >> (12 - settings.bits));
    let exposure = settings.exposure_ns as f64 / REFERENCE_EXPOSURE_NS as f64;
    let analogue = 1024.0 / (1024.0 - f64::from(settings.analogue_gain));
    let signal = linear(code) * range * exposure * analogue * f64::from(digital) / 256.0;
    (signal.round() + f64::from(settings.pedestal)).min(max)
}

#[track_caller]
fn check(mut camera: Camera) -> [Vec<u16>; 4] {
    let settings = camera.frame().settings;
    let tables = tables(&settings, &mut camera.renderer());
    let gains = settings.digital_gains;
    for (table, digital) in tables.iter().zip([gains.r, gains.gr, gains.gb, gains.b]) {
        for (code, value) in table.iter().enumerate() {
            let expected = expected(&settings, code, digital);
            // Gains are rounded down, to 20 bits after the point.
            assert!(
                (f64::from(*value) - expected).abs() <= 1.0,
                "code {code}: {value}, expected {expected}"
            );
        }
    }
    tables
}

/// The coarse time of 10 ms: lines of 6224 pck at 480 MHz.
const TEN_MS: u16 = 771;

#[test]
fn white_saturates_at_the_reference_exposure() {
    for bits in [8, 10, 12] {
        let mut camera = Camera::full_frame(bits);
        camera.rig.set16(0x0202, TEN_MS);
        let [red, ..] = check(camera);
        let max = (1u16 << bits) - 1;
        assert!(red[255] >= max - (max >> 10), "{bits} bits: {}", red[255]);
        assert!(red[254] < max, "{bits} bits");
    }
}

#[test]
fn black_is_the_pedestal() {
    for (bits, pedestal) in [(8, 16), (10, 64), (12, 256)] {
        let mut camera = Camera::full_frame(bits);
        camera.rig.set16(0x0204, 978);
        let [red, ..] = check(camera);
        assert_eq!(red[0], pedestal);
    }
}

#[test]
fn the_manual_pedestal_is_on_the_12_bit_scale() {
    for (bits, pedestal) in [(8, 50), (10, 200), (12, 803)] {
        let mut camera = Camera::full_frame(bits);
        camera.rig.set16(0x3032, 803);
        camera.rig.set8(0x3030, 1);
        let [red, ..] = check(camera);
        assert_eq!(red[0], pedestal);

        let mut camera = Camera::full_frame(bits);
        camera.rig.set16(0x3032, 803);
        let [red, ..] = check(camera);
        assert_eq!(red[0], 256 >> (12 - bits));
    }
}

#[test]
fn exposure_and_gains_follow_the_formula() {
    for coarse in [1, 8, 77, TEN_MS, 3524] {
        for analogue in [0, 256, 512, 978] {
            for digital in [0x0100, 0x0180, 0x0fff] {
                let mut camera = Camera::full_frame(12);
                camera.rig.set16(0x0202, coarse);
                camera.rig.set16(0x0204, analogue);
                camera.rig.set16(0x020e, digital);
                camera.rig.set8(0x3ff9, 1);
                check(camera);
            }
        }
    }
}

#[test]
fn digital_gains_are_per_colour_unless_global() {
    let mut camera = Camera::full_frame(12);
    camera.rig.set16(0x0202, 77);
    for (address, gain) in [
        (0x020e, 0x0100),
        (0x0210, 0x0200),
        (0x0212, 0x0300),
        (0x0214, 0x0400),
    ] {
        camera.rig.set16(address, gain);
    }
    let [r, gr, gb, b] = check(camera);
    let signal = |table: &[u16]| table[128] - 256;
    assert!(signal(&r).abs_diff(2 * signal(&gr)) <= 2);
    assert!(signal(&b).abs_diff(3 * signal(&gr)) <= 3);
    assert!(signal(&gb).abs_diff(4 * signal(&gr)) <= 4);

    let mut camera = Camera::full_frame(12);
    camera.rig.set16(0x0210, 0x0200);
    camera.rig.set8(0x3ff9, 1);
    let [r, gr, ..] = check(camera);
    assert_eq!(r, gr);
}
