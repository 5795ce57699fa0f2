// SPDX-License-Identifier: GPL-2.0-only

//! The measured figures.

use super::size::Size;
use super::{BOARD, OURS, PEER, VIVID};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Bits that a byte takes on an I2C bus, with its acknowledgement.
const BITS_PER_BYTE: u64 = 9;
/// Speeds of the bus that times are given for, in Hz.
pub const BUS_HZ: [u64; 2] = [400_000, 1_000_000];

/// The figures of one operation, by name: `cpu`, `elapsed` (ns), `messages`, `bytes`, `transfers`, or
/// `memory` (bytes); of a frame `cpu`, `photosites`, `rendering` and `copying`.
pub type Operation = BTreeMap<String, u64>;

/// All figures.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The guest's kernel.
    pub kernel: String,
    /// Sizes by module.
    pub sizes: BTreeMap<String, Size>,
    /// Operations by driver and name.
    pub operations: BTreeMap<String, BTreeMap<String, Operation>>,
}

/// Cost of one operation, as in the tables.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub cpu: u64,
    pub messages: u64,
    pub bits: u64,
    /// In ns, for each of [`BUS_HZ`].
    pub time: [u64; 2],
}

impl Cost {
    fn of(operation: &Operation) -> Option<Self> {
        let number = |name: &str| operation.get(name).copied();
        let (messages, transfers) = (number("messages")?, number("transfers")?);
        // Each message has a start condition and the sensor's address ahead of its bytes, each transfer a
        // stop condition at its end.
        let bytes = number("bytes")? + messages;
        let bits = bytes * BITS_PER_BYTE + messages + transfers;
        let elapsed = number("elapsed")?;
        Some(Self {
            cpu: number("cpu")?,
            messages,
            bits,
            time: BUS_HZ.map(|hz| elapsed + bits * 1_000_000_000 / hz),
        })
    }
}

impl Figures {
    /// Adds what a guest has printed: `OPERATION: NAME=NUMBER NAME=NUMBER...`.
    ///
    /// # Errors
    ///
    /// The line says something else.
    pub fn add(&mut self, driver: &str, line: &str) -> Result<()> {
        let wrong = || format!("not understood: {line}");
        let (name, numbers) = line.split_once(": ").with_context(wrong)?;
        let mut operation = Operation::new();
        for word in numbers.split_whitespace() {
            let (name, number) = word.split_once('=').with_context(wrong)?;
            operation.insert(name.to_owned(), number.parse().with_context(wrong)?);
        }
        let driver = self.operations.entry(driver.to_owned()).or_default();
        driver.insert(name.to_owned(), operation);
        Ok(())
    }

    /// Adds the size of a module.
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub fn add_size(&mut self, module: &Path) -> Result<()> {
        let name = module.file_stem().context("a module without a name")?;
        self.sizes
            .insert(name.to_string_lossy().into_owned(), Size::of(module)?);
        Ok(())
    }

    /// Returns the cost of an operation with a driver.
    pub fn cost(&self, driver: &str, name: &str) -> Option<Cost> {
        Cost::of(self.operations.get(driver)?.get(name)?)
    }

    /// Returns a figure of an operation.
    pub fn number(&self, driver: &str, name: &str, figure: &str) -> Option<u64> {
        self.operations.get(driver)?.get(name)?.get(figure).copied()
    }

    /// As JSON, one line for each figure.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Returns every figure under a name, to compare runs.
    pub fn all(&self) -> BTreeMap<String, u64> {
        let sizes = self
            .sizes
            .iter()
            .filter(|(name, _)| name.starts_with(OURS))
            .map(|(name, size)| (format!("{name}: text"), size.text));
        let operations = [OURS, BOARD].into_iter();
        let operations = operations
            .filter_map(|driver| self.operations.get(driver))
            .flatten();
        let operations = operations.flat_map(|(name, operation)| {
            let mut all: Vec<(String, u64)> = operation
                .iter()
                .map(|(figure, number)| (format!("{name}: {figure}"), *number))
                .collect();
            // A look-up of the clock is nothing to compare.
            all.retain(|(figure, _)| !figure.ends_with(": elapsed"));
            all
        });
        sizes.chain(operations).collect()
    }

    /// Returns the tables in Markdown, with that of the `aims`.
    pub fn table(&self, aims: &str) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = self.write(&mut text, aims);
        text
    }

    fn write(&self, text: &mut String, aims: &str) -> std::fmt::Result {
        writeln!(
            text,
            "Linux {}; ratios to mainline's {PEER}.c.\n",
            self.kernel
        )?;
        writeln!(
            text,
            "| operation | instructions | ratio | bus messages | bits | ratio | \
             us at 400 kHz | ratio | us at 1 MHz | ratio |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
        )?;
        for name in ORDER {
            let Some(ours) = self.cost(OURS, name) else {
                continue;
            };
            let peer = self.cost(PEER, name);
            let ratio = |of: fn(&Cost) -> u64| ratio(of(&ours), peer.as_ref().map(of));
            writeln!(
                text,
                "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                ours.cpu,
                ratio(|cost| cost.cpu),
                ours.messages,
                ours.bits,
                ratio(|cost| cost.bits),
                ours.time[0] / 1000,
                ratio(|cost| cost.time[0]),
                ours.time[1] / 1000,
                ratio(|cost| cost.time[1]),
            )?;
        }
        writeln!(
            text,
            "\n| bytes | ours | mainline's | ratio |\n|---|--:|--:|--:|"
        )?;
        for name in ["memory per bound sensor", "memory kept after a stream"] {
            let of = |driver| self.number(driver, name, "memory");
            if let Some(ours) = of(OURS) {
                let peer = of(PEER);
                let shown = peer.map_or_else(String::new, |bytes| bytes.to_string());
                writeln!(
                    text,
                    "| {name} | {ours} | {shown} | {} |",
                    ratio(ours, peer)
                )?;
            }
        }
        self.write_frames(text)?;
        writeln!(text, "\n{}", aims.trim_end())?;
        writeln!(text, "\n| module | text | data | bss |\n|---|--:|--:|--:|")?;
        for (name, size) in &self.sizes {
            writeln!(
                text,
                "| {name} | {} | {} | {} |",
                size.text, size.data, size.bss
            )?;
        }
        Ok(())
    }
}

impl Figures {
    fn write_frames(&self, text: &mut String) -> std::fmt::Result {
        if !self.operations.contains_key(BOARD) {
            return Ok(());
        }
        writeln!(
            text,
            "\n| frame | of | photosites read | instructions | per photosite | to render | to copy |\n\
             |---|---|--:|--:|--:|--:|--:|"
        )?;
        for driver in [BOARD, VIVID] {
            for (name, frame) in self.operations.get(driver).into_iter().flatten() {
                let shown = |figure| frame.get(figure).map_or_else(String::new, u64::to_string);
                writeln!(
                    text,
                    "| {name} | {driver} | {} | {} | {} | {} | {} |",
                    shown("photosites"),
                    shown("cpu"),
                    ratio(
                        frame.get("cpu").copied().unwrap_or(0),
                        frame.get("photosites").copied()
                    ),
                    shown("rendering"),
                    shown("copying"),
                )?;
            }
        }
        Ok(())
    }
}

/// The operations in the order of the table.
const ORDER: &[&str] = &[
    "exposure",
    "exposure, one byte",
    "gain",
    "exposure and gain",
    "exposure, gain and vertical blanking",
    "the same again",
    "exposure, in standby",
    "set format",
    "cold start",
    "warm start",
    "stop",
    "bind",
    "unbind",
    "group of 1",
    "group of 2",
    "group of 4",
];

fn ratio(ours: u64, peer: Option<u64>) -> String {
    match peer {
        Some(peer) if peer > 0 => format!("{:.3}", ours as f64 / peer as f64),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_takes_nine_bits_and_a_message_its_address() {
        let mut figures = Figures::default();
        figures
            .add(
                OURS,
                "exposure: cpu=5000 elapsed=6000 messages=3 bytes=10 transfers=1",
            )
            .unwrap();
        let cost = figures.cost(OURS, "exposure").unwrap();
        assert_eq!(cost.bits, 13 * 9 + 3 + 1);
        assert_eq!(cost.time, [6000 + 121 * 2500, 6000 + 121 * 1000]);
        assert!(figures.add(OURS, "exposure is fine").is_err());
    }
}
