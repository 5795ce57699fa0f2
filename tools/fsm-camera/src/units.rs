// SPDX-License-Identifier: GPL-2.0-only

//! Quantities as people write them: `10ms`, `6dB`, `2x`, `29.97`, `1920x1080`.

use anyhow::{bail, ensure, Context, Result};
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// A time in seconds.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Seconds(pub f64);

/// A gain: 1 leaves the signal as it is.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Gain(pub f64);

/// Frames per second.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Fps(pub f64);

/// Pixels of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Pixels of a line.
    pub width: u32,
    /// Lines.
    pub height: u32,
}

/// Splits `10ms` into the number and what is behind it.
fn split(text: &str) -> Result<(f64, &str)> {
    let text = text.trim();
    let end = text
        .find(|c: char| c.is_ascii_alphabetic() || c == 'µ' || c == 'μ')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let value: f64 = number
        .trim()
        .parse()
        .with_context(|| format!("\"{text}\" does not begin with a number"))?;
    ensure!(value.is_finite(), "\"{text}\" is no finite number");
    Ok((value, unit.trim()))
}

/// Returns a result of calculation that is neither infinite nor 0.
fn bounded(text: &str, value: f64) -> Result<f64> {
    ensure!(
        value.is_normal() && value > 0.0,
        "\"{text}\" is beyond what can be calculated with"
    );
    Ok(value)
}

impl FromStr for Seconds {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some((one, fraction)) = text.split_once('/') {
            let one: f64 = one.trim().parse().context("before the / is no number")?;
            let (fraction, unit) = split(fraction)?;
            ensure!(
                fraction > 0.0 && one > 0.0 && matches!(unit, "" | "s"),
                "\"{text}\" is no time: write it as 1/50 or 1/50s"
            );
            return bounded(text, one / fraction).map(Self);
        }
        let (value, unit) = split(text)?;
        let scale = match unit {
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "" => bail!("\"{text}\" has no unit: write s, ms or us behind it, as in {text}ms"),
            _ => bail!("\"{unit}\" is no unit of time: s, ms and us are"),
        };
        ensure!(value > 0.0, "\"{text}\": a time is more than 0");
        bounded(text, value * scale).map(Self)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.0 {
            s if s >= 1.0 => (s, "s"),
            s if s >= 1e-3 => (s * 1e3, "ms"),
            s => (s * 1e6, "us"),
        };
        write!(f, "{} {unit}", short(value))
    }
}

impl FromStr for Gain {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (value, unit) = split(text)?;
        match unit {
            "dB" | "db" | "DB" => bounded(text, 10f64.powf(value / 20.0)).map(Self),
            "x" | "" => {
                ensure!(value > 0.0, "\"{text}\": a gain is more than 0 times");
                Ok(Self(value))
            }
            _ => bail!("\"{unit}\" is no unit of gain: write 2x or 6dB"),
        }
    }
}

impl Gain {
    /// In decibels.
    pub fn decibels(self) -> f64 {
        20.0 * self.0.log10()
    }
}

impl fmt::Display for Gain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not -0.00.
        write!(f, "{}x ({:.2} dB)", short(self.0), self.decibels() + 0.0)
    }
}

impl FromStr for Fps {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (value, unit) = split(text)?;
        ensure!(
            value > 0.0 && matches!(unit, "" | "fps" | "Hz"),
            "\"{text}\" is no frame rate: write frames per second, as 30 or 29.97"
        );
        Ok(Self(value))
    }
}

impl fmt::Display for Fps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fps", short(self.0))
    }
}

impl FromStr for Size {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let side = |text: &str| text.trim().parse::<u32>().ok().filter(|side| *side > 0);
        text.split_once(['x', 'X'])
            .and_then(|(width, height)| {
                Some(Self {
                    width: side(width)?,
                    height: side(height)?,
                })
            })
            .with_context(|| format!("\"{text}\" is no size: write WIDTHxHEIGHT, as 1920x1080"))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// Four digits that count, without zeros behind them.
pub fn short(value: f64) -> String {
    let before = if value.abs() >= 1.0 {
        value.abs().log10().floor() as i32 + 1
    } else {
        0
    };
    let digits = usize::try_from((4 - before).max(0)).unwrap_or(0);
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) {
        assert!(
            (found / wanted - 1.0).abs() < 1e-9,
            "{found} is not {wanted}"
        );
    }

    #[test]
    fn times_are_read_in_every_unit() {
        for (text, seconds) in [
            ("10ms", 0.01),
            ("10 ms", 0.01),
            ("1.5s", 1.5),
            ("250us", 250e-6),
            ("250µs", 250e-6),
            ("1/50", 0.02),
            ("1/8000s", 1.0 / 8000.0),
        ] {
            close(text.parse::<Seconds>().unwrap().0, seconds);
        }
    }

    #[test]
    fn what_is_no_quantity_says_what_one_is() {
        for (text, part) in [
            ("10", "10ms"),
            ("10min", "s, ms and us"),
            ("ms", "number"),
            ("-1ms", "more than 0"),
            ("1/0", "1/50"),
            ("inf s", "number"),
        ] {
            let error = format!("{:#}", text.parse::<Seconds>().unwrap_err());
            assert!(error.contains(part), "{text}: {error}");
        }
        for (text, part) in [("1e300/0.00000000001", "beyond"), ("1e-320/1", "beyond")] {
            let error = format!("{:#}", text.parse::<Seconds>().unwrap_err());
            assert!(error.contains(part), "{text}: {error}");
        }
        for text in ["99999dB", "-99999dB"] {
            let error = format!("{:#}", text.parse::<Gain>().unwrap_err());
            assert!(error.contains("beyond"), "{text}: {error}");
        }
        assert!("0x".parse::<Gain>().is_err());
        assert!("6dBm".parse::<Gain>().is_err());
        assert!("0".parse::<Fps>().is_err());
        assert!("1920".parse::<Size>().is_err());
        assert!("0x10".parse::<Size>().is_err());
    }

    #[test]
    fn gains_are_read_as_times_and_decibels() {
        close("2x".parse::<Gain>().unwrap().0, 2.0);
        close("2".parse::<Gain>().unwrap().0, 2.0);
        close("20dB".parse::<Gain>().unwrap().0, 10.0);
        close("0 dB".parse::<Gain>().unwrap().0, 1.0);
    }

    #[test]
    fn quantities_are_shown_as_they_are_read() {
        assert_eq!(Seconds(0.01).to_string(), "10 ms");
        assert_eq!(Seconds(1234.5e-9).to_string(), "1.234 us");
        assert_eq!(Gain(2.0).to_string(), "2x (6.02 dB)");
        assert_eq!(Gain(1.0).to_string(), "1x (0.00 dB)");
        assert_eq!(Fps(29.970_03).to_string(), "29.97 fps");
        assert_eq!(Fps(240.0).to_string(), "240 fps");
        assert_eq!(Fps(1234.56).to_string(), "1235 fps");
        let size: Size = "1920x1080".parse().unwrap();
        assert_eq!(size.to_string(), "1920x1080");
    }
}
